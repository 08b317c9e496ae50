/*
 * walk.c: store the paths of the command line, and what is beneath them; see
 * sandbox/walk.h.
 *
 * Runs in the worker, confined.  Everything it knows comes from the session.
 *
 * The broker walks, one path after the other, and sends each object once.  What
 * it sends is stored at once, so nothing is kept but the way from a path of the
 * command line to where the walk is.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/fdbroker.h"
#include "common/buf.h"
#include "common/report.h"
#include "sandbox/attributes.h"
#include "sandbox/queue.h"
#include "sandbox/since.h"
#include "sandbox/walk.h"

#define LATER_MAX	1024	/* files that are asked for at once */

/* A directory on the way. */
struct level {
	size_t		 len;		/* of its name, in w->dir */
	struct fdb_stat	 st;		/* when it was entered */
	bool		 above;		/* a path is beneath it */
	bool		 partial;	/* it is not read to its end */
};

struct walk {
	struct create		*create;
	struct queue		*queue;		/* before it */
	struct fdb_session	*session;
	const struct paths	*paths;
	struct choice		*choice;
	uint32_t		 ahead;		/* open files */
	struct revisit		*again;		/* directories to look at */
	size_t			 next;		/* path to ask for */
	size_t			 current;	/* path whose results come */
	bool			 begun;		/* one has come */

	struct level		*levels;
	size_t			 nlevels, size;
	size_t			 ignored;	/* levels that are not stored */

	struct buf		 dir;		/* "" for the base */
	struct buf		 member;
	struct buf		 text;		/* of a report */

	/* An entry whose attributes have not all come. */
	struct fdb_result	 kept;
	unsigned int		 missing;	/* this many */
	bool			 want;		/* it is stored */
	struct buf		 name, link, where;	/* its strings */
	struct buf		 attributes;

	struct since		*since;		/* or NULL */
	/* Files to ask for again: request and member, each with its NUL. */
	struct buf		 later;
	bool			 second;	/* this walk does that */
};

/* Report a failure that ends the run.  Always -1. */
static int
walk_fatal(struct walk *w, const char *why)
{
	(void)queue_report(w->queue, REPORT_FATAL, "", why);
	return -1;
}

static int
walk_no_memory(struct walk *w)
{
	return create_no_memory(w->create);
}

/* The same for a call of the library that failed; errno is still set. */
static int
walk_session_fatal(struct walk *w)
{
	const char	*why = fdb_session_error(w->session);

	if (why[0] == '\0')
		why = strerror(errno);
	buf_cut(&w->text, 0);
	if (buf_printf(&w->text, "the session is over: %s", why) == -1)
		return walk_fatal(w, why);
	return walk_fatal(w, buf_str(&w->text));
}

/*
 * Report why something is not stored.  seen: the walk has found it, so it
 * existed.  0 or -1.
 */
static int
walk_refused(struct walk *w, const char *name, bool seen,
    const struct refusal *r)
{
	bool	 named = w->nlevels == 0 && !w->second;

	buf_cut(&w->text, 0);
	if (report_explain(&w->text, r) == -1)
		return walk_no_memory(w);
	return queue_report(w->queue,
	    report_classify(r, named, seen), name, buf_str(&w->text));
}

static struct refusal
result_refusal(const struct fdb_result *r)
{
	return (struct refusal){ r->error, r->reason, r->id, r->where };
}

static const char *
current_member(const struct walk *w)
{
	return w->paths->v[w->current].member;
}

/* Make w->member the name of an object where the walk is.  0 or -1. */
static int
walk_name(struct walk *w, const char *name)
{
	struct buf	*b = &w->member;

	buf_cut(b, 0);
	if (w->nlevels == 0)
		return buf_puts(b, current_member(w));
	if (buf_add(b, w->dir.data, w->dir.len) == -1 ||
	    (b->len > 0 && name[0] != '\0' && buf_putc(b, '/') == -1))
		return -1;
	if (name[0] == '\0' && b->len == 0)
		return buf_putc(b, '.');
	return buf_puts(b, name);
}

