/*
 * probe.c: which system calls each process may make, as its filter says and
 * as the kernel does.
 *
 * usage: probe list PROCESS
 *        probe try PROCESS
 *        probe trace UNSEEN TRACE ...
 *
 * PROCESS is worker, listener, opener, writer, private, controller, supervisor,
 * names or lookup.  "list" tries every number of every ABI that the machine has
 * on the filter and prints a line for each way in which a call survives, and
 * does not fail as a call does that the filter does not know: these are kept in
 * PROCESS.calls.  "try" does each call, in a child with that
 * filter, and says where the kernel does not do as the filter says.  "trace"
 * says which lines were not used in what strace(1) saw; see trace.h.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine/seccomp_calls.h"
#include "filter.h"
#include "tests/unit/util.h"
#include "trace.h"

#define X32		0x40000000U
#define NUMBERS		1024U	/* more than there are */

/* Numbers that might be special. */
static const uint32_t	 odd_numbers[] = {
	4096, 65535, 65536, 1000000, 0x3fffffff, 0x7fffffff, 0x80000000,
	0xfffffffe, 0xffffffff
};
#define NODD	(sizeof(odd_numbers) / sizeof(odd_numbers[0]))

/* ABIs that a kernel of this machine may have besides its own. */
static const uint32_t	 arches[] = {
	SCMP_ARCH_NATIVE, SCMP_ARCH_X86, SCMP_ARCH_X86_64, SCMP_ARCH_ARM,
	SCMP_ARCH_AARCH64, 0
};
#define NARCHES	(sizeof(arches) / sizeof(arches[0]))

/* The i-th number to be tried; false after the last. */
static bool
number_at(size_t i, uint32_t *number)
{
	if (i < NUMBERS)
		*number = (uint32_t)i;
	else if (i < 2 * NUMBERS)
		*number = X32 + (uint32_t)(i - NUMBERS);
	else if (i < 2 * NUMBERS + NODD)
		*number = odd_numbers[i - 2 * NUMBERS];
	else
		return false;
	return true;
}

static int
compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
list(enum confine_who who)
{
	static struct filter_path	 paths[FILTER_PATHS];
	static char			 lines[1024][FILTER_TEXT];
	struct filter			 f;
	uint32_t			 arch, number;
	size_t				 a, i, k, n, nlines = 0;

	filter_make(&f, who);
	for (a = 0; a < NARCHES; a++) {
		arch = a == 0 ? seccomp_arch_native() : arches[a];
		if (a > 0 && arch == seccomp_arch_native())
			continue;
		for (i = 0; number_at(i, &number); i++) {
			n = filter_paths(&f, arch, number, paths);
			for (k = 0; k < n; k++) {
				if (nlines == 1024)
					errx(1, "too many lines");
				filter_path_describe(&paths[k], arch,
				    lines[nlines++]);
			}
		}
	}
	qsort(lines, nlines, sizeof(lines[0]), compare_text);
	/* Two ways through the filter may have the same conditions. */
	for (i = 0; i < nlines; i++)
		if (i == 0 || strcmp(lines[i - 1], lines[i]) != 0)
			(void)printf("%s\n", lines[i]);
	filter_free(&f);
	return 0;
}

/*
 * In a child: no harm is done, and it ends.  A call that is let through may
 * wait, and is interrupted soon; one that is to kill gets time to do so.
 */
static void
try_prepare(const struct filter *f, bool kills)
{
	const struct rlimit	 none = { 0, 0 };
	const struct itimerval	 soon = { { 0, 0 }, { 0, 100000 } };
	const struct itimerval	 late = { { 0, 0 }, { 20, 0 } };
	struct sock_fprog	 prog;

	prog.len = (unsigned short)f->len;
	prog.filter = f->prog;
	if ((geteuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setresgid(UTIL_NOBODY, UTIL_NOBODY, UTIL_NOBODY) == -1 ||
	    setresuid(UTIL_NOBODY, UTIL_NOBODY, UTIL_NOBODY) == -1)) ||
	    setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setitimer(ITIMER_REAL, kills ? &late : &soon, NULL) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1)
		_exit(111);
}

/* Does the call kill, as it should or should not? */
static bool
try_kills(const struct filter *f, const struct seccomp_data *d, bool should)
{
	const __u64	*a = d->args;
	pid_t		 pid;
	int		 status;

	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		try_prepare(f, should);
		/* Two processes return from this one, on one stack. */
		if (d->nr == SCMP_SYS(vfork))
			(void)vfork();
		else
			(void)syscall(d->nr, a[0], a[1], a[2], a[3], a[4],
			    a[5]);
		syscall(SYS_exit_group, 0);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 111)
		errx(1, "the child cannot be prepared");
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* Do a call; 1 if the kernel does not do as the filter says. */
static int
try_call(const struct filter *f, const struct seccomp_data *d)
{
	bool	 says = filter_run(f, d) == SECCOMP_RET_KILL_PROCESS;

#ifdef __x86_64__
	/* Two that the kernel lets past every filter, for probes of its own. */
	if (d->nr == 335 || d->nr == 336)
		return 0;
#endif
	if (try_kills(f, d, says) == says)
		return 0;
	(void)printf("%d(%#llx, %#llx, %#llx, %#llx): %s\n", d->nr,
	    d->args[0], d->args[1], d->args[2], d->args[3],
	    says ? "lives" : "is killed");
	return 1;
}

static int
try(enum confine_who who)
{
	static struct filter_path	 paths[FILTER_PATHS];
	struct filter			 f;
	struct seccomp_data		 bad, d;
	uint32_t			 number;
	size_t				 i, k, n;
	int				 faults = 0;

	filter_make(&f, who);
	memset(&bad, 0xff, sizeof(bad));
	bad.arch = seccomp_arch_native();
	for (i = 0; number_at(i, &number); i++) {
		bad.nr = (int)number;
		faults += try_call(&f, &bad);
		n = filter_paths(&f, bad.arch, number, paths);
		for (k = 0; k < n; k++) {
			if (paths[k].nconds == 0)
				continue;
			d = bad;
			filter_path_example(&paths[k], &d);
			faults += try_call(&f, &d);
		}
	}
	filter_free(&f);
	return faults == 0 ? 0 : 1;
}

static void
usage(void)
{
	(void)fprintf(stderr, "usage: probe list PROCESS\n"
	    "       probe try PROCESS\n"
	    "       probe trace UNSEEN TRACE ...\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	int	 who;

	if (argc >= 4 && strcmp(argv[1], "trace") == 0)
		return trace_check(argv[2], &argv[3]);
	if (argc != 3 || (who = filter_who_from(argv[2])) == -1)
		usage();
	if (strcmp(argv[1], "list") == 0)
		return list((enum confine_who)who);
	if (strcmp(argv[1], "try") == 0)
		return try((enum confine_who)who);
	usage();
}
