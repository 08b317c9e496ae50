/*
 * walk_run.c: one walk, step by step; see walk_run.h.
 *
 * Runs in the opener.  A step looks at one object at most, and is only made
 * once there is room for its record, so nothing is looked up twice, and nothing
 * is kept that was not sent but one message.
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/event.h"
#include "opener/spelling.h"
#include "opener/target.h"
#include "opener/throttle.h"
#include "opener/walk_cursor.h"
#include "opener/walk_entry.h"
#include "opener/walk_run.h"
#include "opener/walk_tag.h"
#include "policy/cursor.h"
#include "policy/role.h"
#include "policy/tables.h"

/* Steps in a slice: other requests wait no longer than they take. */
#define SLICE	1024

#define NOT_BROKEN	SIZE_MAX

int
walk_run_begin(struct walk *w, struct state *s)
{
	size_t	 free_tokens = tokens_free_places(&s->tokens);

	w->phase = WALK_NEW;
	w->broken = NOT_BROKEN;
	w->version = s->version;
	if (walk_dir_init(&w->dirs, free_tokens) == -1 ||
	    walk_exclude_begin(&w->exclude) == -1 ||
	    ((w->start.flags & FDB_WALK_XATTR) &&
	    walk_xattr_init(&w->xattr) == -1) ||
	    (w->cursor = policy_cursor_new(s->role, walk_entry_ops,
	    WALK_ENTRY_OPS)) == NULL)
		return -1;
	return 0;
}

void
walk_run_free(struct walk *w, struct state *s)
{
	walk_window_drop(w, s);
	walk_xattr_end(&w->xattr, &w->out);
	walk_out_drop(&w->out);
	walk_xattr_free(&w->xattr);
	walk_dir_free(&w->dirs);
	policy_cursor_free(w->cursor);
	w->cursor = NULL;
	walk_exclude_free(&w->exclude);
}

/* The descriptor of the last directory, at which the cursor is; or -1. */
static int
top_fd(struct walk *w)
{
	const char	*path;
	size_t		 from;

	if (walk_dir_top(&w->dirs)->fd != -1)
		return walk_dir_top(&w->dirs)->fd;
	path = policy_cursor_path(w->cursor);
	from = policy_cursor_length(w->cursor, w->base_depth);
	return walk_dir_fd(&w->dirs, &w->at, path + from +
	    (path[from] == '/'));
}

/*
 * Find the start of the walk, as STAT and LIST do.  0, or -1 with the status
 * set.
 */
static int
find_start(struct walk *w, struct state *s, struct target *t,
    struct status *st)
{
	struct verdict	 v;

	if (target_name(t, s, w->start.base, w->start.name, st) == -1)
		return -1;
	/* It would be found anew, by a descriptor that ends with the target. */
	if (t->token != NULL && t->token->made) {
		status_set(st, EOPNOTSUPP, FDB_REASON_NAME,
		    "a token of MKDIR; name the directory by its path");
		return -1;
	}
	v = policy_enter(s->role, t->path);
	if (!v.permit) {
		status_denied(st, s->role, v);
		return -1;
	}
	if (target_place(t, s, POLICY_OP_LIST, st) == -1 ||
	    target_follow(t, s, POLICY_OP_ENTER, false, st) == -1)
		return -1;
	if (policy_cursor_descend(w->cursor, t->path) == -1) {
		status_set(st, errno, FDB_REASON_LIMIT, "");
		return -1;
	}
	w->base_depth = policy_cursor_depth(w->cursor);
	w->at = t->at;
	v = policy_cursor_enter(w->cursor, WALK_ENTRY_LIST);
	if (v.permit)
		return 0;
	status_denied(st, s->role, v);
	return -1;
}

/* The start could not be looked at, or is not what is permitted. */
static void
start_failed(struct walk *w, struct state *s, struct target *t, bool found)
{
	struct verdict	 v = policy_cursor_decide(w->cursor, WALK_ENTRY_LIST);

	if (found)
		status_denied(&w->end, s->role, v);
	else
		target_way_failed(t, s, v, &w->end);
	status_report(&w->end, s, POLICY_OP_LIST, t->path, NULL);
}

