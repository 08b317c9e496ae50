/*
 * bench_pair.c: run shell commands in turn, and print the medians of their
 * times and CPU times against the first one.
 *
 *	bench_pair [-n ROUNDS] [-p PREPARE] NAME COMMAND NAME COMMAND ...
 *
 * CPU time is that of all processes that the command waits for.  PREPARE runs
 * before each command and is not measured.  Commands that fail end the run.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX	99
#define COMMANDS_MAX	16

struct command {
	const char	*name, *text;
	double		 wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
};

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
shell(const char *text, struct rusage *ru)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", text, (char *)NULL);
		_exit(127);
	}
	if (wait4(pid, &status, 0, ru) == -1)
		err(1, "wait4");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "failed: %s", text);
}

static void
run(const char *prepare, struct command *c, int round)
{
	struct rusage	 ru;
	double		 begin;

	if (prepare != NULL)
		shell(prepare, &ru);
	begin = now();
	shell(c->text, &ru);
	c->wall[round] = now() - begin;
	c->cpu[round] = seconds(ru.ru_utime) + seconds(ru.ru_stime);
}

static int
compare(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), compare);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int
main(int argc, char **argv)
{
	static struct command	 c[COMMANDS_MAX];
	double			 wall, cpu, wall0 = 0, cpu0 = 0;
	const char		*prepare = NULL;
	int			 ch, i, n = 0, round, rounds = 5;

	while ((ch = getopt(argc, argv, "n:p:")) != -1) {
		if (ch == 'n')
			rounds = atoi(optarg);
		else if (ch == 'p')
			prepare = optarg;
		else
			return 2;
	}
	if (rounds < 1 || rounds > ROUNDS_MAX || argc - optind < 2 ||
	    (argc - optind) % 2 != 0)
		errx(2, "usage: bench_pair [-n rounds] [-p prepare] "
		    "name command ...");
	for (i = optind; i < argc && n < COMMANDS_MAX; i += 2, n++) {
		c[n].name = argv[i];
		c[n].text = argv[i + 1];
	}
	for (round = 0; round < rounds; round++)
		for (i = 0; i < n; i++)
			run(prepare, &c[i], round);
	for (i = 0; i < n; i++) {
		wall = median(c[i].wall, rounds);
		cpu = median(c[i].cpu, rounds);
		if (i == 0) {
			wall0 = wall;
			cpu0 = cpu;
		}
		(void)printf("| %s | %.3f | %.2f | %.3f | %.2f |\n",
		    c[i].name, wall, wall / wall0, cpu, cpu / cpu0);
	}
	return 0;
}
