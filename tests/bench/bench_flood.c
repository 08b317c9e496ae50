/*
 * bench_flood.c: how many sessions an honest client gets while others flood
 * the rendezvous.
 *
 * One client begins a session, opens one file and ends the session, as often
 * as it can.  It does so under many uids in turn, since the daemon lets a uid
 * ask 20 times a second.  In alternating turns of one run it is alone, or two
 * uids that no role admits flood the rendezvous, each with two processes: one
 * asks for sessions through the library, one sends garbage and requests to the
 * socket itself, whatever type that has.  In a third kind of turn as many
 * processes only compute, which tells how much of the loss is that of the
 * processor, and not of the daemon.  Prints sessions a second, the ratios, and
 * how much of the processors the others took: who floods takes none of it while
 * it waits in connect(2).
 * With -a the client is always alone, and the milliseconds of a session are
 * printed, in the best turn.
 *
 * usage: bench_flood [-a] [-n turns] [-t ms] socket role file uid flooder
 *                    flooder
 *
 * Must run as root.  The role admits UIDS uids, of which uid is the first.
 * `make bench-flood' starts a daemon for it.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "base/proto.h"
#include "client/fdbroker.h"

#define UIDS		128
#define FLOODERS	4	/* processes: two of each uid */
#define TURNS_MAX	64

enum kind { ALONE, COMPUTING, FLOODED, KINDS };
static const char *const names[KINDS] = { "alone", "computing", "flooded" };

static const char	*socket_path, *role, *file;
static uid_t		 first_uid, flood_uids[2];

/* What each process has done so far; shared by all of them. */
static atomic_ulong	*done;
static pid_t		 flooders[FLOODERS];

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Begin a session as a uid, open the file, and end it. */
static void
session(uid_t uid)
{
	struct fdb_session	*s;
	char			 why[FDB_WHY_MAX];
	int			 fd;

	if (setresuid(uid, uid, 0) == -1)
		err(1, "setresuid");
	if (fdb_connect(&s, socket_path, role, 20000, why) == -1)
		errx(1, "%s", why);
	if ((fd = fdb_open(s, file, O_RDONLY)) == -1)
		errx(1, "%s: %s", file, fdb_session_error(s));
	close(fd);
	fdb_disconnect(s);
	if (setresuid(0, 0, 0) == -1)
		err(1, "setresuid");
}

/* Sessions a second in a turn. */
static double
honest(double seconds)
{
	static unsigned int	 next;
	double			 start = now(), end;
	unsigned int		 n = 0;

	do {
		session(first_uid + next++ % UIDS);
		n++;
		end = now();
	} while (end - start < seconds);
	return n / (end - start);
}

static void
flood_library(atomic_ulong *count)
{
	struct fdb_session	*s;

	for (;;) {
		if (fdb_connect(&s, socket_path, role, 1, NULL) == 0)
			errx(1, "the flooder is welcome");
		(void)atomic_fetch_add(count, 1);
	}
}

/* A connected socket of the type that the rendezvous has, or -1. */
static int
raw_connect(const struct sockaddr_un *sun, int *type)
{
	static const int	 types[] = { SOCK_DGRAM, SOCK_SEQPACKET };
	size_t			 i;
	int			 fd;

	for (i = 0; i < 2; i++) {
		fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC, 0);
		if (fd == -1)
			return -1;
		if (connect(fd, (const struct sockaddr *)sun,
		    sizeof(*sun)) == 0) {
			*type = types[i];
			return fd;
		}
		close(fd);
	}
	return -1;
}

/*
 * Garbage and requests, without waiting for anything.  A datagram socket takes
 * any number; a connection is made for each.
 */
static void
flood_raw(atomic_ulong *count)
{
	static const char	 garbage[64] = "garbage";
	uint8_t			 hello[MESSAGE_SHORT];
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	struct message		 m;
	size_t			 len;
	int			 fd = -1, type = SOCK_DGRAM;

	/* Where those are whom it can disturb, if it may. */
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s%s", socket_path,
	    PROTO_PEERS_SUFFIX);
	if (access(sun.sun_path, W_OK) == -1)
		(void)strlcpy(sun.sun_path, socket_path,
		    sizeof(sun.sun_path));
	message_begin(&m, PROTO_HELLO, hello, sizeof(hello));
	wire_put_str(&m.w, role);
	len = message_finish(&m, 0);
	for (;;) {
		if (fd == -1 && (fd = raw_connect(&sun, &type)) == -1)
			continue;
		(void)send(fd, garbage, sizeof(garbage), MSG_NOSIGNAL);
		(void)send(fd, hello, len, MSG_NOSIGNAL);
		(void)atomic_fetch_add(count, 1);
		if (type != SOCK_DGRAM) {
			close(fd);
			fd = -1;
		}
	}
}

static void
compute(atomic_ulong *count)
{
	for (;;)
		(void)atomic_fetch_add(count, 1);
}

