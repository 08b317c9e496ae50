/*
 * request.c: the command line as another machine gets it; see
 * controller/request.h.
 *
 * Runs in the controller, at both ends.  Touches nothing but memory.  What a
 * client sends is not trusted.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "controller/cmdarg.h"
#include "controller/cmdline.h"
#include "controller/link.h"
#include "controller/narrow.h"
#include "controller/request.h"

#define REQUEST_WORDS	65536

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

int
request_parse(const struct options *fixed, struct options *o, char *bytes,
    size_t len, char *why)
{
	static char	 program[] = "fdbackup";
	char		**argv, *p, *end = bytes + len;
	size_t		 n = 1;
	int		 argc = 0, ret;

	memset(o, 0, sizeof(*o));
	if (len < 2 || bytes[len - 1] != '\0')
		return cmdarg_fail(why, "the request is no list of words");
	for (p = bytes + 1; p < end; p += strlen(p) + 1)
		n++;
	if (n > REQUEST_WORDS)
		return cmdarg_fail(why, "the request has too many words");
	if ((argv = calloc(n + 1, sizeof(*argv))) == NULL)
		return cmdarg_fail(why, "out of memory");
	argv[argc++] = program;
	for (p = bytes + 1; p < end; p += strlen(p) + 1)
		argv[argc++] = p;
	ret = cmdline_parse_served(o, argc, argv, why);
	o->words = argv;
	o->watched = (bytes[0] & LINK_WATCHED) != 0;
	return ret == -1 ? -1 : narrow_request(fixed, o, why);
}