/* Go down into the directory w->member.  0 or -1. */
static int
walk_enter(struct walk *w, const struct fdb_stat *st, bool above)
{
	const char	*name = buf_str(&w->member);
	struct level	*l;
	size_t		 size;

	if (w->nlevels == w->size) {
		size = w->size * 2 + 16;
		l = reallocarray(w->levels, size, sizeof(*l));
		if (l == NULL)
			return walk_no_memory(w);
		w->levels = l;
		w->size = size;
	}
	buf_cut(&w->dir, 0);
	if (strcmp(name, ".") != 0 && buf_puts(&w->dir, name) == -1)
		return walk_no_memory(w);
	l = &w->levels[w->nlevels++];
	l->len = w->dir.len;
	l->st = *st;
	l->above = above;
	l->partial = false;
	return 0;
}

/*
 * *asked: the object w->member is itself a path of the command line, and is
 * stored as such.  *above: such a path is beneath it.
 */
static void
walk_relate(struct walk *w, bool *asked, bool *above)
{
	enum paths_relation	 relation = PATHS_ABOVE;

	*asked = false;
	if (w->nlevels > 0) {
		*above = w->levels[w->nlevels - 1].above;
		if (!*above)
			return;
		relation = paths_relate(w->paths, buf_str(&w->member));
		*asked = relation == PATHS_IS;
	}
	*above = relation != PATHS_NONE;
}

/* A directory: store it, and go down into it if its contents follow. */
static int
take_directory(struct walk *w, const struct fdb_result *r, bool above)
{
	const char	*name = buf_str(&w->member);
	struct refusal	 refusal = result_refusal(r);
	enum report_kind kind;

	if (w->nlevels == 1)
		create_mark(w->create);
	if (w->since != NULL && since_seen(w->since, name) == -1)
		return -1;
	/* A directory that is gone is not stored; an unreadable one is. */
	if (r->error != 0 && walk_refused(w, name, true, &refusal) == -1)
		return -1;
	kind = report_classify(&refusal, false, true);
	if ((r->error == 0 || (kind != REPORT_CHANGED &&
	    kind != REPORT_VANISHED)) &&
	    queue_directory(w->queue, name, &r->st) == -1)
		return -1;
	return r->flags & FDB_ENTRY_ENTERED ?
	    walk_enter(w, &r->st, above) : 0;
}

/* A file that has become a directory since it was seen. */
static int
take_turned(struct walk *w, const struct fdb_result *r)
{
	if (since_met(w->since, buf_str(&w->member)) == -1 ||
	    queue_report(w->queue, REPORT_CHANGED, buf_str(&w->member),
	    "it became a directory") == -1)
		return -1;
	if (!(r->flags & FDB_ENTRY_ENTERED))
		return 0;
	w->ignored++;
	return walk_enter(w, &r->st, false);
}

/* A file: store it.  Its descriptor is not the result's any more. */
static int
take_file(struct walk *w, struct fdb_result *r)
{
	int	 fd = r->fd;

	r->fd = -1;
	return queue_file(w->queue, buf_str(&w->member), &r->st, fd);
}

/*
 * Has it not changed since the time of --newer?  The broker opens no such file,
 * and sends all of them.
 */
static bool
is_unchanged(const struct walk *w, const struct fdb_stat *st)
{
	const struct choice	*c = w->choice;

	if (!(c->walk & FDB_WALK_SINCE) || st->mode == 0 || S_ISDIR(st->mode))
		return false;
	return (st->mtime < c->since || (st->mtime == c->since &&
	    st->mtime_nsec < c->since_nsec)) && (st->ctime < c->since ||
	    (st->ctime == c->since && st->ctime_nsec < c->since_nsec));
}

/*
 * A file that was not opened, and that the earlier archive does not have as it
 * is: ask for it when this walk is over.
 */