/* In the child: become the uid for good, and go on until killed. */
static void
flooder(enum kind kind, int i)
{
	uid_t	 uid = flood_uids[i % 2];

	if (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		err(1, "uid %u", (unsigned int)uid);
	if (kind == COMPUTING)
		compute(&done[i]);
	if (i < 2)
		flood_library(&done[i]);
	flood_raw(&done[i]);
}

/* Start them, and wait until each has begun. */
static void
flooders_start(enum kind kind)
{
	pid_t	 parent = getpid();
	int	 i;

	for (i = 0; i < FLOODERS; i++) {
		atomic_store(&done[i], 0);
		if ((flooders[i] = fork()) == -1)
			err(1, "fork");
		if (flooders[i] == 0) {
			/* It must not survive an error of its parent. */
			signal(SIGALRM, SIG_DFL);
			(void)alarm(60);
			if (getppid() != parent)
				_exit(1);
			flooder(kind, i);
		}
	}
	for (i = 0; i < FLOODERS; i++)
		while (atomic_load(&done[i]) == 0) {
			if (waitpid(flooders[i], NULL, WNOHANG) != 0)
				errx(1, "a flooder has ended");
			(void)sched_yield();
		}
}

/* Seconds of processor time of all children that were waited for. */
static double
children_time(void)
{
	struct rusage	 ru;

	if (getrusage(RUSAGE_CHILDREN, &ru) == -1)
		err(1, "getrusage");
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void
flooders_stop(void)
{
	int	 i;

	for (i = 0; i < FLOODERS; i++) {
		if (flooders[i] <= 0)
			continue;
		(void)kill(flooders[i], SIGKILL);
		(void)waitpid(flooders[i], NULL, 0);
		flooders[i] = 0;
	}
}

/*
 * One turn.  Sessions a second; *sent gets what the flooders sent a second, and
 * *used how many processors they took.
 */
static double
turn(enum kind kind, double seconds, double sent[2], double *used)
{
	double	 rate, start, before = children_time();
	int	 i;

	start = now();
	if (kind != ALONE)
		flooders_start(kind);
	rate = honest(seconds);
	for (i = 0; i < 2; i++)
		sent[i] = (double)(atomic_load(&done[i * 2]) +
		    atomic_load(&done[i * 2 + 1])) / (now() - start);
	flooders_stop();
	*used = (children_time() - before) / (now() - start);
	return rate;
}

static int
compare(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const double *values, size_t n)
{
	double	 sorted[TURNS_MAX];

	memcpy(sorted, values, n * sizeof(values[0]));
	qsort(sorted, n, sizeof(sorted[0]), compare);
	return n % 2 == 1 ? sorted[n / 2] :
	    (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/*
 * Each row is one round of turns, which begins with another kind each time.
 * The ratios are those of one round, and their median counts.
 */
static void
run(size_t turns, double seconds)
{
	double	 rates[KINDS], ratios[KINDS][TURNS_MAX], sent[2], most[2];
	double	 used[KINDS][TURNS_MAX];
	size_t	 i, k, kind;

	memset(most, 0, sizeof(most));
	(void)honest(seconds / 2);
	(void)printf("sessions a second\n");
	for (k = 0; k < KINDS; k++)
		(void)printf("%10s", names[k]);
	(void)printf("%10s\n", "ratio");
	for (i = 0; i < turns; i++) {
		for (k = 0; k < KINDS; k++) {
			kind = (i + k) % KINDS;
			rates[kind] = turn((enum kind)kind, seconds, sent,
			    &used[kind][i]);
			if (kind == FLOODED)
				memcpy(most, sent, sizeof(most));
		}
		for (k = 0; k < KINDS; k++) {
			ratios[k][i] = rates[k] / rates[ALONE];
			(void)printf("%10.0f", rates[k]);
		}
		(void)printf("%10.2f\n", ratios[FLOODED][i]);
		(void)fflush(stdout);
	}
	(void)printf("flooders: %.0f through the library, %.0f to the socket "
	    "a second\n", most[0], most[1]);
	(void)printf("processors that they took: %.2f; computing: %.2f\n",
	    median(used[FLOODED], turns), median(used[COMPUTING], turns));
	(void)printf("ratio: %.2f (median; 0.80 or more is wanted)\n",
	    median(ratios[FLOODED], turns));
	(void)printf("ratio while %d processes compute: %.2f\n", FLOODERS,
	    median(ratios[COMPUTING], turns));
}

static void
run_alone(size_t turns, double seconds)
{
	double	 best = 0, rate;
	size_t	 i;

	for (i = 0; i < turns; i++)
		if ((rate = honest(seconds)) > best)
			best = rate;
	(void)printf("%.2f\n", 1000 / best);
}

int
main(int argc, char *argv[])
{
	size_t	 turns = 12;
	double	 seconds = 1;
	bool	 alone = false;
	int	 ch;

	while ((ch = getopt(argc, argv, "an:t:")) != -1) {
		if (ch == 'a')
			alone = true;
		else if (ch == 'n')
			turns = strtoul(optarg, NULL, 10);
		else if (ch == 't')
			seconds = strtod(optarg, NULL) / 1000;
		else
			return 2;
	}
	argv += optind;
	if (argc - optind != 6 || turns == 0 || turns > TURNS_MAX)
		errx(2, "usage: bench_flood [-a] [-n turns] [-t ms] socket "
		    "role file uid flooder flooder");
	if (geteuid() != 0)
		errx(1, "needs root");
	socket_path = argv[0];
	role = argv[1];
	file = argv[2];
	first_uid = (uid_t)strtoul(argv[3], NULL, 10);
	flood_uids[0] = (uid_t)strtoul(argv[4], NULL, 10);
	flood_uids[1] = (uid_t)strtoul(argv[5], NULL, 10);
	done = mmap(NULL, FLOODERS * sizeof(*done), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (done == MAP_FAILED)
		err(1, "mmap");
	if (setgroups(0, NULL) == -1 || atexit(flooders_stop) != 0)
		err(1, "start");
	if (alone)
		run_alone(turns, seconds);
	else
		run(turns, seconds);
	return 0;
}
