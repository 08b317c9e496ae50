/*
 * main.c: the backup command.
 *
 * Parses the command line and runs the controller.
 */

#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "common/report.h"
#include "common/tally.h"
#include "controller/cmdline.h"
#include "controller/controller.h"

int
main(int argc, char *argv[])
{
	struct options	 o;
	char		 why[CMDLINE_WHY_MAX];
	struct buf	 line = { NULL, 0, 0 };
	unsigned int	 closed = 0;
	int		 fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			closed |= 1u << fd;
	if (fd_fill_standard() == -1)
		return STATUS_FATAL;
	/* It decides which characters of names are printed. */
	(void)setlocale(LC_CTYPE, "");
	log_init("fdbackup", LOG_TO_STDERR, 0);
	if (cmdline_parse(&o, argc, argv, why) == -1) {
		if (report_format(&line, "", why) == 0)
			(void)fprintf(stderr, "fdbackup: %s\n",
			    buf_str(&line));
		cmdline_usage(stderr);
		buf_free(&line);
		return STATUS_USAGE;
	}
	o.closed = closed;
	return controller_run(&o);
}
