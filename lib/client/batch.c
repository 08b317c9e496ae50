/*
 * batch.c: collect requests in batches and send these as far as the window
 * allows.
 *
 * Runs in the worker.  One batch is collected at a time.  It is sent when it is
 * full, when a request of another type follows, or when the caller has no more
 * requests for now (fdb_flush(), fdb_next()).
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "client/batch.h"
#include "client/send.h"
#include "client/session.h"
#include "client/walk.h"
#include "client/watch.h"

#define WINDOW_FULL \
	"the window is full: take results, then ask again"
#define FORGET_FULL \
	"tokens to forget cannot be sent yet: take results, then ask again"

static int
batch_send_forget(struct fdb_session *s)
{
	uint8_t		 buf[PROTO_HEADER + sizeof(s->forget)];
	struct message	 m;
	uint16_t	 i;

	if (s->nforget == 0)
		return 0;
	message_begin(&m, PROTO_FORGET, buf, sizeof(buf));
	m.h.id = s->next_id++;
	m.h.items = s->nforget;
	for (i = 0; i < s->nforget; i++)
		wire_put_u32(&m.w, s->forget[i]);
	if (send_message(s, &m) == -1)
		return -1;
	s->nforget = 0;
	return 0;
}

/* Ask for the next part of a directory. */
static int
batch_send_part(struct fdb_session *s, struct request *r)
{
	uint8_t		 buf[PROTO_HEADER + 16];
	struct message	 m;

	message_begin(&m, PROTO_LIST, buf, sizeof(buf));
	m.h.id = r->id;
	wire_put_u32(&m.w, r->more_token);
	wire_put_str(&m.w, "");
	if (send_message(s, &m) == -1)
		return -1;
	r->more_token = 0;
	s->ring.unsent--;
	return 0;
}

/* Send the requests in the ring that were not sent yet, the newest. */
static int
batch_send_parts(struct fdb_session *s)
{
	size_t	 i;

	for (i = s->ring.used - s->ring.unsent; i < s->ring.used; i++)
		if (batch_send_part(s, ring_nth(&s->ring, i)) == -1)
			return -1;
	return 0;
}

/* Send the batch that was collected, if there is one. */
static int
batch_send_build(struct fdb_session *s)
{
	if (s->build.items == 0)
		return 0;
	if (ring_is_full(&s->ring)) {
		errno = EAGAIN;
		return -1;
	}
	s->out.h.items = s->build.items;
	if (send_message(s, &s->out) == -1)
		return -1;
	memcpy(ring_push(&s->ring), &s->build,
	    offsetof(struct request, cookies) +
	    s->build.items * sizeof(s->build.cookies[0]));
	s->build.items = 0;
	return 0;
}

int
fdb_flush(struct fdb_session *s)
{
	if (send_check(s) == -1)
		return -1;
	/* FORGET comes last: the batch may still use the tokens. */
	if (batch_send_parts(s) == -1 || batch_send_build(s) == -1 ||
	    walk_send(s) == -1 || watch_send(s) == -1 ||
	    batch_send_forget(s) == -1)
		return errno == EAGAIN ? 0 : -1;
	return 0;
}

int
batch_room(struct fdb_session *s, uint16_t type, size_t len)
{
	struct request	*b = &s->build;

	if (b->items > 0 && (b->type != type || type == PROTO_LIST ||
	    b->items == s->info.batch || s->out.w.size - s->out.w.len < len)) {
		if (fdb_flush(s) == -1)
			return -1;
		if (b->items > 0)
			return session_fail(s, EAGAIN, WINDOW_FULL);
	}
	/* FORGET comes first: it makes room for other directories. */
	if (b->items == 0 && s->nforget > 0) {
		if (fdb_flush(s) == -1)
			return -1;
		if (s->nforget > 0)
			return session_fail(s, EAGAIN, FORGET_FULL);
	}
	if (b->items == 0) {
		b->type = type;
		b->id = s->next_id++;
		b->answered = 0;
		message_begin(&s->out, type, s->outbuf, s->info.bytes);
		s->out.h.id = b->id;
	}
	return 0;
}

/*
 * Add an item to the batch: base, the fields that items of this type have
 * there, nfields bytes as the wire has them, and the name.
 */
static int
batch_add(struct fdb_session *s, uint16_t type, uint32_t base,
    const void *fields, size_t nfields, const char *name, uint64_t cookie)
{
	bool	 may_be_empty;

	if (send_check(s) == -1)
		return -1;
	/* "" names the top, or the directory of a token itself. */
	may_be_empty = type == PROTO_STAT ||
	    (type == PROTO_LIST && base == FDB_TOKEN_ROOT);
	if ((name = send_name(s, base, name, may_be_empty)) == NULL)
		return -1;
	if (batch_room(s, type, sizeof(uint32_t) + nfields +
	    sizeof(uint16_t) + strlen(name)) == -1)
		return -1;
	wire_put_u32(&s->out.w, base);
	wire_put_bytes(&s->out.w, fields, nfields);
	wire_put_str(&s->out.w, name);
	s->build.cookies[s->build.items++] = cookie;
	return 0;
}

int
fdb_access_is_valid(unsigned int access)
{
	return proto_access_is_valid(access);
}

int
fdb_open_at(struct fdb_session *s, uint32_t base, const char *name,
    unsigned int access, uint64_t cookie)
{
	uint8_t	 field = (uint8_t)access;

	if (!fdb_access_is_valid(access))
		return session_fail(s, EINVAL, "the access is not valid");
	return batch_add(s, PROTO_OPEN, base, &field, sizeof(field), name,
	    cookie);
}

int
fdb_stat_at(struct fdb_session *s, uint32_t base, const char *name,
    uint64_t cookie)
{
	return batch_add(s, PROTO_STAT, base, NULL, 0, name, cookie);
}

int
fdb_list_at(struct fdb_session *s, uint32_t base, const char *name,
    uint64_t cookie)
{
	return batch_add(s, PROTO_LIST, base, NULL, 0, name, cookie);
}

int
fdb_forget(struct fdb_session *s, uint32_t token)
{
	if (send_check(s) == -1)
		return -1;
	if (token == FDB_TOKEN_ROOT)
		return session_fail(s, EINVAL, "FDB_TOKEN_ROOT is no token "
		    "to forget");
	if (s->nforget == FDB_BATCH_MAX && fdb_flush(s) == -1)
		return -1;
	if (s->nforget == FDB_BATCH_MAX)
		return session_fail(s, EAGAIN, FORGET_FULL);
	s->forget[s->nforget++] = token;
	return 0;
}

size_t
fdb_outstanding(const struct fdb_session *s)
{
	const struct request	*r;
	size_t			 i, n = s->build.items + s->walks.n;

	for (i = 0; i < s->ring.used; i++) {
		r = ring_nth(&s->ring, i);
		n += (size_t)(r->items - r->answered);
	}
	return n;
}
