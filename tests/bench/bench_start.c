/*
 * bench_start.c: what starting costs: a backup of one file beside the same by
 * tar(1), and a session of a daemon beside both.
 *
 * The three run in turn.  A backup is timed from its start until it has ended
 * and its output, a pipe as in "tar cf - file | cat >/dev/null", was read to
 * the end; a session from fdb_connect() until fdb_disconnect() returns.  Prints
 * the median of the times, and the median of what each round's ratio to its
 * tar(1) was.  tests/bench/start.sh makes the file and runs the daemon.
 *
 * usage: bench_start [-n rounds] [-s socket -r role] fdbackup file
 */

#include "config.h"

#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/fdbroker.h"

#define ROUNDS_MAX	1000
#define WARM		2	/* rounds that are not counted */

extern char	**environ;

enum { TAR, BACKUP, SESSION, NKINDS };

static const char *const names[NKINDS] = {
	"tar cf - FILE", "fdbackup create --none -f - FILE",
	"a session of the daemon"
};

static double	 times[NKINDS][ROUNDS_MAX];

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Run a command with its output in a pipe, and read that. */
static double
run_command(char *const argv[])
{
	static char			 buf[65536];
	posix_spawn_file_actions_t	 acts;
	double				 start;
	pid_t				 pid;
	int				 p[2], status;

	if (pipe2(p, O_CLOEXEC) == -1 ||
	    posix_spawn_file_actions_init(&acts) != 0 ||
	    posix_spawn_file_actions_adddup2(&acts, p[1], 1) != 0 ||
	    posix_spawn_file_actions_addopen(&acts, 2, "/dev/null", O_WRONLY,
	    0) != 0)
		err(1, "pipe");
	start = now();
	if (posix_spawnp(&pid, argv[0], &acts, NULL, argv, environ) != 0)
		err(1, "%s", argv[0]);
	close(p[1]);
	while (read(p[0], buf, sizeof(buf)) > 0)
		;
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(1, "%s failed", argv[0]);
	start = now() - start;
	close(p[0]);
	posix_spawn_file_actions_destroy(&acts);
	return start;
}

static double
run_session(const char *socket, const char *role)
{
	struct fdb_session	*s;
	char			 why[FDB_WHY_MAX];
	double			 start = now();

	if (fdb_connect(&s, socket, role, 10000, why) == -1)
		errx(1, "%s", why);
	fdb_disconnect(s);
	return now() - start;
}

static int
compare(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(const double *list, size_t n)
{
	static double	 sorted[ROUNDS_MAX];

	memcpy(sorted, list, n * sizeof(*list));
	qsort(sorted, n, sizeof(*sorted), compare);
	return sorted[n / 2];
}

static void
print(size_t n, int kinds)
{
	double	 ratios[ROUNDS_MAX];
	size_t	 i;
	int	 kind;

	for (kind = 0; kind < kinds; kind++) {
		for (i = 0; i < n; i++)
			ratios[i] = times[kind][i] / times[TAR][i];
		(void)printf("%-33s %8.2f ms %6.2f\n", names[kind],
		    median(times[kind], n) / 1e3, median(ratios, n));
	}
}

static void
usage(void)
{
	(void)fprintf(stderr, "usage: bench_start [-n rounds] "
	    "[-s socket -r role] fdbackup file\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	static char	 word_tar[] = "tar", word_cf[] = "cf", dash[] = "-";
	static char	 create[] = "create", none[] = "--none", f[] = "-f";
	char		*tar[] = { word_tar, word_cf, dash, NULL, NULL };
	char		*backup[] = { NULL, create, none, f, dash, NULL,
			    NULL };
	const char	*socket = NULL, *role = NULL;
	size_t		 i, n = 31;
	int		 ch;

	while ((ch = getopt(argc, argv, "n:r:s:")) != -1) {
		switch (ch) {
		case 'n':
			n = (size_t)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			role = optarg;
			break;
		case 's':
			socket = optarg;
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 2 || n < 1 || n > ROUNDS_MAX ||
	    (socket == NULL) != (role == NULL))
		usage();
	backup[0] = argv[optind];
	tar[3] = backup[5] = argv[optind + 1];
	for (i = 0; i < n + WARM; i++) {
		/* The last round before those that count is overwritten. */
		const size_t	 at = i < WARM ? 0 : i - WARM;

		times[TAR][at] = run_command(tar);
		times[BACKUP][at] = run_command(backup);
		if (socket != NULL)
			times[SESSION][at] = run_session(socket, role);
	}
	print(n, socket != NULL ? NKINDS : SESSION);
	return 0;
}