/*
 * Send the start, and enter it if it is a directory.  Its name was checked;
 * those beneath it are read from their directories.
 */
static enum walk_phase
start_found(struct walk *w, struct state *s, const struct walk_entry *e,
    bool dir)
{
	enum walk_entry_result	 r;

	r = dir ? walk_entry_dir(w, s, e) : walk_entry_file(w, s, e);
	w->at.spelling = NULL;
	switch (r) {
	case WALK_ENTRY_ENTERED:
		w->at.one_filesystem = w->at.one_filesystem ||
		    (w->start.flags & FDB_WALK_ONE_FS);
		return WALK_READ;
	case WALK_ENTRY_OTHER:
		status_set(&w->end, ESTALE, FDB_REASON_KERNEL, "");
		break;
	case WALK_ENTRY_DONE:
		break;
	}
	return WALK_OVER;
}

static enum walk_phase
step_new(struct walk *w, struct state *s)
{
	struct walk_entry	 e = { &w->at, NULL, "", DT_UNKNOWN };
	char			 link[PROTO_PATH_MAX];
	enum walk_phase		 phase = WALK_OVER;
	struct fdb_stat		 fst;
	struct target		 t;

	spelling_begin(s->spelling);
	if (find_start(w, s, &t, &w->end) == -1) {
		status_report(&w->end, s, POLICY_OP_LIST,
		    w->end.wire.reason == FDB_REASON_NAME ? w->start.name :
		    t.path, NULL);
		target_end(&t);
		return WALK_OVER;
	}
	e.rel = t.rel;
	if (resolve_stat(&t.at, t.rel, &fst, link, sizeof(link)) == -1)
		start_failed(w, s, &t, false);
	else if (!S_ISDIR(fst.mode) &&
	    !policy_cursor_decide(w->cursor, WALK_ENTRY_LIST).permit)
		start_failed(w, s, &t, true);
	else
		phase = start_found(w, s, &e, S_ISDIR(fst.mode));
	target_end(&t);
	return phase;
}

/* The last directory cannot be read any further. */
static enum walk_phase
dir_error(struct walk *w, struct state *s, int error)
{
	walk_window_drop(w, s);
	walk_dir_drop(&w->dirs);
	walk_dir_top(&w->dirs)->error = error;
	return WALK_LEAVE;
}

static enum walk_phase
step_read(struct walk *w, struct state *s)
{
	struct walk_dir		*d = walk_dir_top(&w->dirs);
	struct walk_entry	 e = { &w->at, NULL, NULL, DT_UNKNOWN };
	int			 fd;

	if ((fd = top_fd(w)) == -1)
		return dir_error(w, s, errno);
	w->at.dirfd = fd;
	if (d->pos == 0 && (e.name = walk_tag_find(w, s)) != NULL) {
		e.rel = e.name;
		if (walk_cursor_down(w, e.name, strlen(e.name)) == -1)
			return dir_error(w, s, errno);
		/* A directory can be a tag, too, and then has no record. */
		(void)walk_entry_file(w, s, &e);
		walk_cursor_up(w);
		return WALK_TAGGED;
	}
	walk_window_drop(w, s);
	if (walk_dir_read(&w->dirs) == -1) {
		/* What was read before is still sent. */
		d->error = errno;
		d->eof = true;
	}
	return WALK_FILES;
}

static enum walk_phase
step_tagged(struct walk *w)
{
	struct fdb_stat	 none;

	memset(&none, 0, sizeof(none));
	walkwire_put_skipped(&w->out.m.w, "", FDB_SKIP_TAGGED, &none);
	walk_out_add(&w->out, -1);
	return WALK_LEAVE;
}

/* One entry of the part; its type is DT_DIR then if it is to be entered. */
static void
do_name(struct walk *w, struct state *s, struct walk_name *n)
{
	struct walk_entry	 e = { &w->at, NULL, NULL, n->type };
	const char		*name = w->dirs.part.names + n->at;
	bool			 enter;

	n->type = DT_UNKNOWN;
	if (n->len > NAME_MAX) {
		walk_entry_long(w, name);
		return;
	}
	if (walk_cursor_down(w, name, n->len) == -1) {
		walk_entry_failed(w, name, errno, errno == ENAMETOOLONG ?
		    FDB_REASON_NAME : FDB_REASON_LIMIT);
		return;
	}
	e.rel = e.name = name;
	if (e.type == DT_UNKNOWN)
		e.type = walk_entry_type(w, &e);
	enter = e.type == DT_DIR;
	if (!walk_entry_admit(w, name, enter))
		enter = false;
	else if (!enter && walk_entry_file(w, s, &e) == WALK_ENTRY_OTHER)
		enter = walk_entry_admit(w, name, true);
	if (enter)
		n->type = DT_DIR;
	walk_cursor_up(w);
}

