/*
 * naming.h: give an object its name, in place of another one if it may; remove
 * a name.
 */

#ifndef NAMING_H
#define NAMING_H

#include <stdbool.h>
#include <stddef.h>

#include "opener/job.h"
#include "opener/parent.h"

/* Make the object, or another name for it.  0, or -1 with errno: EEXIST... */
typedef int	(*naming_make)(void *arg, int dirfd, const char *name);

/*
 * Give it the name of the job's target.  If something has that name: keep it,
 * or replace it by a rename, as the item says and the policy permits.  0, or -1
 * with the status set.
 */
int	 naming_put(struct job *, const struct parent *, naming_make,
	    void *arg);

/*
 * Something has the name of the job's target: may it be replaced?  0, or -1
 * with the status set.
 */
int	 naming_may_replace(struct job *, const struct parent *);

/* Find out how files without a name get one, unless that is known. */
void	 naming_find_way(struct state *, const struct parent *);

/* A name in a directory for an object that is to be renamed. */
void	 naming_temporary(struct state *, char *name, size_t size);
/* Is it one that naming_temporary() makes? */
bool	 naming_is_temporary(const char *name);
/* May temporary names be removed beneath a root? */
bool	 naming_may_remove(const struct root *);

/*
 * Before a temporary name is made in a directory: as long as the descriptor is
 * open, sweep_directory() of no other session removes names there.  -1 with
 * errno if the directory cannot be opened.
 */
int	 naming_hold(const struct resolve_at *);

/* Remove one name; flags as for unlinkat(2).  0, or -1 with errno. */
int	 naming_remove(int dirfd, const char *name, int flags);

#endif /* NAMING_H */
