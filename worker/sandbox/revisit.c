/*
 * revisit.c: look at the directories again; see sandbox/revisit.h.
 *
 * Runs in the worker, confined.  Everything it knows comes from the session.
 *
 * The broker is ahead of what is stored, and a directory that was left is not
 * looked at by the walk again.  A file that is made there later, or moved there
 * from a directory that the walk had not come to, would be missing without a
 * word.  A directory takes about 45 bytes: its name without what it shares with
 * the one before, which is mostly all but the last component, and its times.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/proto.h"
#include "sandbox/revisit.h"

/* In the list, followed by len bytes. */
struct record {
	int64_t		 mtime, ctime;
	uint32_t	 mtime_nsec, ctime_nsec;
	uint32_t	 path;
	uint16_t	 shared;	/* bytes of the name before */
	uint16_t	 len;		/* bytes that follow these */
};

/* A place in the list, which is read from its beginning. */
struct cursor {
	size_t		 at;		/* of the next record */
	uint64_t	 n;		/* records that were read */
	struct record	 record;
	struct buf	 member;	/* name in it */
};

void
revisit_init(struct revisit *v)
{
	memset(v, 0, sizeof(*v));
}

void
revisit_free(struct revisit *v)
{
	buf_free(&v->list);
	buf_free(&v->last);
}

/* What follows the member of its path in the name of a member. */
static const char *
rest_of(const struct path *p, const char *member)
{
	size_t	 len = strlen(p->member);

	if (strcmp(p->member, ".") == 0)
		return strcmp(member, ".") == 0 ? "" : member;
	if (strncmp(member, p->member, len) != 0 || member[len] == '\0')
		return "";
	return member + len + 1;
}

