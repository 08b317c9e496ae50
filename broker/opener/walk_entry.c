/*
 * walk_entry.c: one object of a walk; see walk_entry.h.
 *
 * Runs in the opener.  Opens regular files and directories, as OPEN and LIST
 * do, and nothing else: FIFOs, sockets and devices are only looked at.
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "opener/pseudofs.h"
#include "opener/target.h"
#include "opener/walk_ahead.h"
#include "opener/walk_cursor.h"
#include "opener/walk_entry.h"
#include "opener/walk_window.h"
#include "policy/cursor.h"
#include "policy/role.h"
#include "policy/tables.h"

const uint32_t	 walk_entry_ops[WALK_ENTRY_OPS] = {
	[WALK_ENTRY_LIST] = POLICY_OP_LIST,
	[WALK_ENTRY_READ] = POLICY_OP_READ
};

/* What was found out about an object. */
struct found {
	struct status	 st;
	struct fdb_stat	 fst;		/* zeros if nothing */
	char		 link[PROTO_PATH_MAX];
	int		 fd;
	uint8_t		 flags;
	bool		 ahead;		/* it was read ahead, and */
	bool		 bare;		/* is known to have no attributes */
};

static void
report(struct walk *w, struct state *s, struct status *st, uint32_t op,
    const struct fdb_stat *fst)
{
	status_report(st, s, op, policy_cursor_path(w->cursor), fst);
}

static void
put_skipped(struct walk *w, const char *name, enum fdb_skip why,
    const struct fdb_stat *fst)
{
	walkwire_put_skipped(&w->out.m.w, name, why, fst);
	walk_out_add(&w->out, -1);
}

void
walk_entry_failed(struct walk *w, const char *name, int error,
    enum fdb_reason reason)
{
	struct fdb_stat	 none;
	struct status	 st;

	memset(&none, 0, sizeof(none));
	status_set(&st, error, reason, "");
	walkwire_put_entry(&w->out.m.w, name, 0, &st.wire, &none, "", 0);
	walk_out_add(&w->out, -1);
}

void
walk_entry_long(struct walk *w, const char *name)
{
	char	 cut[NAME_MAX + 1];

	/* As in a LIST: it is there if the directory itself is permitted. */
	if (!policy_cursor_decide(w->cursor, WALK_ENTRY_LIST).permit)
		return;
	(void)strlcpy(cut, name, sizeof(cut));
	walk_entry_failed(w, cut, ENAMETOOLONG, FDB_REASON_NAME);
}

bool
walk_entry_admit(struct walk *w, const char *name, bool dir)
{
	struct fdb_stat	 none;

	if (!walk_cursor_permits(w, dir)) {
		if (w->dirs.n > 0)
			walk_dir_top(&w->dirs)->hidden++;
		return false;
	}
	if (!walk_exclude_has(&w->exclude, dir))
		return true;
	memset(&none, 0, sizeof(none));
	put_skipped(w, name, FDB_SKIP_EXCLUDED, &none);
	return false;
}

/* Look at an object without opening it.  0, or -1 with errno. */
static int
look(const struct walk_entry *e, struct found *f)
{
	/* Only the start of a walk is not in the directory at->dirfd. */
	if ((e->name[0] == '\0' ? resolve_stat(e->at, e->rel, &f->fst,
	    f->link, sizeof(f->link)) : resolve_entry(e->at->dirfd, e->rel,
	    &f->fst, f->link, sizeof(f->link))) == 0)
		return 0;
	memset(&f->fst, 0, sizeof(f->fst));
	f->link[0] = '\0';
	return -1;
}

/* The same, if that was not done before its turn. */
static int
look_in_turn(struct walk *w, struct state *s, const struct walk_entry *e,
    struct found *f)
{
	struct walk_window_name	*n;

	if (!walk_window_take(w, s, e->name, WALK_WINDOW_LOOK, &n) ||
	    n->error != 0)
		return look(e, f);
	f->fst = n->st;
	return 0;
}

