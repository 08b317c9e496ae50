/*
 * worker.c: a worker that may open nothing, with a poll loop of its own: it
 * reads paths, a line each, and prints the number of lines in each file.
 *
 * usage: worker role <paths
 *
 * Its parts are those of any privilege-separated worker: connect, confine, then
 * wait for work and for results at once.  It asks for files as paths come, and
 * does not wait for an answer before it asks again.
 *
 *	cc worker.c $(pkg-config --cflags --libs fdbroker) -o worker
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fdbroker.h>

#define JOBS	64		/* files asked for at once */

/* The paths that are asked for; a job's number is the cookie. */
static char	 jobs[JOBS][4096];
static int	 busy[JOBS];

static char	 input[4096];
static size_t	 input_len;
static int	 input_ended;

static void
fail(const char *text)
{
	fprintf(stderr, "worker: %s\n", text);
	exit(1);
}

/* A job that is free, or -1. */
static int
free_job(void)
{
	int	 i;

	for (i = 0; i < JOBS; i++)
		if (!busy[i])
			return i;
	return -1;
}

/* Read what there is of the input. */
static void
read_input(void)
{
	ssize_t	 n;

	n = read(STDIN_FILENO, input + input_len, sizeof(input) - input_len);
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		fail(strerror(errno));
	if (n == 0)
		input_ended = 1;
	if (n > 0)
		input_len += (size_t)n;
}

/* Ask for the files whose lines are complete, as far as the window allows. */
static void
ask(struct fdb_session *s)
{
	char	*end;
	size_t	 len;
	int	 i;

	while ((end = memchr(input, '\n', input_len)) != NULL &&
	    (i = free_job()) != -1) {
		len = (size_t)(end - input);
		memcpy(jobs[i], input, len);
		jobs[i][len] = '\0';
		if (fdb_open_at(s, FDB_TOKEN_ROOT, jobs[i], FDB_READ,
		    (uint64_t)i) == 0)
			busy[i] = 1;
		else if (errno == EAGAIN)
			return;
		else if (errno == EPIPE)
			fail(fdb_session_error(s));
		else
			printf("%s: %s\n", jobs[i], fdb_session_error(s));
		input_len -= len + 1;
		memmove(input, end + 1, input_len);
	}
	if (end == NULL && input_len == sizeof(input))
		fail("a path is too long");
}

/* Do the work: the file is open. */
static void
count_lines(const char *path, int fd)
{
	char		 buf[8192];
	unsigned long	 lines = 0;
	ssize_t		 i, n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
	if (n == -1)
		printf("%s: %s\n", path, strerror(errno));
	else
		printf("%s: %lu lines\n", path, lines);
}

/* Take the results that have come. */
static void
take(struct fdb_session *s)
{
	struct fdb_result	 r;
	int			 n;

	while ((n = fdb_next(s, &r)) == 1) {
		busy[r.cookie] = 0;
		if (r.error != 0) {
			printf("%s: %s %s\n", jobs[r.cookie],
			    strerror(r.error), r.where);
			continue;
		}
		count_lines(jobs[r.cookie], r.fd);
		close(r.fd);
	}
	if (n == -1)
		fail(fdb_session_error(s));
}

int
main(int argc, char *argv[])
{
	struct pollfd		 fds[FDB_POLLFDS + 1];
	struct fdb_session	*s;
	char			 why[FDB_WHY_MAX];

	if (argc != 2)
		fail("usage: worker role");
	if (fdb_connect(&s, FDB_SOCKET_PATH, argv[1], 5000, why) == -1)
		fail(why);
	if (fdb_confine_session(s, NULL) == -1)
		fail("cannot be confined");
	for (;;) {
		ask(s);
		take(s);
		if (input_ended && fdb_outstanding(s) == 0 &&
		    memchr(input, '\n', input_len) == NULL)
			break;
		fdb_session_pollfds(s, fds);
		/* Negative descriptors are ignored. */
		fds[FDB_POLLFDS].fd = input_ended ||
		    input_len == sizeof(input) ? -1 : STDIN_FILENO;
		fds[FDB_POLLFDS].events = POLLIN;
		fds[FDB_POLLFDS].revents = 0;
		if (fdb_outstanding(s) == 0 &&
		    memchr(input, '\n', input_len) != NULL)
			continue;
		if (poll(fds, FDB_POLLFDS + 1, -1) == -1 && errno != EINTR)
			fail(strerror(errno));
		if (fds[FDB_POLLFDS].revents != 0)
			read_input();
	}
	if (input_len > 0)
		fail("the last line has no end");
	fdb_disconnect(s);
	return 0;
}
