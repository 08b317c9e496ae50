/*
 * walk_tag.h: tags: files in a directory because of which the rest of it is
 * left out of a walk.
 */

#ifndef WALK_TAG_H
#define WALK_TAG_H

#include "opener/state.h"
#include "opener/walk_run.h"

/*
 * The name of a tag in the last directory, in which the cursor and w->at are;
 * or NULL.  Only what the policy permits to see, or for CACHEDIR.TAG to read,
 * counts.
 */
const char *walk_tag_find(struct walk *, const struct state *);

#endif /* WALK_TAG_H */
