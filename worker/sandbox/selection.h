/*
 * selection.h: which members of an archive are asked for on the command line.
 *
 * A path without a wildcard is the path of a member, and chooses that member
 * and everything beneath it.  A pattern has the wildcards of fdbroker.conf(5);
 * one with a leading "/" begins at the start of the archive, one without
 * matches at any depth.  It chooses what is beneath a match, too.
 */

#ifndef SELECTION_H
#define SELECTION_H

#include <stdbool.h>
#include <stddef.h>

struct selection;

/* The caller keeps the paths.  No paths choose everything.  NULL: ENOMEM. */
struct selection	*selection_new(char *const *paths, size_t npaths);
void		 selection_free(struct selection *);

/* True if a member with this clean, relative name is chosen. */
bool		 selection_member(struct selection *, const char *name);

/* The same, and does not count for selection_unused(). */
bool		 selection_covers(const struct selection *, const char *name);

/* Path number i, from 0, that chose no member; NULL: there are no more. */
const char	*selection_unused(const struct selection *, size_t i);

/* True if the pattern covers this name, or something above it. */
bool		 selection_match(const char *pattern, const char *name);

#endif /* SELECTION_H */
