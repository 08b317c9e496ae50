/*
 * test_privdrop_user.c: lib/confine/privdrop_bsd.c without stand-ins: what a
 * process of root is afterwards.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "confine/privdrop.h"
#include "tests/unit/util.h"

static struct privdrop	 privs;
static int		 channel[2];	/* parent, child */

/* In a child: drop, say so, and wait until the parent has looked. */
static int
drop(void *arg)
{
	struct pollfd	 pfd = { .fd = channel[1], .events = POLLIN };
	const char	*step = "";

	(void)arg;
	if (privdrop(&privs, &step) == -1)
		return 1;
	if (setuid(0) != -1 || setgid(0) != -1 || chroot("/") != -1 ||
	    access("etc", F_OK) != -1)
		return 2;
	if (write(channel[1], "x", 1) != 1)
		return 3;
	return poll(&pfd, 1, -1) == 1 ? 0 : 4;
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
test_drop(void **state)
{
	static const uint32_t	 gids[] = { 1001, 1002 };
	pid_t			 pid;

	(void)state;
	util_need_root();
	assert_int_equal(mkdir(util_path("empty"), 0555), 0);
	memset(&privs, 0, sizeof(privs));
	privs.uid = privs.gid = UTIL_NOBODY;
	privs.gids = gids;
	privs.ngids = 2;
	privs.chroot_fd = open(util_path("empty"), O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	assert_true(privs.chroot_fd != -1);
	assert_int_equal(dgram_pair_seq(channel), 0);
	pid = util_start(drop, NULL);
	if (!util_readable(channel[0]))
		fail();
	expect_status(pid, "Uid", "65534\t65534\t65534\t65534");
	expect_status(pid, "Gid", "65534\t65534\t65534\t65534");
	expect_status(pid, "Groups", "1001 1002 65534 ");
	expect_status(pid, "CapEff", "0000000000000000");
	expect_status(pid, "CapPrm", "0000000000000000");
	/* The child may have ended already; its status tells why. */
	(void)fdmsg_send(channel[0], "x", 1, NULL, 0);
	assert_int_equal(util_wait(pid), 0);
	fd_close_all(channel, 2);
	close(privs.chroot_fd);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_drop)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
