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
#include "opener/resolve.h"

struct state;
struct walk;

enum walk_window_kind {
	WALK_WINDOW_OPEN,	/* resolve_open() for reading, not special */
	WALK_WINDOW_LOOK,	/* resolve_entry(); a link is an error */
	WALK_WINDOW_DIR		/* begin to read it, so that it is in memory */
};

/* A name that was looked up, or is about to be. */
struct walk_window_name {
	struct parallel_job	 job;
	enum walk_window_kind	 kind;
	const struct resolve_at	*at;
	const char		*name;
	bool			 ahead;	/* open: read ahead, too */
	bool			 xattr;	/* open: look for attributes, too */

	/* What comes of it. */
	int			 fd;	/* open; or -1 */
	int			 error;	/* errno; 0: it succeeded */
	bool			 type;	/* open: as of resolve_open() */
	bool			 bare;	/* xattr: it has no attributes */
	bool			 slept;	/* the thread had to wait */
	struct fdb_stat		 st;
};

/* Names at once: with their descriptors, of which quota.c knows. */
#define WALK_WINDOW_NAMES	SETUP_WALK_WINDOW

/* All zeros: none, and lookups are not known to wait. */
struct walk_window {
	bool		 on;		/* they do */
	unsigned int	 steps;		/* since that was judged last */
	uint64_t	 sleeps;	/* in these */

	size_t		 next;		/* of the part: not looked at yet */
	unsigned int	 head, n;	/* of the names, which are a ring */
	bool		 taken;		/* what came of the first */
	struct resolve_at at;
	struct walk_window_name names[WALK_WINDOW_NAMES];
};

/*
 * In so many steps the main thread had to wait so often: look up names before
 * their turn from now on, or do not any more.
 */
void	 walk_window_judge(struct walk *, unsigned int steps, uint64_t sleeps);

/* The next name of the part has its turn: have those after it looked up. */
void	 walk_window_fill(struct walk *, struct state *);

/*
 * What came of the name that has its turn; the pointer is compared.  True if it
 * was looked up like that; then *found is valid until walk_window_pass(), and a
 * descriptor is the caller's, who sets it to -1.
 */
bool	 walk_window_take(struct walk *, struct state *, const char *name,
	    enum walk_window_kind, struct walk_window_name **found);

/* The turn of this name is over. */
void	 walk_window_pass(struct walk *, struct state *, const char *name);

/*
 * Forget all of them, and close what was opened.  What was not begun will not
 * be looked up.
 */
void	 walk_window_drop(struct walk *, struct state *);

#endif /* WALK_WINDOW_H */
