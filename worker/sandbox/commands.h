/*
 * commands.h: the commands of fdbackup.
 */

#ifndef COMMANDS_H
#define COMMANDS_H

#include <stddef.h>

#include "common/command.h"

/* The command with this name, or NULL. */
const struct command	*commands_find(const char *name);
/* Command number i, in the order of the manual; NULL after the last. */
const struct command	*commands_at(size_t i);

#endif /* COMMANDS_H */
