/*
 * walk.h: walk the paths of the command line and store what is found.
 */

#ifndef WALK_H
#define WALK_H

#include "client/fdbroker.h"
#include "common/choice.h"
#include "common/paths.h"
#include "sandbox/create.h"
#include "sandbox/revisit.h"

/*
 * Store all paths and everything beneath them that the choice does not leave
 * out.  Paths are stored in their order; a directory is followed by what is in
 * it and is no directory, then by each subdirectory with everything beneath it;
 * see fdb_walk().  The broker may be ahead by this many open files.
 * Directories that did not change before they were left are added to the last
 * argument.  0, or -1: the archive cannot be completed, which was reported.
 */
int	 walk_run(struct create *, struct fdb_session *,
	    const struct paths *, struct choice *, uint32_t ahead,
	    struct revisit *);

#endif /* WALK_H */
