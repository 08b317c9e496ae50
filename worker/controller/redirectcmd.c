/*
 * redirectcmd.c: the command fdbackup redirect; see controller/redirect.h.
 *
 * Runs with the user's rights, reads nothing, and opens the one file that the
 * user names.
 */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "common/report.h"
#include "common/status.h"
#include "controller/cmdarg.h"
#include "controller/output.h"
#include "controller/redirect.h"
#include "controller/redirectcmd.h"

#define PID_LIMIT	0x7fffffff

static const char	 usage[] = "usage: fdbackup redirect pid target\n";

static int
wrong(const char *what, const char *why)
{
	struct buf	 line = { NULL, 0, 0 };

	if (report_format(&line, what, why) == 0)
		(void)fprintf(stderr, "fdbackup: %s\n", buf_str(&line));
	(void)fprintf(stderr, "fdbackup: for help: fdbackup redirect --help\n");
	buf_free(&line);
	return STATUS_USAGE;
}

static int
failed(const char *what, const char *why)
{
	struct buf	 line = { NULL, 0, 0 };

	if (report_format(&line, what, why) == 0)
		(void)fprintf(stderr, "fdbackup: %s\n", buf_str(&line));
	buf_free(&line);
	return STATUS_FATAL;
}

static int
help(void)
{
	(void)printf("%s\nGive a run of fdbackup that is under way another "
	    "log.  target is a file to\nappend to, !file to overwrite, - or "
	    "-stdout, or -stderr, of this command.\n\nSee fdbackup(1) for all "
	    "of it.\n", usage);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		log_warn("standard output");
		return STATUS_FATAL;
	}
	return STATUS_COMPLETE;
}

int
redirectcmd_main(int argc, char **argv, unsigned int closed)
{
	struct log_target	 log;
	const char		*error, *reason;
	char			 why[REDIRECT_WHY_MAX];
	long			 pid;
	int			 fd, ret;
	bool			 made;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0))
		return help();
	if (argc != 3)
		return wrong("", "redirect needs a process ID and a target");
	pid = (long)strtonum(argv[1], 1, PID_LIMIT, &error);
	if (error != NULL)
		return wrong(argv[1], "is no process ID");
	if (cmdarg_parse_log(&log, argv[2], &reason) == -1)
		return wrong(argv[2], reason);
	if ((log.where == LOG_STDOUT && (closed & 1u << STDOUT_FILENO)) ||
	    (log.where == LOG_STDERR && (closed & 1u << STDERR_FILENO)))
		return failed(argv[2], "this stream is closed");
	made = log.where == LOG_PATH && !output_exists(log.path);
	if ((fd = output_open_log(&log, why)) == -1)
		return failed("", why);
	ret = redirect_send(pid, fd, log.overwrite, argv[2], why);
	if (ret == -1 && made)
		output_remove_empty(log.path);
	close(fd);
	return ret == 0 ? STATUS_COMPLETE : failed(argv[2], why);
}
