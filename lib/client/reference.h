/*
 * reference.h: who still uses a command, and texts that stand for commands.
 */

#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>

struct fdb_command;

/* One user less.  True if it was the last, and no text stands for it now. */
bool	 reference_drop(struct fdb_command *);

#endif /* REFERENCE_H */