/* Bytes that two names have in common at their beginning. */
static size_t
shared_len(const char *a, const char *b)
{
	size_t	 n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

int
revisit_add(struct revisit *v, const struct paths *ps, size_t path,
    const char *member, const struct fdb_stat *st)
{
	const struct path	*p = &ps->v[path];
	struct record		 r;
	size_t			 len = strlen(member), shared;
	size_t			 before = v->list.len;

	if (strlen(p->request) + 1 + strlen(rest_of(p, member)) >=
	    PROTO_PATH_MAX || len > UINT16_MAX || path > UINT32_MAX)
		return 0;
	shared = shared_len(buf_str(&v->last), member);
	memset(&r, 0, sizeof(r));
	r.mtime = st->mtime;
	r.mtime_nsec = st->mtime_nsec;
	r.ctime = st->ctime;
	r.ctime_nsec = st->ctime_nsec;
	r.path = (uint32_t)path;
	r.shared = (uint16_t)shared;
	r.len = (uint16_t)(len - shared);
	if (buf_add(&v->list, &r, sizeof(r)) == -1)
		return -1;
	if (buf_add(&v->list, member + shared, len - shared) == -1) {
		buf_cut(&v->list, before);
		return -1;
	}
	v->n++;
	buf_cut(&v->last, shared);
	return buf_puts(&v->last, member + shared);
}

/* Read the next record; there must be one.  0, or -1: ENOMEM. */
static int
cursor_next(struct cursor *c, const struct revisit *v)
{
	memcpy(&c->record, v->list.data + c->at, sizeof(c->record));
	buf_cut(&c->member, c->record.shared);
	if (buf_add(&c->member, v->list.data + c->at + sizeof(c->record),
	    c->record.len) == -1)
		return -1;
	c->at += sizeof(c->record) + c->record.len;
	c->n++;
	return 0;
}

static int
revisit_fatal(struct create *c, const char *why)
{
	(void)create_report(c, REPORT_FATAL, "", why);
	return -1;
}

/* A call of the library failed; errno is still set. */
static int
session_fatal(struct create *c, const struct fdb_session *s)
{
	const char	*why = fdb_session_error(s);
	char		 text[FDB_WHY_MAX + 32];

	(void)snprintf(text, sizeof(text), "the session is over: %s",
	    why[0] != '\0' ? why : strerror(errno));
	return revisit_fatal(c, text);
}

/*
 * Ask for the directories from the cursor on, as far as the window allows.
 * *name: the request of the record that the cursor has read; "": it was sent.
 */
static int
revisit_ask(struct revisit *v, struct create *create, struct fdb_session *s,
    const struct paths *ps, struct cursor *c, struct buf *name)
{
	const struct path	*p;
	const char		*rest;

	for (;;) {
		if (name->len == 0) {
			if (c->n == v->n)
				return 0;
			if (cursor_next(c, v) == -1)
				return create_no_memory(create);
			p = &ps->v[c->record.path];
			rest = rest_of(p, buf_str(&c->member));
			if (buf_puts(name, p->request) == -1 ||
			    (rest[0] != '\0' && strcmp(p->request, "/") != 0 &&
			    buf_putc(name, '/') == -1) ||
			    buf_puts(name, rest) == -1)
				return create_no_memory(create);
		}
		if (fdb_stat_at(s, FDB_TOKEN_ROOT, buf_str(name),
		    c->n - 1) == -1)
			return errno == EAGAIN ? 0 : session_fatal(create, s);
		buf_cut(name, 0);
	}
}

/* What has happened to it, or NULL. */
static const char *
what_happened(const struct record *r, const struct fdb_stat *st)
{
	if (r->mtime != st->mtime || r->mtime_nsec != st->mtime_nsec)
		return "names in it were added or removed after it was stored";
	if (r->ctime != st->ctime || r->ctime_nsec != st->ctime_nsec)
		return "it changed after it was stored";
	return NULL;
}

/* The answer for the record of the cursor. */
static int
revisit_take(struct create *create, const struct cursor *c,
    const struct fdb_result *r)
{
	const char	*name = buf_str(&c->member), *why;
	struct refusal	 refusal = { r->error, r->reason, r->id, r->where };
	struct buf	 text = { NULL, 0, 0 };
	int		 ret;

	if (r->error == 0) {
		why = what_happened(&c->record, &r->st);
		return why == NULL ? 0 : create_report(create, REPORT_CHANGED,
		    name, why);
	}
	if (r->error == ENOENT || r->error == ENOTDIR)
		return create_report(create, REPORT_CHANGED, name,
		    "it was moved or removed after it was stored");
	if (buf_puts(&text, "cannot tell whether it changed after it was "
	    "stored: ") == -1 || report_explain(&text, &refusal) == -1) {
		buf_free(&text);
		return create_no_memory(create);
	}
	/* A reload took it away, or only a walk follows this link. */
	ret = create_report(create, r->reason == FDB_REASON_POLICY ||
	    r->error == ELOOP ? REPORT_WARNING : REPORT_CHANGED, name,
	    buf_str(&text));
	buf_free(&text);
	return ret;
}

/* 1: an answer was taken; 0: there is none any more; -1. */
static int
revisit_wait(struct revisit *v, struct create *create, struct fdb_session *s,
    struct cursor *c)
{
	struct fdb_result	 r;
	int			 n;

	if ((n = fdb_wait(s, &r, -1)) == -1)
		return session_fatal(create, s);
	if (n == 0)
		return c->n == v->n ? 0 : revisit_fatal(create,
		    "the broker left requests unanswered");
	/* The broker is not trusted: any result may have a descriptor. */
	if (r.fd != -1)
		close(r.fd);
	if (r.kind != FDB_RESULT_STAT || c->n == v->n || r.cookie != c->n)
		return revisit_fatal(create, "the broker answered out of "
		    "order");
	if (cursor_next(c, v) == -1)
		return create_no_memory(create);
	return revisit_take(create, c, &r) == -1 ? -1 : 1;
}

int
revisit_run(struct revisit *v, struct create *create, struct fdb_session *s,
    const struct paths *ps)
{
	struct cursor	 ask, answer;
	struct buf	 name = { NULL, 0, 0 };
	int		 n;

	memset(&ask, 0, sizeof(ask));
	memset(&answer, 0, sizeof(answer));
	do {
		n = revisit_ask(v, create, s, ps, &ask, &name);
		if (n == 0)
			n = revisit_wait(v, create, s, &answer);
	} while (n == 1);
	buf_free(&ask.member);
	buf_free(&answer.member);
	buf_free(&name);
	return n;
}
