/*
 * cmdline.c: the command line of fdbackup; see controller/cmdline.h.
 *
 * Runs in the controller.  Touches nothing but memory; files are looked at
 * later.
 */

#include "config.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rolename.h"
#include "controller/cmdline.h"
#include "sandbox/commands.h"

static const struct option long_options[] = {
	{ "digest",	required_argument,	NULL, 'd' },
	{ "directory",	required_argument,	NULL, 'C' },
	{ "file",	required_argument,	NULL, 'f' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "logfile",	required_argument,	NULL, 'l' },
	{ "max-manifest", required_argument,	NULL, 'M' },
	{ "max-memory",	required_argument,	NULL, 'm' },
	{ "none",	no_argument,		NULL, 'n' },
	{ "role",	required_argument,	NULL, 'r' },
	{ "socket",	required_argument,	NULL, 's' },
	{ "threads",	required_argument,	NULL, 't' },
	{ "verbose",	no_argument,		NULL, 'v' },
	{ "zstd",	optional_argument,	NULL, 'z' },
	{ NULL,		0,			NULL, 0 }
};

void
cmdline_usage(FILE *f)
{
	const struct command	*cmd;
	size_t			 i;

	for (i = 0; (cmd = commands_at(i)) != NULL; i++)
		(void)fprintf(f, "%s fdbackup %s %s\n",
		    i == 0 ? "usage:" : "      ", cmd->name, cmd->usage);
}

