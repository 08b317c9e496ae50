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
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fd.h"
#include "opener/dents.h"
#include "opener/walk_ahead.h"
#include "opener/walk_cursor.h"
#include "opener/walk_entry.h"
#include "opener/walk_run.h"
#include "opener/walk_window.h"
#include "opener/xattrs.h"
#include "policy/cursor.h"

#define DENTS_SIZE	8192	/* of a directory that is begun */

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
is_wanted(const struct walk *w, uint8_t type, enum walk_window_kind *kind)
{
	bool	 dir = type == DT_DIR;

	if (!walk_cursor_permits(w, dir) || walk_exclude_has(&w->exclude, dir))
		return false;
	*kind = dir ? WALK_WINDOW_DIR : type == DT_REG && opens_at_once(w) ?
	    WALK_WINDOW_OPEN : WALK_WINDOW_LOOK;
	return true;
}

static void
do_open(struct walk_window_name *n)
{
	struct xattrs_of	 of = { -1, -1, "" };

	n->fd = resolve_open(n->at, n->name, O_RDONLY, false, &n->st,
	    &n->type);
	if (n->fd == -1) {
		n->error = errno;
		return;
	}
	if (n->ahead && n->st.size > 0)
		walk_ahead_begin(n->fd);
	of.fd = n->fd;
	n->bare = n->xattr && xattrs_list(&of, NULL, 0) == 0;
}

static void
do_look(struct walk_window_name *n)
{
	char	 link[1];

	/* What a link leads to does not fit: the main thread reads that. */
	if (resolve_entry(n->at->dirfd, n->name, &n->st, link,
	    sizeof(link)) == -1)
		n->error = errno;
}

static void
do_dir(const struct walk_window_name *n)
{
	char	 buf[DENTS_SIZE];
	int	 fd;

	if ((fd = resolve_dir(n->at, n->name)) == -1)
		return;
	(void)dents_read(fd, buf, sizeof(buf));
	fd_close(&fd);
}

/* Runs in any thread. */
static void
do_name(struct parallel_job *job)
{
	/* It is the first member. */
	struct walk_window_name	*n = (void *)job;
	uint64_t		 before = parallel_sleeps();

	switch (n->kind) {
	case WALK_WINDOW_OPEN:
		do_open(n);
		break;
	case WALK_WINDOW_LOOK:
		do_look(n);
		break;
	case WALK_WINDOW_DIR:
		do_dir(n);
		break;
	}
	n->slept = parallel_sleeps() != before;
}

static void
look_up(struct walk *w, struct state *s, const struct walk_name *name)
{
	struct walk_window	*win = &w->window;
	struct walk_window_name	*n;
	const char		*text = w->dirs.part.names + name->at;
	enum walk_window_kind	 kind;
	bool			 wanted;

	if (name->type == DT_UNKNOWN || name->len > NAME_MAX ||
	    walk_cursor_down(w, text, name->len) == -1)
		return;
	wanted = is_wanted(w, name->type, &kind);
	walk_cursor_up(w);
	if (!wanted)
		return;
	n = &win->names[(win->head + win->n) % WALK_WINDOW_NAMES];
	memset(n, 0, sizeof(*n));
	n->job.run = do_name;
	n->fd = -1;
	n->kind = kind;
	n->at = &win->at;
	n->name = text;
	n->ahead = (w->start.flags & FDB_WALK_READAHEAD) != 0;
	n->xattr = (w->start.flags & FDB_WALK_XATTR) != 0;
	parallel_give(s->parallel, &n->job, true);
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
static struct walk_window_name *
oldest(struct walk *w, struct state *s, const char *name)
{
	struct walk_window	*win = &w->window;
	struct walk_window_name	*n = &win->names[win->head];

	if (win->n == 0 || n->name != name)
		return NULL;
	parallel_wait(s->parallel, &n->job);
	return n;
}

bool
walk_window_take(struct walk *w, struct state *s, const char *name,
    enum walk_window_kind kind, struct walk_window_name **found)
{
	struct walk_window_name	*n = oldest(w, s, name);

	*found = n;
	if (n == NULL || n->kind != kind || w->window.taken)
		return false;
	w->window.taken = true;
	if (n->error != EMFILE && n->error != ENFILE)
		return true;
	/* It may be what the others hold. */
	walk_window_drop(w, s);
	w->window.on = false;
	return false;
}

static void
pass(struct walk_window *win, struct walk_window_name *n)
{
	fd_close(&n->fd);
	win->head = (win->head + 1) % WALK_WINDOW_NAMES;
	win->n--;
	win->taken = false;
}

void
walk_window_pass(struct walk *w, struct state *s, const char *name)
{
	struct walk_window_name	*n = oldest(w, s, name);

	if (n == NULL)
		return;
	walk_window_judge(w, 1, n->slept);
	pass(&w->window, n);
}

void
walk_window_drop(struct walk *w, struct state *s)
{
	struct walk_window	*win = &w->window;
	unsigned int		 i;

	/* From the last on: the policy may deny those that nobody has begun. */
	for (i = win->n; i > 0; i--)
		(void)parallel_take_back(s->parallel,
		    &win->names[(win->head + i - 1) % WALK_WINDOW_NAMES].job);
	while (win->n > 0)
		pass(win, &win->names[win->head]);
	win->next = 0;
}
