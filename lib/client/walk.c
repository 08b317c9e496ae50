/*
 * walk.c: ask for walks, grant credit, and hand out their records; see walk.h.
 *
 * Runs in the worker.  Credit that was used is granted anew once the caller has
 * taken the results of a whole message.  A reply is checked whole before any
 * record of it is used.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/pathname.h"
#include "base/walkwire.h"
#include "client/send.h"
#include "client/walk.h"

#define BYTES_DEFAULT	1048576
#define BYTES_MIN	65536
#define FDS_DEFAULT	512

#define NO_MEMORY	"out of memory"
#define TEXTS_MANY	"too many patterns or names to leave out"

/*
 * Requests.
 */

/* A request that is put together message by message. */
struct builder {
	struct walks_one	*w;
	struct message		 m;
	size_t			 size;		/* of w->request */
	size_t			 max;		/* bytes in a message */
};

/* Begin another message.  0, or -1. */
static int
builder_begin(struct builder *b)
{
	size_t	 need = b->w->len + sizeof(size_t) + b->max;
	uint8_t	*buf;

	if (need > b->size) {
		if ((buf = realloc(b->w->request, need)) == NULL)
			return -1;
		b->w->request = buf;
		b->size = need;
	}
	message_begin(&b->m, PROTO_WALK,
	    b->w->request + b->w->len + sizeof(size_t), b->max);
	b->m.h.id = b->w->id;
	b->m.h.items = 0;
	return 0;
}

static int
builder_end(struct builder *b, uint32_t flags)
{
	size_t	 len;

	b->m.h.flags = flags;
	if ((len = message_finish(&b->m, 0)) == 0)
		return -1;
	memcpy(b->w->request + b->w->len, &len, sizeof(len));
	b->w->len += sizeof(len) + len;
	return 0;
}

static int
builder_texts(struct builder *b, enum walkwire_text kind,
    const char *const *texts, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		if ((b->m.w.size - b->m.w.len < 1 + 2 + strlen(texts[i]) ||
		    b->m.h.items == UINT16_MAX) &&
		    (builder_end(b, PROTO_MORE) == -1 ||
		    builder_begin(b) == -1))
			return -1;
		walkwire_put_text(&b->m.w, kind, texts[i]);
		b->m.h.items++;
	}
	return 0;
}

/* Check the texts of one kind.  Their bytes are added to *bytes. */
static int
texts_check(struct fdb_session *s, const char *const *texts, size_t n,
    size_t *bytes)
{
	size_t	 i, len;

	for (i = 0; i < n; i++) {
		len = strnlen(texts[i], PROTO_PATH_MAX);
		if (len == 0 || len == PROTO_PATH_MAX)
			return session_fail(s, EINVAL, "a pattern or name to "
			    "leave out is empty or too long");
		if ((*bytes += len) > FDB_WALK_PATTERNS_MAX)
			return session_fail(s, E2BIG, TEXTS_MANY);
	}
	return 0;
}

static int
options_check(struct fdb_session *s, const struct fdb_walk *o)
{
	size_t	 i, bytes = 0;

	if ((o->flags & ~(unsigned int)FDB_WALK_ALL) != 0 ||
	    o->since_nsec > 999999999 || (o->bytes != 0 &&
	    o->bytes < BYTES_MIN))
		return session_fail(s, EINVAL, "the flags, the time or the "
		    "credit of the walk are not valid");
	if (texts_check(s, o->exclude, o->nexclude, &bytes) == -1 ||
	    texts_check(s, o->if_present, o->nif_present, &bytes) == -1)
		return -1;
	for (i = 0; i < o->nif_present; i++)
		if (strchr(o->if_present[i], '/') != NULL ||
		    !pathname_is_clean(o->if_present[i]))
			return session_fail(s, EINVAL, "the name of a tag is "
			    "not one component");
	if (o->nif_present <= WALKWIRE_PRESENT_MAX &&
	    o->nexclude + o->nif_present <= WALKWIRE_PATTERNS_MAX)
		return 0;
	return session_fail(s, E2BIG, TEXTS_MANY);
}

static int
request_build(struct fdb_session *s, struct walks_one *w,
    const struct fdb_walk *o, const char *name)
{
	struct walkwire_start	 st;
	struct builder		 b = { .w = w, .max = s->info.bytes };

	memset(&st, 0, sizeof(st));
	st.base = o->base;
	st.flags = o->flags;
	st.bytes = w->bytes;
	st.fds = w->fds;
	if (o->flags & FDB_WALK_SINCE) {
		st.since = o->since;
		st.since_nsec = o->since_nsec;
	}
	(void)strlcpy(st.name, name, sizeof(st.name));
	if (builder_begin(&b) == -1)
		return -1;
	walkwire_put_start(&b.m.w, &st);
	b.m.h.items++;
	if (builder_texts(&b, WALKWIRE_EXCLUDE, o->exclude,
	    o->nexclude) == -1 ||
	    builder_texts(&b, WALKWIRE_IF_PRESENT, o->if_present,
	    o->nif_present) == -1)
		return -1;
	return builder_end(&b, 0);
}

