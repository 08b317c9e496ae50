/*
 * walk_window.h: the names of a directory that a walk has looked up before
 * their turn, since each lookup waits.
 *
 * What comes of that is taken in order, so the records are the same as without.
 */

#ifndef WALK_WINDOW_H
#define WALK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/setup.h"
#include "opener/parallel.h"

struct state;
struct walk;

/* Names at once: with their descriptors, of which quota.c knows. */
#define WALK_WINDOW_NAMES	SETUP_WALK_WINDOW

/* All zeros: none, and lookups are not known to wait. */
struct walk_window {
	bool		 on;		/* they do */
	unsigned int	 steps;		/* since that was judged last */
	uint64_t	 sleeps;	/* in these */

	size_t		 next;		/* of the part: not looked at yet */
	unsigned int	 head, n;	/* of the jobs, which are a ring */
	bool		 taken;		/* what came of the first */
	struct resolve_at at;
	struct parallel_job jobs[WALK_WINDOW_NAMES];
};

/*
 * In so many steps the main thread had to wait so often: look up names before
 * their turn from now on, or do not any more.
 */
void	 walk_window_judge(struct walk *, unsigned int steps, uint64_t sleeps);

/* The next name of the part has its turn: have those after it looked up. */
void	 walk_window_fill(struct walk *, struct state *);

/*
 * What came of the name that has its turn: open it for reading, as
 * resolve_open(), or look at it, as resolve_entry(); the pointer is compared.
 * True if it was looked up; then *job is valid until walk_window_pass(), its
 * error is 0 or errno, and a descriptor is the caller's, who sets it to -1.
 */
bool	 walk_window_take(struct walk *, struct state *, const char *name,
	    enum parallel_kind, struct parallel_job **job);

/* The turn of this name is over. */
void	 walk_window_pass(struct walk *, struct state *, const char *name);

/* Forget all of them, and close what was opened. */
void	 walk_window_drop(struct walk *, struct state *);

#endif /* WALK_WINDOW_H */
