/*
 * test_privdrop.c: what root can still do after a drop of privilege.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/rights.h"
#include "confine/privdrop.h"
#include "tests/unit/util.h"

#define READ_SEARCH	"0000000000000004"	/* bit 2 */
#define NONE		"0000000000000000"

static struct privdrop	 privs;
static int		 channel[2];	/* parent, child */
static int		 tree;	/* with a file that only root may read */

/* In a child: say that it is done, and wait until the parent has looked. */
static int
stay(void)
{
	struct pollfd	 pfd = { .fd = channel[1], .events = POLLIN };

	if (write(channel[1], "x", 1) != 1)
		return 1;
	return poll(&pfd, 1, -1) == 1 ? 0 : 2;
}

static bool
can_read(void)
{
	int	 fd = openat(tree, "private", O_RDONLY);

	return fd != -1;
}

static bool
can_write(void)
{
	int	 fd = openat(tree, "private", O_WRONLY);

	return fd != -1;
}

static int
drop(void *arg)
{
	const char	*step = "";

	(void)arg;
	if (privdrop(&privs, &step) == -1)
		return 10;
	if (can_read() != (privs.caps != 0) || can_write() ||
	    setuid(0) != -1 || chroot("/") != -1)
		return 11;
	return stay();
}

static int
drop_self(void *arg)
{
	const char	*step = "";
	bool		 dropped;

	(void)arg;
	if (privdrop_self(RIGHTS_CAP_DAC_READ_SEARCH, &dropped,
	    &step) == -1)
		return 10;
	if (dropped != (geteuid() == 0))
		return 11;
	if (dropped && (!can_read() || chroot("/") != -1 ||
	    setresuid(1, 1, 1) != -1))
		return 12;
	return stay();
}

static void
expect_status(pid_t pid, const char *key, const char *value)
{
	char	 got[128];

	util_status(pid, key, got, sizeof(got));
	if (strcmp(got, value) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", key, got, value);
}

static void
expect_caps(pid_t pid, const char *caps)
{
	expect_status(pid, "CapPrm", caps);
	expect_status(pid, "CapEff", caps);
	expect_status(pid, "CapInh", NONE);
	expect_status(pid, "CapBnd", NONE);
	expect_status(pid, "CapAmb", NONE);
}

static pid_t
start(int (*f)(void *))
{
	pid_t	 pid;

	assert_return_code(dgram_pair_seq(channel), errno);
	pid = util_start(f, NULL);
	if (!util_readable(channel[0]))
		fail();
	return pid;
}

static void
finish(pid_t pid)
{
	/* The child may have ended already; its status tells why. */
	(void)fdmsg_send(channel[0], "x", 1, NULL, 0);
	assert_int_equal(util_wait(pid), 0);
	fd_close_all(channel, 2);
}

static void
make_tree(void)
{
	assert_int_equal(mkdir(util_path("tree"), 0700), 0);
	util_write_file(util_path("tree/private"), "text");
	assert_int_equal(chmod(util_path("tree/private"), 0600), 0);
	assert_int_equal(mkdir(util_path("empty"), 0555), 0);
	tree = open(util_path("tree"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_return_code(tree, errno);
	memset(&privs, 0, sizeof(privs));
	privs.uid = privs.gid = UTIL_NOBODY;
	privs.chroot_fd = -1;
}

static void
test_drop(void **state)
{
	static const uint32_t	 gids[] = { 1001, 1002 };
	char			 path[64], root[PATH_MAX];
	ssize_t			 n;
	pid_t			 pid;

	(void)state;
	util_need_root();
	make_tree();
	privs.gids = gids;
	privs.ngids = 2;
	privs.caps = RIGHTS_CAP_DAC_READ_SEARCH;
	privs.chroot_fd = open(util_path("empty"), O_PATH | O_CLOEXEC);
	pid = start(drop);
	expect_status(pid, "Uid", "65534\t65534\t65534\t65534");
	expect_status(pid, "Gid", "65534\t65534\t65534\t65534");
	expect_status(pid, "Groups", "1001 1002 ");
	expect_caps(pid, READ_SEARCH);
	(void)snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	assert_true((n = readlink(path, root, sizeof(root) - 1)) > 0);
	root[n] = '\0';
	assert_string_equal(root, util_path("empty"));
	finish(pid);
	close(privs.chroot_fd);
	close(tree);
}

/* As many groups as an opener can be told. */
static void
test_many_groups(void **state)
{
	static uint32_t	 many[RIGHTS_GROUPS_MAX];
	char		 groups[64];
	size_t		 i;
	pid_t		 pid;

	(void)state;
	util_need_root();
	make_tree();
	for (i = 0; i < RIGHTS_GROUPS_MAX; i++)
		many[i] = (uint32_t)(100000 + i);
	privs.gids = many;
	privs.ngids = RIGHTS_GROUPS_MAX;
	privs.caps = 0;
	privs.chroot_fd = -1;
	pid = start(drop);
	expect_status(pid, "Uid", "65534\t65534\t65534\t65534");
	util_status(pid, "Groups", groups, sizeof(groups));
	assert_true(strncmp(groups, "100000 100001 100002 ", 21) == 0);
	finish(pid);
	close(tree);
}

static void
test_drop_all(void **state)
{
	pid_t	 pid;

	(void)state;
	util_need_root();
	make_tree();
	pid = start(drop);
	expect_status(pid, "Groups", "");
	expect_caps(pid, NONE);
	finish(pid);
	close(tree);
}

/* A process that keeps its user drops nothing, or all but one capability. */
static void
test_drop_self(void **state)
{
	pid_t	 pid;

	(void)state;
	make_tree();
	pid = start(drop_self);
	if (geteuid() == 0)
		expect_caps(pid, READ_SEARCH);
	finish(pid);
	close(tree);
}

static void
expect_fault(const char *what)
{
	const char	*step = "";

	assert_int_equal(privdrop(&privs, &step), -1);
	assert_string_equal(step, what);
}

/* An impossible request is refused before anything is given up. */
static void
test_faults(void **state)
{
	uid_t	 uid = geteuid();

	(void)state;
	make_tree();
	privs.uid = 0;
	expect_fault("an unprivileged user");
	privs.uid = UTIL_NOBODY;
	privs.gid = 0;
	expect_fault("an unprivileged user");
	privs.gid = UTIL_NOBODY;
	privs.chroot_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	expect_fault("chroot");
	close(privs.chroot_fd);
	expect_fault("chroot");
	privs.chroot_fd = -1;
	if (uid != 0)
		expect_fault("securebits");
	assert_int_equal(geteuid(), uid);
	close(tree);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_drop),
		UTIL_TEST(test_many_groups),
		UTIL_TEST(test_drop_all),
		UTIL_TEST(test_drop_self),
		UTIL_TEST(test_faults)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