/* Open it for reading, if that was not done before its turn. */
static int
open_in_turn(struct walk *w, struct state *s, const struct walk_entry *e,
    struct found *f, bool *type)
{
	struct walk_window_name	*n;

	if (!walk_window_take(w, s, e->name, WALK_WINDOW_OPEN, &n))
		return resolve_open(e->at, e->rel, O_RDONLY, false, &f->fst,
		    type);
	f->fst = n->st;
	f->ahead = n->ahead;
	f->bare = n->bare;
	*type = n->type;
	f->fd = n->fd;
	n->fd = -1;
	errno = n->error;
	return f->fd;
}

/* Set the status from errno after a resolution failed. */
static void
set_failed(struct walk *w, struct state *s, const struct walk_entry *e,
    size_t op, struct verdict v, struct found *f)
{
	struct policy_facts	 facts;

	if (errno != EXDEV) {
		status_errno(&f->st, false);
		return;
	}
	memset(&facts, 0, sizeof(facts));
	facts.crossed = target_crosses(e->at, e->rel);
	v = policy_check_object(s->role, walk_entry_ops[op],
	    policy_cursor_path(w->cursor), v, &facts, s->peer_uid);
	if (v.reason == POLICY_CROSSED)
		status_denied(&f->st, s->role, v);
	else
		status_set(&f->st, EXDEV, FDB_REASON_KERNEL, "");
}

/* Has it changed since the time that the worker named? */
static bool
is_changed(const struct walk *w, const struct fdb_stat *st)
{
	const struct walkwire_start	*t = &w->start;

	return st->mtime > t->since || st->ctime > t->since ||
	    (st->mtime == t->since && st->mtime_nsec >= t->since_nsec) ||
	    (st->ctime == t->since && st->ctime_nsec >= t->since_nsec);
}

/*
 * Open a regular file.  0 and f is filled, also with an error; or -1: it is not
 * what it was taken for, or has vanished (ENOENT).
 */
static int
open_file(struct walk *w, struct state *s, const struct walk_entry *e,
    struct found *f)
{
	struct policy_facts	 facts;
	struct verdict		 v;
	bool			 type;
	int			 saved;

	v = policy_cursor_decide(w->cursor, WALK_ENTRY_READ);
	if (!v.permit) {
		status_denied(&f->st, s->role, v);
		return f->fst.mode != 0 ? 0 : look_in_turn(w, s, e, f);
	}
	w->opened++;
	f->fd = open_in_turn(w, s, e, f, &type);
	if (f->fd == -1) {
		saved = errno;
		if (type || saved == ENOENT || (saved == EXDEV &&
		    e->at->one_filesystem && (w->start.flags &
		    FDB_WALK_ONE_FS)) || look(e, f) == -1)
			return -1;
		errno = saved;
		set_failed(w, s, e, WALK_ENTRY_READ, v, f);
		return 0;
	}
	target_facts(&f->fst, &facts);
	v = policy_check_object(s->role, POLICY_OP_READ,
	    policy_cursor_path(w->cursor), v, &facts, s->peer_uid);
	if (v.permit) {
		status_ok(&f->st);
		return 0;
	}
	status_denied(&f->st, s->role, v);
	fd_close(&f->fd);
	return 0;
}

/* The number of the object's extended attributes, which are sent next. */
static uint16_t
begin_xattrs(struct walk *w, const struct walk_entry *e, const struct found *f)
{
	struct xattrs_of	 of = { f->fd, -1, e->rel };
	struct resolve_at	 at = *e->at;
	char			 parent[PROTO_PATH_MAX];
	char			*slash;
	bool			 own = false;

	if (!(w->start.flags & FDB_WALK_XATTR) || f->fst.mode == 0 || f->bare ||
	    (f->flags & FDB_ENTRY_UNCHANGED))
		return 0;
	if (of.fd == -1 && e->name[0] != '\0') {
		of.dirfd = at.dirfd;
	} else if (of.fd == -1) {
		/* The start of the walk: open the directory that it is in. */
		(void)strlcpy(parent, e->rel, sizeof(parent));
		if ((slash = strrchr(parent, '/')) != NULL) {
			*slash = '\0';
			of.name = e->rel + (slash - parent) + 1;
		} else {
			parent[0] = '\0';
		}
		of.dirfd = resolve_dir(&at, parent);
		own = of.dirfd != -1;
	}
	return walk_xattr_begin(&w->xattr, &of, own, &f->fst);
}

