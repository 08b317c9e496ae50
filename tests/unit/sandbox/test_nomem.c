/*
 * test_nomem.c: a failed allocation is reported.
 *
 * In our own objects, malloc(), calloc(), realloc() and reallocarray() are
 * those below; see Makefile.am.
 */

#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "sandbox/commands.h"
#include "sandbox/work.h"
#include "tests/unit/util.h"

/* More allocations than any preparation makes. */
#define ALLOCATIONS_MAX	100

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__real_reallocarray(void *, size_t, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
void	*__wrap_reallocarray(void *, size_t, size_t);

const char	*__lsan_default_suppressions(void);

static int	 fail_in;	/* the allocation that fails; 0: none does */

/* libarchive does not free its buffer when an archive is abandoned. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libarchive.so";
}

static bool
fails_now(void)
{
	return fail_in > 0 && --fail_in == 0;
}

void *
__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails_now() ? NULL : __real_reallocarray(p, n, size);
}

/* The controller receives one report of a failure. */
static void
assert_reported(int fd)
{
	static uint8_t			 buf[CHANNEL_MAX];
	static struct channel_record	 record;
	struct wire_in			 in;
	struct fdmsg			 m;
	ssize_t				 n;

	if (!util_readable(fd))
		fail_msg("nothing is reported");
	n = fdmsg_recv(fd, buf, sizeof(buf), 0, &m);
	assert_true(n > 0);
	wire_in_init(&in, buf, (size_t)n);
	assert_int_equal(channel_get(&in, &record), 0);
	assert_int_equal(record.type, CHANNEL_REPORT);
	assert_int_equal(record.kind, REPORT_FATAL);
	assert_string_not_equal(record.detail, "");
	assert_int_equal(in.left, 0);
}

static int
spool_open(const char *name)
{
	int	 fd;

	fd = open(util_path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	return fd;
}

/*
 * Let a command prepare, with each of its allocations failing in turn, until
 * none is left to fail.
 */
static void
assert_prepares(const char *name)
{
	static struct work	 w;
	const struct command	*cmd = commands_find(name);
	struct options		 options;
	struct job		 job;
	int			 fds[2], i, ret = -1;

	assert_non_null(cmd);
	memset(&options, 0, sizeof(options));
	memset(&job, 0, sizeof(job));
	options.command = cmd;
	job.options = &options;
	job.since = job.manifest = -1;
	job.spools[0] = spool_open("one");
	job.spools[1] = spool_open("other");
	assert_int_equal(dgram_pair_seq(fds), 0);
	for (i = 1; ret == -1 && i < ALLOCATIONS_MAX; i++) {
		memset(&w, 0, sizeof(w));
		w.job = &job;
		w.archive = -1;
		reporter_init(&w.rep, fds[1], &options);
		fail_in = i;
		if ((ret = cmd->prepare(&w)) == -1)
			assert_reported(fds[0]);
		fail_in = 0;
		cmd->release(&w);
		reporter_clear(&w.rep);
	}
	assert_int_equal(ret, 0);
	/* At least one allocation has failed. */
	assert_true(i > 2);
	close(fds[0]);
	close(fds[1]);
	close(job.spools[0]);
	close(job.spools[1]);
}

static void
test_create(void **state)
{
	(void)state;
	assert_prepares("create");
}

static void
test_verify(void **state)
{
	(void)state;
	assert_prepares("verify");
}

/* A path that is not added has a reason. */
static void
test_paths(void **state)
{
	struct paths	 ps = { NULL, 0, 0, NULL };
	char		 why[PATHS_WHY_MAX];
	int		 i, ret = -1;

	(void)state;
	for (i = 1; ret == -1 && i < ALLOCATIONS_MAX; i++) {
		why[0] = '\0';
		fail_in = i;
		ret = paths_add(&ps, "/d", "a", why);
		fail_in = 0;
		assert_int_equal(ps.n, ret == 0);
		if (ret == -1)
			assert_non_null(strstr(why, "out of memory"));
	}
	assert_int_equal(ret, 0);
	assert_true(i > 2);
	paths_free(&ps);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_create),
		UTIL_TEST(test_verify),
		UTIL_TEST(test_paths)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
