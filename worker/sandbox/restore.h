/*
 * restore.h: the last stage of extract: decide what becomes of each member, and
 * have it made.
 */

#ifndef RESTORE_H
#define RESTORE_H

#include <stdbool.h>

#include "sandbox/damage.h"
#include "sandbox/pipeline.h"
#include "sandbox/work.h"

struct restore;

/*
 * Prepare.  The caller keeps the work and the damage, which is told of each
 * member, or is NULL.  NULL: it failed, which was reported.
 */
struct restore	*restore_new(struct work *, struct damage *);
void		 restore_free(struct restore *);

/* Find the destination.  0, or -1, which was reported. */
int		 restore_begin(struct restore *);

/* For pipeline_add_holding(); arg is the restore. */
int		 restore_stage(void *arg, struct slab *);
int		 restore_fill(void *arg);

/* True if the run is to stop at the first failure, and there was one. */
bool		 restore_is_over(struct restore *);

/*
 * The functions below are for the time when no slab is on its way.  0, or -1,
 * which was reported.
 *
 * Drop a file whose contents did not come to their end, report why unless NULL,
 * and wait for all results.
 */
int		 restore_settle(struct restore *, const char *why);

/* Remove a file that this run made; for damage_find(), with the restore. */
int		 restore_remove(void *, const char *member);

/*
 * Remove what has this name beneath the destination, if this run made it or
 * --removed says so; for replay_removed(), with the restore.
 */
int		 restore_gone(void *, const char *name, bool dir);

/* Set the metadata of directories, and end. */
int		 restore_finish(struct restore *);

#endif /* RESTORE_H */
