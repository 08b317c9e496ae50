/*
 * handoff.c: hand one descriptor to another process of the same user, which
 * need not be related to this one.
 *
 * Runs in the worker (receiving) and in the controller (sending).  The
 * receiver's socket file exists from fdb_handoff_listen() to
 * fdb_handoff_receive() or fdb_handoff_cancel().  If the receiver is killed in
 * between, the next receiver in that directory removes the file.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "base/proto.h"
#include "client/handoff.h"

/* Names begin so, and by that are found again. */
#define PREFIX	"fdb-handoff-"

struct fdb_handoff {
	struct dgram	 sock;
};

_Static_assert(FDB_ADDRESS_MAX >= DGRAM_PATH_MAX, "room for any address");

/* NULL stands for it. */
static const char *
default_dir(void)
{
	const char	*dir = getenv("TMPDIR");

	return dir != NULL && dir[0] == '/' ? dir : "/tmp";
}

int
handoff_choose(char *address, const char *dir)
{
	return dgram_choose(address, dir != NULL ? dir : default_dir(),
	    PREFIX);
}

void
handoff_sweep(const char *dir)
{
	dgram_sweep(dir != NULL ? dir : default_dir(), PREFIX);
}

int
handoff_listen_at(struct fdb_handoff **hp, const char *address)
{
	struct fdb_handoff	*h;

	*hp = NULL;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return -1;
	dgram_init(&h->sock);
	/* Before bind(2): a message that is queued earlier has none. */
	if (dgram_open(&h->sock) == -1 ||
	    fdmsg_want_cred(h->sock.fd) == -1 ||
	    dgram_bind(&h->sock, address, 0600) == -1) {
		fdb_handoff_cancel(h);
		return -1;
	}
	*hp = h;
	return 0;
}

int
fdb_handoff_listen(struct fdb_handoff **hp, const char *dir)
{
	char	 address[FDB_ADDRESS_MAX];

	*hp = NULL;
	if (handoff_choose(address, dir) == -1)
		return -1;
	handoff_sweep(dir);
	return handoff_listen_at(hp, address);
}

const char *
fdb_handoff_address(const struct fdb_handoff *h)
{
	return h->sock.path;
}

int
fdb_handoff_fd(const struct fdb_handoff *h)
{
	return h->sock.fd;
}

int
fdb_handoff_send(const char *address, int fd)
{
	uint8_t		 buf[PROTO_HEADER];
	struct message	 m;
	struct dgram	 d;
	int		 ret = -1;

	dgram_init(&d);
	message_begin(&m, PROTO_HANDOFF, buf, sizeof(buf));
	m.h.items = 0;
	/* Another user may have bound the name after the receiver died. */
	if (dgram_connect_owned(&d, address, geteuid()) == 0)
		ret = message_send(d.fd, &m, &fd, 1);
	dgram_close(&d);
	return ret;
}

/* Take the descriptor out of a message, if its sender may send one. */
static int
handoff_take(struct fdmsg *m, const void *buf, size_t len)
{
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;
	int			 fd = -1;

	if (!m->has_cred || (m->uid != geteuid() && m->uid != 0))
		errno = EPERM;
	else if (proto_parse(buf, len, m->nfds, &h, &in, &what) == 0) {
		if (h.type == PROTO_HANDOFF && wire_get_end(&in) == 0)
			fd = fdmsg_take(m, 0);
		else
			errno = EPROTO;
	}
	fdmsg_close(m);
	return fd;
}

int
fdb_handoff_receive(struct fdb_handoff *h, int timeout_ms)
{
	uint8_t		 buf[PROTO_HEADER + 1];
	struct pollfd	 pfd = { .fd = h->sock.fd, .events = POLLIN };
	struct fdmsg	 m;
	int64_t		 end = clock_ms() + timeout_ms, left = -1;
	ssize_t		 len;
	int		 n, fd = -1;

	for (;;) {
		if (timeout_ms >= 0 && (left = end - clock_ms()) < 0)
			left = 0;
		if ((n = poll(&pfd, 1, (int)left)) > 0)
			break;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ETIMEDOUT;
		goto out;
	}
	if ((len = fdmsg_recv(h->sock.fd, buf, sizeof(buf), 1, &m)) > 0)
		fd = handoff_take(&m, buf, (size_t)len);
out:
	fdb_handoff_cancel(h);
	return fd;
}

void
fdb_handoff_cancel(struct fdb_handoff *h)
{
	int	 saved = errno;

	if (h == NULL)
		return;
	dgram_close(&h->sock);
	free(h);
	errno = saved;
}