static int
take_later(struct walk *w)
{
	const struct path	*p = &w->paths->v[w->current];
	const char		*member = buf_str(&w->member), *rest = member;
	size_t			 len = strlen(p->member);

	/* What lies beneath the path in the archive, does so in requests. */
	if (strcmp(p->member, ".") != 0)
		rest = strlen(member) > len ? member + len + 1 : "";
	else if (strcmp(member, ".") == 0)
		rest = "";
	if (buf_puts(&w->later, p->request) == -1 ||
	    (rest[0] != '\0' && strcmp(p->request, "/") != 0 &&
	    buf_putc(&w->later, '/') == -1) ||
	    buf_add(&w->later, rest, strlen(rest) + 1) == -1 ||
	    buf_add(&w->later, member, strlen(member) + 1) == -1)
		return walk_no_memory(w);
	return 0;
}

/*
 * An object that is no directory: is it in the earlier archive as it is?  1; 0:
 * it is to be stored; -1.
 */
static int
take_unchanged(struct walk *w, const struct fdb_result *r)
{
	const char	*name = buf_str(&w->member), *line;
	bool		 old = (r->flags & FDB_ENTRY_UNCHANGED) ||
			    is_unchanged(w, &r->st);
	int		 n = 0;

	if (r->error != 0)
		return since_met(w->since, name);
	/* It is judged already; and what had the name of a socket is gone. */
	if (w->second || S_ISSOCK(r->st.mode))
		return 0;
	switch (since_judge(w->since, name, &r->st, r->link, old, &line)) {
	case SINCE_FAILED:
		return -1;
	case SINCE_KEEP:
		n = queue_kept(w->queue, name, &r->st, r->link, line);
		return n == -1 ? -1 : 1;
	case SINCE_REPLACE:
		if (queue_purge(w->queue, name) == -1)
			return -1;
		break;
	case SINCE_STORE:
		break;
	}
	if (r->flags & FDB_ENTRY_UNCHANGED)
		n = take_later(w) == -1 ? -1 : 1;
	return n;
}

static int
take_entry(struct walk *w, struct fdb_result *r)
{
	struct refusal	 refusal = result_refusal(r);
	bool		 asked, above;
	int		 n;

	if (walk_name(w, r->name) == -1)
		return walk_no_memory(w);
	walk_relate(w, &asked, &above);
	w->begun = true;
	if (asked || w->ignored > 0) {
		if (!(r->flags & FDB_ENTRY_ENTERED))
			return 0;
		w->ignored++;
		return walk_enter(w, &r->st, false);
	}
	if (S_ISDIR(r->st.mode))
		return w->second ? take_turned(w, r) :
		    take_directory(w, r, above);
	if (w->since != NULL && (n = take_unchanged(w, r)) != 0)
		return n == -1 ? -1 : 0;
	if (w->since == NULL && ((r->flags & FDB_ENTRY_UNCHANGED) ||
	    is_unchanged(w, &r->st)))
		return queue_report(w->queue, REPORT_EXCLUDED,
		    buf_str(&w->member), "not changed since then");
	if (r->error != 0)
		return walk_refused(w, buf_str(&w->member), true, &refusal);
	if (w->nlevels == 0 && w->paths->v[w->current].dir)
		return queue_report(w->queue, REPORT_UNREADABLE,
		    buf_str(&w->member), strerror(ENOTDIR));
	if (S_ISREG(r->st.mode))
		return take_file(w, r);
	/* It was asked for by its name, and is missing. */
	if (S_ISSOCK(r->st.mode) && w->nlevels == 0)
		return queue_report(w->queue, REPORT_UNREADABLE,
		    buf_str(&w->member), "sockets cannot be stored");
	return queue_special(w->queue, buf_str(&w->member), &r->st, r->link);
}