/* Put the record of an object that is not entered. */
static void
put_found(struct walk *w, const struct walk_entry *e, struct found *f)
{
	uint16_t	 n = begin_xattrs(w, e, f);

	if (f->fd != -1) {
		f->flags = FDB_ENTRY_FD;
		if ((w->start.flags & FDB_WALK_READAHEAD) && !f->ahead)
			walk_ahead(&w->ahead, f->fd, &f->fst);
	}
	walkwire_put_entry(&w->out.m.w, e->name, f->flags, &f->st.wire,
	    &f->fst, f->link, n);
	walk_out_add(&w->out, f->fd);
	if (n > 0)
		w->out.keep = f->fd;
}

/* True if the walk must not go there, and there is a record of that. */
static bool
skip_mount(struct walk *w, const struct walk_entry *e, const struct found *f)
{
	if (!(w->start.flags & FDB_WALK_ONE_FS) || e->name[0] == '\0' ||
	    !(f->fst.attributes & FDB_ATTR_MOUNT_ROOT))
		return false;
	put_skipped(w, e->name, FDB_SKIP_ONE_FS, &f->fst);
	return true;
}

/* Should a regular file be opened that was looked at? */
static bool
wants_open(const struct walk *w, struct found *f)
{
	if (!S_ISREG(f->fst.mode) || (w->start.flags & FDB_WALK_NO_OPEN))
		return false;
	if (!(w->start.flags & FDB_WALK_SINCE) || is_changed(w, &f->fst))
		return true;
	f->flags = FDB_ENTRY_UNCHANGED;
	return false;
}

uint8_t
walk_entry_type(const struct walk *w, const struct walk_entry *e)
{
	struct found	 f;

	if (!walk_cursor_permits(w, true))
		return DT_UNKNOWN;
	return look(e, &f) == 0 ? (uint8_t)IFTODT(f.fst.mode) : DT_UNKNOWN;
}

/* Without opening it: would the policy permit to open this regular file? */
static void
judge_unopened(struct walk *w, struct state *s, struct found *f)
{
	struct policy_facts	 facts;
	struct verdict		 v;

	target_facts(&f->fst, &facts);
	v = policy_check_object(s->role, POLICY_OP_READ,
	    policy_cursor_path(w->cursor), policy_cursor_decide(w->cursor,
	    WALK_ENTRY_READ), &facts, s->peer_uid);
	if (v.permit)
		return;
	status_denied(&f->st, s->role, v);
	report(w, s, &f->st, POLICY_OP_READ, NULL);
}

/*
 * Look at an object that is not opened at once, and open it if it turns out
 * that this is wanted.
 */
static enum walk_entry_result
look_and_open(struct walk *w, struct state *s, const struct walk_entry *e,
    struct found *f)
{
	if (look_in_turn(w, s, e, f) == -1) {
		if (errno == ENOENT)
			return WALK_ENTRY_DONE;
		status_errno(&f->st, false);
	} else if (S_ISDIR(f->fst.mode)) {
		return WALK_ENTRY_OTHER;
	} else if (skip_mount(w, e, f)) {
		return WALK_ENTRY_DONE;
	} else if (wants_open(w, f)) {
		if (open_file(w, s, e, f) == -1)
			status_set(&f->st, ESTALE, FDB_REASON_KERNEL, "");
		report(w, s, &f->st, POLICY_OP_READ, &f->fst);
	} else if (S_ISREG(f->fst.mode) && f->flags == 0) {
		judge_unopened(w, s, f);
	}
	put_found(w, e, f);
	return WALK_ENTRY_DONE;
}

