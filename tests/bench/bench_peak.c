/*
 * bench_peak.c: run a shell command, and print its seconds, its CPU seconds and
 * the peak memory of each of its processes with a given name, and of all these
 * together, in KiB.
 *
 *	bench_peak NAME COMMAND
 *
 * The command gets a session of its own (setsid(2)).  Processes that belong to
 * it are looked at in /proc, 50 times a second; their peaks only grow.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX	32
#define PAUSE_NS	20000000

static struct process {
	pid_t	 pid;
	char	 name[32];
	long	 peak;		/* KiB */
} processes[PROCESSES_MAX];
static size_t	 nprocesses;

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

/* The name and the peak of a process.  False: it is gone, or has none. */
static bool
read_status(pid_t pid, char name[32], long *peak)
{
	char	 path[64], line[256];
	FILE	*f;
	bool	 found = false;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "Name: %31s", name) != 1 &&
		    sscanf(line, "VmHWM: %ld kB", peak) == 1)
			found = true;
	}
	(void)fclose(f);
	return found;
}

static void
note(pid_t pid, const char *prefix)
{
	struct process	*p;
	char		 name[32] = "";
	long		 peak = 0;

	if (!read_status(pid, name, &peak) ||
	    strncmp(name, prefix, strlen(prefix)) != 0)
		return;
	for (p = processes; p < processes + nprocesses; p++)
		if (p->pid == pid)
			break;
	if (p == processes + PROCESSES_MAX)
		return;
	if (p == processes + nprocesses)
		nprocesses++;
	p->pid = pid;
	(void)strlcpy(p->name, name, sizeof(p->name));
	if (peak > p->peak)
		p->peak = peak;
}

/* Look at all processes of a session. */
static void
look(pid_t session, const char *prefix)
{
	struct dirent	*e;
	pid_t		 pid;
	DIR		*d;

	if ((d = opendir("/proc")) == NULL)
		err(1, "/proc");
	while ((e = readdir(d)) != NULL) {
		pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (pid > 0 && getsid(pid) == session)
			note(pid, prefix);
	}
	(void)closedir(d);
}

int
main(int argc, char **argv)
{
	const struct timespec	 pause = { .tv_nsec = PAUSE_NS };
	const struct process	*p;
	struct rusage		 ru;
	double			 begin = now();
	long			 all = 0;
	pid_t			 pid, n;
	int			 status;

	if (argc != 3)
		errx(2, "usage: bench_peak name command");
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		if (setsid() == -1)
			_exit(127);
		execl("/bin/sh", "sh", "-c", argv[2], (char *)NULL);
		_exit(127);
	}
	while ((n = wait4(pid, &status, WNOHANG, &ru)) == 0) {
		look(pid, argv[1]);
		(void)nanosleep(&pause, NULL);
	}
	if (n == -1)
		err(1, "wait4");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "failed: %s", argv[2]);
	(void)printf("%.3f %.3f", now() - begin, seconds(ru.ru_utime) +
	    seconds(ru.ru_stime));
	for (p = processes; p < processes + nprocesses; p++)
		all += p->peak;
	(void)printf(" %ld", all);
	for (p = processes; p < processes + nprocesses; p++)
		(void)printf(" %s:%ld", p->name, p->peak);
	(void)printf("\n");
	return 0;
}