int
fdb_walk(struct fdb_session *s, const struct fdb_walk *o, uint64_t cookie)
{
	struct walks_one	*w;
	const char		*name;

	if (send_check(s) == -1 || options_check(s, o) == -1 ||
	    (name = send_name(s, o->base, o->name, true)) == NULL)
		return -1;
	if (s->walks.n == s->info.window)
		return session_fail(s, EAGAIN, "the window of walks is full: "
		    "take results, then ask again");
	if ((w = walks_add(&s->walks)) == NULL)
		return session_fail(s, ENOMEM, NO_MEMORY);
	w->id = s->next_id++;
	w->cookie = cookie;
	w->bytes = o->bytes != 0 ? o->bytes : BYTES_DEFAULT;
	w->fds = o->fds != 0 ? o->fds : FDS_DEFAULT;
	if (request_build(s, w, o, name) == 0)
		return 0;
	walks_remove_newest(&s->walks);
	return session_fail(s, ENOMEM, NO_MEMORY);
}

int
fdb_walk_cancel(struct fdb_session *s, uint64_t cookie)
{
	struct walks_one	*w;
	bool			 found = false;

	if (send_check(s) == -1)
		return -1;
	for (w = s->walks.oldest; w != NULL; w = w->next)
		if (w->cookie == cookie && !w->track.ended)
			found = w->cancel = true;
	if (!found)
		return session_fail(s, ENOENT, "no walk has this cookie");
	return walk_send(s) == -1 && errno != EAGAIN ? -1 : 0;
}

static int
send_request(struct fdb_session *s, struct walks_one *w)
{
	size_t	 len;

	while (w->sent < w->len) {
		memcpy(&len, w->request + w->sent, sizeof(len));
		if (send_bytes(s, w->request + w->sent + sizeof(len),
		    len) == -1)
			return -1;
		w->sent += sizeof(len) + len;
	}
	free(w->request);
	w->request = NULL;
	w->sent = w->len = 0;
	return 0;
}

/* Grant half of the credit anew at once, or more: not after each message. */
static int
walk_send_credit(struct fdb_session *s, struct walks_one *w)
{
	if (w->track.ended || (w->back_bytes < w->bytes / 2 &&
	    (w->back_fds == 0 || w->back_fds < w->fds / 2)))
		return 0;
	if (send_credit(s, w->id, w->back_bytes, w->back_fds) == -1)
		return -1;
	w->back_bytes = w->back_fds = 0;
	return 0;
}

static int
walk_send_cancel(struct fdb_session *s, struct walks_one *w)
{
	if (!w->cancel)
		return 0;
	if (send_cancel(s, w->id) == -1)
		return -1;
	w->cancel = false;
	return 0;
}

int
walk_send(struct fdb_session *s)
{
	struct walks_one	*w;

	for (w = s->walks.oldest; w != NULL; w = w->next)
		if (send_request(s, w) == -1 || walk_send_cancel(s, w) == -1 ||
		    walk_send_credit(s, w) == -1)
			return -1;
	return 0;
}

/*
 * Replies.
 */

/* A piece of an attribute's value, or an error in its place. */
static bool
track_xattr(struct walk_track *t, const struct walkwire_record *r)
{
	if (t->xattrs == 0)
		return false;
	if (t->in_value ? (strcmp(r->name, t->xattr) != 0 ||
	    r->total != t->total || r->offset != t->off) : r->offset != 0)
		return false;
	if (r->status.error != 0 && t->in_value)
		return false;
	(void)strlcpy(t->xattr, r->name, sizeof(t->xattr));
	t->total = r->total;
	t->off = r->offset + r->nbytes;
	t->in_value = t->off < t->total;
	if (!t->in_value)
		t->xattrs--;
	return true;
}

/* Note a record.  False: it must not come here. */
static bool
track(struct walk_track *t, const struct walkwire_record *r)
{
	if (t->ended)
		return false;
	if (r->kind == WALKWIRE_XATTR)
		return track_xattr(t, r);
	if (r->kind == WALKWIRE_END) {
		t->ended = true;
		return r->status.error != 0 || (t->depth == 0 &&
		    t->xattrs == 0);
	}
	if (t->xattrs != 0)
		return false;
	if (r->kind == WALKWIRE_ENTRY) {
		if ((r->name[0] == '\0') != !t->started ||
		    (t->started && t->depth == 0))
			return false;
		t->started = true;
		t->xattrs = r->xattrs;
		if (r->flags & FDB_ENTRY_ENTERED)
			t->depth++;
		return true;
	}
	if (t->depth == 0)
		return false;
	if (r->kind == WALKWIRE_LEAVE)
		t->depth--;
	return true;
}