enum walk_entry_result
walk_entry_file(struct walk *w, struct state *s, const struct walk_entry *e)
{
	struct found	 f;

	f.fd = -1;
	f.flags = 0;
	f.ahead = f.bare = false;
	f.link[0] = '\0';
	f.fst.mode = 0;
	status_ok(&f.st);
	/* Open it at once if that is what it takes, as nearly always. */
	if (e->type != DT_REG || (w->start.flags & (FDB_WALK_NO_OPEN |
	    FDB_WALK_SINCE)) != 0 || open_file(w, s, e, &f) == -1) {
		status_ok(&f.st);
		return look_and_open(w, s, e, &f);
	}
	report(w, s, &f.st, POLICY_OP_READ, &f.fst);
	put_found(w, e, &f);
	return WALK_ENTRY_DONE;
}

/* A directory could not be opened. */
static enum walk_entry_result
dir_failed(struct walk *w, struct state *s, const struct walk_entry *e,
    struct found *f)
{
	struct verdict	 v;
	int		 error = errno;

	if (error == ENOENT)
		return WALK_ENTRY_DONE;
	if (error == ENOTDIR || error == ELOOP)
		return WALK_ENTRY_OTHER;
	if (look(e, f) == -1 && errno == ENOENT)
		return WALK_ENTRY_DONE;
	errno = error;
	if (error == EXDEV && (w->start.flags & FDB_WALK_ONE_FS) &&
	    e->name[0] != '\0') {
		put_skipped(w, e->name, FDB_SKIP_ONE_FS, &f->fst);
		return WALK_ENTRY_DONE;
	}
	v = policy_cursor_enter(w->cursor, WALK_ENTRY_LIST);
	set_failed(w, s, e, WALK_ENTRY_LIST, v, f);
	report(w, s, &f->st, POLICY_OP_LIST, NULL);
	put_found(w, e, f);
	return WALK_ENTRY_DONE;
}

/* Why the walk must not enter a directory that was opened. */
static enum fdb_skip
why_skip(const struct walk *w, const struct found *f)
{
	const struct walk_dir	*d;

	if (w->dirs.n == 0)
		return FDB_SKIP_NONE;
	d = walk_dir_top(&w->dirs);
	if (f->fst.dev_major == d->dev_major &&
	    f->fst.dev_minor == d->dev_minor)
		return FDB_SKIP_NONE;
	if (w->start.flags & FDB_WALK_ONE_FS)
		return FDB_SKIP_ONE_FS;
	if (!(w->start.flags & FDB_WALK_PSEUDO) && pseudofs_has(f->fd))
		return FDB_SKIP_PSEUDO;
	return FDB_SKIP_NONE;
}

enum walk_entry_result
walk_entry_dir(struct walk *w, struct state *s, const struct walk_entry *e)
{
	struct found	 f;
	enum fdb_skip	 why;

	f.flags = 0;
	f.ahead = f.bare = false;
	f.link[0] = '\0';
	memset(&f.fst, 0, sizeof(f.fst));
	status_ok(&f.st);
	f.fd = resolve_dir(e->at, e->rel);
	if (f.fd != -1 && resolve_fstat(f.fd, &f.fst) == -1)
		fd_close(&f.fd);
	if (f.fd == -1)
		return dir_failed(w, s, e, &f);
	if ((why = why_skip(w, &f)) != FDB_SKIP_NONE) {
		fd_close(&f.fd);
		put_skipped(w, e->name, why, &f.fst);
		return WALK_ENTRY_DONE;
	}
	report(w, s, &f.st, POLICY_OP_LIST, NULL);
	if (walk_dir_push(&w->dirs, f.fd, &f.fst) == -1) {
		walk_entry_failed(w, e->name, errno, FDB_REASON_LIMIT);
		return WALK_ENTRY_DONE;
	}
	walkwire_put_entry(&w->out.m.w, e->name, FDB_ENTRY_ENTERED,
	    &f.st.wire, &f.fst, "", begin_xattrs(w, e, &f));
	walk_out_add(&w->out, -1);
	return WALK_ENTRY_ENTERED;
}
