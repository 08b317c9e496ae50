/*
 * walk_cursor.h: go from name to name with the cursors of a walk, which know
 * what the policy and the worker's patterns say there.
 */

#ifndef WALK_CURSOR_H
#define WALK_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "opener/walk_run.h"

/* Go to a name of the last directory, and back.  0, or -1 with errno. */
int	 walk_cursor_down(struct walk *, const char *name, size_t len);
void	 walk_cursor_up(struct walk *);

/* May the worker know of the name where the cursors are? */
bool	 walk_cursor_permits(const struct walk *, bool dir);

#endif /* WALK_CURSOR_H */
