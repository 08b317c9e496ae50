/*
 * env.c: see env.h.
 *
 * Runs in the supervisor and in the worker of fdbackup.
 */

#include "config.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/env.h"

extern char	**environ;

void
env_forget(void)
{
	static char	*none[] = { NULL };
	char		**e;

	for (e = environ; e != NULL && *e != NULL; e++)
		explicit_bzero(*e, strlen(*e));
	environ = none;
}
