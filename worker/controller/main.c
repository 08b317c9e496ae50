/*
 * main.c: the backup command.  Parses the command line and lets the
 * controller do the rest.
 */

#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "common/options.h"
#include "common/report.h"
#include "controller/controller.h"

/*
 * Where a standard stream is closed, the next file that is opened would take
 * its place, and be written to by what is meant for the stream.
 */
static int
fill_standard_streams(void)
{
	int	 fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct options	 o;
	char		 error[OPTIONS_ERROR_MAX];
	struct buf	 line = { NULL, 0, 0 };

	if (fill_standard_streams() == -1)
		return STATUS_FATAL;
	/* For names that are shown, and nothing else. */
	(void)setlocale(LC_CTYPE, "");
	log_init("fdbackup", LOG_TO_STDERR, 0);
	if (options_parse(&o, argc, argv, error) == -1) {
		if (report_format(&line, "", error) == 0)
			(void)fprintf(stderr, "fdbackup: %s\n",
			    buf_str(&line));
		options_usage(stderr);
		buf_free(&line);
		return STATUS_USAGE;
	}
	return controller_run(&o);
}
