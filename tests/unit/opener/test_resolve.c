/*
 * test_resolve.c: the resolution of names, called directly: names that the
 * checks before it would have stopped, creation, roots, and a directory that
 * is exchanged for a link all the time.
 *
 * It is built twice: with broker/opener/resolve.c and with resolve_walk.c.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/inotify.h>
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

#include "base/fd.h"
#include "opener/resolve.h"
#include "tests/unit/util.h"

#define RACES	100000

static struct resolve_at	 tree;

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
	memset(&tree, 0, sizeof(tree));
	tree.dirfd = open(util_path("tree"), O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	assert_true(tree.dirfd != -1);
	/* So that resolve.c opens the file by its name, once. */
	tree.clone = tree.nodev = true;
}

static int
result(int fd)
{
	int	 error = fd == -1 ? errno : 0;

	fd_close(&fd);
	return error;
}

static int
try_open(const char *name)
{
	struct fdb_stat	 st;
	bool		 type;

	return result(resolve_open(&tree, name, O_RDONLY, false, &st, &type));
}

static int
try_create(const char *name)
{
	struct fdb_stat	 st;

	return result(resolve_create(&tree, name, O_WRONLY, 0640, &st));
}

/* No name leaves the directory, even those that are checked before. */
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
	assert_int_equal(result(resolve_dir(&tree, "out")), ENOTDIR);
	assert_int_equal(result(resolve_dir(&tree, "dir")), 0);
	assert_int_equal(result(resolve_dir(&tree, "")), 0);
	assert_false(util_exists(util_path("outside/new")));
	close(tree.dirfd);
}

static void
test_create(void **state)
{
	struct fdb_stat	 st;
	int		 fd;

	(void)state;
	tree_make();
	fd = resolve_create(&tree, "dir/new", O_WRONLY, 0640, &st);
	assert_true(fd != -1);
	assert_int_equal(st.mode, S_IFREG | 0640);
	assert_int_equal(st.size, 0);
	assert_true(util_is_cloexec(fd));
	close(fd);
	assert_int_equal(try_create("dir/new"), EEXIST);
	assert_int_equal(try_create("dir"), EEXIST);
	/* Neither at the place of a link, nor where it leads. */
	assert_int_equal(try_create("out"), EEXIST);
	assert_int_equal(try_create("out/new"), ELOOP);
	assert_int_equal(try_create("none/new"), ENOENT);
	assert_int_equal(symlink("nothing", util_path("tree/dangling")), 0);
	assert_int_equal(try_create("dangling"), EEXIST);
	assert_false(util_exists(util_path("tree/nothing")));
	close(tree.dirfd);
}

/* A file without a name, and all that is told of it, with its times. */
static void
test_unnamed(void **state)
{
	struct fdb_stat	 st, now;
	int		 fd;

	(void)state;
	tree_make();
	memset(&st, 0xff, sizeof(st));
	fd = resolve_unnamed(&tree, 0640, &st);
	if (fd == -1) {
		assert_int_equal(errno, EOPNOTSUPP);
		close(tree.dirfd);
		util_skip("needs files without a name");
	}
	assert_int_equal(resolve_fstat(fd, &now), 0);
	assert_int_equal(st.mode, S_IFREG | 0640);
	assert_int_equal(st.nlink, 0);
	assert_memory_equal(&st, &now, sizeof(st));
	close(fd);
	close(tree.dirfd);
}

/*
 * On a clone that is not nodev, and without a clone, the type is checked
 * before the open: to open a FIFO or a device can have effects.
 */
static void
test_looked_at_first(void **state)
{
	char		 event[sizeof(struct inotify_event) + NAME_MAX + 1];
	char		 path[PATH_MAX];
	struct fdb_stat	 st;
	bool		 type;
	int		 fd, watch, clone;

	(void)state;
	tree_make();
	(void)strlcpy(path, util_path("tree/fifo"), sizeof(path));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_return_code(watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
	    errno);
	assert_return_code(inotify_add_watch(watch, path, IN_OPEN), errno);
	tree.nodev = false;
	for (clone = 0; clone < 2; clone++) {
		tree.clone = clone == 1;
		assert_int_equal(resolve_open(&tree, "fifo", O_RDONLY, false,
		    &st, &type), -1);
		assert_int_equal(errno, EPERM);
		assert_true(type);
		assert_int_equal(read(watch, event, sizeof(event)), -1);
		assert_int_equal(errno, EAGAIN);
	}
	/* With special it is opened, and inotify shows that. */
	assert_return_code(fd = resolve_open(&tree, "fifo", O_RDONLY, true, &st,
	    &type), errno);
	assert_true(S_ISFIFO(st.mode));
	assert_true(read(watch, event, sizeof(event)) > 0);
	close(fd);
	close(watch);
	close(tree.dirfd);
}

/* Of a root that is gone, nothing is there: no call takes another directory. */
static void
test_gone(void **state)
{
	static const char *const names[] = { "dir", "dir/file", "" };
	struct resolve_at	 gone = { .dirfd = -1 };
	char			 link[PATH_MAX];
	struct fdb_stat		 st;
	bool			 type;
	size_t			 i;

	(void)state;
	tree_make();
	/* Where a wrong descriptor would lead. */
	assert_int_equal(chdir(util_path("tree")), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(result(resolve_dir(&gone, names[i])), ENOENT);
		assert_int_equal(result(resolve_place(&gone, names[i])),
		    ENOENT);
		assert_int_equal(resolve_stat(&gone, names[i], &st, link,
		    sizeof(link)), -1);
		assert_int_equal(errno, ENOENT);
		if (names[i][0] == '\0')
			continue;
		assert_int_equal(result(resolve_open(&gone, names[i], O_RDONLY,
		    false, &st, &type)), ENOENT);
		assert_int_equal(result(resolve_create(&gone, names[i],
		    O_WRONLY, 0640, &st)), ENOENT);
	}
	assert_int_equal(chdir("/"), 0);
	close(tree.dirfd);
}

/* The path of a root has no link in it either. */
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
	close(tree.dirfd);
}

/* In a child: exchange a directory and a link that leads out, endlessly. */
static int
exchange(void *arg)
{
	(void)arg;
	for (;;)
		if (renameat2(tree.dirfd, "dir", tree.dirfd, "out",
		    RENAME_EXCHANGE) == -1)
			return 1;
}

/* True for the errors that a link on the way can cause. */
static bool
is_refusal(int error)
{
	/* EAGAIN: renames disturbed openat2(2) too often in a row. */
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
	/* Go on until both outcomes were seen, however it is scheduled. */
	for (i = 0; wrong == 0 && (i < RACES || inside == 0 ||
	    refused == 0); i++) {
		fd = resolve_open(&tree, "dir/file", O_RDONLY, false, &st,
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
	close(tree.dirfd);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_leaving),
		UTIL_TEST(test_create),
		UTIL_TEST(test_unnamed),
		UTIL_TEST(test_looked_at_first),
		UTIL_TEST(test_gone),
		UTIL_TEST(test_roots),
		UTIL_TEST(test_race)
	};

#ifndef WITHOUT_OPENAT2
	util_program_needs(FEATURE_OPENAT2);
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
