/*
 * walk.h: walk the paths that were asked for and store what is found.
 */

#ifndef WALK_H
#define WALK_H

#include "client/fdbroker.h"
#include "common/paths.h"
#include "sandbox/create.h"

/*
 * Store all paths and what is beneath them.  The order of the members depends
 * only on that of the paths and on that in which directories are listed: a
 * directory, then its files, then each of its directories with all that is in
 * it.  0, or -1 when the archive cannot be completed, which was reported.
 */
int	 walk_run(struct create *, struct fdb_session *,
	    const struct paths *);

#endif /* WALK_H */
