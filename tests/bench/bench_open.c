/*
 * bench_open.c: the time to open a file, directly and through an opener.
 *
 * Makes a tree of 50,000 small files (-n changes that) in a new directory
 * beneath /tmp (-d changes that).  Opens each file with open(2), fstat(2) and
 * close(2), and then through a private opener, confined as usual, with windows
 * of 1 to 8 requests and batches of 1 to 253 items.  Prints the microseconds
 * for each open, and how many times longer than a direct open that is; the
 * same run measures both.  With -s and -r it asks a running daemon instead of
 * a private opener.
 *
 * usage: bench_open [-n files] [-d dir] [-s socket -r role]
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proto.h"
#include "client/fdbroker.h"
#include "opener/private.h"

#define FILES_PER_DIR	500
#define ROUNDS		3

static size_t		 nfiles = 50000;
static const char	*tree;
static struct private_opener opener = {
	.pid = -1, .channel = -1, .sock = -1
};

static void
file_name(char *buf, size_t size, size_t i)
{
	(void)snprintf(buf, size, "%s/%zu/%zu", tree, i / FILES_PER_DIR,
	    i % FILES_PER_DIR);
}

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
make_tree(void)
{
	char	 path[PROTO_PATH_MAX];
	size_t	 i;
	int	 fd;

	for (i = 0; i < nfiles; i++) {
		if (i % FILES_PER_DIR == 0) {
			(void)snprintf(path, sizeof(path), "%s/%zu", tree,
			    i / FILES_PER_DIR);
			if (mkdir(path, 0755) == -1)
				err(1, "%s", path);
		}
		file_name(path, sizeof(path), i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (fd == -1 || write(fd, path, strlen(path)) == -1)
			err(1, "%s", path);
		close(fd);
	}
}

static void
remove_tree(void)
{
	char	 path[PROTO_PATH_MAX];
	size_t	 i;

	for (i = 0; i < nfiles; i++) {
		file_name(path, sizeof(path), i);
		(void)unlink(path);
		if (i % FILES_PER_DIR == FILES_PER_DIR - 1 || i == nfiles - 1) {
			(void)snprintf(path, sizeof(path), "%s/%zu", tree,
			    i / FILES_PER_DIR);
			(void)rmdir(path);
		}
	}
	(void)rmdir(tree);
}

static double
run_direct(void)
{
	char		 path[PROTO_PATH_MAX];
	struct stat	 st;
	double		 start = now();
	size_t		 i;
	int		 fd;

	for (i = 0; i < nfiles; i++) {
		file_name(path, sizeof(path), i);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd == -1 || fstat(fd, &st) == -1)
			err(1, "%s", path);
		close(fd);
	}
	return (now() - start) / (double)nfiles;
}

/* Take results until `most' or fewer are outstanding; close in batches. */
static void
take_results(struct fdb_session *s, size_t most)
{
	struct fdb_result	 r;
	int			 fds[FDB_BATCH_MAX];
	size_t			 n = 0;

	while (fdb_outstanding(s) > most) {
		if (fdb_wait(s, &r, -1) != 1)
			errx(1, "session: %s", fdb_session_error(s));
		if (r.error != 0)
			errx(1, "refused: %s", strerror(r.error));
		fds[n++] = r.fd;
		if (n == FDB_BATCH_MAX) {
			fd_close_all(fds, n);
			n = 0;
		}
	}
	fd_close_all(fds, n);
}

static double
run_brokered(struct fdb_session *s, size_t window, size_t batch)
{
	char	 path[PROTO_PATH_MAX];
	double	 start = now();
	size_t	 i;

	for (i = 0; i < nfiles; i++) {
		file_name(path, sizeof(path), i);
		if (fdb_open_at(s, FDB_TOKEN_ROOT, path, FDB_READ, i) == -1)
			err(1, "%s", path);
		if ((i + 1) % batch != 0)
			continue;
		if (fdb_flush(s) == -1)
			errx(1, "session: %s", fdb_session_error(s));
		take_results(s, (window - 1) * batch);
	}
	take_results(s, 0);
	return (now() - start) / (double)nfiles;
}

static void
start_private(struct fdb_session **s)
{
	const char	*path = getenv("FDBROKER_OPENER");
	char		 why[FDB_WHY_MAX], *root;

	if ((root = strdup(tree)) == NULL)
		err(1, NULL);
	if (private_prepare(&opener) == -1 ||
	    private_start(path != NULL ? path : OPENER_PATH, &root, 1,
	    &opener) == -1)
		err(1, "opener");
	if (fdb_attach(s, opener.sock, 10000, why) == -1)
		errx(1, "%s", why);
	free(root);
}

static void
report(struct fdb_session *s)
{
	static const size_t	 windows[] = { 1, 2, 4, 8 };
	static const size_t	 batches[] = { 1, 4, 16, 64, 128, 253 };
	double			 direct = 0, took, best;
	size_t			 w, b;
	int			 i;

	(void)run_direct();
	for (i = 0; i < ROUNDS; i++) {
		took = run_direct();
		if (i == 0 || took < direct)
			direct = took;
	}
	(void)printf("%zu files, best of %d rounds\n", nfiles, ROUNDS);
	(void)printf("direct: %.2f us an open\n\n", direct);
	(void)printf("window  batch  us/open  ratio\n");
	for (w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
		for (b = 0; b < sizeof(batches) / sizeof(batches[0]); b++) {
			best = 0;
			for (i = 0; i < ROUNDS; i++) {
				took = run_brokered(s, windows[w], batches[b]);
				if (i == 0 || took < best)
					best = took;
				if (batches[b] * windows[w] < 16)
					break;	/* slow enough as it is */
			}
			(void)printf("%6zu  %5zu  %7.2f  %5.2f\n", windows[w],
			    batches[b], best, best / direct);
		}
	}
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s = NULL;
	const char		*sock = NULL, *role = NULL, *parent = "/tmp";
	const char		*bad;
	char			 dir[PROTO_PATH_MAX], why[FDB_WHY_MAX];
	int			 ch;

	while ((ch = getopt(argc, argv, "d:n:r:s:")) != -1) {
		switch (ch) {
		case 'd':
			parent = optarg;
			break;
		case 'n':
			nfiles = (size_t)strtonum(optarg, 1, 10000000, &bad);
			if (bad != NULL)
				errx(2, "-n %s: %s", optarg, bad);
			break;
		case 'r':
			role = optarg;
			break;
		case 's':
			sock = optarg;
			break;
		default:
			(void)fprintf(stderr, "usage: bench_open [-n files] "
			    "[-d dir] [-s socket -r role]\n");
			return 2;
		}
	}
	(void)snprintf(dir, sizeof(dir), "%s/fdb-bench.XXXXXX", parent);
	if (mkdtemp(dir) == NULL)
		err(1, "%s", dir);
	tree = dir;
	if (chmod(dir, 0755) == -1)
		err(1, "%s", dir);
	make_tree();
	if (sock == NULL || role == NULL)
		start_private(&s);
	else if (fdb_connect(&s, sock, role, 10000, why) == -1)
		errx(1, "%s", why);
	report(s);
	fdb_disconnect(s);
	if (opener.pid != -1) {
		close(opener.channel);
		while (waitpid(opener.pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	remove_tree();
	return 0;
}
