/*
 * plan.c: say what extract would do; see sandbox/plan.h.
 *
 * Runs in the worker, confined.  Looks names up through its session.
 */

#include "config.h"

#include <sys/queue.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/fdbroker.h"
#include "sandbox/place.h"
#include "sandbox/plan.h"
#include "sandbox/seen.h"

/* A member whose name is being looked up; answers come in order. */
struct planned {
	TAILQ_ENTRY(planned)	 next;
	uint32_t		 mode;
	int64_t			 mtime;
	uint32_t		 mtime_nsec;
	uint64_t		 hash;
	bool			 gone;		/* it would be removed */
	char			 name[];
};

struct plan {
	struct work			*work;
	const struct options		*options;
	struct reporter			*rep;
	TAILQ_HEAD(, planned)		 asked;
	struct seen			*seen;
	struct buf			 name, path;
};

struct plan *
plan_new(struct work *w)
{
	struct plan	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL ||
	    (p->seen = seen_new()) == NULL) {
		free(p);
		(void)reporter_no_memory(&w->rep);
		return NULL;
	}
	p->work = w;
	p->options = w->job->options;
	p->rep = &w->rep;
	p->rep->verbose = true;
	TAILQ_INIT(&p->asked);
	return p;
}

void
plan_free(struct plan *p)
{
	struct planned	*a;

	if (p == NULL)
		return;
	while ((a = TAILQ_FIRST(&p->asked)) != NULL) {
		TAILQ_REMOVE(&p->asked, a, next);
		free(a);
	}
	seen_free(p->seen);
	buf_free(&p->name);
	buf_free(&p->path);
	free(p);
}

static int
plan_say(struct plan *p, const char *name, const char *what)
{
	if (reporter_count(p->rep, name, 0) == -1)
		return -1;
	return reporter_report(p->rep, REPORT_MEMBER, name, what);
}

/* What a member of this type leaves. */
static enum seen_state
state_of(uint32_t mode)
{
	return S_ISDIR(mode) ? SEEN_DIR_MADE : SEEN_MADE;
}

/* Something is there: what would become of it? */
static int
plan_meets(struct plan *p, const struct planned *a,
    const struct fdb_stat *st)
{
	bool	 older = st->mtime < a->mtime || (st->mtime == a->mtime &&
		    st->mtime_nsec < a->mtime_nsec);

	if (a->gone)
		return reporter_report(p->rep, REPORT_REMOVED, a->name,
		    "would be removed");
	seen_put(p->seen, a->hash, S_ISDIR(st->mode) ? SEEN_DIR :
	    p->options->overwrite == FDB_OVER_REFUSE ||
	    (p->options->overwrite == FDB_OVER_NEWER && !older) ? SEEN_KEPT :
	    state_of(a->mode));
	if (S_ISDIR(st->mode))
		return S_ISDIR(a->mode) ?
		    plan_say(p, a->name, "is there") :
		    reporter_report(p->rep, REPORT_UNREADABLE, a->name,
		    "would be refused: a directory is there");
	switch (p->options->overwrite) {
	case FDB_OVER_REPLACE:
		return plan_say(p, a->name, "would replace what is there");
	case FDB_OVER_NEWER:
		return plan_say(p, a->name, older ?
		    "would replace what is there, which is older" :
		    "would be left out: what is there is as new");
	default:
		return reporter_report(p->rep, REPORT_UNREADABLE, a->name,
		    "would be refused: something is there");
	}
}

static int
plan_take(struct plan *p, const struct planned *a,
    const struct fdb_result *r)
{
	const struct refusal	 why = { r->error, r->reason, r->id, r->where };
	struct buf		 b = { NULL, 0, 0 };
	int			 ret = -1;

	if (r->error == 0)
		return plan_meets(p, a, &r->st);
	if (r->reason != FDB_REASON_POLICY &&
	    (r->error == ENOENT || r->error == ENOTDIR))
		return a->gone ? 0 : plan_say(p, a->name, "would be made");
	if (buf_puts(&b, "cannot be looked up: ") == -1 ||
	    report_explain(&b, &why) == -1)
		(void)reporter_no_memory(p->rep);
	else
		ret = reporter_report(p->rep, r->reason == FDB_REASON_POLICY ?
		    REPORT_DENIED_NAMED : REPORT_UNREADABLE, a->name,
		    buf_str(&b));
	buf_free(&b);
	return ret;
}

/* A call of the library failed. */
static int
plan_session_fatal(struct plan *p)
{
	const char	*why = fdb_session_error(p->work->session);

	(void)reporter_reportf(p->rep, REPORT_FATAL, "",
	    "the session has ended%s%s", why[0] != '\0' ? ": " : "", why);
	return -1;
}

/* Wait for an answer.  0, or -1. */
static int
plan_wait(struct plan *p)
{
	struct fdb_result	 r;
	struct planned		*a;
	int			 n;

	if (fdb_wait(p->work->session, &r, -1) != 1 ||
	    (a = TAILQ_FIRST(&p->asked)) == NULL)
		return plan_session_fatal(p);
	TAILQ_REMOVE(&p->asked, a, next);
	n = plan_take(p, a, &r);
	free(a);
	return n;
}

