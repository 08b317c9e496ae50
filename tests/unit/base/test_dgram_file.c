/*
 * test_dgram_file.c: the files of sockets: one that is exchanged behind
 * bind(2), and those that dead processes left.
 *
 * bind(2) is wrapped: what __wrap_bind() does afterwards, another process could
 * do, too.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "tests/unit/util.h"

#define PREFIX	"test-"

int	 __real_bind(int, const struct sockaddr *, socklen_t);
int	 __wrap_bind(int, const struct sockaddr *, socklen_t);

static void	(*after_bind)(const char *path);

int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	int	 ret = __real_bind(fd, sa, len);

	if (ret == 0 && after_bind != NULL)
		after_bind(((const struct sockaddr_un *)sa)->sun_path);
	return ret;
}

static void
exchange_for_file(const char *path)
{
	assert_int_equal(unlink(path), 0);
	util_write_file(path, "not ours");
}

static void
exchange_for_link(const char *path)
{
	assert_int_equal(rename(path, util_path("moved")), 0);
	assert_int_equal(symlink(util_path("moved"), path), 0);
}

static void
exchange_for_strange_socket(const char *path)
{
	assert_int_equal(chown(path, UTIL_NOBODY, UTIL_NOBODY), 0);
}

static void
just_remove(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

/* Bind while somebody exchanges the file: it fails. */
static void
bind_exchanged(void (*exchange)(const char *), int error)
{
	struct dgram	 d;
	char		 path[DGRAM_PATH_MAX];
	int		 ret;

	(void)strlcpy(path, util_path("s"), sizeof(path));
	dgram_init(&d);
	after_bind = exchange;
	ret = dgram_bind(&d, path, 0600);
	after_bind = NULL;
	assert_int_equal(ret, -1);
	assert_int_equal(errno, error);
	dgram_close(&d);
}

/* What is there in place of our socket is not taken for it, nor removed. */
static void
test_exchanged(void **state)
{
	(void)state;
	bind_exchanged(exchange_for_file, EADDRINUSE);
	assert_int_equal(unlink(util_path("s")), 0);
	bind_exchanged(exchange_for_link, EADDRINUSE);
	assert_int_equal(unlink(util_path("s")), 0);
	assert_int_equal(unlink(util_path("moved")), 0);
	bind_exchanged(just_remove, ENOENT);
	assert_false(util_exists(util_path("s")));
}

static void
test_exchanged_owner(void **state)
{
	(void)state;
	util_need_root();
	bind_exchanged(exchange_for_strange_socket, EADDRINUSE);
	assert_int_equal(unlink(util_path("s")), 0);
}

static void
test_choose(void **state)
{
	char		 a[DGRAM_PATH_MAX], b[DGRAM_PATH_MAX];
	char		 dir[DGRAM_PATH_MAX];
	const char	*base;

	(void)state;
	assert_int_equal(dgram_choose(a, util_dir(), PREFIX), 0);
	assert_int_equal(dgram_choose(b, util_dir(), PREFIX), 0);
	assert_string_not_equal(a, b);
	assert_false(util_exists(a));
	assert_memory_equal(a, util_dir(), strlen(util_dir()));
	base = strrchr(a, '/') + 1;
	assert_int_equal(strlen(base), DGRAM_NAME_LEN);
	assert_memory_equal(base, PREFIX, strlen(PREFIX));
	assert_int_equal(strspn(base + strlen(PREFIX), "0123456789abcdef"),
	    DGRAM_NAME_LEN - strlen(PREFIX));
	/* The longest directory, and one byte more. */
	memset(dir, 'x', sizeof(dir));
	dir[sizeof(dir) - DGRAM_NAME_LEN - 2] = '\0';
	assert_int_equal(dgram_choose(a, dir, PREFIX), 0);
	assert_int_equal(strlen(a), DGRAM_PATH_MAX - 1);
	dir[strlen(dir)] = 'x';
	dir[sizeof(dir) - DGRAM_NAME_LEN - 1] = '\0';
	assert_int_equal(dgram_choose(a, dir, PREFIX), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

/* Let the file be this many seconds old; negative is in the future. */
static void
set_age(const char *path, time_t seconds)
{
	struct timespec	 t[2];

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &t[0]), 0);
	t[0].tv_sec -= seconds;
	t[1] = t[0];
	assert_int_equal(utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW), 0);
}

