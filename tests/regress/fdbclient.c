/*
 * fdbclient.c: a worker for the test scripts.
 *
 * usage: fdbclient [-achklouw] [-b name] [-t option] ... socket role [path ...]
 *
 * Begins a session, opens each path for reading and prints a line about it:
 *
 *	PATH: ok BYTES			opened, and read this many bytes
 *	PATH: endless			opened; it is a device without an end
 *	PATH: REASON ERRNO [WHERE]	refused
 *	PATH: library ERRNO		the library did not send the request
 *
 *	-a	append a line, and print "PATH: written"
 *	-b name	with -h, -k and -l: the second time, list nothing, but open
 *		this name in the directory that was listed last
 *	-c	confine itself first
 *	-h	then print "holding", wait for the end of standard input, and
 *		do everything again
 *	-k	with -l, keep the directories open until it ends
 *	-l	list the paths, which are directories: a line for each entry
 *	-o	read nothing, and print "PATH: opened"
 *	-t	walk the paths, with an option of showwalk.h
 *	-u	open for reading and writing
 *	-w	create or empty the file, write a line, print "PATH: written"
 *
 * If the session cannot begin, or ends, it prints the reason on standard error
 * and exits with status 1.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "showwalk.h"
#include "worker.h"

#define ENDLESS	(64 * 1024 * 1024)	/* more than the files of a test have */

static bool	 open_only, keep_open, walks;
static uint32_t	 last_token;	/* of the directory that was listed last */

static void
show_refused(const char *path, const struct fdb_result *r)
{
	(void)printf("%s: %s\n", path, worker_failure(r));
}

static void
show_opened(const char *path, int fd)
{
	char	 buf[4096];
	size_t	 total = 0;
	ssize_t	 n;

	if (open_only) {
		close(fd);
		(void)printf("%s: opened\n", path);
		return;
	}
	/* /dev/zero and /dev/full have no end. */
	while ((n = read(fd, buf, sizeof(buf))) > 0 && total < ENDLESS)
		total += (size_t)n;
	if (n == -1)
		err(1, "%s: read", path);
	close(fd);
	if (n > 0)
		(void)printf("%s: endless\n", path);
	else
		(void)printf("%s: ok %zu\n", path, total);
}

static void
show_written(const char *path, int fd)
{
	if (write(fd, "written\n", 8) != 8)
		err(1, "%s: write", path);
	close(fd);
	(void)printf("%s: written\n", path);
}

static void
do_open(struct fdb_session *s, uint32_t base, const char *path,
    unsigned int access)
{
	struct fdb_result	 r;

	if (fdb_open_at(s, base, path, access, 0) == -1) {
		if (errno == EPIPE)
			errx(1, "%s", fdb_session_error(s));
		(void)printf("%s: library %s\n", path,
		    strerrorname_np(errno));
		return;
	}
	if (fdb_wait(s, &r, -1) != 1)
		errx(1, "%s", fdb_session_error(s));
	if (r.error != 0)
		show_refused(path, &r);
	else if (access & FDB_READ)
		show_opened(path, r.fd);
	else
		show_written(path, r.fd);
}

static void
do_list(struct fdb_session *s, const char *path)
{
	struct fdb_result	 r;

	if (fdb_list_at(s, FDB_TOKEN_ROOT, path, 0) == -1)
		errx(1, "%s: %s", path, strerror(errno));
	for (;;) {
		if (fdb_wait(s, &r, -1) != 1)
			errx(1, "%s", fdb_session_error(s));
		if (r.kind == FDB_RESULT_LIST)
			break;
		(void)printf("%s/%s\n", path, r.name);
	}
	if (r.error != 0)
		show_refused(path, &r);
	else if (keep_open)
		last_token = r.token;
	else if (fdb_forget(s, r.token) == -1)
		errx(1, "%s", fdb_session_error(s));
}

static void
do_all(struct fdb_session *s, bool list, unsigned int access,
    char *const *paths)
{
	for (; *paths != NULL; paths++) {
		if (walks)
			showwalk(s, *paths);
		else if (list)
			do_list(s, *paths);
		else
			do_open(s, FDB_TOKEN_ROOT, *paths, access);
	}
	(void)fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	const char		*beneath = NULL;
	char			 byte;
	bool			 confine = false, hold = false, list = false;
	unsigned int		 access = FDB_READ;
	int			 ch;

	while ((ch = getopt(argc, argv, "ab:chklot:uw")) != -1) {
		if (ch == 'a')
			access = FDB_APPEND;
		else if (ch == 'b')
			beneath = optarg;
		else if (ch == 'c')
			confine = true;
		else if (ch == 'h')
			hold = true;
		else if (ch == 'k')
			keep_open = true;
		else if (ch == 'l')
			list = true;
		else if (ch == 'o')
			open_only = true;
		else if (ch == 't' && showwalk_option(optarg) == 0)
			walks = true;
		else if (ch == 'u')
			access = FDB_READ | FDB_WRITE;
		else if (ch == 'w')
			access = FDB_WRITE | FDB_CREATE | FDB_TRUNCATE;
		else
			return 2;
	}
	if (argc - optind < 2)
		return 2;
	s = worker_connect(argv[optind], argv[optind + 1]);
	if (confine)
		worker_confine(s);
	do_all(s, list, access, argv + optind + 2);
	if (hold) {
		(void)printf("holding\n");
		(void)fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
		if (beneath != NULL)
			do_open(s, last_token, beneath, access);
		else
			do_all(s, list, access, argv + optind + 2);
	}
	fdb_disconnect(s);
	return 0;
}
