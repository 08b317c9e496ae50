/*
 * main.c: the backup command.
 *
 * Parses the command line and runs the controller.
 */

#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "common/report.h"
#include "common/tally.h"
#include "controller/cmdline.h"
#include "controller/controller.h"
#include "controller/redirectcmd.h"
#include "controller/serve.h"

/* A command line that is wrong: say what is wrong, and where help is. */
static int
usage_error(const struct options *o, const char *why)
{
	struct buf	 line = { NULL, 0, 0 };

	if (why[0] != '\0' && report_format(&line, "", why) == 0)
		(void)fprintf(stderr, "fdbackup: %s\n", buf_str(&line));
	(void)fprintf(stderr, "fdbackup: for help: fdbackup %s%s--help\n",
	    o->command != NULL ? o->command->name : "",
	    o->command != NULL ? " " : "");
	buf_free(&line);
	return STATUS_USAGE;
}

/* Show what the user asked for: 0 or STATUS_FATAL. */
static int
show(const struct options *o)
{
	if (o->show == SHOW_HELP)
		cmdline_help(stdout, o->command);
	else
		(void)printf("fdbackup %s\n", PACKAGE_VERSION);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		log_warn("standard output");
		return STATUS_FATAL;
	}
	return STATUS_COMPLETE;
}

int
main(int argc, char *argv[])
{
	static struct options	 o;
	char			 why[CMDLINE_WHY_MAX];
	unsigned int		 closed = 0;
	int			 fd, status;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			closed |= 1u << fd;
	if (fd_fill_standard() == -1)
		return STATUS_FATAL;
	/* At the limit on file sizes, let write(2) fail with EFBIG. */
	(void)signal(SIGXFSZ, SIG_IGN);
	/* It decides which characters of names are printed. */
	(void)setlocale(LC_CTYPE, "");
	log_init("fdbackup", LOG_TO_STDERR, 0);
	if (argc > 1 && strcmp(argv[1], "redirect") == 0)
		return redirectcmd_main(argc - 1, argv + 1, closed);
	if (cmdline_parse(&o, argc, argv, why) == -1)
		status = usage_error(&o, why);
	else if (o.show != SHOW_NOTHING)
		status = show(&o);
	else {
		o.closed = closed;
		status = o.command->serves ? serve_run(&o) :
		    controller_run(&o);
		/* It has said what is wrong, perhaps on another machine. */
		if (status == STATUS_USAGE && o.host == NULL &&
		    !o.command->serves)
			status = usage_error(&o, "");
	}
	cmdline_free(&o);
	return status;
}