/* Bind a socket, and close it without removing its file. */
static void
leave_socket(const char *path)
{
	struct dgram	 d;

	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, path, 0600), 0);
	d.path[0] = '\0';
	dgram_close(&d);
	assert_true(util_exists(path));
}

/* Does a sweep remove what is at path?  If not, remove it. */
static bool
is_swept(const char *path)
{
	errno = EXDEV;
	dgram_sweep(util_dir(), PREFIX);
	assert_int_equal(errno, EXDEV);
	if (!util_exists(path))
		return true;
	assert_int_equal(unlink(path), 0);
	return false;
}

static void
test_sweep_age(void **state)
{
	static const struct {
		time_t	 age;
		bool	 swept;
	} cases[] = {
		{ DGRAM_STALE + 1,		true },
		{ 100000,			true },
		{ 0,				false },
		/* The clock was set back. */
		{ -10,				false },
		{ -DGRAM_STALE - 1000,		true }
	};
	char	 path[DGRAM_PATH_MAX];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(dgram_choose(path, util_dir(), PREFIX), 0);
		leave_socket(path);
		set_age(path, cases[i].age);
		assert_int_equal(is_swept(path), cases[i].swept);
	}
}

static void
test_sweep_names(void **state)
{
	static const char *const	 names[] = {
		"test-0123456789abcdef0123456789",
		"test-0123456789abcdef0123456789aa",
		"test-0123456789ABCDEF0123456789a",
		"test-0123456789abcdef012345678 a",
		"0123456789abcdef0123456789abcdef",
		"tesu-0123456789abcdef0123456789a"
	};
	char	 path[DGRAM_PATH_MAX];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)strlcpy(path, util_path(names[i]), sizeof(path));
		leave_socket(path);
		set_age(path, 2 * DGRAM_STALE);
		assert_false(is_swept(path));
	}
}

/* Only sockets of our user that nobody has. */
static void
test_sweep_others(void **state)
{
	char		 path[DGRAM_PATH_MAX];
	struct dgram	 d;

	(void)state;
	assert_int_equal(dgram_choose(path, util_dir(), PREFIX), 0);
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, path, 0600), 0);
	set_age(path, 2 * DGRAM_STALE);
	assert_false(is_swept(path));
	dgram_close(&d);

	util_write_file(path, "");
	set_age(path, 2 * DGRAM_STALE);
	assert_false(is_swept(path));

	leave_socket(util_path("dead"));
	assert_int_equal(symlink(util_path("dead"), path), 0);
	set_age(path, 2 * DGRAM_STALE);
	assert_false(is_swept(path));
	assert_true(util_exists(util_path("dead")));
	assert_int_equal(unlink(util_path("dead")), 0);

	if (geteuid() != 0)
		return;
	leave_socket(path);
	set_age(path, 2 * DGRAM_STALE);
	assert_int_equal(chown(path, UTIL_NOBODY, UTIL_NOBODY), 0);
	assert_false(is_swept(path));
}

/* Whatever the directory is, it is no error. */
static void
test_sweep_nothing(void **state)
{
	int	 error;

	(void)state;
	errno = EXDEV;
	dgram_sweep(util_path("no"), PREFIX);
	assert_int_equal(errno, EXDEV);
	util_write_file(util_path("file"), "");
	errno = EXDEV;
	dgram_sweep(util_path("file"), PREFIX);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(unlink(util_path("file")), 0);
	util_limit_fds(0);
	errno = EXDEV;
	dgram_sweep(util_dir(), PREFIX);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(error, EXDEV);
}

static void
test_remove(void **state)
{
	char	 path[DGRAM_PATH_MAX];

	(void)state;
	(void)strlcpy(path, util_path("s"), sizeof(path));
	leave_socket(path);
	dgram_remove(path);
	assert_false(util_exists(path));
	errno = EXDEV;
	dgram_remove(path);
	assert_int_equal(errno, EXDEV);
	util_write_file(path, "");
	dgram_remove(path);
	assert_int_equal(unlink(path), 0);
	if (geteuid() != 0)
		return;
	leave_socket(path);
	assert_int_equal(chown(path, UTIL_NOBODY, UTIL_NOBODY), 0);
	dgram_remove(path);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_exchanged),
		UTIL_TEST(test_exchanged_owner),
		UTIL_TEST(test_choose),
		UTIL_TEST(test_sweep_age),
		UTIL_TEST(test_sweep_names),
		UTIL_TEST(test_sweep_others),
		UTIL_TEST(test_sweep_nothing),
		UTIL_TEST(test_remove)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
