/*
 * test_spare.c: an opener is started before it is asked for, and serves one
 * session.
 *
 * This program is also the opener: it says under which name it was started.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/spare.h"
#include "ipc/msg.h"
#include "ipc/types.h"
#include "policy/role.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define WAITED	"(spare) fdbroker-opener"
#define FRESH	"fdbroker-opener"

static char		 dir[DGRAM_PATH_MAX];	/* not there, but once */
static struct spare	 spare;
static struct setup	 setup;
static struct spawned	 spawned;

static int
opener_main(const char *name)
{
	static struct setup	 su;
	int			 channel = SETUP_CHANNEL_FD;

	if (setup_recv(channel, &su) == -1)
		return errno == EPIPE ? 7 : 1;
	ipc_sink(&channel, LOG_INFO, name);
	return 0;
}

static void
begin(const char *path)
{
	setup_init(&setup);
	setup.role = client_role((const char *const[]){ "+", NULL });
	assert_return_code(setup.sock = open("/dev/null", O_RDONLY |
	    O_CLOEXEC), errno);
	assert_return_code(setup.conn = fcntl(setup.sock, F_DUPFD_CLOEXEC, 0),
	    errno);
	assert_return_code(setup.client = fcntl(setup.sock, F_DUPFD_CLOEXEC,
	    0), errno);
	assert_return_code(setup.empty_dir = fcntl(setup.sock,
	    F_DUPFD_CLOEXEC, 0), errno);
	setup.info.window = setup.info.batch = setup.info.tokens = 1;
	setup.info.bytes = PROTO_MAX;
	(void)strlcpy(dir, util_path("dir"), sizeof(dir));
	spare_init(&spare, path, dir);
}

/* Use an opener; it has this name, and ends. */
static void
use(const char *name)
{
	struct spawn_news	 news;

	assert_int_equal(spare_use(&spare, &setup, &spawned), 0);
	assert_true(util_readable(spawned.channel));
	assert_int_equal(spawn_read_channel(spawned.channel, &news), IPC_LOG);
	assert_string_equal(util_logged(), name);
	close(spawned.channel);
	assert_int_equal(util_wait(spawned.pid), 0);
	assert_true(spare_gone(&spare));
}

/* No more; the one that waits sees the end of its channel. */
static void
end(void)
{
	pid_t	 pid = spare.waiting.pid;

	spare_end(&spare);
	assert_int_equal(spare_gone(&spare), pid == -1);
	if (pid != -1) {
		assert_int_equal(util_wait(pid), 7 << 8);
		assert_true(spare_reaped(&spare, pid, 0));
	}
	assert_true(spare_gone(&spare));
	spare_fill(&spare);
	assert_true(spare_gone(&spare));
	setup_clear(&setup);
}

static void
test_waits(void **state)
{
	size_t	 fds = util_count_fds();
	pid_t	 pid;

	(void)state;
	begin("/proc/self/exe");
	/* The first session comes too early. */
	use(FRESH);
	spare_fill(&spare);
	pid = spare.waiting.pid;
	assert_int_not_equal(pid, -1);
	spare_fill(&spare);
	assert_int_equal(spare.waiting.pid, pid);
	use(WAITED);
	assert_int_equal(spawned.pid, pid);
	/* Nobody else gets it. */
	assert_false(spare_reaped(&spare, pid, 0));
	use(FRESH);
	spare_fill(&spare);
	use(WAITED);
	spare_fill(&spare);
	end();
	assert_int_equal(util_count_fds(), fds);
}

/* One that died while it waited is replaced, whether that was seen or not. */
static void
test_dies(void **state)
{
	size_t	 fds = util_count_fds();
	pid_t	 pid;

	(void)state;
	begin("/proc/self/exe");
	spare_fill(&spare);
	pid = spare.waiting.pid;
	spare_kill(&spare);
	assert_int_equal(util_wait(pid), SIGKILL);
	assert_true(spare_reaped(&spare, pid, 0));
	assert_non_null(strstr(util_logged(), "the spare opener ended"));
	assert_true(spare_gone(&spare));
	use(FRESH);

	spare_fill(&spare);
	pid = spare.waiting.pid;
	spare_kill(&spare);
	assert_true(util_readable(spare.waiting.channel));
	use(FRESH);
	/* It was waited for. */
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	end();
	assert_int_equal(util_count_fds(), fds);
}

/* A setup that cannot be sent, or no program: no process is left. */
static void
test_fails(void **state)
{
	(void)state;
	begin("/proc/self/exe");
	spare_fill(&spare);
	setup.ngids = SETUP_GROUPS_MAX + 1;
	assert_int_equal(spare_use(&spare, &setup, &spawned), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(spawned.pid, -1);
	assert_int_equal(spawned.channel, -1);
	end();

	begin(util_path("no"));
	spare_fill(&spare);
	assert_true(spare_gone(&spare));
	assert_int_equal(spare_use(&spare, &setup, &spawned), -1);
	assert_int_equal(errno, ENOENT);
	end();
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* Are these ends of one session, and without names? */
static void
assert_pair(int fds[2])
{
	char	 byte;

	assert_int_equal(dgram_check(fds[0], SOCK_DGRAM), 0);
	assert_int_equal(send(fds[0], "x", 1, 0), 1);
	assert_int_equal(recv(fds[1], &byte, 1, 0), 1);
	assert_return_code(rmdir(dir), errno);
	assert_return_code(mkdir(dir, 0700), errno);
}

/* Each session has a pair of its own, whether one was made before or not. */
static void
test_pair(void **state)
{
	size_t	 fds = util_count_fds();
	int	 first[2], one[2], other[2];

	(void)state;
	begin("/proc/self/exe");
	/* The directory is missing: the next session tries again. */
	spare_fill(&spare);
	assert_int_equal(spare.pair[0], -1);
	assert_int_equal(spare_pair(&spare, one), -1);
	assert_int_equal(errno, ENOENT);
	assert_return_code(mkdir(dir, 0700), errno);
	spare_fill(&spare);
	memcpy(first, spare.pair, sizeof(first));
	assert_true(util_is_cloexec(first[0]) && util_is_cloexec(first[1]));
	spare_fill(&spare);
	assert_memory_equal(spare.pair, first, sizeof(first));
	assert_int_equal(spare_pair(&spare, one), 0);
	assert_memory_equal(one, first, sizeof(first));
	assert_int_equal(spare.pair[0], -1);
	assert_int_equal(spare_pair(&spare, other), 0);
	assert_pair(one);
	assert_pair(other);
	assert_int_equal(send(one[0], "x", 1, 0), 1);
	assert_false(util_readable(other[1]));
	fd_close_all(one, 2);
	fd_close_all(other, 2);
	spare_fill(&spare);
	end();
	assert_int_equal(spare.pair[0], -1);
	assert_int_equal(util_count_fds(), fds);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_waits),
		UTIL_TEST(test_dies),
		UTIL_TEST(test_fails),
		UTIL_TEST(test_pair)
	};

	(void)argc;
	if (strcmp(argv[0], WAITED) == 0 || strcmp(argv[0], FRESH) == 0)
		return opener_main(argv[0]);
	util_program_needs(FEATURE_MEMFD);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
