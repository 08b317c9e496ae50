/*
 * replay.h: several archives that are restored one after the other: do they
 * follow each other, and what does each say was removed before it was made?
 *
 * All are read to their ends before anything is changed, so one that is
 * missing, cut off or out of order leaves the destination as it was.
 */

#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/selection.h"
#include "sandbox/work.h"

struct replay;

/* The caller keeps work and selection.  NULL: it failed, which was reported. */
struct replay	*replay_new(struct work *, const struct selection *);
void		 replay_free(struct replay *);

/* The descriptor of archive i, from 0, and what messages call it. */
int		 replay_descriptor(const struct work *, size_t i);
const char	*replay_name(const struct work *, size_t i);

/*
 * Read all archives, and keep the names that they say were removed.  0, or -1:
 * one cannot be used, which was reported.
 */
int		 replay_check(struct replay *);

/*
 * Hand out the names beneath the destination that the next archive says were
 * removed: files first, and what is in a directory before it.  What leads
 * elsewhere is refused, reported and counted; what was not asked for is left
 * out.  0, or -1: the run fails, which was reported.
 */
int		 replay_removed(struct replay *,
		    int (*remove)(void *, const char *name, bool dir),
		    void *arg);

/*
 * The run stopped in archive i: say which archives were not restored.  fatal:
 * it fails.  0 or -1.
 */
int		 replay_stopped(struct work *, size_t i, bool fatal);

#endif /* REPLAY_H */
