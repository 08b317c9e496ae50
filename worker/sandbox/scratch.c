/*
 * scratch.c: the directory in which a drill restores; see sandbox/scratch.h.
 *
 * Runs in the worker, confined.  Touches nothing but its session.
 *
 * What is in the directory is listed to be removed, and not remembered: a run
 * that was stopped at any point has an end, too.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/fdbroker.h"
#include "common/buf.h"
#include "sandbox/dirs.h"
#include "sandbox/scratch.h"

/* No object has an address like these. */
#define COOKIE_WAIT	1	/* the answer that is waited for */
#define COOKIE_ENTRY	2	/* the list, and its entries */
#define COOKIE_REMOVE	3

struct scratch {
	struct work		*work;
	struct fdb_session	*session;
	struct reporter		*rep;
	const char		*dest;
	struct dirs		*dirs;		/* all that were found */
	struct buf		 names;		/* to look into, each NUL */
	struct buf		 listed;	/* what is no directory */
	struct buf		 path;
	uint64_t		 failed;
	struct buf		 why;		/* the first of them */
};

static int
scratch_dead(struct work *w)
{
	const char	*why = fdb_session_error(w->session);

	(void)reporter_reportf(&w->rep, REPORT_FATAL, w->job->dest,
	    "the session has ended%s%s; what is there must be removed by hand",
	    why[0] != '\0' ? ": " : "", why);
	return -1;
}

/* The next result with one of our cookies; others are dropped.  1, 0, -1. */
static int
take(struct work *w, struct fdb_result *r)
{
	int	 n;

	while ((n = fdb_wait(w->session, r, -1)) == 1) {
		if (r->fd != -1)
			close(r->fd);
		if (r->cookie >= COOKIE_WAIT && r->cookie <= COOKIE_REMOVE)
			return 1;
	}
	return n == -1 ? scratch_dead(w) : 0;
}

/* Wait for the only request.  0, or -1. */
static int
answer(struct work *w, struct fdb_result *r)
{
	int	 n = take(w, r);

	while (n == 1 && r->cookie != COOKIE_WAIT)
		n = take(w, r);
	return n == 1 ? 0 : -1;
}

static int
probe_failed(struct work *w, const char *what, const struct fdb_result *r)
{
	const struct refusal	 why = { r->error, r->reason, r->id, r->where };
	struct buf		 b = { NULL, 0, 0 };

	if (r->reason != FDB_REASON_POLICY)
		return 0;
	if (report_explain(&b, &why) == 0)
		(void)reporter_reportf(&w->rep, REPORT_FATAL, w->job->dest,
		    "a drill must %s what it restores, and the role does not "
		    "permit it: %s; nothing was restored", what, buf_str(&b));
	buf_free(&b);
	return -1;
}

int
scratch_probe(struct work *w)
{
	const char		*dest = w->job->dest;
	struct fdb_session	*s = w->session;
	struct fdb_result	 r;

	if (fdb_open_at(s, FDB_TOKEN_ROOT, dest, FDB_READ, COOKIE_WAIT) == -1 ||
	    answer(w, &r) == -1 || probe_failed(w, "read", &r) == -1 ||
	    fdb_list_at(s, FDB_TOKEN_ROOT, dest, COOKIE_WAIT) == -1 ||
	    answer(w, &r) == -1 || probe_failed(w, "list", &r) == -1 ||
	    fdb_remove_at(s, FDB_TOKEN_ROOT, dest, FDB_REMOVE_DIR,
	    COOKIE_WAIT) == -1 || answer(w, &r) == -1 ||
	    probe_failed(w, "remove", &r) == -1)
		return -1;
	return 0;
}

/* An entry of the directory that holds scratch directories. */
static int
leftover(struct work *w, const struct fdb_result *r)
{
	const char	*slash = strrchr(w->job->dest, '/');

	if (r->kind != FDB_RESULT_ENTRY || !S_ISDIR(r->st.mode) ||
	    strncmp(r->name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) != 0 ||
	    strcmp(r->name, slash + 1) == 0)
		return 0;
	return reporter_reportf(&w->rep, REPORT_WARNING, r->name, "was left "
	    "by a drill that was killed, unless one is running; remove it "
	    "from %.*s", (int)(slash - w->job->dest), w->job->dest);
}

int
scratch_leftovers(struct work *w)
{
	const char		*dest = w->job->dest;
	const char		*slash = strrchr(dest, '/');
	struct fdb_result	 r;
	char			*dir;
	int			 n;

	if ((dir = strndup(dest, slash == dest ? 1 :
	    (size_t)(slash - dest))) == NULL)
		return reporter_no_memory(&w->rep);
	n = fdb_list_at(w->session, FDB_TOKEN_ROOT, dir, COOKIE_ENTRY);
	free(dir);
	/* Who may not list it learns nothing, and restores all the same. */
	while (n == 0 && (n = take(w, &r)) == 1) {
		if (r.kind == FDB_RESULT_LIST) {
			if (r.token != 0)
				(void)fdb_forget(w->session, r.token);
			return 0;
		}
		n = leftover(w, &r);
	}
	return -1;
}

/* Something cannot be removed: keep the first reason. */
static int
scratch_failed(struct scratch *s, const struct fdb_result *r)
{
	const struct refusal	 why = { r->error, r->reason, r->id, r->where };

	if (r->error == ENOENT && r->reason != FDB_REASON_POLICY)
		return 0;
	s->failed++;
	if (s->why.len > 0)
		return 0;
	return report_explain(&s->why, &why);
}

