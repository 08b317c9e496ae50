/*
 * proto.c: the table of clients' messages, the header of all messages, and
 * the records that several of them share; see proto.h.
 *
 * Runs in every process.  Touches the caller's buffers only.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/fdmsg.h"
#include "base/proto.h"

static const struct proto_row proto_rows[] = {
	{ PROTO_HELLO,		"HELLO",	1, 1,	0, 0,	0, false },
	{ PROTO_WELCOME,	"WELCOME",	1, 1,	1, 1,	0, false },
	{ PROTO_REFUSED,	"REFUSED",	1, 1,	0, 0,	0, false },
	{ PROTO_ENDED,		"ENDED",	1, 1,	0, 0,	0, false },
	{ PROTO_OPEN,		"OPEN",		1, FDB_BATCH_MAX,
						0, 0,	0, false },
	{ PROTO_STAT,		"STAT",		1, FDB_BATCH_MAX,
						0, 0,	0, false },
	{ PROTO_LIST,		"LIST",		1, 1,	0, 0,	0, false },
	{ PROTO_FORGET,		"FORGET",	1, FDB_BATCH_MAX,
						0, 0,	0, false },
	{ PROTO_WALK,		"WALK",		1, UINT16_MAX,
						0, 0,	PROTO_MORE, false },
	{ PROTO_CREDIT,		"CREDIT",	1, 1,	0, 0,	0, false },
	{ PROTO_CANCEL,		"CANCEL",	0, 0,	0, 0,	0, false },
	{ PROTO_CHANGE,		"CHANGE",	1, FDB_BATCH_MAX,
						0, 0,	0, false },
	{ PROTO_WATCH,		"WATCH",	1, 1,	0, 0,	0, false },
	{ PROTO_LIMIT,		"LIMIT",	1, 1,	0, 0,	0, false },
	{ PROTO_OPEN_REPLY,	"OPEN_REPLY",	1, FDB_BATCH_MAX,
						0, FDB_BATCH_MAX,
						PROTO_MORE, true },
	{ PROTO_STAT_REPLY,	"STAT_REPLY",	1, FDB_BATCH_MAX, 0, 0,
						PROTO_MORE, true },
	{ PROTO_LIST_REPLY,	"LIST_REPLY",	0, UINT16_MAX,
						0, 0,	0, true },
	{ PROTO_WALK_REPLY,	"WALK_REPLY",	1, UINT16_MAX,
						0, FDB_BATCH_MAX,
						PROTO_MORE, true },
	{ PROTO_CHANGED,	"CHANGED",	1, FDB_BATCH_MAX,
						0, FDB_BATCH_MAX,
						PROTO_MORE, true },
	{ PROTO_WATCHED,	"WATCHED",	1, 1,	0, 1,
						PROTO_MORE, true },
	{ PROTO_LIMITED,	"LIMITED",	1, 1,	0, 0,	0, true },
	{ PROTO_HANDOFF,	"HANDOFF",	0, 0,	1, 1,	0, false }
};

static const struct proto_table	 proto_table = {
	proto_rows, sizeof(proto_rows) / sizeof(proto_rows[0])
};

static const struct proto_row *
proto_find(const struct proto_table *table, unsigned int type)
{
	size_t	 i;

	for (i = 0; i < table->nrows; i++)
		if (table->rows[i].type == type)
			return &table->rows[i];
	return NULL;
}

const char *
proto_name_in(const struct proto_table *table, unsigned int type)
{
	const struct proto_row	*row = proto_find(table, type);

	return row != NULL ? row->name : "unknown";
}

const char *
proto_name(unsigned int type)
{
	return proto_name_in(&proto_table, type);
}

void
proto_begin(struct wire_out *w, void *buf, size_t size)
{
	static const uint8_t	 zero[PROTO_HEADER];

	wire_out_init(w, buf, size < PROTO_MAX ? size : PROTO_MAX);
	wire_put_bytes(w, zero, sizeof(zero));
}

size_t
proto_finish(struct wire_out *w, const struct proto_header *h)
{
	struct wire_out	 head;

	if (wire_put_end(w) == -1)
		return 0;
	wire_out_init(&head, w->buf, PROTO_HEADER);
	wire_put_u32(&head, PROTO_MAGIC);
	wire_put_u16(&head, PROTO_VERSION);
	wire_put_u16(&head, h->type);
	wire_put_u32(&head, h->id);
	wire_put_u16(&head, h->items);
	wire_put_u16(&head, h->fds);
	wire_put_u32(&head, (uint32_t)w->len);
	wire_put_u32(&head, h->flags);
	wire_put_u32(&head, h->generation);
	return w->len;
}

/* The fault of a header, or NULL. */
static const char *
proto_fault(const struct proto_table *table, const struct proto_header *h,
    size_t nfds)
{
	const struct proto_row	*row = proto_find(table, h->type);

	if (row == NULL)
		return "unknown type";
	if ((h->flags & ~row->flags) ||
	    (h->generation != 0 && !row->generation))
		return "reserved bits are set";
	if (h->items < row->min_items || h->items > row->max_items)
		return "wrong number of items";
	if (h->fds != nfds)
		return "descriptors announced and sent differ";
	if (nfds < row->min_fds || nfds > row->max_fds)
		return "wrong number of descriptors";
	return NULL;
}

int
proto_parse(const void *buf, size_t len, size_t nfds, struct proto_header *h,
    struct wire_in *in, const char **why)
{
	return proto_parse_with(&proto_table, buf, len, nfds, h, in, why);
}

