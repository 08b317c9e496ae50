/*
 * test_output.c: an archive gets its name only when it is on disk, and fsync(2)
 * that fails makes the run fail.
 *
 * fsync() below replaces that of the C library.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/output.h"
#include "tests/unit/util.h"

/* The calls of fsync(2) in a commit. */
static struct {
	unsigned int	 calls;
	unsigned int	 fail_at;	/* the call that fails, or 0 */
	int		 error;		/* with this errno */
	bool		 file_first;		/* and it has no name yet */
	bool		 directory_last;	/* with the archive in it */
} sync_calls;

static bool
has_contents(const char *name, const char *text)
{
	bool	 same;
	int	 fd;

	if ((fd = open(util_path(name), O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	same = util_fd_reads(fd, text);
	close(fd);
	return same;
}

int
fsync(int fd)
{
	struct stat	 st;

	sync_calls.calls++;
	assert_int_equal(fstat(fd, &st), 0);
	if (sync_calls.calls == 1)
		sync_calls.file_first = S_ISREG(st.st_mode) &&
		    !has_contents("archive", "new");
	else if (sync_calls.calls == 2)
		sync_calls.directory_last = S_ISDIR(st.st_mode) &&
		    has_contents("archive", "new");
	if (sync_calls.calls != sync_calls.fail_at)
		return 0;
	errno = sync_calls.error;
	return -1;
}

/* Write an archive and commit it. */
static int
commit(unsigned int fail_at, int error, char *why)
{
	static char	 path[128];
	struct output	 o;
	int		 ret;

	memset(&sync_calls, 0, sizeof(sync_calls));
	sync_calls.fail_at = fail_at;
	sync_calls.error = error;
	why[0] = '\0';
	(void)strlcpy(path, util_path("archive"), sizeof(path));
	output_init(&o);
	assert_int_equal(output_open(&o, path, why), 0);
	assert_int_equal(output_create(&o, why), 0);
	assert_int_equal(write(o.fd, "new", 3), 3);
	assert_int_equal(sync_calls.calls, 0);
	ret = output_commit(&o, why);
	output_close(&o);
	return ret;
}

static void
test_order(void **state)
{
	char	 why[OUTPUT_WHY_MAX];

	(void)state;
	assert_int_equal(commit(0, 0, why), 0);
	assert_int_equal(sync_calls.calls, 2);
	assert_true(sync_calls.file_first);
	assert_true(sync_calls.directory_last);
	util_write_file(util_path("archive"), "old");
	assert_int_equal(commit(0, 0, why), 0);
	assert_int_equal(sync_calls.calls, 2);
	assert_true(sync_calls.file_first);
	assert_true(sync_calls.directory_last);
}

/* An archive that is not on disk gets no name and replaces no other. */
static void
test_file_fails(void **state)
{
	char	 why[OUTPUT_WHY_MAX];

	(void)state;
	assert_int_equal(commit(1, EIO, why), -1);
	assert_non_null(strstr(why, strerror(EIO)));
	assert_false(util_exists(util_path("archive")));
	util_write_file(util_path("archive"), "old");
	assert_int_equal(commit(1, ENOSPC, why), -1);
	assert_non_null(strstr(why, strerror(ENOSPC)));
	assert_true(has_contents("archive", "old"));
}

/* If the name is not on disk, that is a failure, too. */
static void
test_directory_fails(void **state)
{
	char	 why[OUTPUT_WHY_MAX];

	(void)state;
	assert_int_equal(commit(2, EIO, why), -1);
	assert_non_null(strstr(why, strerror(EIO)));
}

/* Some file systems cannot sync; that is no failure. */
static void
test_no_disk(void **state)
{
	static const int	 errors[] = { EINVAL, EROFS, ENOTSUP };
	char			 why[OUTPUT_WHY_MAX];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		assert_int_equal(commit(1, errors[i], why), 0);
		assert_int_equal(commit(2, errors[i], why), 0);
		assert_true(has_contents("archive", "new"));
	}
}

/* Without a commit, nothing is left behind. */
static void
test_no_commit(void **state)
{
	char		 why[OUTPUT_WHY_MAX], path[128];
	struct output	 o;

	(void)state;
	(void)strlcpy(path, util_path("archive"), sizeof(path));
	output_init(&o);
	assert_int_equal(output_open(&o, path, why), 0);
	assert_int_equal(output_create(&o, why), 0);
	output_close(&o);
	assert_false(util_exists(path));
	assert_int_equal(rmdir(util_dir()), 0);
	assert_int_equal(mkdir(util_dir(), 0700), 0);
}

/* No other file gets the inode of the archive that will be replaced. */
static void
test_previous(void **state)
{
	char		 why[OUTPUT_WHY_MAX], name[32], path[128];
	struct output	 o;
	struct stat	 st;
	int		 i;

	(void)state;
	(void)strlcpy(path, util_path("archive"), sizeof(path));
	util_write_file(path, "old");
	output_init(&o);
	assert_int_equal(output_open(&o, path, why), 0);
	assert_true(o.previous.known);
	assert_int_equal(unlink(path), 0);
	for (i = 0; i < 64; i++) {
		(void)snprintf(name, sizeof(name), "new%d", i);
		util_write_file(util_path(name), "");
		assert_int_equal(stat(util_path(name), &st), 0);
		assert_true(st.st_ino != o.previous.ino);
	}
	output_close(&o);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_order),
		UTIL_TEST(test_file_fails),
		UTIL_TEST(test_directory_fails),
		UTIL_TEST(test_no_disk),
		UTIL_TEST(test_no_commit),
		UTIL_TEST(test_previous)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
