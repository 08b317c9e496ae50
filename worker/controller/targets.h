/*
 * targets.h: from what the command line names to what is asked for.
 */

#ifndef TARGETS_H
#define TARGETS_H

#include <stddef.h>

#include "common/options.h"
#include "common/paths.h"

/*
 * Make the list of paths.  Links on the way to a path are followed here, with
 * the user's rights, since no opener follows any; the path itself is stored
 * as what it is.  0, or -1 and why, of PATHS_WHY_MAX bytes, says why.
 */
int	 targets_make(struct paths *, const struct options *, char *why);

/*
 * The directories and files beneath which a private opener has to read for
 * these paths.  0, or -1: ENOMEM.
 */
int	 targets_roots(const struct paths *, char ***roots, size_t *nroots);
void	 targets_free_roots(char **roots, size_t nroots);

#endif /* TARGETS_H */
