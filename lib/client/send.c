/*
 * send.c: what all requests have in common; see send.h.
 *
 * Runs in the worker.  Touches the session's socket.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/fdmsg.h"
#include "base/pathname.h"
#include "client/send.h"

int
send_check(const struct fdb_session *s)
{
	if (s->dead == 0)
		return 0;
	errno = EPIPE;
	return -1;
}

const char *
send_name(struct fdb_session *s, uint32_t base, const char *name,
    bool may_be_empty)
{
	if (base == FDB_TOKEN_ROOT && name[0] == '/')
		name++;
	if (strnlen(name, PROTO_PATH_MAX) == PROTO_PATH_MAX) {
		(void)session_fail(s, ENAMETOOLONG, "the name is too long");
		return NULL;
	}
	if ((name[0] == '\0' && may_be_empty) || pathname_is_clean(name))
		return name;
	(void)session_fail(s, EINVAL, "the name is not clean: it has an empty "
	    "component, \".\", \"..\", or a component over 255 bytes");
	return NULL;
}

/*
 * Nothing is sent to an opener that is known to be dead: the kernel would then
 * discard what is queued from it, the reason for its end included.  The next
 * receive finds that reason, and then the end.
 */
int
send_bytes(struct fdb_session *s, const void *buf, size_t len)
{
	if (session_peer_is_gone(s)) {
		errno = EAGAIN;
		return -1;
	}
	if (fdmsg_send(s->sock, buf, len, NULL, 0) == 0) {
		s->blocked = false;
		return 0;
	}
	if (errno == EAGAIN || errno == ENOBUFS) {
		s->blocked = true;
		errno = EAGAIN;
		return -1;
	}
	session_end(s, errno, "cannot send to the broker: %s",
	    strerror(errno));
	errno = EPIPE;
	return -1;
}

int
send_message(struct fdb_session *s, struct message *m)
{
	size_t	 len;

	if ((len = message_finish(m, 0)) == 0)
		return session_fail(s, errno, "the request is too large");
	return send_bytes(s, m->w.buf, len);
}

int
send_credit(struct fdb_session *s, uint32_t id, uint32_t bytes, uint32_t fds)
{
	uint8_t		 buf[PROTO_HEADER + 8];
	struct message	 m;

	message_begin(&m, PROTO_CREDIT, buf, sizeof(buf));
	m.h.id = id;
	wire_put_u32(&m.w, bytes);
	wire_put_u32(&m.w, fds);
	return send_message(s, &m);
}

int
send_cancel(struct fdb_session *s, uint32_t id)
{
	uint8_t		 buf[PROTO_HEADER];
	struct message	 m;

	message_begin(&m, PROTO_CANCEL, buf, sizeof(buf));
	m.h.id = id;
	m.h.items = 0;
	return send_message(s, &m);
}
