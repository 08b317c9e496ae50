/*
 * walkwire.c: encode and decode what the messages of a walk consist of; see
 * walkwire.h.
 *
 * Runs in the opener, the worker and tests.  Touches the caller's buffers only.
 */

#include "config.h"

#include <string.h>

#include "base/pathname.h"
#include "base/walkwire.h"

void
walkwire_put_start(struct wire_out *w, const struct walkwire_start *s)
{
	wire_put_u32(w, s->base);
	wire_put_u32(w, s->flags);
	wire_put_u32(w, s->bytes);
	wire_put_u32(w, s->fds);
	wire_put_i64(w, s->since);
	wire_put_u32(w, s->since_nsec);
	wire_put_str(w, s->name);
}

void
walkwire_get_start(struct wire_in *w, struct walkwire_start *s)
{
	s->base = wire_get_u32(w);
	s->flags = wire_get_u32(w);
	s->bytes = wire_get_u32(w);
	s->fds = wire_get_u32(w);
	s->since = wire_get_i64(w);
	s->since_nsec = wire_get_u32(w);
	wire_get_str(w, s->name, sizeof(s->name));
	if ((s->flags & ~(uint32_t)FDB_WALK_ALL) != 0 ||
	    s->since_nsec > 999999999 || (!(s->flags & FDB_WALK_SINCE) &&
	    (s->since != 0 || s->since_nsec != 0)))
		wire_get_fail(w);
}

void
walkwire_put_text(struct wire_out *w, enum walkwire_text kind,
    const char *text)
{
	wire_put_u8(w, (uint8_t)kind);
	wire_put_str(w, text);
}

void
walkwire_get_text(struct wire_in *w, enum walkwire_text *kind, char *text)
{
	uint8_t	 k = wire_get_u8(w);

	*kind = k == WALKWIRE_EXCLUDE ? WALKWIRE_EXCLUDE :
	    WALKWIRE_IF_PRESENT;
	wire_get_str(w, text, PROTO_PATH_MAX);
	if (k != WALKWIRE_EXCLUDE && k != WALKWIRE_IF_PRESENT)
		wire_get_fail(w);
}

static void
put_object(struct wire_out *w, const struct fdb_stat *st)
{
	proto_put_stat(w, st);
	wire_put_u64(w, st->attributes);
}

static void
get_object(struct wire_in *w, struct fdb_stat *st)
{
	proto_get_stat(w, st);
	st->attributes = wire_get_u64(w);
}

void
walkwire_put_entry(struct wire_out *w, const char *name, uint8_t flags,
    const struct proto_status *status, const struct fdb_stat *st,
    const char *link, uint16_t xattrs)
{
	wire_put_u8(w, WALKWIRE_ENTRY);
	wire_put_u8(w, flags);
	wire_put_str(w, name);
	proto_put_status(w, status);
	put_object(w, st);
	wire_put_str(w, link);
	wire_put_u16(w, xattrs);
}

void
walkwire_put_xattr(struct wire_out *w, const char *name,
    const struct proto_status *status, uint32_t total, uint32_t offset,
    const void *bytes, uint16_t nbytes)
{
	wire_put_u8(w, WALKWIRE_XATTR);
	wire_put_str(w, name);
	proto_put_status(w, status);
	wire_put_u32(w, total);
	wire_put_u32(w, offset);
	wire_put_u16(w, nbytes);
	wire_put_bytes(w, bytes, nbytes);
}

void
walkwire_put_leave(struct wire_out *w, const struct proto_status *status,
    const struct fdb_stat *st, uint64_t hidden)
{
	wire_put_u8(w, WALKWIRE_LEAVE);
	proto_put_status(w, status);
	put_object(w, st);
	wire_put_u64(w, hidden);
}