/* Keep an entry until its attributes are there. */
static int
keep_entry(struct walk *w, struct fdb_result *r)
{
	bool	 asked, above;

	w->kept = *r;
	r->fd = -1;
	w->missing = r->xattrs;
	buf_cut(&w->name, 0);
	buf_cut(&w->link, 0);
	buf_cut(&w->where, 0);
	buf_cut(&w->attributes, 0);
	if (buf_puts(&w->name, r->name) == -1 ||
	    buf_puts(&w->link, r->link) == -1 ||
	    buf_puts(&w->where, r->where) == -1 ||
	    walk_name(w, r->name) == -1)
		return walk_no_memory(w);
	w->kept.name = buf_str(&w->name);
	w->kept.link = buf_str(&w->link);
	w->kept.where = buf_str(&w->where);
	walk_relate(w, &asked, &above);
	w->want = !asked && w->ignored == 0 && (w->since != NULL ||
	    !is_unchanged(w, &r->st));
	return 0;
}

static const char *
attribute_error(int error)
{
	switch (error) {
	case E2BIG:
		return "the attributes are too large together";
	case EILSEQ:
		return "programs for tar(1) would take its name for another "
		    "one";
	case EINVAL:
		return "it is no access control list";
	case ERANGE:
		return "an id in it has more than 31 bits";
	default:
		return strerror(error);
	}
}

/* Report an attribute of w->member that is not stored. */
static int
attribute_refused(struct walk *w, const char *name, const char *why)
{
	int	 n;

	buf_cut(&w->text, 0);
	n = name[0] == '\0' ? buf_printf(&w->text, "its extended attributes "
	    "are not stored: %s", why) : buf_printf(&w->text, "its extended "
	    "attribute %s is not stored: %s", name, why);
	if (n == -1)
		return walk_no_memory(w);
	return queue_report(w->queue, REPORT_UNREADABLE,
	    buf_str(&w->member), buf_str(&w->text));
}

/* All attributes of the entry are there. */
static int
take_kept(struct walk *w)
{
	struct fdb_result	 r = w->kept;
	int			 ret;

	w->kept.fd = -1;
	if (attributes_sort(&w->attributes) == -1) {
		ret = walk_no_memory(w);
	} else {
		if (w->attributes.len > 0)
			queue_attributes(w->queue, &w->attributes);
		ret = take_entry(w, &r);
		queue_attributes(w->queue, NULL);
	}
	if (r.fd != -1)
		close(r.fd);
	return ret;
}

static int
take_xattr(struct walk *w, const struct fdb_result *r)
{
	int	 ret = 0;

	if (w->missing == 0)
		return walk_fatal(w, "the broker sent an attribute of nothing");
	if (w->want && r->error != 0)
		ret = attribute_refused(w, r->name, strerror(r->error));
	else if (w->want && attributes_add(&w->attributes, r->name, r->value,
	    r->length) == -1)
		ret = errno == ENOMEM ? walk_no_memory(w) :
		    attribute_refused(w, r->name, attribute_error(errno));
	if (ret == -1)
		return -1;
	return --w->missing == 0 ? take_kept(w) : 0;
}

/*
 * What has happened to a directory since it was entered, or NULL.  Its time of
 * modification can be put back, that of its status cannot.
 */
static const char *
what_changed(const struct fdb_stat *before, const struct fdb_stat *after)
{
	if (before->mtime != after->mtime ||
	    before->mtime_nsec != after->mtime_nsec)
		return "names in it were added or removed while it was read";
	if (before->ctime != after->ctime ||
	    before->ctime_nsec != after->ctime_nsec)
		return "it changed while it was read";
	return NULL;
}