const char *
walk_accept(struct fdb_session *s, bool lost)
{
	struct walks_one	*w = s->walks.oldest;
	struct wire_in		 in = s->in;
	struct walk_track	 t;
	size_t			 nfds = 0;
	uint16_t		 i;

	if (w == NULL || w->id != s->head.id || w->len != 0)
		return "a reply that was not asked for";
	t = w->track;
	for (i = 0; i < s->head.items && !in.failed; i++) {
		walkwire_get_record(&in, &s->record);
		if (!in.failed && !track(&t, &s->record))
			return "a record of a walk that has no place";
		if (s->record.flags & FDB_ENTRY_FD)
			nfds++;
	}
	if (wire_get_end(&in) == -1)
		return "a reply that cannot be decoded";
	if (t.ended == ((s->head.flags & PROTO_MORE) != 0))
		return "a walk without its end";
	if (nfds != (lost ? s->head.fds : s->msg.nfds))
		return "a reply with the wrong number of descriptors";
	w->lost = lost;
	return NULL;
}

static void
result_fill(struct fdb_session *s, struct walks_one *w, struct fdb_result *r)
{
	static const enum fdb_kind	 kinds[] = {
		[WALKWIRE_ENTRY] = FDB_RESULT_WALK_ENTRY,
		[WALKWIRE_XATTR] = FDB_RESULT_WALK_XATTR,
		[WALKWIRE_LEAVE] = FDB_RESULT_WALK_LEAVE,
		[WALKWIRE_SKIPPED] = FDB_RESULT_WALK_SKIPPED,
		[WALKWIRE_END] = FDB_RESULT_WALK
	};
	const struct walkwire_record	*rec = &s->record;

	memset(r, 0, sizeof(*r));
	r->kind = kinds[rec->kind];
	r->cookie = w->cookie;
	r->fd = -1;
	r->error = (int)rec->status.error;
	r->reason = (enum fdb_reason)rec->status.reason;
	r->where = rec->status.where;
	r->id = rec->status.id;
	r->st = rec->st;
	r->name = rec->name;
	r->link = rec->link;
	r->flags = rec->flags;
	r->skip = rec->skip;
	r->xattrs = rec->xattrs;
	r->hidden = rec->hidden;
	if (!(rec->flags & FDB_ENTRY_FD))
		return;
	if (!w->lost) {
		r->fd = fdmsg_take(&s->msg, s->fds_taken++);
		return;
	}
	r->flags &= ~(unsigned int)FDB_ENTRY_FD;
	r->error = EMFILE;
	r->reason = FDB_REASON_LIMIT;
}

/*
 * Add a piece to the value.  1, and *r has the whole; 0, another piece follows;
 * -1 with errno ENOMEM.
 */
static int
value_add(struct fdb_session *s, struct walks_one *w, struct fdb_result *r)
{
	const struct walkwire_record	*rec = &s->record;

	r->value = rec->bytes;
	r->length = rec->total;
	if (rec->nbytes == rec->total)
		return 1;
	if (w->value == NULL &&
	    (w->value = malloc(FDB_XATTR_VALUE_MAX)) == NULL)
		return session_fail(s, ENOMEM, NO_MEMORY);
	memcpy(w->value + rec->offset, rec->bytes, rec->nbytes);
	r->value = w->value;
	return w->track.in_value ? 0 : 1;
}

/* The message was taken: its credit is granted anew, or the walk is over. */
static void
reply_taken(struct fdb_session *s, struct walks_one *w)
{
	s->have_reply = false;
	w->back_bytes += s->reply_len;
	w->back_fds += s->head.fds;
	if (w->track.ended)
		walks_remove_oldest(&s->walks);
}

int
walk_next(struct fdb_session *s, struct fdb_result *r)
{
	struct walks_one	*w = s->walks.oldest;
	int			 n;

	while (s->items_left > 0) {
		s->items_left--;
		walkwire_get_record(&s->in, &s->record);
		(void)track(&w->track, &s->record);
		result_fill(s, w, r);
		n = 1;
		if (s->record.kind == WALKWIRE_XATTR && r->error == 0 &&
		    (n = value_add(s, w, r)) == -1)
			return -1;
		/* The strings of the result lie in the session. */
		if (s->items_left == 0 && w->track.ended)
			reply_taken(s, w);
		if (n == 1)
			return 1;
	}
	reply_taken(s, w);
	return 0;
}