void
walkwire_put_skipped(struct wire_out *w, const char *name, enum fdb_skip skip,
    const struct fdb_stat *st)
{
	wire_put_u8(w, WALKWIRE_SKIPPED);
	wire_put_u8(w, (uint8_t)skip);
	wire_put_str(w, name);
	put_object(w, st);
}

void
walkwire_put_end(struct wire_out *w, const struct proto_status *status)
{
	wire_put_u8(w, WALKWIRE_END);
	proto_put_status(w, status);
}

/* One component, or "". */
static void
get_name(struct wire_in *w, char *name, size_t size)
{
	wire_get_str(w, name, size);
	if (name[0] != '\0' && (strchr(name, '/') != NULL ||
	    !pathname_is_clean(name)))
		wire_get_fail(w);
}

static void
get_entry(struct wire_in *w, struct walkwire_record *r)
{
	r->flags = wire_get_u8(w);
	get_name(w, r->name, sizeof(r->name));
	proto_get_status(w, &r->status);
	get_object(w, &r->st);
	wire_get_str(w, r->link, sizeof(r->link));
	r->xattrs = wire_get_u16(w);
	if ((r->flags & ~(unsigned int)FDB_ENTRY_ALL) != 0 ||
	    ((r->flags & FDB_ENTRY_FD) && r->flags != FDB_ENTRY_FD) ||
	    ((r->flags & FDB_ENTRY_ENTERED) && r->flags != FDB_ENTRY_ENTERED) ||
	    (r->flags != 0 && r->status.error != 0))
		wire_get_fail(w);
}

static void
get_xattr(struct wire_in *w, struct walkwire_record *r)
{
	wire_get_str(w, r->name, sizeof(r->name));
	proto_get_status(w, &r->status);
	r->total = wire_get_u32(w);
	r->offset = wire_get_u32(w);
	r->nbytes = wire_get_u16(w);
	if (w->failed || w->left < r->nbytes ||
	    r->total > FDB_XATTR_VALUE_MAX || r->offset > r->total ||
	    r->nbytes > r->total - r->offset ||
	    (r->nbytes == 0 && r->total > 0) ||
	    (r->status.error != 0 && r->total != 0) ||
	    (r->status.error == 0 && r->name[0] == '\0')) {
		wire_get_fail(w);
		r->nbytes = 0;
		return;
	}
	r->bytes = w->buf;
	w->buf += r->nbytes;
	w->left -= r->nbytes;
}

static void
get_skipped(struct wire_in *w, struct walkwire_record *r)
{
	uint8_t	 skip = wire_get_u8(w);

	get_name(w, r->name, sizeof(r->name));
	get_object(w, &r->st);
	if (skip == FDB_SKIP_NONE || skip > FDB_SKIP_PSEUDO ||
	    (r->name[0] == '\0') != (skip == FDB_SKIP_TAGGED))
		wire_get_fail(w);
	else
		r->skip = (enum fdb_skip)skip;
}

void
walkwire_get_record(struct wire_in *w, struct walkwire_record *r)
{
	uint8_t	 kind = wire_get_u8(w);

	memset(r, 0, offsetof(struct walkwire_record, name));
	r->name[0] = r->link[0] = r->status.where[0] = '\0';
	r->xattrs = r->nbytes = 0;
	r->total = r->offset = 0;
	r->bytes = NULL;
	r->hidden = 0;
	r->kind = WALKWIRE_END;
	switch (kind) {
	case WALKWIRE_ENTRY:
		get_entry(w, r);
		break;
	case WALKWIRE_XATTR:
		get_xattr(w, r);
		break;
	case WALKWIRE_LEAVE:
		proto_get_status(w, &r->status);
		get_object(w, &r->st);
		r->hidden = wire_get_u64(w);
		break;
	case WALKWIRE_SKIPPED:
		get_skipped(w, r);
		break;
	case WALKWIRE_END:
		proto_get_status(w, &r->status);
		break;
	default:
		wire_get_fail(w);
		return;
	}
	r->kind = (enum walkwire_kind)kind;
}