static enum walk_phase
step_files(struct walk *w, struct state *s)
{
	struct walk_part	*p = &w->dirs.part;
	struct walk_name	*name;
	int			 fd;

	if (p->next < p->n) {
		/* The last step may have been in another directory. */
		if ((fd = top_fd(w)) == -1)
			return dir_error(w, s, errno);
		w->at.dirfd = fd;
		walk_window_fill(w, s);
		name = &p->list[p->next++];
		do_name(w, s, name);
		walk_window_pass(w, s, p->names + name->at);
		return WALK_FILES;
	}
	return walk_dir_keep_subs(&w->dirs) == -1 ? dir_error(w, s, errno) :
	    WALK_SUBS;
}

static enum walk_phase
step_subs(struct walk *w, struct state *s)
{
	struct walk_entry	 e = { &w->at, NULL, NULL, DT_UNKNOWN };
	enum walk_entry_result	 r = WALK_ENTRY_DONE;
	int			 fd;

	if ((e.name = walk_dir_next_sub(&w->dirs)) == NULL)
		return walk_dir_top(&w->dirs)->eof ? WALK_LEAVE : WALK_READ;
	e.rel = e.name;
	if ((fd = top_fd(w)) == -1)
		return dir_error(w, s, errno);
	w->at.dirfd = fd;
	if (walk_cursor_down(w, e.name, strlen(e.name)) == -1) {
		walk_entry_failed(w, e.name, errno, FDB_REASON_LIMIT);
		return WALK_SUBS;
	}
	/* It was asked before, and the policy may have changed since. */
	if (walk_entry_admit(w, e.name, true)) {
		r = walk_entry_dir(w, s, &e);
		if (r == WALK_ENTRY_OTHER)
			(void)walk_entry_file(w, s, &e);
	}
	if (r == WALK_ENTRY_ENTERED)
		return WALK_READ;
	walk_cursor_up(w);
	return WALK_SUBS;
}

static enum walk_phase
step_leave(struct walk *w)
{
	struct walk_dir	*d = walk_dir_top(&w->dirs);
	struct fdb_stat	 st;
	struct status	 status;
	int		 fd;

	memset(&st, 0, sizeof(st));
	status_ok(&status);
	if (w->dirs.n > w->broken)
		status = w->broken_why;
	else if ((fd = top_fd(w)) == -1 || resolve_fstat(fd, &st) == -1)
		status_errno(&status, false);
	d = walk_dir_top(&w->dirs);
	if (d->error != 0 && w->dirs.n <= w->broken)
		status_set(&status, d->error, FDB_REASON_KERNEL, "");
	walkwire_put_leave(&w->out.m.w, &status.wire, &st, d->hidden);
	walk_out_add(&w->out, -1);
	walk_dir_pop(&w->dirs);
	if (w->dirs.n == 0)
		return WALK_OVER;
	walk_cursor_up(w);
	if (w->dirs.n <= w->broken) {
		w->broken = NOT_BROKEN;
		return WALK_SUBS;
	}
	walk_dir_drop(&w->dirs);
	return WALK_LEAVE;
}

static enum walk_phase
step_over(struct walk *w)
{
	walkwire_put_end(&w->out.m.w, &w->end.wire);
	walk_out_add(&w->out, -1);
	return WALK_SEND;
}

/* Does the phase put at most one record with a descriptor? */
static bool
may_open(const struct walk *w)
{
	return !(w->start.flags & FDB_WALK_NO_OPEN) &&
	    (w->phase == WALK_NEW || w->phase == WALK_READ ||
	    w->phase == WALK_FILES || w->phase == WALK_SUBS);
}

