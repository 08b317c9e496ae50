/*
 * fdbclient.c: a worker for the test scripts.
 *
 * usage: fdbclient [-chklouw] socket role [path ...]
 *
 * Begins a session, opens each path and prints a line about it:
 *
 *	PATH: ok BYTES			opened; so many bytes could be read
 *	PATH: REASON ERRNO [WHERE]	refused
 *
 * With -l it lists them as directories instead, a line an entry, and with -k
 * holds them open until it ends.  With -o it
 * reads nothing ("PATH: opened").  With -w it opens them for writing, making
 * them if they are not there, empties them and writes a line
 * ("PATH: written"); with -u it opens them for reading and writing.  With -c
 * it confines itself first.  With -h it then prints "holding" and waits for
 * the end of its standard input, and does all of it again.  A session that
 * cannot be begun or that ends is told on standard error, with exit status 1.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/fdbroker.h"

static bool	 only_open, keep;

static const char *const reasons[] = {
	[FDB_REASON_NONE] = "none",
	[FDB_REASON_POLICY] = "policy",
	[FDB_REASON_KERNEL] = "kernel",
	[FDB_REASON_LIMIT] = "limit",
	[FDB_REASON_TYPE] = "type",
	[FDB_REASON_NAME] = "name"
};

static void
show_refused(const char *path, const struct fdb_result *r)
{
	(void)printf("%s: %s %s%s%s\n", path, reasons[r->reason],
	    strerrorname_np(r->error), r->where[0] != '\0' ? " " : "",
	    r->where);
}

static void
show_opened(const char *path, int fd)
{
	char	 buf[4096];
	size_t	 total = 0;
	ssize_t	 n;

	if (only_open) {
		close(fd);
		(void)printf("%s: opened\n", path);
		return;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		total += (size_t)n;
	if (n == -1)
		err(1, "%s: read", path);
	close(fd);
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
do_open(struct fdb_session *s, const char *path, unsigned int access)
{
	struct fdb_result	 r;

	if (fdb_open_at(s, FDB_TOKEN_ROOT, path, access, 0) == -1) {
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
	else if (!keep && fdb_forget(s, r.token) == -1)
		errx(1, "%s", fdb_session_error(s));
}

static void
do_all(struct fdb_session *s, bool list, unsigned int access,
    char *const *paths)
{
	for (; *paths != NULL; paths++) {
		if (list)
			do_list(s, *paths);
		else
			do_open(s, *paths, access);
	}
	(void)fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	char			 why[FDB_WHY_MAX], byte;
	bool			 confine = false, hold = false, list = false;
	unsigned int		 access = FDB_READ;
	int			 ch;

	while ((ch = getopt(argc, argv, "chklouw")) != -1) {
		if (ch == 'c')
			confine = true;
		else if (ch == 'h')
			hold = true;
		else if (ch == 'k')
			keep = true;
		else if (ch == 'l')
			list = true;
		else if (ch == 'o')
			only_open = true;
		else if (ch == 'u')
			access = FDB_READ | FDB_WRITE;
		else if (ch == 'w')
			access = FDB_WRITE | FDB_CREATE | FDB_TRUNCATE;
		else
			return 2;
	}
	if (argc - optind < 2)
		return 2;
	if (fdb_connect(&s, argv[optind], argv[optind + 1], 10000,
	    why) == -1)
		errx(1, "%s", why);
	if (confine && fdb_confine_session(s, NULL) == -1)
		err(1, "confine");
	do_all(s, list, access, argv + optind + 2);
	if (hold) {
		(void)printf("holding\n");
		(void)fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
		do_all(s, list, access, argv + optind + 2);
	}
	fdb_disconnect(s);
	return 0;
}