static int
cmdline_fail(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A message that does not fit is cut. */
static int
cmdline_fail(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, CMDLINE_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

int
cmdline_parse_log(struct log_target *log, const char *arg, const char **why)
{
	bool	 overwrite = arg[0] == '!';

	if (overwrite)
		arg++;
	log->overwrite = overwrite;
	log->path = NULL;
	if (arg[0] != '-') {
		log->where = LOG_PATH;
		log->path = arg;
		*why = "the name of the file is empty";
		return arg[0] != '\0' ? 0 : -1;
	}
	*why = "a standard stream cannot be overwritten";
	if (overwrite)
		return -1;
	*why = "only -, -stdout and -stderr begin with \"-\"; write ./FILE "
	    "for such a file";
	if (strcmp(arg, "-") == 0 || strcmp(arg, "-stdout") == 0)
		log->where = LOG_STDOUT;
	else if (strcmp(arg, "-stderr") == 0)
		log->where = LOG_STDERR;
	else
		return -1;
	return 0;
}

/*
 * A number of bytes, with K, M or G for powers of 1024.  The number, or 0: it
 * is none.
 */
static uint64_t
parse_bytes(const char *arg)
{
	static const char	 units[] = "KMG";
	const char		*error, *unit = NULL;
	char			 digits[32];
	long long		 n, max = INT64_MAX;
	size_t			 len = strlen(arg);
	int			 shift = 0;

	if (len > 0 && (unit = strchr(units, arg[len - 1])) != NULL) {
		shift = 10 * (int)(unit - units + 1);
		len--;
	}
	if (len >= sizeof(digits))
		return 0;
	memcpy(digits, arg, len);
	digits[len] = '\0';
	n = strtonum(digits, 1, max >> shift, &error);
	return error == NULL ? (uint64_t)n << shift : 0;
}

static int
bytes_fail(int letter, const char *arg, char *why)
{
	return cmdline_fail(why, "--%s %s: not a number of bytes, such as 512M",
	    cmdline_long_name(letter), arg);
}

/* A number from 1 to max, for an option.  The number, or 0 with the reason. */
static unsigned int
parse_number(int letter, const char *arg, unsigned int max, char *why)
{
	const char	*error;
	long long	 n = strtonum(arg, 1, max, &error);

	if (error != NULL) {
		(void)cmdline_fail(why, "--%s %s: not a number from 1 to %u",
		    cmdline_long_name(letter), arg, max);
		return 0;
	}
	return (unsigned int)n;
}

static int
take_digest(struct options *o, const char *arg, char *why)
{
	o->no_digest = strcmp(arg, "none") == 0;
	if (o->no_digest || strcmp(arg, "sha256") == 0)
		return 0;
	return cmdline_fail(why, "--digest %s: must be sha256 or none", arg);
}

/* --none or --zstd: the last one counts. */
static int
take_level(struct options *o, int c, const char *arg, char *why)
{
	o->level = c == 'n' ? 0 : OPTIONS_LEVEL;
	if (c == 'n' || arg == NULL)
		return 0;
	o->level = (int)parse_number(c, arg, OPTIONS_LEVEL_MAX, why);
	return o->level != 0 ? 0 : -1;
}

static int
cmdline_take(struct options *o, int c, char *arg, char *why)
{
	const char	*phrase;

	switch (c) {
	case 'C':
		o->dir = arg;
		break;
	case 'f':
		o->archive = arg;
		break;
	case 'j':
		o->json = true;
		break;
	case 'l':
		if (cmdline_parse_log(&o->log, arg, &phrase) == -1)
			return cmdline_fail(why, "--logfile %s: %s", arg,
			    phrase);
		break;
	case 'M':
		if ((o->max_manifest = parse_bytes(arg)) == 0)
			return bytes_fail(c, arg, why);
		break;
	case 'm':
		if ((o->max_memory = parse_bytes(arg)) == 0)
			return bytes_fail(c, arg, why);
		break;
	case 'd':
		return take_digest(o, arg, why);
	case 'n':
	case 'z':
		return take_level(o, c, arg, why);
	case 't':
		o->threads = parse_number(c, arg, OPTIONS_THREADS_MAX, why);
		return o->threads != 0 ? 0 : -1;
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

/* Check the options against the command and each other. */
static int
cmdline_check(const struct options *o, char *why)
{
	const struct command	*cmd = o->command;

	if (o->archive == NULL)
		return cmdline_fail(why, "%s needs -f archive",
		    cmd->name);
	if (o->archive[0] == '\0')
		return cmdline_fail(why, "-f: the name is empty");
	if (!cmd->stores && o->npaths > 0)
		return cmdline_fail(why, "%s takes no paths: %s",
		    cmd->name, o->paths[0]);
	if (cmd->stores && o->npaths == 0)
		return cmdline_fail(why, "%s needs a path to store",
		    cmd->name);
	if (o->socket != NULL && o->role == NULL)
		return cmdline_fail(why, "-s needs --role");
	if (o->role != NULL && !rolename_is_valid(o->role))
		return cmdline_fail(why, "--role: no role can have the name "
		    "\"%s\"; expected " ROLENAME_RULE, o->role);
	if (o->json && o->log.where == LOG_STDOUT)
		return cmdline_fail(why,
		    "JSON and log cannot both go to standard output");
	if (cmd->stores && strcmp(o->archive, "-") == 0 &&
	    o->log.where == LOG_STDOUT)
		return cmdline_fail(why,
		    "archive and log cannot both go to standard output");
	return 0;
}

const char *
cmdline_long_name(int letter)
{
	const struct option	*l;

	for (l = long_options; l->name != NULL; l++) {
		if (l->val == letter)
			break;
	}
	return l->name;
}

int
cmdline_parse(struct options *o, int argc, char **argv, char *why)
{
	int	 c;

	memset(o, 0, sizeof(*o));
	if (argc < 2)
		return cmdline_fail(why, "no command");
	if ((o->command = commands_find(argv[1])) == NULL)
		return cmdline_fail(why, "unknown command: %s", argv[1]);
	o->max_memory = o->command->memory;
	o->level = OPTIONS_LEVEL;
	argc--;
	argv++;
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, ":C:f:r:s:v", long_options,
	    NULL)) != -1) {
		if (c == ':')
			return cmdline_fail(why, "%s needs an argument",
			    argv[optind - 1]);
		if (c == '?' && optopt > 0 && optopt < 128)
			return cmdline_fail(why, "unknown option: -%c",
			    optopt);
		if (c == '?')
			return cmdline_fail(why, "unknown option: %s",
			    argv[optind - 1]);
		if (strchr(o->command->letters, c) == NULL)
			return cmdline_fail(why, "%s does not take --%s",
			    o->command->name, cmdline_long_name(c));
		if (cmdline_take(o, c, optarg, why) == -1)
			return -1;
	}
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	return cmdline_check(o, why);
}