/* The path of a name in the scratch directory; "" is the directory. */
static const char *
path_of(struct scratch *s, const char *dir, const char *name)
{
	buf_cut(&s->path, 0);
	if (buf_puts(&s->path, s->dest) == -1 || (dir[0] != '\0' &&
	    (buf_putc(&s->path, '/') == -1 ||
	    buf_puts(&s->path, dir) == -1)) || (name[0] != '\0' &&
	    (buf_putc(&s->path, '/') == -1 ||
	    buf_puts(&s->path, name) == -1)))
		return NULL;
	return buf_str(&s->path);
}

/* Note an entry of a directory. */
static int
note_entry(struct scratch *s, const char *dir, const struct fdb_result *r)
{
	struct buf	*b = S_ISDIR(r->st.mode) ? &s->names : &s->listed;

	if (S_ISDIR(r->st.mode) && dir[0] != '\0' &&
	    (buf_puts(b, dir) == -1 || buf_putc(b, '/') == -1))
		return -1;
	return buf_add(b, r->name, strlen(r->name) + 1);
}

/* List a directory, of which the owner may lack the rights. */
static int
list_dir(struct scratch *s, const char *dir)
{
	const struct fdb_meta	 all = { .set = FDB_META_MODE, .mode = 0700 };
	const char		*path = path_of(s, dir, "");
	struct fdb_result	 r;
	int			 n;

	buf_cut(&s->listed, 0);
	if (path == NULL || fdb_setmeta_at(s->session, FDB_TOKEN_ROOT, path,
	    &all, COOKIE_WAIT) == -1 || answer(s->work, &r) == -1 ||
	    fdb_list_at(s->session, FDB_TOKEN_ROOT, path, COOKIE_ENTRY) == -1)
		return -1;
	while ((n = take(s->work, &r)) == 1) {
		if (r.kind != FDB_RESULT_LIST) {
			if (note_entry(s, dir, &r) == -1)
				return -1;
			continue;
		}
		if (r.token != 0)
			(void)fdb_forget(s->session, r.token);
		return r.error != 0 ? scratch_failed(s, &r) : 0;
	}
	return -1;
}

/* Take results until this many of ours are left.  0 or -1. */
static int
settle(struct scratch *s, size_t left)
{
	struct fdb_result	 r;
	int			 n;

	while (fdb_outstanding(s->session) > left) {
		if ((n = take(s->work, &r)) != 1)
			return n;
		if (r.error != 0 && scratch_failed(s, &r) == -1)
			return -1;
	}
	return 0;
}

static int
remove_one(struct scratch *s, const char *path, unsigned int flags)
{
	while (fdb_remove_at(s->session, FDB_TOKEN_ROOT, path, flags,
	    COOKIE_REMOVE) == -1) {
		if (errno != EAGAIN || fdb_outstanding(s->session) == 0)
			return -1;
		if (settle(s, fdb_outstanding(s->session) - 1) == -1)
			return -1;
	}
	return 0;
}

/* Remove what is in a directory but other directories, which are noted. */
static int
empty_dir(struct scratch *s, const char *dir)
{
	const char	*name, *path;
	struct object	 o;
	struct entry	 e;

	if (list_dir(s, dir) == -1)
		return -1;
	for (name = s->listed.data; name != NULL &&
	    name < s->listed.data + s->listed.len; name += strlen(name) + 1)
		if ((path = path_of(s, dir, name)) == NULL ||
		    remove_one(s, path, 0) == -1)
			return -1;
	if (settle(s, 0) == -1)
		return -1;
	entry_init(&e, dir);
	e.mode = S_IFDIR;
	return object_make(&o, &e, dir, "", 0) == -1 ||
	    dirs_add(s->dirs, &o) == -1 ? -1 : 0;
}

/* Empty all directories, and remove them. */
static int
remove_all(struct scratch *s)
{
	struct object	 o;
	const char	*path;
	char		*dir;
	size_t		 at;
	int		 ret = empty_dir(s, ""), n = 0;

	while (ret == 0 && s->names.len > 0) {
		/* The last one: then few wait at a time. */
		for (at = s->names.len - 1; at > 0 &&
		    s->names.data[at - 1] != '\0'; at--)
			;
		if ((dir = strdup(s->names.data + at)) == NULL)
			return -1;
		buf_cut(&s->names, at);
		ret = empty_dir(s, dir);
		free(dir);
	}
	while (ret == 0 && (n = dirs_next(s->dirs, &o)) == 1) {
		if ((path = path_of(s, o.name, "")) == NULL ||
		    remove_one(s, path, FDB_REMOVE_DIR) == -1)
			ret = -1;
		object_clear(&o);
	}
	return ret == 0 && n == 0 ? settle(s, 0) : -1;
}

int
scratch_remove(struct work *w)
{
	struct scratch	 s = { .work = w, .session = w->session,
			    .rep = &w->rep, .dest = w->job->dest };
	int		 ret = -1;

	if ((s.dirs = dirs_new(SIZE_MAX)) == NULL)
		return reporter_no_memory(&w->rep);
	if (remove_all(&s) == -1)
		(void)reporter_report(&w->rep, REPORT_FATAL, s.dest, "is not "
		    "removed: the session or memory does not suffice; remove "
		    "it by hand");
	else if (s.failed > 0)
		(void)reporter_reportf(&w->rep, REPORT_FATAL, s.dest,
		    "cannot be removed: %s; remove it by hand",
		    buf_str(&s.why));
	else
		ret = 0;
	dirs_free(s.dirs);
	buf_free(&s.names);
	buf_free(&s.listed);
	buf_free(&s.path);
	buf_free(&s.why);
	return ret;
}
