/*
 * dirs.h: the directories whose metadata is set when everything in them is
 * there.
 */

#ifndef DIRS_H
#define DIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/object.h"

struct dirs;

/* Keep about this many bytes.  NULL: no memory. */
struct dirs	*dirs_new(size_t bytes);
void		 dirs_free(struct dirs *);

/*
 * Take over the metadata of a directory; an older one with the same name is
 * dropped.  0, or -1: ENOMEM, and the object is cleared.
 */
int		 dirs_add(struct dirs *, struct object *);

/* True if there is metadata for a directory of this name. */
bool		 dirs_has(struct dirs *, const char *name);

/* Drop the metadata of a directory that was removed, if there is any. */
void		 dirs_drop(struct dirs *, const char *name);

/* True if there is more than the limit. */
bool		 dirs_is_full(const struct dirs *);

/*
 * Make room for many: hand out a directory that is not above name, 1.  If there
 * is none, those above it lose extended attributes, until there is no more than
 * the limit.  0: there is room; -1: ENOMEM.
 */
int		 dirs_excess(struct dirs *, const char *name, struct object *);

/*
 * Hand out a directory, what is beneath it first: 1.  0: that was all; -1:
 * ENOMEM.
 */
int		 dirs_next(struct dirs *, struct object *);

#endif /* DIRS_H */
