/*
 * walk_out.c: the messages of a walk; see walk_out.h.
 *
 * Runs in the opener.  Touches the session's socket.  A worker that grants no
 * credit or does not read stops its walk, and the opener goes on to serve it
 * otherwise.
 */

#include "config.h"

#include <errno.h>

#include "base/fd.h"
#include "base/walkwire.h"
#include "opener/walk_out.h"

void
walk_out_init(struct walk_out *o, uint32_t id, uint32_t bytes, uint32_t fds)
{
	o->id = id;
	o->bytes = bytes;
	o->fds_left = fds;
	o->begun = false;
	o->nfds = 0;
	o->keep = -1;
	o->kept = false;
	o->sent = 0;
}

void
walk_out_drop(struct walk_out *o)
{
	fd_close_all(o->fds, o->nfds);
	o->nfds = 0;
	o->begun = false;
}

bool
walk_out_credit(struct walk_out *o, uint32_t bytes, uint32_t fds)
{
	if (bytes > UINT32_MAX - o->bytes || fds > UINT32_MAX - o->fds_left)
		return false;
	o->bytes += bytes;
	o->fds_left += fds;
	return true;
}

static void
out_begin(struct walk_out *o, const struct state *s, size_t size)
{
	if (size > s->info.bytes)
		size = s->info.bytes;
	if (size > PROTO_REPLY_MAX)
		size = PROTO_REPLY_MAX;
	message_begin(&o->m, PROTO_WALK_REPLY, o->buf, size);
	o->m.h.id = o->id;
	o->m.h.items = 0;
	o->m.h.generation = (uint32_t)s->info.generation;
	o->begun = true;
}

/* The caller still needs this descriptor: it is not closed here. */
static void
out_spare(struct walk_out *o)
{
	size_t	 i;

	for (i = 0; i < o->nfds && o->keep != -1; i++)
		if (o->fds[i] == o->keep) {
			o->fds[i] = -1;
			o->keep = -1;
			o->kept = true;
		}
}

static enum walk_out_result
out_flush(struct walk_out *o, struct state *s, uint32_t flags)
{
	o->m.h.flags = flags;
	if (message_send(s->sock, &o->m, o->fds, o->nfds) == -1) {
		if (errno == EAGAIN)
			return WALK_OUT_BUSY;
		return errno == ENOBUFS || errno == ETOOMANYREFS ?
		    WALK_OUT_CROWDED : WALK_OUT_FAILED;
	}
	o->bytes -= o->m.w.len < o->bytes ? (uint32_t)o->m.w.len : o->bytes;
	o->fds_left -= (uint32_t)o->nfds;
	o->sent++;
	out_spare(o);
	walk_out_drop(o);
	return WALK_OUT_READY;
}

enum walk_out_result
walk_out_ready(struct walk_out *o, struct state *s, size_t need, bool fd)
{
	enum walk_out_result	 r;

	for (;;) {
		if (!o->begun && o->bytes < WALKWIRE_BYTES_MIN)
			return WALK_OUT_NO_CREDIT;
		if (!o->begun)
			out_begin(o, s, o->bytes);
		if (o->m.w.size - o->m.w.len >= need &&
		    o->m.h.items < UINT16_MAX && (!fd ||
		    (o->nfds < WALK_OUT_FDS && o->nfds < o->fds_left)))
			return WALK_OUT_READY;
		if (o->m.h.items == 0) {
			/* It is begun anew when there is more credit. */
			o->begun = false;
			return WALK_OUT_NO_CREDIT;
		}
		if ((r = out_flush(o, s, PROTO_MORE)) != WALK_OUT_READY)
			return r;
	}
}

void
walk_out_add(struct walk_out *o, int fd)
{
	o->m.h.items++;
	if (fd != -1)
		o->fds[o->nfds++] = fd;
}

enum walk_out_result
walk_out_last(struct walk_out *o, struct state *s)
{
	return out_flush(o, s, 0);
}

void
walk_out_begin_end(struct walk_out *o, const struct state *s)
{
	walk_out_drop(o);
	out_begin(o, s, PROTO_MAX);
}
