/*
 * fdbreconnect.c: a confined worker that begins its session anew, for
 * reconnect.t.
 *
 * usage: fdbreconnect socket role path
 *
 * Confines itself, and for each line of standard input opens the path and
 * prints a line: "opened", or why not.  If the session has ended it begins
 * another one, prints "anew" or why not, and opens the path then.  "q" ends it.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "worker.h"

static struct fdb_session	*s;
static struct fdb_reconnect	*again;

/* 0, or -1 if there is no session any more. */
static int
try_open(const char *path)
{
	int	 fd;

	if (s == NULL)
		return -1;
	if ((fd = fdb_open(s, path, O_RDONLY)) != -1) {
		close(fd);
		(void)printf("opened\n");
		return 0;
	}
	if (errno == EPIPE)
		return -1;
	(void)printf("%s\n", fdb_session_error(s));
	return 0;
}

static void
take_line(const char *path)
{
	char	 why[FDB_WHY_MAX];

	if (try_open(path) == 0)
		return;
	fdb_disconnect(s);
	if (fdb_reconnect(again, &s, 10000, why) == -1) {
		(void)printf("%s\n", why);
		return;
	}
	(void)printf("anew\n");
	(void)try_open(path);
}

int
main(int argc, char *argv[])
{
	char	 byte;

	if (argc != 4)
		return 2;
	s = worker_connect(argv[1], argv[2]);
	if (fdb_reconnect_prepare(&again, argv[1], argv[2]) == -1)
		err(1, "prepare");
	worker_confine(s);
	while (read(STDIN_FILENO, &byte, 1) == 1 && byte != 'q') {
		take_line(argv[3]);
		(void)fflush(stdout);
	}
	fdb_reconnect_end(again);
	fdb_disconnect(s);
	/* At exit(3) sanitizers trace the process, which it may not do. */
	_exit(fflush(stdout) == 0 ? 0 : 1);
}
