/*
 * targets.h: turn paths of the command line into requests and roots.
 */

#ifndef TARGETS_H
#define TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/options.h"
#include "common/paths.h"

/*
 * The directory of -C, or the current one, absolute and clean; the caller frees
 * it.  NULL with the reason in why, of PATHS_WHY_MAX bytes.
 */
char	*targets_directory(const struct options *, char *why);

/*
 * Make the list of paths, of which the relative ones are in dir.  Openers
 * follow no links, so links in the parent directories of a path are followed
 * here, with the user's rights; if the path itself is a link, the link is
 * stored.  look: find out which ones are directories.  0, or -1 with the reason
 * in why, of PATHS_WHY_MAX bytes.
 */
int	 targets_make(struct paths *, const struct options *, const char *dir,
	    bool look, char *why);

/*
 * Check that each path of the list is one of those that o->within names, or
 * beneath one.  The list holds paths whose links were followed, and openers
 * follow none, so what is checked is what is read.  0, or -1 with the reason in
 * why, of PATHS_WHY_MAX bytes.
 */
int	 targets_within(const struct paths *, const struct options *o,
	    const char *dir, char *why);

/*
 * Make the list of roots that a private opener needs for these paths: one for
 * each, or the directory above all of them if an opener cannot hold so many.
 * targets_free_roots() frees it.  0, or -1: ENOMEM.
 */
int	 targets_roots(const struct paths *, char ***roots, size_t *nroots);
void	 targets_free_roots(char **roots, size_t nroots);

#endif /* TARGETS_H */
