/*
 * main.c: the command line of fdbrokerctl(8).
 *
 * Runs with the rights of the user who starts it, and no others.  The mode of
 * the daemon's control socket decides who may connect.
 */

#include "config.h"

#include <sys/ioctl.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/badoption.h"
#include "base/fd.h"
#include "base/log.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "ctl/check.h"
#include "ctl/checkcmd.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/monitor.h"
#include "ctl/reloadcmd.h"
#include "ctl/showcmd.h"
#include "ctl/stop.h"
#include "ctl/text.h"
#include "ipc/control.h"

/* In the order of strcmp(3). */
static const struct command {
	const char	*name;
	const char	*args;		/* for the usage */
	enum ctl_status	(*run)(const struct ctl *, int, char **);
	int		 min, max;	/* number of arguments; -1: any */
} commands[] = {
	{ "check", "[-f file [-D macro=value]] [-u user]\n"
	    "                   role op path", checkcmd_run, 0, -1 },
	{ "explain", "id", command_explain, 1, 1 },
	{ "kill", "session", command_kill, 1, 1 },
	{ "log", "brief | verbose", command_log, 1, 1 },
	{ "monitor", "[-d] [-r role] [-u user]", monitor_run, 0, -1 },
	{ "reload", "[-n]", reloadcmd_run, 0, 1 },
	{ "reopen", "", command_reopen, 0, 0 },
	{ "show", "config | confinement | denied [-a] |\n"
	    "                   limits | metrics | refused | roles |\n"
	    "                   rules [-u user] role | sessions | stats",
	    showcmd_run, 1, -1 },
	{ "stop", "", stop_run, 0, 0 },
	{ "suggest", "[role]", command_suggest, 0, 1 }
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const struct option	 long_options[] = {
	{ "help",	no_argument,	NULL, 'h' },
	{ "version",	no_argument,	NULL, 'V' },
	{ NULL,		0,		NULL, 0 }
};

static void
usage_of(const char *head, const struct command *cmd)
{
	(void)printf("%s fdbrokerctl [-j] [-s socket] %s%s%s\n", head,
	    cmd->name, cmd->args[0] != '\0' ? " " : "", cmd->args);
}

/* Show what the user asked for; a command's own help if there is one. */
static enum ctl_status
show(int what, const struct command *cmd)
{
	size_t	 i;

	if (what == 'V') {
		(void)printf("fdbrokerctl %s\n", PACKAGE_VERSION);
	} else {
		if (cmd != NULL)
			usage_of("usage:", cmd);
		for (i = 0; cmd == NULL && i < NCOMMANDS; i++)
			usage_of(i == 0 ? "usage:" : "      ", &commands[i]);
		(void)printf("\nSee fdbrokerctl(8) for all of it.\n");
	}
	return CTL_YES;
}

/* The command line is wrong, which was said: say where help is. */
static enum ctl_status
usage(const struct command *cmd)
{
	(void)fprintf(stderr, "fdbrokerctl: for help: fdbrokerctl %s%s--help\n",
	    cmd != NULL ? cmd->name : "", cmd != NULL ? " " : "");
	return CTL_FAIL;
}

static bool
is_help(const char *word)
{
	return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

/* The width of the terminal; 0 if standard output is not a terminal. */
static size_t
terminal_width(void)
{
	struct winsize	 ws;
	const char	*columns = getenv("COLUMNS"), *err;
	size_t		 n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns != NULL) {
		n = (size_t)strtonum(columns, 1, 10000, &err);
		if (err == NULL)
			return n;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	return 80;
}

/* May the output have colours?  See https://no-color.org. */
static bool
has_colours(void)
{
	const char	*no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

/* The row of a command, or NULL: logged. */
static const struct command *
find_command(const char *name)
{
	char	 known[256] = "";
	size_t	 i;

	for (i = 0; i < NCOMMANDS; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
		text_add_word(known, sizeof(known), commands[i].name);
	}
	log_warnx("unknown command \"%s\"; expected one of: %s", name, known);
	return NULL;
}

static enum ctl_status
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct command	*cmd = find_command(argv[0]);
	enum ctl_status		 ret = CTL_USAGE;

	if (cmd == NULL)
		return usage(NULL);
	if (argc == 2 && is_help(argv[1]))
		return show('h', cmd);
	if (argc - 1 >= cmd->min && (cmd->max == -1 || argc - 1 <= cmd->max))
		ret = cmd->run(ctl, argc - 1, argv + 1);
	if (ret == CTL_USAGE) {
		log_warnx("%s: wrong options or number of arguments",
		    cmd->name);
		return usage(cmd);
	}
	return ret == CTL_OPTION ? usage(cmd) : ret;
}

int
main(int argc, char *argv[])
{
	enum ctl_status	 ret;
	struct ctl	 ctl;
	int		 ch;

	if (fd_fill_standard() == -1)
		return CTL_FAIL;
	/* "| head" ends us silently, whatever we inherited. */
	(void)signal(SIGPIPE, SIG_DFL);
	log_init("fdbrokerctl", LOG_TO_STDERR, 0);
	memset(&ctl, 0, sizeof(ctl));
	ctl.socket = RUNDIR "/" CONTROL_SOCKET;
	ctl.out = stdout;
	/* badoption_log() tells of errors. */
	opterr = 0;
	while ((ch = getopt_long(argc, argv, "+:hjs:", long_options,
	    NULL)) != -1) {
		switch (ch) {
		case 'j':
			ctl.json = true;
			break;
		case 's':
			ctl.socket = optarg;
			break;
		case 'h':
		case 'V':
			ret = show(ch, NULL);
			goto out;
		default:
			badoption_log(NULL, argv, ch, long_options);
			return usage(NULL);
		}
	}
	if (argc == 0 || optind >= argc) {
		log_warnx("no command");
		return usage(NULL);
	}
	ctl.width = terminal_width();
	ctl.colour = has_colours();
	ret = run(&ctl, argc - optind, argv + optind);
out:
	if (fflush(stdout) == EOF || ferror(stdout)) {
		log_warn("standard output");
		return CTL_FAIL;
	}
	return ret;
}