static int
take_leave(struct walk *w, const struct fdb_result *r)
{
	struct refusal	 refusal = result_refusal(r);
	const char	*why;
	struct level	*l;
	bool		 ignored = w->ignored > 0;
	int		 ret = 0;

	if (w->nlevels == 0)
		return walk_fatal(w, "the broker left a directory too many");
	l = &w->levels[w->nlevels - 1];
	buf_cut(&w->dir, l->len);
	if (walk_name(w, "") == -1)
		return walk_no_memory(w);
	if (ignored)
		w->ignored--;
	else if (r->error != 0)
		ret = walk_refused(w, buf_str(&w->member), true, &refusal);
	else if ((why = what_changed(&l->st, &r->st)) != NULL)
		ret = queue_report(w->queue, REPORT_CHANGED,
		    buf_str(&w->member), why);
	else if (revisit_add(w->again, w->paths, w->current,
	    buf_str(&w->member), &r->st) == -1)
		ret = walk_no_memory(w);
	/* What is hidden may be there or not. */
	if (ret == 0 && w->since != NULL && !ignored && r->error == 0 &&
	    r->hidden == 0 && !l->partial)
		ret = since_listed(w->since, buf_str(&w->member));
	if (ret == 0 && !ignored && r->hidden > 0)
		ret = queue_hidden(w->queue, buf_str(&w->member), r->hidden);
	if (ret == 0 && w->nlevels == 2 && !ignored)
		ret = create_subtotal(w->create, buf_str(&w->member));
	w->nlevels--;
	if (w->nlevels > 0)
		buf_cut(&w->dir, w->levels[w->nlevels - 1].len);
	return ret;
}

static const char *
skip_reason(enum fdb_skip skip)
{
	switch (skip) {
	case FDB_SKIP_EXCLUDED:
		return "excluded";
	case FDB_SKIP_TAGGED:
		return "its contents are left out: it has a tag";
	case FDB_SKIP_ONE_FS:
		return "it is on another file system";
	case FDB_SKIP_PSEUDO:
		return "it is a file system of the kernel's, not of files; "
		    "name it to store it";
	default:
		return "skipped";
	}
}

/* Excluded as the user wants, or skipped because it is of no use. */
static enum report_kind
skip_kind(enum fdb_skip skip)
{
	return skip == FDB_SKIP_EXCLUDED || skip == FDB_SKIP_TAGGED ?
	    REPORT_EXCLUDED : REPORT_SKIPPED;
}

static int
take_skipped(struct walk *w, const struct fdb_result *r)
{
	bool	 asked = false, above;

	if (walk_name(w, r->name) == -1)
		return walk_no_memory(w);
	/* Without a name it is the rest of a directory, which was stored. */
	if (r->name[0] != '\0')
		walk_relate(w, &asked, &above);
	if (asked || w->ignored > 0)
		return 0;
	if (r->name[0] == '\0' && w->nlevels > 0)
		w->levels[w->nlevels - 1].partial = true;
	else if (w->since != NULL && (S_ISDIR(r->st.mode) ?
	    since_seen(w->since, buf_str(&w->member)) :
	    since_met(w->since, buf_str(&w->member))) == -1)
		return -1;
	/* Where something is mounted, there is a directory to restore. */
	if (S_ISDIR(r->st.mode) && queue_directory(w->queue,
	    buf_str(&w->member), &r->st) == -1)
		return -1;
	return queue_report(w->queue, skip_kind(r->skip),
	    buf_str(&w->member), skip_reason(r->skip));
}

/* A path to compare is not there: the archive has it, or it is a mistake. */
static int
take_absent(struct walk *w)
{
	int	 n = since_absent(w->since, current_member(w));

	if (n != 0)
		return n == -1 ? -1 : 0;
	return queue_report(w->queue, REPORT_UNREADABLE, current_member(w),
	    "No such file or directory, and the archive has no such member");
}

/* The walk of a path is over. */
static int
take_end(struct walk *w, const struct fdb_result *r)
{
	struct refusal	 refusal = result_refusal(r);
	int		 ret = 0;

	if (w->nlevels > 0 && r->error == 0)
		return walk_fatal(w, "the broker ended a walk within a "
		    "directory");
	/* A walk that was broken off may end anywhere. */
	w->nlevels = w->ignored = 0;
	if (r->error == ENOENT && w->since != NULL && !w->begun &&
	    create_is_diff(w->create))
		ret = take_absent(w);
	else if (r->error != 0 && w->second && since_met(w->since,
	    current_member(w)) == -1)
		ret = -1;
	else if (r->error != 0)
		ret = walk_refused(w, current_member(w), w->begun || w->second,
		    &refusal);
	if (ret == 0 && !w->second)
		ret = create_total(w->create, current_member(w));
	w->current++;
	w->begun = false;
	return ret;
}