/* The policy denies directory k now: leave it, and all beneath it. */
static void
run_break(struct walk *w, struct state *s, size_t k, struct verdict v)
{
	char	 path[EVENT_PATH_MAX];
	size_t	 len = policy_cursor_length(w->cursor, w->base_depth + k);

	(void)strlcpy(path, policy_cursor_path(w->cursor), sizeof(path));
	if (len > 0 && len < sizeof(path))
		path[len] = '\0';
	walk_window_drop(w, s);
	w->broken = k;
	status_denied(&w->broken_why, s->role, v);
	status_report(&w->broken_why, s, POLICY_OP_LIST, path, NULL);
	if (k == 0)
		w->end = w->broken_why;
	walk_dir_drop(&w->dirs);
	w->phase = WALK_LEAVE;
}

/* A reload put another role in force: from here on, it decides. */
static void
run_reload(struct walk *w, struct state *s)
{
	struct verdict	 v;
	size_t		 k;

	/* They were looked up by what the old one permits. */
	walk_window_drop(w, s);
	w->version = s->version;
	policy_cursor_set_role(w->cursor, s->role);
	for (k = 0; k < w->dirs.n; k++) {
		v = policy_cursor_enter_above(w->cursor, w->base_depth + k,
		    WALK_ENTRY_LIST);
		if (!v.permit) {
			run_break(w, s, k, v);
			return;
		}
	}
}

/* One step, once there is room for what it may put. */
static enum walk_out_result
run_step(struct walk *w, struct state *s)
{
	enum walk_out_result	 r;

	/* The attributes of an object are sent by the policy that it had. */
	if (w->xattr.active)
		return walk_xattr_put(&w->xattr, &w->out, s);
	if (w->phase == WALK_SEND)
		return walk_out_last(&w->out, s);
	/* Before the cursor is used, since the old role is freed. */
	if (w->cursor != NULL && w->version != s->version)
		run_reload(w, s);
	r = walk_out_ready(&w->out, s, WALKWIRE_ENTRY_MAX, may_open(w));
	if (r != WALK_OUT_READY)
		return r;
	switch (w->phase) {
	case WALK_NEW:
		w->phase = step_new(w, s);
		break;
	case WALK_READ:
		w->phase = step_read(w, s);
		break;
	case WALK_TAGGED:
		w->phase = step_tagged(w);
		break;
	case WALK_FILES:
		w->phase = step_files(w, s);
		break;
	case WALK_SUBS:
		w->phase = step_subs(w, s);
		break;
	case WALK_LEAVE:
		w->phase = step_leave(w);
		break;
	case WALK_OVER:
	case WALK_SEND:
		w->phase = step_over(w);
		break;
	}
	return r;
}

/* The worker wants no more of it: nothing but the end is sent. */
static void
run_cancel(struct walk *w, struct state *s)
{
	walk_window_drop(w, s);
	walk_xattr_end(&w->xattr, &w->out);
	walk_out_begin_end(&w->out, s);
	status_set(&w->end, ECANCELED, FDB_REASON_KERNEL, "");
	w->phase = step_over(w);
}

int
walk_run_slice(struct walk *w, struct state *s)
{
	enum walk_out_result	 r = WALK_OUT_READY;
	unsigned int		 i, sent = w->out.sent;
	bool			 alone = !w->window.on;
	uint64_t		 sleeps;

	w->waits = r;
	if (w->cancelled && w->phase != WALK_SEND)
		run_cancel(w, s);
	if ((w->delay_ms = throttle_delay(s, 0)) > 0)
		return 0;
	sleeps = alone ? parallel_sleeps() : 0;
	for (i = 0; i < SLICE && r == WALK_OUT_READY && w->out.sent == sent;
	    i++) {
		r = run_step(w, s);
		if (r == WALK_OUT_READY && w->phase == WALK_SEND &&
		    !w->out.begun)
			return 1;
	}
	if (alone)
		walk_window_judge(w, i, parallel_sleeps() - sleeps);
	w->waits = r;
	if (w->out.sent != sent) {
		w->delay_ms = throttle_delay(s, w->opened);
		w->opened = 0;
	}
	return r == WALK_OUT_FAILED ? -1 : 0;
}
