/*
 * request.c: the command line as another machine gets it; see
 * controller/request.h.
 *
 * Runs in the controller.  Touches nothing but memory.
 */

#include "config.h"

#include <string.h>

#include "controller/cmdarg.h"
#include "controller/request.h"

/* Options that are about this machine: the archive, the log, progress. */
static const char	 here[] = "flPyZ";

bool
request_permits(const struct command *cmd, int letter)
{
	return cmd->remote != NULL && strchr(cmd->remote, letter) != NULL;
}

/* Append "--name=arg" or "--name", and a NUL. */
static int
add_option(struct options *o, const char *name, const char *arg)
{
	return buf_puts(&o->request, "--") == -1 ||
	    buf_puts(&o->request, name) == -1 ||
	    (arg != NULL && buf_putc(&o->request, '=') == -1) ||
	    (arg != NULL && buf_puts(&o->request, arg) == -1) ||
	    buf_putc(&o->request, '\0') == -1 ? -1 : 0;
}

int
request_note(struct options *o, int letter, const char *name, const char *arg)
{
	/* A time of --newer is that of a file or a clock of this machine. */
	if (!request_permits(o->command, letter) || letter == 'N')
		return 0;
	return add_option(o, name, arg);
}

int
request_check(struct options *o, const bool *given,
    const char *(*name)(int letter), char *why)
{
	int	 i;

	if (o->rsh != NULL && o->host == NULL)
		return cmdarg_fail(why, "--rsh needs --host");
	if (o->host == NULL)
		return 0;
	for (i = 0; i < REQUEST_LETTERS; i++)
		if (given[i] && !request_permits(o->command, i) &&
		    strchr(here, i) == NULL)
			return cmdarg_fail(why, "--%s is not possible with "
			    "--host", name(i));
	if (o->archives.n > 1)
		return cmdarg_fail(why, "-f: with --host, archives are "
		    "restored one after the other: give one");
	/* The name of the archive, which chooses this, is known here only. */
	if (o->command->stores && !o->chosen &&
	    add_option(o, name(cmdarg_compression(o)), NULL) == -1)
		return cmdarg_fail(why, "out of memory");
	return 0;
}