int
proto_parse_with(const struct proto_table *table, const void *buf, size_t len,
    size_t nfds, struct proto_header *h, struct wire_in *in, const char **why)
{
	uint32_t	 magic, length;
	uint16_t	 version;

	wire_in_init(in, buf, len);
	magic = wire_get_u32(in);
	version = wire_get_u16(in);
	h->type = wire_get_u16(in);
	h->id = wire_get_u32(in);
	h->items = wire_get_u16(in);
	h->fds = wire_get_u16(in);
	length = wire_get_u32(in);
	h->flags = wire_get_u32(in);
	h->generation = wire_get_u32(in);
	if (in->failed)
		*why = "shorter than a header";
	else if (magic != PROTO_MAGIC)
		*why = "wrong magic";
	else if (version != PROTO_VERSION)
		*why = "unknown version";
	else if (length != len || len > PROTO_MAX)
		*why = "wrong length";
	else
		*why = proto_fault(table, h, nfds);
	if (*why == NULL)
		return 0;
	errno = EPROTO;
	return -1;
}

void
proto_peek(const void *buf, struct proto_header *h)
{
	struct wire_in	 in;

	wire_in_init(&in, buf, PROTO_HEADER);
	(void)wire_get_u32(&in);	/* magic */
	(void)wire_get_u16(&in);	/* version */
	h->type = wire_get_u16(&in);
	h->id = wire_get_u32(&in);
	h->items = wire_get_u16(&in);
	h->fds = wire_get_u16(&in);
	(void)wire_get_u32(&in);	/* length */
	h->flags = wire_get_u32(&in);
}

/*
 * A description is encoded as it lies in memory, but for its attributes: the
 * fields have the order and width that fdbroker-protocol(7) says, and no gaps.
 */
#define STAT_BYTES	offsetof(struct fdb_stat, attributes)

_Static_assert(offsetof(struct fdb_stat, mode) == 0 &&
    offsetof(struct fdb_stat, rdev_minor) == 7 * sizeof(uint32_t) &&
    offsetof(struct fdb_stat, ino) == 32 &&
    offsetof(struct fdb_stat, atime) == 32 + 3 * sizeof(uint64_t) &&
    offsetof(struct fdb_stat, atime_nsec) == 56 + 4 * sizeof(int64_t) &&
    STAT_BYTES == 88 + 4 * sizeof(uint32_t), "fields without gaps");

void
proto_put_stat(struct wire_out *w, const struct fdb_stat *st)
{
	wire_put_bytes(w, st, STAT_BYTES);
}

void
proto_get_stat(struct wire_in *w, struct fdb_stat *st)
{
	wire_get_bytes(w, st, STAT_BYTES);
	st->attributes = 0;
}

void
proto_put_status(struct wire_out *w, const struct proto_status *s)
{
	uint8_t	 b[2 * sizeof(uint32_t) + 1];

	/* At once: a walk puts one for each object. */
	memcpy(b, &s->error, sizeof(s->error));
	b[sizeof(s->error)] = s->reason;
	memcpy(b + sizeof(s->error) + 1, &s->id, sizeof(s->id));
	wire_put_bytes(w, b, sizeof(b));
	wire_put_str(w, s->where);
}

void
proto_get_status(struct wire_in *w, struct proto_status *s)
{
	s->error = wire_get_u32(w);
	s->reason = wire_get_u8(w);
	s->id = wire_get_u32(w);
	wire_get_str(w, s->where, sizeof(s->where));
	/* An error has a reason, and only an error has. */
	if (s->reason > FDB_REASON_NAME || s->error > INT32_MAX ||
	    (s->error == 0) != (s->reason == FDB_REASON_NONE))
		wire_get_fail(w);
}

void
proto_put_info(struct wire_out *w, const struct fdb_session_info *info)
{
	wire_put_u32(w, info->id);
	wire_put_u64(w, info->generation);
	wire_put_u32(w, info->window);
	wire_put_u32(w, info->batch);
	wire_put_u32(w, info->bytes);
	wire_put_u32(w, info->tokens);
	wire_put_u32(w, info->confined);
	wire_put_u32(w, info->worker_uid);
	wire_put_u32(w, info->worker_gid);
	wire_put_str(w, info->role);
}

void
proto_get_info(struct wire_in *w, struct fdb_session_info *info)
{
	info->id = wire_get_u32(w);
	info->generation = wire_get_u64(w);
	info->window = wire_get_u32(w);
	info->batch = wire_get_u32(w);
	info->bytes = wire_get_u32(w);
	info->tokens = wire_get_u32(w);
	info->confined = wire_get_u32(w);
	info->worker_uid = wire_get_u32(w);
	info->worker_gid = wire_get_u32(w);
	wire_get_str(w, info->role, sizeof(info->role));
	if (info->window < 1 || info->window > 64 || info->batch < 1 ||
	    info->batch > FDB_BATCH_MAX || info->bytes < 8192 ||
	    info->bytes > PROTO_MAX || info->tokens < 1 ||
	    (info->worker_uid == 0) != (info->worker_gid == 0))
		wire_get_fail(w);
}

bool
proto_access_is_valid(unsigned int access)
{
	unsigned int	 way = access & (FDB_READ | FDB_WRITE | FDB_APPEND);

	if ((access & ~(unsigned int)FDB_ACCESS_ALL) != 0 || way == 0 ||
	    (way & (FDB_WRITE | FDB_APPEND)) == (FDB_WRITE | FDB_APPEND))
		return false;
	if ((access & FDB_CREATE) && way == FDB_READ)
		return false;
	if ((access & FDB_EXCLUSIVE) && !(access & FDB_CREATE))
		return false;
	return !(access & FDB_TRUNCATE) || (access & FDB_WRITE) != 0;
}
