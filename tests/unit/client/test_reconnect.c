/*
 * test_reconnect.c: the process that connects for a confined worker: it ends
 * with the worker, and what it sends must have room.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "client/fdbroker.h"
#include "tests/unit/util.h"

/* Seconds until a process that should have ended counts as hung. */
#define HUNG	60

static char	 why[FDB_WHY_MAX];
static int	 ready[2];		/* a pipe from the worker */

/* A socket, bound or connected to the rendezvous.  -1 if call fails. */
static int
socket_there(int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un	 addr;
	int			 fd;

	assert_return_code(dgram_address(&addr, util_path("sock")), errno);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	assert_return_code(fd, errno);
	if (call(fd, (const struct sockaddr *)&addr, sizeof(addr)) == -1)
		fd_close(&fd);
	return fd;
}

/* A broker, which accepts nobody. */
static int
rendezvous(int backlog)
{
	int	 fd = socket_there(bind);

	assert_return_code(fd, errno);
	assert_return_code(listen(fd, backlog), errno);
	return fd;
}

/* The connector becomes a child of this process. */
static void
adopt(void)
{
#ifdef PR_SET_CHILD_SUBREAPER
	assert_return_code(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), errno);
#else
	util_skip("needs PR_SET_CHILD_SUBREAPER");
#endif
}

/* The only child that is left ends, and has nothing to complain of. */
static void
expect_end(void)
{
	int	 status;

	(void)alarm(HUNG);
	assert_return_code(waitpid(-1, &status, 0), errno);
	(void)alarm(0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(waitpid(-1, &status, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static int
wait_for_ever(void *arg)
{
	struct fdb_reconnect	*r;
	struct fdb_session	*s;

	(void)arg;
	if (fdb_reconnect_prepare(&r, util_path("sock"), "role") == -1 ||
	    write(ready[1], "", 1) != 1)
		return 1;
	(void)fdb_reconnect(r, &s, -1, NULL);
	return 1;
}

/* Its worker waits for a broker that accepts nobody, and is killed. */
static void
test_ends_with_worker(void **state)
{
	char	 byte, status[64] = "";
	pid_t	 pid;
	int	 sock, taken[8], n;

	(void)state;
	adopt();
	sock = rendezvous(0);
	for (n = 0; n < 8; n++)
		if ((taken[n] = socket_there(connect)) == -1)
			break;
	assert_in_range(n, 1, 7);
	assert_return_code(pipe2(ready, O_CLOEXEC), errno);
	pid = util_start(wait_for_ever, NULL);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	/* Once it sleeps, it has asked. */
	while (status[0] != 'S') {
		(void)poll(NULL, 0, 1);
		util_status(pid, "State", status, sizeof(status));
	}
	assert_return_code(kill(pid, SIGKILL), errno);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	expect_end();
	fd_close_all(taken, (size_t)n);
	fd_close_all(ready, 2);
	fd_close(&sock);
	assert_return_code(unlink(util_path("sock")), errno);
}

/* The connection comes over the channel, where there may be no room for it. */
static void
test_room(void **state)
{
	struct fdb_reconnect	*r;
	struct fdb_session	*s;
	int			 sock;

	(void)state;
	adopt();
	sock = rendezvous(8);
	assert_return_code(fdb_reconnect_prepare(&r, util_path("sock"),
	    "role"), errno);
	util_limit_fds(0);
	assert_int_equal(fdb_reconnect(r, &s, 10000, why), -1);
	assert_int_equal(errno, EMFILE);
	assert_string_equal(why, "no answer from the process that connects: "
	    "Too many open files");
	util_unlimit_fds();
	/* It goes on; this broker never answers. */
	assert_int_equal(fdb_reconnect(r, &s, 100, why), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_null(s);
	fdb_reconnect_end(r);
	expect_end();
	fd_close(&sock);
	assert_return_code(unlink(util_path("sock")), errno);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_ends_with_worker),
		UTIL_TEST(test_room)
	};

	util_program_needs(FEATURE_SECCOMP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
