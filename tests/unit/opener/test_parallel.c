/*
 * test_parallel.c: the threads of an opener have no more rights than its main
 * thread, also those that begin when the filter is in place already.  Each try
 * is made in a child of its own.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/openat2.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "confine/drop.h"
#include "opener/parallel.h"
#include "tests/unit/util.h"

/* Exit statuses of a child. */
#define NOT_CONFINED	99
#define TOO_MANY_RIGHTS	98

/* A job that tells the test that it has begun, and waits to go on. */
struct task {
	struct parallel_job	 job;
	int			 pair[2];	/* the test's end, its own */
	int			 inside, outside;	/* what opening gave */
};

static struct {
	struct confine_root	 root;
	int			 outside;	/* a directory beside it */
	struct task		 tasks[PARALLEL_THREADS];
	int			 main[2];	/* as of a task */
	bool			 late;		/* threads begin late */
	int			 bad;		/* whose call is forbidden */
	struct parallel		*parallel;
} has;

/* 0, or the errno of opening a file in a directory. */
static int
try_open(int dirfd)
{
	struct open_how	 how = { .flags = O_RDONLY };
	int		 fd;

	fd = (int)syscall(SYS_openat2, dirfd, "file", &how, sizeof(how));
	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

/* Wait for a byte.  False: who sends it is gone. */
static bool
await(int fd)
{
	char	 byte;

	return read(fd, &byte, 1) == 1;
}

static void
run_task(struct parallel_job *job)
{
	/* It is the first member. */
	struct task	*t = (void *)job;

	t->inside = try_open(has.root.fd);
	t->outside = try_open(has.outside);
	if (send(t->pair[1], "b", 1, MSG_NOSIGNAL) != 1 ||
	    !await(t->pair[1]))
		abort();
	if (has.bad != -1 && t == &has.tasks[has.bad])
		(void)socket(AF_UNIX, SOCK_STREAM, 0);
}

/*
 * On one processor, without time slices if root may ask for that, new threads
 * begin when the one that made them waits.
 */
static void
let_threads_be_late(void)
{
	struct sched_param	 sp = { .sched_priority = 1 };
	cpu_set_t		 set;
	int			 cpu;

	if (sched_getaffinity(0, sizeof(set), &set) == -1)
		abort();
	for (cpu = 0; !CPU_ISSET(cpu, &set); cpu++)
		;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		abort();
	(void)sched_setscheduler(0, SCHED_FIFO, &sp);
}

static int
start_threads(void *arg)
{
	(void)arg;
	return (has.parallel = parallel_new()) != NULL ?
	    parallel_start(has.parallel) : -1;
}

/* In a child: confine it as an opener, and give each thread a task. */
static int
confine_and_work(void *arg)
{
	const struct rlimit	 none = { 0, 0 };
	struct confine		 c = { .who = CONFINE_OPENER, .nroots = 1 };
	unsigned int		 done;
	const char		*layer;
	bool			 right = true;
	size_t			 i;

	(void)arg;
	c.roots = &has.root;
	c.threads = start_threads;
	(void)setrlimit(RLIMIT_CORE, &none);
	if (has.late)
		let_threads_be_late();
	if (drop_caps(0, DROP_BOUND_AS_IS) == -1 ||
	    confine_enter(&c, &done, &layer) == -1)
		return NOT_CONFINED;
	for (i = 0; i < PARALLEL_THREADS; i++) {
		has.tasks[i].job.run = run_task;
		parallel_give(has.parallel, &has.tasks[i].job, true);
	}
	/* The main thread would do what nobody has begun. */
	if (!await(has.main[1]))
		return NOT_CONFINED;
	for (i = 0; i < PARALLEL_THREADS; i++) {
		parallel_wait(has.parallel, &has.tasks[i].job);
		right = right && has.tasks[i].inside == 0 &&
		    has.tasks[i].outside == EACCES;
	}
	return right ? 0 : TOO_MANY_RIGHTS;
}

static void
things_make(void)
{
	memset(&has, 0, sizeof(has));
	has.bad = -1;
	assert_int_equal(mkdir(util_path("root"), 0755), 0);
	assert_int_equal(mkdir(util_path("outside"), 0755), 0);
	util_write_file(util_path("root/file"), "text");
	util_write_file(util_path("outside/file"), "text");
	has.root.fd = open(util_path("root"), O_PATH | O_CLOEXEC);
	assert_return_code(has.root.fd, errno);
	has.root.path = "/";
	has.root.may = RIGHTS_READ;
	has.outside = open(util_path("outside"), O_PATH | O_CLOEXEC);
	assert_return_code(has.outside, errno);
}

static void
things_close(void)
{
	close(has.root.fd);
	close(has.outside);
}

static void
assert_status(pid_t thread, const char *key, const char *want)
{
	char	 value[64];

	util_status(thread, key, value, sizeof(value));
	assert_string_equal(value, want);
}

/* What the kernel says of each thread of a process that is confined. */
static void
assert_threads(pid_t pid)
{
	struct dirent	*de;
	pid_t		 thread;
	char		 path[64];
	DIR		*dir;
	int		 n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	assert_non_null(dir = opendir(path));
	while ((de = readdir(dir)) != NULL) {
		if ((thread = (pid_t)strtol(de->d_name, NULL, 10)) <= 0)
			continue;
		n++;
		assert_status(thread, "NoNewPrivs", "1");
		assert_status(thread, "Seccomp", "2");
		assert_status(thread, "CapPrm", "0000000000000000");
		assert_status(thread, "CapEff", "0000000000000000");
	}
	closedir(dir);
	assert_int_equal(n, 1 + PARALLEL_THREADS);
}

/* Let all threads begin, look at them, and let them end.  As of waitpid(2). */
static int
watch_threads(void)
{
	pid_t	 pid;
	size_t	 i;
	int	 status;

	assert_return_code(dgram_pair_stream(has.main), errno);
	for (i = 0; i < PARALLEL_THREADS; i++)
		assert_return_code(dgram_pair_stream(has.tasks[i].pair),
		    errno);
	pid = util_start(confine_and_work, NULL);
	/* If the child dies, what it would have written ends. */
	for (i = 0; i < PARALLEL_THREADS; i++)
		fd_close(&has.tasks[i].pair[1]);
	for (i = 0; i < PARALLEL_THREADS; i++)
		assert_true(await(has.tasks[i].pair[0]));
	assert_threads(pid);
	/* A forbidden call of one ends them all. */
	for (i = 0; i < PARALLEL_THREADS; i++)
		(void)send(has.tasks[i].pair[0], "g", 1, MSG_NOSIGNAL);
	(void)send(has.main[0], "g", 1, MSG_NOSIGNAL);
	status = util_wait(pid);
	fd_close_all(has.main, 2);
	for (i = 0; i < PARALLEL_THREADS; i++)
		fd_close(&has.tasks[i].pair[0]);
	return status;
}

/* Each opens beneath the root, and nowhere else. */
static void
test_rights(void **state)
{
	(void)state;
	things_make();
	assert_int_equal(watch_threads(), 0);
	things_close();
}

static void
test_late(void **state)
{
	(void)state;
	things_make();
	has.late = true;
	assert_int_equal(watch_threads(), 0);
	things_close();
}

/* A call that the main thread may not make kills, whoever makes it. */
static void
test_forbidden(void **state)
{
	int	 status;

	(void)state;
	things_make();
	for (has.bad = 0; has.bad < PARALLEL_THREADS; has.bad++) {
		status = watch_threads();
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
	things_close();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_rights),
		UTIL_TEST(test_late),
		UTIL_TEST(test_forbidden)
	};

	util_program_needs(FEATURE_SECCOMP);
	util_program_needs(FEATURE_LANDLOCK);
	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
