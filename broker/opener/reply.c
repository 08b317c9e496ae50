/*
 * reply.c: put the reply to a request together and send it; see reply.h.
 *
 * Runs in the opener.  Touches the session's socket.
 */

#include "config.h"

#include <errno.h>

#include "base/fd.h"
#include "opener/reply.h"

int
reply_send_message(struct state *s, struct message *m, const int *fds,
    size_t nfds)
{
	while (message_send(s->sock, m, fds, nfds) == -1) {
		if (errno != EAGAIN && errno != ENOBUFS &&
		    errno != ETOOMANYREFS)
			return -1;
		if (s->calls.wait(s->calls.arg) == -1)
			return -1;
	}
	return 0;
}

void
reply_begin(struct reply *r, const struct state *s, uint16_t type,
    uint32_t id)
{
	message_begin(&r->m, type, r->buf, s->info.bytes < PROTO_REPLY_MAX ?
	    s->info.bytes : PROTO_REPLY_MAX);
	r->m.h.id = id;
	r->m.h.items = 0;
	r->m.h.generation = (uint32_t)s->info.generation;
	r->nfds = 0;
	r->keep = false;
}

/* Send, and close the descriptors. */
static int
flush(struct reply *r, struct state *s, uint32_t flags)
{
	int	 ret;

	r->m.h.flags = flags;
	ret = reply_send_message(s, &r->m, r->fds, r->nfds);
	if (!r->keep)
		fd_close_all(r->fds, r->nfds);
	r->nfds = 0;
	return ret;
}

int
reply_room(struct reply *r, struct state *s, size_t need)
{
	bool	 keep;

	if (r->m.h.items == 0 || r->m.w.size - r->m.w.len >= need)
		return 0;
	if (flush(r, s, PROTO_MORE) == -1)
		return -1;
	keep = r->keep;
	reply_begin(r, s, r->m.h.type, r->m.h.id);
	r->keep = keep;
	return 0;
}

int
reply_send(struct reply *r, struct state *s)
{
	return flush(r, s, 0);
}
