/*
 * watch_look.c: one look at a name that is watched; see watch_look.h.
 *
 * Runs in the opener.  A look is an OPEN of the name, with everything that the
 * policy is asked for one.  Before that, the name is resolved once without
 * opening anything: to watch each directory on the way, also those that links
 * lead to, and to see whether the same file still stands there.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "opener/open.h"
#include "opener/resolve.h"
#include "opener/resolve_type.h"
#include "opener/spelling.h"
#include "opener/status.h"
#include "opener/target.h"
#include "opener/throttle.h"
#include "opener/watch_look.h"
#include "policy/role.h"
#include "policy/tables.h"

/* Directories on the way that are watched.  Beyond, the look comes in time. */
#define DEPTH_MAX	32

/* The way to a name. */
struct way {
	struct watches	*watches;
	bool		 contents;
	unsigned int	 depth;
};

/* Watch the directory that the last component of rel is in. */
static void
way_watch(struct way *way, const struct resolve_at *at, const char *rel)
{
	char	 dir[PROTO_PATH_MAX], *slash;
	int	 fd;

	(void)strlcpy(dir, rel, sizeof(dir));
	slash = strrchr(dir, '/');
	*(slash != NULL ? slash : dir) = '\0';
	if ((fd = resolve_place(at, dir)) == -1) {
		/* The one above is watched, and tells when it is there. */
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			way->watches->blind = true;
		return;
	}
	if (dirwatch_add(&way->watches->dirs, fd, way->contents) == -1)
		way->watches->blind = true;
	fd_close(&fd);
}

/* A component is about to be looked at. */
static void
way_passed(void *arg, const struct resolve_at *at, const char *rel)
{
	struct way	*way = arg;

	if (way->depth++ < DEPTH_MAX)
		way_watch(way, at, rel);
	else
		way->watches->blind = true;
}

/* Where no links are followed, the way is the name. */
static void
way_of_name(struct way *way, const struct resolve_at *at, const char *rel)
{
	char	 part[PROTO_PATH_MAX];
	size_t	 len;

	for (len = 0; rel[len] != '\0'; len++) {
		len += strcspn(rel + len, "/");
		memcpy(part, rel, len);
		part[len] = '\0';
		way_passed(way, at, part);
		if (rel[len] == '\0')
			return;
	}
}

/* Is it the file that the worker was told of? */
static bool
is_same(const struct watch *w, const struct fdb_stat *st)
{
	if (!resolve_type_same(&w->st, st))
		return false;
	return !(w->flags & FDB_WATCH_WRITTEN) ||
	    (w->st.size == st->size && w->st.mtime == st->mtime &&
	    w->st.mtime_nsec == st->mtime_nsec);
}

/*
 * Go the way to a name that the policy permits, and watch it.  True if the file
 * is there that the worker has.
 */
static bool
look_first(struct state *s, struct watches *ws, struct watch *w,
    struct target *t)
{
	struct way	 way = { ws, (w->flags & FDB_WATCH_WRITTEN) != 0, 0 };
	uint32_t	 op = open_main_op(w->access);
	char		 link[PROTO_PATH_MAX];
	struct status	 st;
	struct fdb_stat	 there;

	if (target_name(t, s, FDB_TOKEN_ROOT, w->name, &st) == -1)
		return false;
	t->passed = way_passed;
	t->passed_arg = &way;
	if (target_ask(t, s, op, NULL, &st) == -1 ||
	    target_place(t, s, op, &st) == -1)
		return false;
	if (!(s->role->options & POLICY_FOLLOW))
		way_of_name(&way, &t->at, t->rel);
	else if (target_follow(t, s, op, (w->access & FDB_NOFOLLOW) == 0,
	    &st) == -1)
		return false;
	return w->told && w->error == 0 &&
	    resolve_stat(&t->at, t->rel, &there, link, sizeof(link)) == 0 &&
	    is_same(w, &there);
}

void
watch_look(struct state *s, struct watches *ws, struct watch *w)
{
	struct target	 t;
	struct status	 st;
	struct fdb_stat	 fst;
	bool		 same;
	int		 fd, ms;

	spelling_begin(s->spelling);
	same = look_first(s, ws, w, &t);
	target_end(&t);
	/* Another policy may deny what the old one permitted. */
	if (same && w->version == s->version)
		return;
	if ((ms = throttle_delay(s, 0)) > 0) {
		ws->changed = true;
		ws->due = clock_ms() + ms;
		return;
	}
	spelling_begin(s->spelling);
	memset(&fst, 0, sizeof(fst));
	(void)target_name(&t, s, FDB_TOKEN_ROOT, w->name, &st);
	fd = open_target(s, &t, w->access, &st, &fst);
	target_end(&t);
	(void)throttle_delay(s, 1);
	w->version = s->version;
	if (w->told && st.wire.error == w->error &&
	    st.wire.reason == w->reason && (fd == -1 || is_same(w, &fst))) {
		fd_close(&fd);
		return;
	}
	status_report(&st, s, open_main_op(w->access), t.path, &fst);
	w->told = w->ready = true;
	w->error = st.wire.error;
	w->reason = st.wire.reason;
	w->st = fst;
	w->status = st.wire;
	w->fd = fd;
}