static int
take_result(struct walk *w, struct fdb_result *r)
{
	if (r->cookie != w->current ||
	    (w->missing > 0 && r->kind != FDB_RESULT_WALK_XATTR))
		return walk_fatal(w, "the broker answered out of order");
	switch (r->kind) {
	case FDB_RESULT_WALK_ENTRY:
		return r->xattrs > 0 ? keep_entry(w, r) : take_entry(w, r);
	case FDB_RESULT_WALK_XATTR:
		return take_xattr(w, r);
	case FDB_RESULT_WALK_LEAVE:
		return take_leave(w, r);
	case FDB_RESULT_WALK_SKIPPED:
		return take_skipped(w, r);
	case FDB_RESULT_WALK:
		return take_end(w, r);
	default:
		/* The library has more results than we ask for. */
		return walk_fatal(w, "the broker sent an unexpected result");
	}
}

/* The broker is not trusted: any result may have a descriptor. */
static int
walk_take(struct walk *w, struct fdb_result *r)
{
	int	 ret = take_result(w, r);

	if (r->fd != -1)
		close(r->fd);
	return ret;
}

/* A path of the command line that is excluded itself. */
static int
path_excluded(struct walk *w, const struct exclude *hit)
{
	buf_cut(&w->text, 0);
	if (buf_printf(&w->text, "excluded by %s", hit->from) == -1)
		return walk_no_memory(w);
	return queue_report(w->queue, REPORT_EXCLUDED_NAMED,
	    current_member(w), buf_str(&w->text));
}

/* The broker cannot be asked for the current path. */
static int
path_refused(struct walk *w, int error)
{
	struct refusal	 refusal = { error, FDB_REASON_NAME, 0, "" };

	if (error != E2BIG)
		return walk_refused(w, current_member(w), false, &refusal);
	return walk_fatal(w, "there are too many patterns to exclude: a broker "
	    "takes 16384 for a path, with 1048576 bytes together");
}

/*
 * Ask for the walk of the next path.  1; 0: the window is full, or something is
 * to be reported once those before it are done; -1.
 */
static int
ask_one(struct walk *w)
{
	const struct path	*p = &w->paths->v[w->next];
	const struct exclude	*hit = NULL;
	struct fdb_walk		 options = {
		.base = FDB_TOKEN_ROOT,
		.name = p->request,
		.flags = w->choice->walk,
		.fds = w->ahead,
		.since = w->choice->since,
		.since_nsec = w->choice->since_nsec,
		.if_present = w->choice->if_present,
		.nif_present = w->choice->nif_present
	};
	int			 error;

	if (exclude_for(&w->choice->excludes, p, &hit) == -1)
		return walk_no_memory(w);
	options.exclude = w->choice->excludes.left;
	options.nexclude = w->choice->excludes.nleft;
	if (hit == NULL && fdb_walk(w->session, &options, w->next) == 0)
		return 1;
	error = errno;
	if (hit == NULL && error == EAGAIN)
		return 0;
	if (hit == NULL && error != EINVAL && error != ENAMETOOLONG &&
	    error != E2BIG)
		return walk_session_fatal(w);
	/* Report it in its turn: those before it come first. */
	if (w->next > w->current)
		return 0;
	if ((hit != NULL ? path_excluded(w, hit) :
	    path_refused(w, error)) == -1)
		return -1;
	w->current++;
	return 1;
}

/* Ask for the walks of paths, as far as the window allows.  0 or -1. */
static int
walk_ask(struct walk *w)
{
	int	 n = 1;

	while (n == 1 && w->next < w->paths->n)
		if ((n = ask_one(w)) == 1)
			w->next++;
	return n == -1 ? -1 : 0;
}

