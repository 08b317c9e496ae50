/*
 * test_fd.c: descriptors are closed and forgotten without touching errno, and
 * the standard ones are filled before anything else can take their numbers.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "tests/unit/util.h"

static int
open_null(void)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_return_code(fd, errno);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
test_close(void **state)
{
	int	 fd = open_null(), number = fd;

	(void)state;
	errno = EXDEV;
	fd_close(&fd);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fd, -1);
	assert_false(is_open(number));
	/* The descriptor is -1; then one that is not open. */
	errno = EXDEV;
	fd_close(&fd);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fd, -1);
	fd = number;
	errno = EXDEV;
	fd_close(&fd);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fd, -1);
}

/* Consecutive numbers are closed together, and what is between runs is not. */
static void
test_close_all(void **state)
{
	int	 first[6], fds[8], i;
	size_t	 before = util_count_fds();

	(void)state;
	for (i = 0; i < 6; i++)
		first[i] = open_null();
	for (i = 1; i < 6; i++)
		assert_int_equal(first[i], first[0] + i);
	/* A run of two, a gap in the numbers, two that go down. */
	fds[0] = first[0];
	fds[1] = first[1];
	fds[2] = -1;
	fds[3] = first[3];
	fds[4] = -7;
	fds[5] = first[5];
	fds[6] = first[4];
	fds[7] = -1;
	errno = EXDEV;
	fd_close_all(fds, 8);
	assert_int_equal(errno, EXDEV);
	for (i = 0; i < 8; i++)
		assert_int_equal(fds[i], -1);
	for (i = 0; i < 6; i++)
		assert_int_equal(is_open(first[i]), i == 2);
	close(first[2]);
	fd_close_all(fds, 0);
	assert_int_equal(util_count_fds(), before);
}

#define MANY	200

/* Exchange some of the elements. */
static void
shuffle(int *fds, size_t n)
{
	size_t	 i, k;
	int	 fd;

	for (i = n; i > 1; i--) {
		k = arc4random_uniform((uint32_t)i);
		fd = fds[i - 1];
		fds[i - 1] = fds[k];
		fds[k] = fd;
	}
}

/*
 * Some of many descriptors, in any order, of which some are far from the
 * others: these are closed, and no other.
 */
static void
test_close_some(void **state)
{
	int	 all[MANY], some[MANY], fd;
	bool	 given[MANY];
	size_t	 before = util_count_fds(), i, n, round;

	(void)state;
	for (round = 0; round < 50; round++) {
		for (i = n = 0; i < MANY; i++) {
			fd = open_null();
			if (i % 50 == 0) {
				all[i] = fcntl(fd, F_DUPFD_CLOEXEC,
				    400 + (int)arc4random_uniform(500));
				close(fd);
			} else {
				all[i] = fd;
			}
			assert_return_code(all[i], errno);
			given[i] = arc4random_uniform(4) != 0;
			if (given[i])
				some[n++] = all[i];
		}
		shuffle(some, n);
		fd_close_all(some, n);
		for (i = 0; i < n; i++)
			assert_int_equal(some[i], -1);
		for (i = 0; i < MANY; i++) {
			assert_int_equal(is_open(all[i]), !given[i]);
			if (!given[i])
				close(all[i]);
		}
	}
	assert_int_equal(util_count_fds(), before);
}

/*
 * In a child: some of 0, 1 and 2 are closed, and only these become /dev/null.
 * What is wrong, or 0.
 */
static int
fill_standard(void *arg)
{
	const unsigned int	*closed = arg;
	struct stat		 null, pipe_end, st;
	int			 p[2], before, fd;
	char			 byte;

	if (stat("/dev/null", &null) == -1 || pipe2(p, O_CLOEXEC) == -1 ||
	    fstat(p[1], &pipe_end) == -1)
		return 1;
	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (dup2(p[1], fd) == -1)
			return 2;
	before = (int)util_count_fds();
	for (fd = 0; fd <= STDERR_FILENO; fd++) {
		if (*closed & (1U << fd)) {
			close(fd);
			before--;
		}
	}
	if (fd_fill_standard() == -1)
		return 3;
	/* Who wants a stream that was closed is told. */
	if ((*closed & 1U << STDIN_FILENO) && (read(STDIN_FILENO, &byte,
	    1) != -1 || errno != EBADF))
		return 9;
	if ((*closed & 1U << STDOUT_FILENO) && (write(STDOUT_FILENO, "x",
	    1) != -1 || errno != EBADF))
		return 10;
	if ((*closed & 1U << STDERR_FILENO) && write(STDERR_FILENO, "x",
	    1) != 1)
		return 11;
	for (fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &st) == -1)
			return 4;
		if (*closed & (1U << fd)) {
			before++;
			if (st.st_rdev != null.st_rdev || !S_ISCHR(st.st_mode))
				return 5;
		} else if (st.st_ino != pipe_end.st_ino)
			return 6;
	}
	/* It opens none besides, and the next is no standard one. */
	if ((int)util_count_fds() != before)
		return 7;
	return open("/dev/null", O_RDONLY | O_CLOEXEC) > STDERR_FILENO ? 0 : 8;
}

static void
test_fill_standard(void **state)
{
	unsigned int	 closed;

	(void)state;
	for (closed = 0; closed < 8; closed++)
		assert_int_equal(util_run(fill_standard, &closed), 0);
}

/* In a child: no descriptor is free. */
static int
fill_without_room(void *arg)
{
	(void)arg;
	close(STDIN_FILENO);
	util_limit_fds(0);
	return fd_fill_standard() == -1 && errno == EMFILE ? 0 : 1;
}

static void
test_fill_fails(void **state)
{
	(void)state;
	assert_int_equal(util_run(fill_without_room, NULL), 0);
}

static void
test_path(void **state)
{
	char	 path[FD_PATH_MAX];
	int	 fd;

	(void)state;
	fd_path(path, INT_MAX);
	assert_string_equal(path, "/proc/self/fd/2147483647");
	errno = EXDEV;
	assert_false(fd_path_works(-1));
	assert_int_equal(errno, EXDEV);
#ifdef __linux__
	assert_true((fd = open(util_dir(), O_PATH | O_CLOEXEC)) >= 0);
	assert_true(fd_path_works(fd));
	close(fd);
	errno = EXDEV;
	assert_false(fd_path_works(fd));
	assert_int_equal(errno, EXDEV);
#else
	(void)fd;
#endif
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_close),
		UTIL_TEST(test_close_all),
		UTIL_TEST(test_close_some),
		UTIL_TEST(test_fill_standard),
		UTIL_TEST(test_fill_fails),
		UTIL_TEST(test_path)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
