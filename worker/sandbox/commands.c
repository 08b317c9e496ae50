/*
 * commands.c: the table of commands; common/command.h says what a row means.
 *
 * The controller parses the command line by it, and the worker, which inherits
 * the row, calls its functions.
 */

#include "config.h"

#include <string.h>

#include "sandbox/commands.h"
#include "sandbox/list.h"
#include "sandbox/store.h"
#include "sandbox/verify.h"

static const struct command commands[] = {
	{
		.name = "create",
		.usage = "-f archive [-v] [-C directory] [--none]\n"
		    "                [--logfile target] [--role role] "
		    "[-s socket]\n"
		    "                path ...",
		.letters = "Cflnrsv",
		.stores = true,
		.spools = 1,
		.prepare = store_prepare,
		.start = store_start,
		.run = store_run,
		.release = store_release
	},
	{
		.name = "list",
		.usage = "-f archive [-v]",
		.letters = "fv",
		.prints = true,
		.run = list_run
	},
	{
		.name = "verify",
		.usage = "-f archive [-v] [--logfile target]",
		.letters = "flv",
		.compares = true,
		.spools = 2,
		.prepare = verify_prepare,
		.run = verify_run,
		.release = verify_release
	}
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

const struct command *
commands_find(const char *name)
{
	size_t	 i;

	for (i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

const struct command *
commands_at(size_t i)
{
	return i < NCOMMANDS ? &commands[i] : NULL;
}