/* Ask what has the name.  1, or -1. */
static int
plan_ask(struct plan *p, const struct entry *e, uint64_t hash, bool gone)
{
	const char	*dest = p->work->job->dest;
	struct planned	*a;

	buf_cut(&p->path, 0);
	if (buf_puts(&p->path, dest) == -1 ||
	    (strcmp(buf_str(&p->name), ".") != 0 &&
	    (buf_puts(&p->path, strcmp(dest, "/") == 0 ? "" : "/") == -1 ||
	    buf_puts(&p->path, buf_str(&p->name)) == -1)) ||
	    (a = malloc(sizeof(*a) + p->name.len + 1)) == NULL)
		return reporter_no_memory(p->rep);
	a->mode = e->mode;
	a->mtime = e->mtime;
	a->mtime_nsec = e->mtime_nsec;
	a->hash = hash;
	a->gone = gone;
	memcpy(a->name, buf_str(&p->name), p->name.len + 1);
	while (fdb_stat_at(p->work->session, FDB_TOKEN_ROOT,
	    buf_str(&p->path), 0) == -1) {
		if (errno == EAGAIN) {
			if (plan_wait(p) == 0)
				continue;
			free(a);
			return -1;
		}
		free(a);
		if (errno == ENAMETOOLONG || errno == EINVAL)
			return plan_say(p, buf_str(&p->name),
			    "has too long a path to be looked up") == -1 ?
			    -1 : 1;
		return plan_session_fatal(p);
	}
	TAILQ_INSERT_TAIL(&p->asked, a, next);
	return 1;
}

/* Would this run restore the file of a hard link?  1, 0, or -1. */
static int
plan_has_target(struct plan *p, const struct entry *e)
{
	const char	*why;
	enum seen_state	 state;
	enum place	 where;

	where = place_name(&p->path, e->hardlink, p->options->strip, &why);
	if (where == PLACE_NO_MEMORY)
		return reporter_no_memory(p->rep);
	state = seen_get(p->seen, seen_hash(p->seen, buf_str(&p->path),
	    p->path.len));
	return where == PLACE_OK && state != SEEN_NOT && !seen_is_dir(state);
}

/* Why extract would refuse a member; NULL: what is there decides. */
static const char *
plan_refusal(struct plan *p, const struct entry *e)
{
	const char		*name = buf_str(&p->name), *slash;
	struct siphash_state	 h;
	enum seen_state		 state;

	if (e->hardlink[0] == '\0' && S_ISLNK(e->mode) && e->link[0] == '\0')
		return "it is a symbolic link without a target";
	if (strcmp(name, ".") == 0 && !S_ISDIR(e->mode))
		return "it would replace the destination itself";
	seen_hasher_init(&h, p->seen, name);
	for (slash = strchr(name, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		state = seen_get(p->seen,
		    seen_hasher_next(&h, (size_t)(slash - name)));
		if (state != SEEN_NOT && !seen_is_dir(state))
			return "something on the way to it is no directory";
	}
	return NULL;
}

int
plan_member(struct plan *p, const struct entry *e)
{
	const char	*why;
	uint64_t	 hash;
	bool		 again;
	int		 n;

	switch (place_name(&p->name, e->name, p->options->strip, &why)) {
	case PLACE_OK:
		break;
	case PLACE_NOWHERE:
		return 1;
	case PLACE_REFUSED:
		return reporter_reportf(p->rep, REPORT_UNREADABLE, e->name,
		    "would be refused: %s", why) == -1 ? -1 : 1;
	default:
		return reporter_no_memory(p->rep);
	}
	if (e->hardlink[0] != '\0' && (n = plan_has_target(p, e)) != 1)
		return n == -1 || reporter_report(p->rep, REPORT_UNREADABLE,
		    e->name, "would be refused: it is a hard link to a file "
		    "that this run would not restore") == -1 ? -1 : 1;
	if ((why = plan_refusal(p, e)) != NULL)
		return reporter_reportf(p->rep, REPORT_UNREADABLE, e->name,
		    "would be refused: %s", why) == -1 ? -1 : 1;
	hash = seen_hash(p->seen, buf_str(&p->name), p->name.len);
	again = seen_get(p->seen, hash) != SEEN_NOT;
	seen_put(p->seen, hash, e->hardlink[0] != '\0' ? SEEN_MADE :
	    state_of(e->mode));
	if (again && !S_ISDIR(e->mode))
		return plan_say(p, buf_str(&p->name),
		    "would replace an earlier member") == -1 ? -1 : 1;
	return plan_ask(p, e, hash, false);
}

int
plan_gone(void *arg, const char *name, bool dir)
{
	struct plan	*p = arg;
	uint64_t	 hash = seen_hash(p->seen, name, strlen(name));
	enum seen_state	 state = seen_get(p->seen, hash);
	struct entry	 e;

	if (state == SEEN_MADE || state == SEEN_DIR_MADE) {
		seen_put(p->seen, hash, SEEN_NOT);
		return reporter_report(p->rep, REPORT_REMOVED, name,
		    "would be removed");
	}
	if (!p->options->removed)
		return state == SEEN_NOT ? 0 : reporter_report(p->rep,
		    REPORT_UNREADABLE, name, "would not be removed: it was "
		    "there before; --removed would remove it");
	seen_put(p->seen, hash, SEEN_NOT);
	entry_init(&e, name);
	e.mode = dir ? S_IFDIR : 0;
	buf_cut(&p->name, 0);
	if (buf_puts(&p->name, name) == -1)
		return reporter_no_memory(p->rep);
	return plan_ask(p, &e, hash, true) == -1 ? -1 : 0;
}

int
plan_finish(struct plan *p)
{
	while (!TAILQ_EMPTY(&p->asked))
		if (plan_wait(p) == -1)
			return -1;
	return 0;
}
