/*
 * test_resolve.c: from names to descriptors, asked directly: what the checks
 * of names before it would have stopped, what is made, roots, and a directory
 * that is exchanged for a link all the while.  Made twice: with
 * broker/resolve.c and with broker/resolve_walk.c.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fdmsg.h"
#include "resolve.h"
#include "util.h"

#define RACES	100000

static struct resolve_at	 at;

/* tree/dir/file, tree/link -> dir, tree/out -> ../outside, outside/file */
static void
tree_make(void)
{
	assert_int_equal(mkdir(util_path("tree"), 0755), 0);
	assert_int_equal(mkdir(util_path("tree/dir"), 0755), 0);
	assert_int_equal(mkdir(util_path("outside"), 0755), 0);
	util_write_file(util_path("tree/dir/file"), "inside");
	util_write_file(util_path("outside/file"), "outside");
	assert_int_equal(symlink("dir", util_path("tree/link")), 0);
	assert_int_equal(symlink("../outside", util_path("tree/out")), 0);
	memset(&at, 0, sizeof(at));
	at.dirfd = open(util_path("tree"), O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	assert_true(at.dirfd != -1);
	/* For the file to be opened by its name, once. */
	at.clone = at.nodev = true;
}

static int
result(int fd)
{
	int	 error = fd == -1 ? errno : 0;

	fdmsg_close_fds(&fd, 1);
	return error;
}

static int
try_open(const char *name)
{
	struct fdb_stat	 st;
	bool		 type;

	return result(resolve_open(&at, name, O_RDONLY, false, &st, &type));
}

static int
try_create(const char *name)
{
	struct fdb_stat	 st;

	return result(resolve_create(&at, name, O_WRONLY, 0640, &st));
}

/* No name leaves the directory, though none of these ever comes here. */
static void
test_leaving(void **state)
{
	char	 absolute[PATH_MAX];

	(void)state;
	tree_make();
	(void)strlcpy(absolute, util_path("tree/dir/file"), sizeof(absolute));
	assert_int_equal(try_open("../outside/file"), EXDEV);
	assert_int_equal(try_open("dir/../../outside/file"), EXDEV);
	assert_int_equal(try_open(absolute), EXDEV);
	assert_int_equal(try_create("../outside/new"), EXDEV);
	assert_int_equal(try_open("out/file"), ELOOP);
	assert_int_equal(try_open("link/file"), ELOOP);
	assert_int_equal(try_open("dir/file"), 0);
	assert_int_equal(result(resolve_dir(&at, "out")), ENOTDIR);
	assert_int_equal(result(resolve_dir(&at, "dir")), 0);
	assert_int_equal(result(resolve_dir(&at, "")), 0);
	assert_false(util_exists(util_path("outside/new")));
	close(at.dirfd);
}

static void
test_create(void **state)
{
	struct fdb_stat	 st;
	int		 fd;

	(void)state;
	tree_make();
	fd = resolve_create(&at, "dir/new", O_WRONLY, 0640, &st);
	assert_true(fd != -1);
	assert_int_equal(st.mode, S_IFREG | 0640);
	assert_int_equal(st.size, 0);
	assert_true(util_is_cloexec(fd));
	close(fd);
	assert_int_equal(try_create("dir/new"), EEXIST);
	assert_int_equal(try_create("dir"), EEXIST);
	/* Neither where a link is, nor where it leads. */
	assert_int_equal(try_create("out"), EEXIST);
	assert_int_equal(try_create("out/new"), ELOOP);
	assert_int_equal(try_create("none/new"), ENOENT);
	assert_int_equal(symlink("nothing", util_path("tree/dangling")), 0);
	assert_int_equal(try_create("dangling"), EEXIST);
	assert_false(util_exists(util_path("tree/nothing")));
	close(at.dirfd);
}

/* An administrator's path has no link in it either. */
static void
test_roots(void **state)
{
	char	 path[PATH_MAX];
	int	 fd;

	(void)state;
	tree_make();
	(void)strlcpy(path, util_path("tree/dir"), sizeof(path));
	fd = resolve_path(path);
	assert_true(fd != -1);
	assert_true(util_is_cloexec(fd));
	close(fd);
	assert_int_equal(result(resolve_path("/")), 0);
	assert_int_equal(result(resolve_path(util_path("tree/link/file"))),
	    ELOOP);
	assert_int_equal(result(resolve_path(util_path("tree/none"))),
	    ENOENT);
	close(at.dirfd);
}

/* In a child: exchange a directory and a link that leads out, for ever. */
static int
exchange(void *arg)
{
	(void)arg;
	for (;;)
		if (renameat2(at.dirfd, "dir", at.dirfd, "out",
		    RENAME_EXCHANGE) == -1)
			return 1;
}

/* True if an error is what a link in the way may give. */
static bool
is_refusal(int error)
{
	/* EAGAIN: openat2(2) was made unsure too often in a row. */
	return error == ELOOP || error == ENOTDIR || error == EAGAIN;
}

static void
test_race(void **state)
{
	char		 buf[8];
	struct fdb_stat	 st;
	ssize_t		 n;
	pid_t		 pid;
	bool		 type;
	int		 fd, i, inside = 0, refused = 0, wrong = 0;

	(void)state;
	tree_make();
	pid = util_start(exchange, NULL);
	/* Until both have been seen, however the two are scheduled. */
	for (i = 0; wrong == 0 && (i < RACES || inside == 0 ||
	    refused == 0); i++) {
		fd = resolve_open(&at, "dir/file", O_RDONLY, false, &st,
		    &type);
		if (fd == -1) {
			if (is_refusal(errno))
				refused++;
			else
				wrong = errno;
			continue;
		}
		n = read(fd, buf, sizeof(buf));
		close(fd);
		if (n == 6 && memcmp(buf, "inside", 6) == 0)
			inside++;
		else
			wrong = -1;
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)util_wait(pid);
	close(at.dirfd);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_leaving),
		UTIL_TEST(test_create),
		UTIL_TEST(test_roots),
		UTIL_TEST(test_race)
	};

#ifndef WITHOUT_OPENAT2
	util_program_needs(FEATURE_OPENAT2);
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