/* Tell of absolute patterns that lead to none of the paths. */
static int
tell_unused(struct walk *w)
{
	const struct excludes	*x = &w->choice->excludes;
	const struct exclude	*e;
	size_t			 i;

	for (i = 0; i < x->n; i++) {
		e = &x->v[i];
		if (e->used || !e->anchored)
			continue;
		if (queue_report(w->queue, e->named ? REPORT_WARNING :
		    REPORT_NOTE, e->from, "excluded nothing: it is at or "
		    "beneath none of the paths; without the first \"/\" it "
		    "is compared with names in the archive") == -1)
			return -1;
	}
	return 0;
}

static int
walk_loop(struct walk *w)
{
	struct fdb_result	 r;
	int			 n;

	r.kind = FDB_RESULT_WALK;
	for (;;) {
		/* Only the end of a walk makes another one possible. */
		if (r.kind == FDB_RESULT_WALK && walk_ask(w) == -1)
			return -1;
		if ((n = fdb_wait(w->session, &r, -1)) == -1)
			return walk_session_fatal(w);
		if (n == 0)
			break;
		if (walk_take(w, &r) == -1)
			return -1;
	}
	if (w->current < w->paths->n)
		return walk_fatal(w, "the broker left requests unanswered");
	return tell_unused(w);
}

static void
walk_free(struct walk *w)
{
	if (w->kept.fd != -1)
		close(w->kept.fd);
	free(w->levels);
	buf_free(&w->name);
	buf_free(&w->link);
	buf_free(&w->where);
	buf_free(&w->attributes);
	buf_free(&w->dir);
	buf_free(&w->member);
	buf_free(&w->text);
	buf_free(&w->later);
}

/* Store the next files that the first walk did not open.  0 or -1. */
static int
walk_second(const struct walk *first, size_t *at)
{
	struct path	 v[LATER_MAX];
	struct paths	 paths = { .v = v };
	struct choice	 choice = *first->choice;
	struct walk	 w;
	int		 ret;

	memset(v, 0, sizeof(v));
	while (*at < first->later.len && paths.n < LATER_MAX) {
		v[paths.n].request = first->later.data + *at;
		*at += strlen(v[paths.n].request) + 1;
		v[paths.n].member = first->later.data + *at;
		*at += strlen(v[paths.n++].member) + 1;
	}
	/* They are chosen already, and wanted whatever their times are. */
	memset(&choice.excludes, 0, sizeof(choice.excludes));
	choice.walk &= ~(unsigned int)FDB_WALK_SINCE;
	w = (struct walk){
		.again = first->again,
		.create = first->create,
		.queue = first->queue,
		.session = first->session,
		.paths = &paths,
		.choice = &choice,
		.ahead = first->ahead,
		.kept = { .fd = -1 },
		.since = first->since,
		.second = true
	};
	ret = walk_loop(&w);
	walk_free(&w);
	exclude_free(&choice.excludes);
	return ret;
}

int
walk_run(struct create *create, struct fdb_session *session,
    const struct paths *paths, struct choice *choice, uint32_t ahead,
    struct revisit *again)
{
	struct queue	 queue;
	struct walk	 w = {
		.again = again,
		.create = create,
		.queue = &queue,
		.session = session,
		.paths = paths,
		.choice = choice,
		.ahead = ahead,
		.kept = { .fd = -1 },
		.since = create_since(create)
	};
	size_t		 at = 0;
	int		 ret;

	queue_init(&queue, create);
	if ((ret = walk_loop(&w)) == 0)
		ret = queue_flush(&queue);
	create_late(create);
	while (ret == 0 && at < w.later.len)
		ret = walk_second(&w, &at);
	if (ret == 0)
		ret = queue_flush(&queue);
	queue_clear(&queue);
	walk_free(&w);
	return ret;
}
