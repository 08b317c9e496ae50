/*
 * options.c: the command line of fdbackup.
 *
 * Runs in the controller.  Decides nothing but what was asked for: no file is
 * looked at here.
 */

#include "config.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/options.h"

static const struct {
	const char	*name;
	enum command	 command;
	const char	*letters;	/* options that it takes */
} commands[] = {
	{ "create", COMMAND_CREATE, "Cflnrsv" },
	{ "list", COMMAND_LIST, "fv" },
	{ "verify", COMMAND_VERIFY, "flv" }
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const struct option long_options[] = {
	{ "directory",	required_argument,	NULL, 'C' },
	{ "file",	required_argument,	NULL, 'f' },
	{ "logfile",	required_argument,	NULL, 'l' },
	{ "none",	no_argument,		NULL, 'n' },
	{ "role",	required_argument,	NULL, 'r' },
	{ "socket",	required_argument,	NULL, 's' },
	{ "verbose",	no_argument,		NULL, 'v' },
	{ NULL,		0,			NULL, 0 }
};

void
options_usage(FILE *f)
{
	(void)fputs(
	    "usage: fdbackup create -f archive [-v] [-C directory] [--none]\n"
	    "                [--logfile target] [--role role] [-s socket]\n"
	    "                path ...\n"
	    "       fdbackup list -f archive [-v]\n"
	    "       fdbackup verify -f archive [-v] [--logfile target]\n", f);
}

static int
options_fail(char *error, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What does not fit is cut: the message is for people. */
static int
options_fail(char *error, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(error, OPTIONS_ERROR_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

int
options_parse_log(struct log_target *log, const char *arg, const char **what)
{
	bool	 overwrite = arg[0] == '!';

	if (overwrite)
		arg++;
	log->overwrite = overwrite;
	log->path = NULL;
	if (arg[0] != '-') {
		log->where = LOG_PATH;
		log->path = arg;
		*what = "it names no file";
		return arg[0] != '\0' ? 0 : -1;
	}
	*what = "a standard stream cannot be overwritten";
	if (overwrite)
		return -1;
	*what = "only -, -stdout and -stderr may begin with \"-\"";
	if (strcmp(arg, "-") == 0 || strcmp(arg, "-stdout") == 0)
		log->where = LOG_STDOUT;
	else if (strcmp(arg, "-stderr") == 0)
		log->where = LOG_STDERR;
	else
		return -1;
	return 0;
}

bool
options_archive_is_stdio(const struct options *o)
{
	return strcmp(o->archive, "-") == 0;
}

static int
options_take(struct options *o, int c, char *arg, char *error)
{
	const char	*what;

	switch (c) {
	case 'C':
		o->dir = arg;
		break;
	case 'f':
		o->archive = arg;
		break;
	case 'l':
		if (options_parse_log(&o->log, arg, &what) == -1)
			return options_fail(error, "--logfile %s: %s", arg,
			    what);
		break;
	case 'n':
		o->none = true;
		break;
	case 'r':
		o->role = arg;
		break;
	case 's':
		o->socket = arg;
		break;
	case 'v':
		o->verbose = true;
		break;
	}
	return 0;
}

/* What the options mean together. */
static int
options_check(const struct options *o, char *error)
{
	const char	*name = o->command_name;

	if (o->archive == NULL)
		return options_fail(error, "%s needs -f archive", name);
	if (o->archive[0] == '\0')
		return options_fail(error, "-f: the name is empty");
	if (o->command != COMMAND_CREATE && o->npaths > 0)
		return options_fail(error, "%s takes no paths: %s", name,
		    o->paths[0]);
	if (o->command == COMMAND_CREATE && o->npaths == 0)
		return options_fail(error, "%s needs a path to store", name);
	if (o->socket != NULL && o->role == NULL)
		return options_fail(error, "-s is of no use without --role");
	if (o->role != NULL && o->role[0] == '\0')
		return options_fail(error, "--role: the name is empty");
	if (o->command == COMMAND_CREATE && options_archive_is_stdio(o) &&
	    o->log.where == LOG_STDOUT)
		return options_fail(error,
		    "archive and log cannot both go to standard output");
	return 0;
}

static const char *
options_long_name(int c)
{
	const struct option	*l;

	for (l = long_options; l->name != NULL; l++) {
		if (l->val == c)
			break;
	}
	return l->name;
}

static int
options_command(struct options *o, const char *name, const char **letters)
{
	size_t	 i;

	for (i = 0; i < NCOMMANDS; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		o->command = commands[i].command;
		o->command_name = commands[i].name;
		*letters = commands[i].letters;
		return 0;
	}
	return -1;
}

int
options_parse(struct options *o, int argc, char **argv, char *error)
{
	const char	*letters;
	int		 c;

	memset(o, 0, sizeof(*o));
	if (argc < 2)
		return options_fail(error, "no command");
	if (options_command(o, argv[1], &letters) == -1)
		return options_fail(error, "unknown command: %s", argv[1]);
	argc--;
	argv++;
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, ":C:f:r:s:v", long_options,
	    NULL)) != -1) {
		if (c == ':')
			return options_fail(error,
			    "an argument is missing after %s",
			    argv[optind - 1]);
		if (c == '?' && optopt > 0 && optopt < 128)
			return options_fail(error, "unknown option: -%c",
			    optopt);
		if (c == '?')
			return options_fail(error, "unknown option: %s",
			    argv[optind - 1]);
		if (strchr(letters, c) == NULL)
			return options_fail(error, "%s does not take --%s",
			    o->command_name, options_long_name(c));
		if (options_take(o, c, optarg, error) == -1)
			return -1;
	}
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	return options_check(o, error);
}
