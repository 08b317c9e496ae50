/*
 * fdbwatch.c: a worker for the test scripts that watches names.
 *
 * usage: fdbwatch [-acow] socket role path ...
 *
 * Watches each path, and prints a line about each result:
 *
 *	PATH: file TEXT			a file stands there, and begins so
 *	PATH: REASON ERRNO [WHERE]	none does, or it cannot be opened
 *	PATH: end ERRNO			the watch has ended
 *
 *	-a	append a line to each, and print "PATH: appending"
 *	-c	confine itself first
 *	-o	once everything was said that comes at once, open the first path
 *		and print "PATH: opened BYTE", for each line of standard input
 *	-w	also when a file was written
 *
 * At the end of standard input it ends the watches, and itself.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

static void
show_file(const struct fdb_result *r, unsigned int access)
{
	char	 buf[64];
	ssize_t	 n;

	if (access & FDB_APPEND) {
		if (write(r->fd, "appended\n", 9) != 9)
			err(1, "/%s: write", r->name);
		(void)printf("/%s: appending\n", r->name);
		return;
	}
	if ((n = read(r->fd, buf, sizeof(buf) - 1)) == -1)
		err(1, "/%s: read", r->name);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	(void)printf("/%s: file %s\n", r->name, buf);
}

/* Returns how many watches have ended. */
static int
show(const struct fdb_result *r, unsigned int access)
{
	if (r->kind == FDB_RESULT_WATCH) {
		(void)printf("/%s: end %s\n", r->name,
		    strerrorname_np(r->error));
	} else if (r->error != 0) {
		(void)printf("/%s: %s\n", r->name, worker_failure(r));
	} else {
		show_file(r, access);
		close(r->fd);
	}
	(void)fflush(stdout);
	return r->kind == FDB_RESULT_WATCH;
}

/* Standard input can be read: false at its end. */
static bool
take_line(struct fdb_session *s, const char *path)
{
	char	 byte, got = '-';
	int	 fd;

	if (read(STDIN_FILENO, &byte, 1) != 1)
		return false;
	if (path == NULL)
		return true;
	if ((fd = fdb_open(s, path, O_RDONLY)) == -1)
		errx(1, "%s", fdb_session_error(s));
	(void)!read(fd, &got, 1);
	close(fd);
	(void)printf("%s: opened %c\n", path, got);
	(void)fflush(stdout);
	return true;
}

static void
watch(struct fdb_session *s, unsigned int access, const char *path,
    int nwatches)
{
	struct pollfd		 fds[FDB_POLLFDS + 1];
	struct fdb_result	 r;
	bool			 input = true;
	int			 n;

	while (nwatches > 0) {
		while ((n = fdb_next(s, &r)) == 1)
			nwatches -= show(&r, access);
		if (n == -1)
			errx(1, "%s", fdb_session_error(s));
		fdb_session_pollfds(s, fds);
		fds[FDB_POLLFDS].fd = input ? STDIN_FILENO : -1;
		fds[FDB_POLLFDS].events = POLLIN;
		if (nwatches > 0 && poll(fds, FDB_POLLFDS + 1, -1) == -1)
			err(1, "poll");
		if (nwatches > 0 && fds[FDB_POLLFDS].revents != 0 &&
		    !take_line(s, path)) {
			input = false;
			if (fdb_watch_cancel(s, 7) == -1)
				err(1, "cancel");
		}
	}
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	bool			 confine = false, opens = false;
	unsigned int		 access = FDB_READ, flags = 0;
	int			 ch, i;

	while ((ch = getopt(argc, argv, "acow")) != -1) {
		if (ch == 'a')
			access = FDB_APPEND;
		else if (ch == 'c')
			confine = true;
		else if (ch == 'o')
			opens = true;
		else if (ch == 'w')
			flags = FDB_WATCH_WRITTEN;
		else
			return 2;
	}
	if (argc - optind < 3)
		return 2;
	s = worker_connect(argv[optind], argv[optind + 1]);
	if (confine)
		worker_confine(s);
	for (i = optind + 2; i < argc; i++)
		if (fdb_watch(s, argv[i], access, flags, 7) == -1)
			err(1, "%s", argv[i]);
	watch(s, access, opens ? argv[optind + 2] : NULL,
	    argc - optind - 2);
	fdb_disconnect(s);
	if (!confine)
		return 0;
	/* At exit(3) sanitizers trace the process, which it may not do. */
	_exit(fflush(stdout) == 0 ? 0 : 1);
}
