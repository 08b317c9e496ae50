/*
 * walk_window.c: names that are looked up before their turn; see walk_window.h.
 *
 * Runs in the opener.  A name is looked up only if the policy permits what will
 * be done with it, and the worker does not exclude it.  If the policy changes
 * meanwhile, what was looked up is dropped.
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

#include "base/fd.h"
#include "opener/walk_cursor.h"
#include "opener/walk_entry.h"
#include "opener/walk_run.h"
#include "opener/walk_window.h"
#include "policy/cursor.h"

/*
 * In memory nothing waits, but now and then for a lock.  A disk brings several
 * inodes at once, so some lookups wait and the others do not.
 */
#define JUDGED_STEPS	64
#define WAITS_OFTEN(sleeps, steps)	((sleeps) * 16 >= (steps))

void
walk_window_judge(struct walk *w, unsigned int steps, uint64_t sleeps)
{
	struct walk_window	*win = &w->window;

	win->steps += steps;
	win->sleeps += sleeps;
	if (win->steps < JUDGED_STEPS)
		return;
	win->on = WAITS_OFTEN(win->sleeps, win->steps);
	win->steps = 0;
	win->sleeps = 0;
}

/* Will a regular file be opened without having been looked at? */
static bool
opens_at_once(const struct walk *w)
{
	return (w->start.flags & (FDB_WALK_NO_OPEN | FDB_WALK_SINCE)) == 0 &&
	    policy_cursor_decide(w->cursor, WALK_ENTRY_READ).permit;
}

/* May the name be looked up, at which the cursors are, and how? */
static bool
is_wanted(const struct walk *w, uint8_t type, enum parallel_kind *kind)
{
	bool	 dir = type == DT_DIR;

	if (!walk_cursor_permits(w, dir) || walk_exclude_has(&w->exclude, dir))
		return false;
	*kind = dir ? PARALLEL_DIR : type == DT_REG && opens_at_once(w) ?
	    PARALLEL_OPEN : PARALLEL_LOOK;
	return true;
}

static void
look_up(struct walk *w, struct state *s, const struct walk_name *name)
{
	struct walk_window	*win = &w->window;
	struct parallel_job	*j;
	const char		*text = w->dirs.part.names + name->at;
	enum parallel_kind	 kind;
	bool			 wanted;

	if (name->type == DT_UNKNOWN || name->len > NAME_MAX ||
	    walk_cursor_down(w, text, name->len) == -1)
		return;
	wanted = is_wanted(w, name->type, &kind);
	walk_cursor_up(w);
	if (!wanted)
		return;
	j = &win->jobs[(win->head + win->n) % WALK_WINDOW_NAMES];
	j->kind = kind;
	j->at = &win->at;
	j->name = text;
	j->ahead = (w->start.flags & FDB_WALK_READAHEAD) != 0;
	parallel_give(s->parallel, j);
	win->n++;
}

void
walk_window_fill(struct walk *w, struct state *s)
{
	struct walk_window	*win = &w->window;
	struct walk_part	*p = &w->dirs.part;

	if (!win->on || s->parallel == NULL)
		return;
	if (win->n == 0)
		win->at = w->at;
	if (win->next < p->next)
		win->next = p->next;
	while (win->n < WALK_WINDOW_NAMES && win->next < p->n)
		look_up(w, s, &p->list[win->next++]);
}

/* The oldest job, if it is about this name. */
static struct parallel_job *
oldest(struct walk *w, struct state *s, const char *name)
{
	struct walk_window	*win = &w->window;
	struct parallel_job	*j = &win->jobs[win->head];

	if (win->n == 0 || j->name != name)
		return NULL;
	parallel_wait(s->parallel, j);
	return j;
}

bool
walk_window_take(struct walk *w, struct state *s, const char *name,
    enum parallel_kind kind, struct parallel_job **job)
{
	struct parallel_job	*j = oldest(w, s, name);

	*job = j;
	if (j == NULL || j->kind != kind || w->window.taken)
		return false;
	w->window.taken = true;
	if (j->error != EMFILE && j->error != ENFILE)
		return true;
	/* It may be what the others hold. */
	walk_window_drop(w, s);
	w->window.on = false;
	return false;
}

static void
pass(struct walk_window *win, struct parallel_job *j)
{
	fd_close(&j->fd);
	win->head = (win->head + 1) % WALK_WINDOW_NAMES;
	win->n--;
	win->taken = false;
}

void
walk_window_pass(struct walk *w, struct state *s, const char *name)
{
	struct parallel_job	*j = oldest(w, s, name);

	if (j == NULL)
		return;
	walk_window_judge(w, 1, j->slept);
	pass(&w->window, j);
}

void
walk_window_drop(struct walk *w, struct state *s)
{
	struct walk_window	*win = &w->window;
	struct parallel_job	*j;

	while (win->n > 0) {
		j = &win->jobs[win->head];
		parallel_wait(s->parallel, j);
		pass(win, j);
	}
	win->next = 0;
}
