/*
 * scratch.h: the directory in which a drill restores: may the role do what a
 * drill needs there, what did earlier ones leave, and its removal.
 */

#ifndef SCRATCH_H
#define SCRATCH_H

#include "sandbox/work.h"

/* What the names of such directories begin with. */
#define SCRATCH_PREFIX	".fdbackup-drill-"

/*
 * Ask whether files in the directory, which is not there yet, could be read,
 * listed and removed.  0, or -1: not all of it, which was reported.
 */
int	 scratch_probe(struct work *);

/* Name the directories that other drills have left.  0 or -1. */
int	 scratch_leftovers(struct work *);

/*
 * Remove the directory and what is in it.  Takes the results that are still on
 * their way from before.  0, or -1: something is left, which was reported.
 */
int	 scratch_remove(struct work *);

#endif /* SCRATCH_H */
