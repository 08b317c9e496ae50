/*
 * bench_walk.c: the time to walk a tree and open its files, directly and
 * through an opener.
 *
 * Walks a directory (/usr/share, or -d) in this process: it reads each
 * directory, and opens, looks at and closes each file.  Then it lets a private
 * opener, confined as usual, walk the same tree.  Prints for both the
 * microseconds for each object, of the clock and of the processor, and the
 * ratio of the opener's processor time to that of the direct walk; the same run
 * measures both.
 *
 * usage: bench_walk [-nrx] [-d dir]
 *
 *	-n	do not open files
 *	-r	read ahead
 *	-x	with extended attributes
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "client/fdbroker.h"
#include "opener/private.h"

#define ROUNDS	5

static unsigned int	 flags;
static struct private_opener opener = {
	.pid = -1, .channel = -1, .sock = -1
};

static double
seconds(clockid_t clock)
{
	struct timespec	 ts;

	if (clock_gettime(clock, &ts) == -1)
		err(1, "clock");
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Open, look at and close one file; or only look at it. */
static void
look_at(int dirfd, const struct dirent *de)
{
	struct stat	 st;
	int		 fd;

	if (de->d_type != DT_REG || (flags & FDB_WALK_NO_OPEN)) {
		(void)fstatat(dirfd, de->d_name, &st, AT_SYMLINK_NOFOLLOW);
		return;
	}
	fd = openat(dirfd, de->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return;
	(void)fstat(fd, &st);
	close(fd);
}

/* The number of objects beneath the directory. */
static size_t
walk_direct(int dirfd, const char *name)
{
	struct dirent	*de;
	struct stat	 st;
	size_t		 n = 0;
	DIR		*dir;
	int		 fd;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1 || (dir = fdopendir(fd)) == NULL)
		return 0;
	while ((de = readdir(dir)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		n++;
		if (de->d_type == DT_DIR)
			n += walk_direct(fd, de->d_name);
		else
			look_at(fd, de);
	}
	closedir(dir);
	return n;
}

static size_t
walk_brokered(struct fdb_session *s, const char *path)
{
	struct fdb_walk		 o;
	struct fdb_result	 r;
	int			 fds[FDB_BATCH_MAX];
	size_t			 nfds = 0, n = 0;

	memset(&o, 0, sizeof(o));
	o.name = path;
	o.flags = flags;
	if (fdb_walk(s, &o, 0) == -1)
		err(1, "fdb_walk");
	do {
		if (fdb_wait(s, &r, -1) != 1)
			errx(1, "session: %s", fdb_session_error(s));
		if (r.kind == FDB_RESULT_WALK_ENTRY && r.name[0] != '\0')
			n++;
		if (r.fd != -1)
			fds[nfds++] = r.fd;
		if (nfds == FDB_BATCH_MAX || r.kind == FDB_RESULT_WALK) {
			fd_close_all(fds, nfds);
			nfds = 0;
		}
	} while (r.kind != FDB_RESULT_WALK);
	if (r.error != 0)
		errx(1, "%s: %s %s", path, strerror(r.error), r.where);
	return n;
}

static void
start_private(struct fdb_session **s, char *root)
{
	const char	*path = getenv("FDBROKER_OPENER");
	char		 why[FDB_WHY_MAX];

	if (private_prepare(&opener) == -1 ||
	    private_start(path != NULL ? path : OPENER_PATH, &root, 1,
	    &opener) == -1)
		err(1, "opener");
	if (fdb_attach(s, opener.sock, 10000, why) == -1)
		errx(1, "%s", why);
}

static void
report(const char *what, size_t n, double wall, double cpu)
{
	(void)printf("%-10s %9zu objects  %7.3f us each, %7.3f us of the "
	    "processor\n", what, n, wall * 1e6 / (double)n,
	    cpu * 1e6 / (double)n);
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s = NULL;
	char			*dir = strdup("/usr/share");
	double			 wall, cpu, took, direct = 0, brokered = 0;
	double			 wall_direct = 0, wall_brokered = 0;
	clockid_t		 clock;
	size_t			 n = 0, m = 0;
	int			 ch, i;

	while ((ch = getopt(argc, argv, "d:nrx")) != -1) {
		switch (ch) {
		case 'd':
			free(dir);
			dir = strdup(optarg);
			break;
		case 'n':
			flags |= FDB_WALK_NO_OPEN;
			break;
		case 'r':
			flags |= FDB_WALK_READAHEAD;
			break;
		case 'x':
			flags |= FDB_WALK_XATTR;
			break;
		default:
			(void)fprintf(stderr,
			    "usage: bench_walk [-nrx] [-d dir]\n");
			return 2;
		}
	}
	if (dir == NULL)
		err(1, NULL);
	start_private(&s, dir);
	if (clock_getcpuclockid(opener.pid, &clock) != 0)
		errx(1, "the opener has no clock");
	for (i = 0; i < ROUNDS; i++) {
		wall = seconds(CLOCK_MONOTONIC);
		cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
		n = walk_direct(AT_FDCWD, dir);
		took = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		if (i == 0 || took < direct) {
			direct = took;
			wall_direct = seconds(CLOCK_MONOTONIC) - wall;
		}
		wall = seconds(CLOCK_MONOTONIC);
		cpu = seconds(clock);
		m = walk_brokered(s, dir);
		took = seconds(clock) - cpu;
		if (i == 0 || took < brokered) {
			brokered = took;
			wall_brokered = seconds(CLOCK_MONOTONIC) - wall;
		}
	}
	report("direct", n, wall_direct, direct);
	report("brokered", m, wall_brokered, brokered);
	if (n > 0 && m > 0)
		(void)printf("ratio      %.2f of the processor\n",
		    brokered / (double)m / (direct / (double)n));
	fdb_disconnect(s);
	close(opener.channel);
	while (waitpid(opener.pid, NULL, 0) == -1 && errno == EINTR)
		;
	free(dir);
	return 0;
}
