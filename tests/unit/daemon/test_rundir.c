/*
 * test_rundir.c: the run directory: made, checked, locked and cleaned.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "daemon/rundir.h"
#include "tests/unit/util.h"

static struct rundir	 rundir;

static void
open_run(void)
{
	if (rundir_open(&rundir, util_path("run")) == -1)
		fail_msg("%s", util_logged());
}

/* Opening fails, leaves nothing open, and logs why. */
static void
expect_refused(const char *text)
{
	size_t	 fds = util_count_fds();

	assert_int_equal(rundir_open(&rundir, util_path("run")), -1);
	assert_int_equal(util_count_fds(), fds);
	if (strstr(util_logged(), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", util_logged(), text);
}

static void
expect_mode(const char *name, mode_t mode)
{
	struct stat	 st;

	assert_int_equal(lstat(util_path(name), &st), 0);
	if (st.st_mode != mode)
		fail_msg("%s: mode %o, expected %o", name, st.st_mode, mode);
	assert_int_equal(st.st_uid, geteuid());
}

static void
expect_modes(void)
{
	expect_mode("run", S_IFDIR | 0755);
	expect_mode("run/session", S_IFDIR | 0700);
	expect_mode("run/empty", S_IFDIR | 0555);
	expect_mode("run/lock", S_IFREG | 0600);
}

/* The modes are exact, whatever the umask is and the modes were. */
static void
test_made(void **state)
{
	static const mode_t	 masks[] = { 0, 022, 077, 0777 };
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		(void)umask(masks[i]);
		open_run();
		(void)umask(022);
		if (masks[i] == 0777)
			assert_int_equal(chmod(util_path("run/lock"), 0600),
			    0);
		expect_modes();
		assert_string_equal(rundir.path, util_path("run"));
		assert_string_equal(rundir.session, util_path("run/session"));
		assert_true(util_is_cloexec(rundir.lock));
		assert_true(util_is_cloexec(rundir.fd));
		assert_true(util_is_cloexec(rundir.session_fd));
		assert_true(util_is_cloexec(rundir.empty));
		rundir_close(&rundir);
		rundir_close(&rundir);
		assert_int_equal(chmod(util_path("run/session"), 0), 0);
		assert_int_equal(chmod(util_path("run/session"), 0700), 0);
		if (i % 2 == 0)
			continue;
		assert_int_equal(rmdir(util_path("run/session")), 0);
		assert_int_equal(rmdir(util_path("run/empty")), 0);
		assert_int_equal(unlink(util_path("run/lock")), 0);
		assert_int_equal(rmdir(util_path("run")), 0);
	}
}

/* Leave a socket file whose socket is closed. */
static void
make_stale(const char *name)
{
	struct dgram	 d;

	dgram_init(&d);
	if (dgram_bind(&d, util_path(name), 0666) == -1)
		fail_msg("%s: %s", name, strerror(errno));
	close(d.fd);
}

/*
 * Sockets of an earlier daemon are removed.  Files that are no sockets stay,
 * except in session/.
 */
static void
test_cleaned(void **state)
{
	(void)state;
	open_run();
	rundir_close(&rundir);
	make_stale("run/fdbroker.sock");
	make_stale("run/other.sock");
	make_stale("run/session/00112233445566778899aabbccddeeff");
	util_write_file(util_path("run/notes"), "text");
	util_write_file(util_path("run/session/file"), "text");
	assert_int_equal(symlink("notes", util_path("run/link")), 0);
	assert_int_equal(mkdir(util_path("run/mine"), 0700), 0);
	make_stale("run/mine/socket");
	open_run();
	assert_false(util_exists(util_path("run/fdbroker.sock")));
	assert_false(util_exists(util_path("run/other.sock")));
	assert_true(util_exists(util_path("run/notes")));
	assert_true(util_exists(util_path("run/link")));
	assert_true(util_exists(util_path("run/mine/socket")));
	/* rmdir(2) succeeds since it is empty. */
	assert_int_equal(rmdir(util_path("run/session")), 0);
	rundir_close(&rundir);
}

/* In a child: hold the lock until the other end of the pair is closed. */
static int
other_daemon(void *arg)
{
	const int	*p = arg;
	struct pollfd	 pfd = { .fd = p[1], .events = POLLIN };
	struct rundir	 theirs;

	close(p[0]);
	if (rundir_open(&theirs, util_path("run")) == -1 ||
	    write(p[1], "x", 1) != 1)
		return 1;
	return poll(&pfd, 1, -1) == 1 ? 0 : 2;
}

static void
test_locked(void **state)
{
	struct rundir	 first;
	pid_t		 pid;
	int		 p[2];

	(void)state;
	/* In one process. */
	open_run();
	first = rundir;
	make_stale("run/fdbroker.sock");
	expect_refused("another daemon runs there");
	/* The run directory is as it was. */
	assert_true(util_exists(util_path("run/fdbroker.sock")));
	rundir_close(&first);
	open_run();
	rundir_close(&rundir);
	/* In another process, which then dies. */
	assert_return_code(dgram_pair_seq(p), errno);
	pid = util_start(other_daemon, p);
	close(p[1]);
	assert_true(util_readable(p[0]));
	expect_refused("another daemon runs there");
	close(p[0]);
	assert_int_equal(util_wait(pid), 0);
	open_run();
	rundir_close(&rundir);
}

/* A link or a file in place of the directory, or of one in it. */
static void
test_not_a_directory(void **state)
{
	static const char *const	 names[] = {
		"run/session", "run/empty"
	};
	size_t				 i;

	(void)state;
	assert_int_equal(mkdir(util_path("elsewhere"), 0700), 0);
	assert_int_equal(symlink("elsewhere", util_path("run")), 0);
	expect_refused("/run");
	assert_int_equal(unlink(util_path("run")), 0);
	util_write_file(util_path("run"), "");
	expect_refused("/run");
	assert_int_equal(unlink(util_path("run")), 0);
	for (i = 0; i < 2; i++) {
		open_run();
		rundir_close(&rundir);
		assert_int_equal(rmdir(util_path(names[i])), 0);
		assert_int_equal(symlink("../elsewhere", util_path(names[i])),
		    0);
		expect_refused(names[i]);
		assert_int_equal(unlink(util_path(names[i])), 0);
		util_write_file(util_path(names[i]), "");
		expect_refused(names[i]);
		assert_int_equal(unlink(util_path(names[i])), 0);
	}
	expect_mode("elsewhere", S_IFDIR | 0700);
	open_run();
	rundir_close(&rundir);
	assert_int_equal(unlink(util_path("run/lock")), 0);
	assert_int_equal(symlink("notes", util_path("run/lock")), 0);
	expect_refused("/run/lock");
	assert_false(util_exists(util_path("run/notes")));
}

/*
 * A directory that others use, such as /run itself, is left alone: the daemon
 * would change its mode and remove the sockets in it.
 */
static void
test_foreign(void **state)
{
	(void)state;
	assert_int_equal(mkdir(util_path("run"), 0700), 0);
	util_write_file(util_path("run/theirs"), "");
	assert_int_equal(mkdir(util_path("run/lock"), 0700), 0);
	expect_refused("/run: it has other files in it, such as theirs");
	expect_mode("run", S_IFDIR | 0700);
	assert_true(util_exists(util_path("run/theirs")));
	assert_false(util_exists(util_path("run/session")));
	/* What a daemon has left there is no reason. */
	assert_int_equal(rmdir(util_path("run/lock")), 0);
	assert_int_equal(unlink(util_path("run/theirs")), 0);
	open_run();
	rundir_close(&rundir);
	util_write_file(util_path("run/theirs"), "");
	open_run();
	rundir_close(&rundir);
}

static void
test_other_owner(void **state)
{
	static const char *const	 names[] = {
		"run", "run/session", "run/empty"
	};
	size_t				 i;

	(void)state;
	util_need_root();
	open_run();
	rundir_close(&rundir);
	for (i = 0; i < 3; i++) {
		assert_int_equal(chown(util_path(names[i]), UTIL_NOBODY, 0),
		    0);
		expect_refused("owned by uid 65534, not by us");
		assert_non_null(strstr(util_logged(), names[i]));
		assert_int_equal(chown(util_path(names[i]), 0, 0), 0);
	}
	open_run();
	rundir_close(&rundir);
}

/* The directory cannot be made, or its path is too long. */
static void
test_no_access(void **state)
{
	char	 path[DGRAM_PATH_MAX + 8];

	(void)state;
	assert_int_equal(rundir_open(&rundir, util_path("no/run")), -1);
	assert_non_null(strstr(util_logged(), "no/run"));
	/* The path of a socket in session/ must fit into an address. */
	memset(path, 'p', sizeof(path));
	(void)snprintf(path, sizeof(path), "%s/", util_dir());
	path[strlen(path)] = 'p';
	path[DGRAM_PATH_MAX - DGRAM_NAME_LEN - sizeof("/session/")] = '\0';
	assert_int_equal(rundir_open(&rundir, path), 0);
	assert_int_equal(strlen(rundir.session) + 1 + DGRAM_NAME_LEN,
	    DGRAM_PATH_MAX - 1);
	rundir_close(&rundir);
	(void)strlcat(path, "p", sizeof(path));
	assert_int_equal(rundir_open(&rundir, path), -1);
	assert_non_null(strstr(util_logged(), "too long"));
	assert_false(util_exists(path));
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(rundir_open(&rundir, path), -1);
	assert_non_null(strstr(util_logged(), "too long"));
}

static void
test_no_room(void **state)
{
	int	 room, ret;

	(void)state;
	for (room = 0; room <= 6; room++) {
		util_limit_fds(room);
		ret = rundir_open(&rundir, util_path("run"));
		util_unlimit_fds();
		if (room < 4)
			assert_int_equal(ret, -1);
		rundir_close(&rundir);
	}
}

/* In a child: what other users may do in the daemon's directories. */
static int
as_other(void *arg)
{
	struct dgram	 d;

	(void)arg;
	if (util_become(UTIL_NOBODY) == -1)
		return 1;
	dgram_init(&d);
	if (open(util_path("run/session"), O_RDONLY | O_DIRECTORY) != -1)
		return 5;
	if (util_exists(util_path("run/session/ours")))
		return 6;
	if (dgram_bind(&d, util_path("run/session/theirs"), 0600) != -1)
		return 7;
	if (dgram_bind(&d, util_path("run/fdbroker.sock"), 0600) != -1)
		return 8;
	if (open(util_path("run/lock"), O_RDONLY) != -1)
		return 9;
	dgram_close(&d);
	return 0;
}

static void
test_as_other(void **state)
{
	(void)state;
	util_need_root();
	open_run();
	make_stale("run/session/ours");
	assert_int_equal(util_run(as_other, NULL), 0);
	rundir_close(&rundir);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_made),
		UTIL_TEST(test_cleaned),
		UTIL_TEST(test_locked),
		UTIL_TEST(test_not_a_directory),
		UTIL_TEST(test_foreign),
		UTIL_TEST(test_other_owner),
		UTIL_TEST(test_no_access),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_as_other)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
