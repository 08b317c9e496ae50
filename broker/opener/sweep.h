/*
 * sweep.h: find and remove what sessions that were killed have left in a
 * directory.
 */

#ifndef SWEEP_H
#define SWEEP_H

#include <stdbool.h>

#include "opener/job.h"
#include "opener/naming.h"

/*
 * Remove temporary names from the directory of the job's target, of which place
 * is a descriptor: those that the role may remove, of objects that it could
 * have made, unless a session that lives has one there.  Whatever fails is
 * left, and the job's status stays as it is.
 */
void	 sweep_directory(struct job *, int place);

/* Is there nothing in a directory that was just opened?  false: or on error. */
bool	 sweep_is_empty(int fd);

#endif /* SWEEP_H */
