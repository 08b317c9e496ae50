/*
 * test_controller.c: the controller with a fake worker: a run succeeds only if
 * the worker is confined, says that it is done, and exits with status 0; and
 * whatever the worker does, no socket is left.
 *
 * worker_main() below replaces the worker of fdbackup.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "client/handoff.h"
#include "common/channel.h"
#include "controller/controller.h"
#include "sandbox/commands.h"
#include "sandbox/worker.h"
#include "tests/unit/util.h"

#define UNFINISHED	"the worker exited before it was done"

/* What the worker does, one step after the other. */
enum step {
	STEP_END = 0,		/* exits with status 0 */
	STEP_CONFINED,		/* says that it is confined */
	STEP_DONE,		/* says that it is done */
	STEP_DIFFERENT,		/* the same, with a difference counted */
	STEP_WARN,		/* reports a warning */
	STEP_FAIL,		/* reports a failure of the run */
	STEP_GARBAGE,		/* sends a message without a record */
	STEP_MOVE,		/* says that it is the process stranger now */
	STEP_WRITE,		/* gets the archive and writes to it */
	STEP_BIND,		/* makes the socket for that, and no more */
	STEP_ELSEWHERE,		/* asks for the archive at another address */
	STEP_EXIT_1,
	STEP_SEGV,
	STEP_SYS,		/* dies as by its filter of system calls */
	STEP_DIE
};

static const enum step	*steps;
static pid_t		 stranger;
static struct channel	 to_controller;
static const char	*address;	/* where the hand-off is to be */
static struct fdb_handoff	*handoff;
static char		 tmpdir[100];	/* "": the test's directory */

/* Get the archive by the hand-off, and write a text to it. */
static int
write_archive(void)
{
	struct fdb_handoff	*h;
	int			 fd;

	if (handoff_listen_at(&h, address) == -1)
		return -1;
	if (channel_put_address(&to_controller, CHANNEL_ARCHIVE,
	    fdb_handoff_address(h)) == -1 ||
	    (fd = fdb_handoff_receive(h, 30000)) == -1)
		return -1;
	return write(fd, "archive", 7) == 7 ? 0 : -1;
}

static int
worker_step(enum step step)
{
	static const uint8_t	 garbage[] = { 0xff, 0xff };
	struct tally		 tally;

	memset(&tally, 0, sizeof(tally));
	switch (step) {
	case STEP_CONFINED:
		return channel_put_confined(&to_controller, 0, 0);
	case STEP_DIFFERENT:
		tally_count(&tally, REPORT_DIFFERENT);
		/* FALLTHROUGH */
	case STEP_DONE:
		return channel_put_tally(&to_controller, CHANNEL_DONE,
		    &tally);
	case STEP_WARN:
		return channel_put_report(&to_controller, REPORT_WARNING, "",
		    "a warning");
	case STEP_FAIL:
		return channel_put_report(&to_controller, REPORT_FATAL, "",
		    "the worker failed");
	case STEP_GARBAGE:
		return fdmsg_send(to_controller.fd, garbage, sizeof(garbage),
		    NULL, 0);
	case STEP_MOVE:
		return channel_put_process(&to_controller, stranger);
	case STEP_WRITE:
		return write_archive();
	case STEP_BIND:
		return handoff_listen_at(&handoff, address);
	case STEP_ELSEWHERE:
		return channel_put_address(&to_controller, CHANNEL_ARCHIVE,
		    util_path("elsewhere"));
	case STEP_EXIT_1:
		_exit(1);
	case STEP_SEGV:
		(void)raise(SIGSEGV);
		return -1;
	case STEP_SYS:
		(void)raise(SIGSYS);
		return -1;
	case STEP_DIE:
		(void)raise(SIGKILL);
		return -1;
	case STEP_END:
		break;
	}
	_exit(0);
}

/* The controller may be gone before the last step, so errors are ignored. */
void
worker_main(const struct job *job)
{
	channel_init(&to_controller, job->channel);
	address = job->address;
	for (;;)
		(void)worker_step(*steps++);
}

static int
run_controller(void *arg)
{
	const struct options	*o = arg;
	int			 fd;

	fd = open(util_path("messages"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1 || dup2(fd, STDERR_FILENO) == -1 ||
	    setenv("TMPDIR", tmpdir[0] != '\0' ? tmpdir : util_dir(), 1) == -1)
		return 100;
	close(fd);
	return controller_run(o);
}

/* The exit status of a command with a worker that takes these steps. */
static int
run(const char *command, const enum step *worker_steps)
{
	static char	 archive[128], path[] = "/etc/passwd", role[] = "r";
	static char	*paths[] = { path, NULL };
	struct options	 o;
	int		 status;

	memset(&o, 0, sizeof(o));
	o.command = commands_find(command);
	assert_non_null(o.command);
	(void)strlcpy(archive, util_path("archive"), sizeof(archive));
	o.archive = archive;
	if (o.command->stores) {
		/* A role: so no private opener is started. */
		o.role = role;
		o.paths = paths;
		o.npaths = 1;
	}
	steps = worker_steps;
	stranger = getpid();
	status = util_run(run_controller, &o);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A run fails with one message, which contains this one. */
static void
assert_fails(const char *command, const enum step *worker_steps,
    const char *message)
{
	char	 text[1024];
	ssize_t	 n;
	int	 fd;

	assert_int_equal(run(command, worker_steps), STATUS_FATAL);
	fd = open(util_path("messages"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	if (strstr(text, message) == NULL ||
	    strchr(text, '\n') != text + n - 1)
		fail_msg("got: %swanted: %s", text, message);
}

static void
test_success(void **state)
{
	static const enum step	 whole[] = {
		STEP_CONFINED, STEP_WARN, STEP_DONE, STEP_END
	};
	static const enum step	 differs[] = {
		STEP_CONFINED, STEP_DIFFERENT, STEP_END
	};

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_int_equal(run("verify", whole), STATUS_COMPLETE);
	assert_int_equal(run("list", whole), STATUS_COMPLETE);
	assert_int_equal(run("verify", differs), STATUS_DIFFERENT);
}

/* It exits with status 0 and never said that it was done. */
static void
test_not_done(void **state)
{
	static const enum step	 nothing[] = { STEP_END };
	static const enum step	 confined[] = { STEP_CONFINED, STEP_END };

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_fails("verify", nothing, UNFINISHED);
	assert_fails("verify", confined, UNFINISHED);
	assert_fails("list", confined, UNFINISHED);
}

/* It says that it is done when it cannot be, or goes on after that. */
static void
test_done_too_early(void **state)
{
	static const enum step	 unconfined[] = { STEP_DONE, STEP_END };
	static const enum step	 again[] = {
		STEP_CONFINED, STEP_DONE, STEP_DONE, STEP_END
	};
	static const enum step	 goes_on[] = {
		STEP_CONFINED, STEP_DONE, STEP_WARN, STEP_END
	};

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_fails("verify", unconfined, "the worker broke the protocol");
	assert_fails("verify", again, "the worker broke the protocol");
	assert_int_equal(run("verify", goes_on), STATUS_FATAL);
}

/* It says that it is done, but its exit or a report says otherwise. */
static void
test_done_and_failed(void **state)
{
	static const enum step	 exits[] = {
		STEP_CONFINED, STEP_DONE, STEP_EXIT_1
	};
	static const enum step	 dies[] = {
		STEP_CONFINED, STEP_DONE, STEP_DIE
	};
	static const enum step	 fails[] = {
		STEP_CONFINED, STEP_FAIL, STEP_DONE, STEP_END
	};

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_fails("verify", exits, UNFINISHED);
	assert_fails("verify", dies, "the worker was killed by signal 9");
	assert_int_equal(run("verify", fails), STATUS_FATAL);
}

/* The controller says what has killed the worker, and makes no archive. */
static void
test_killed(void **state)
{
	static const enum step	 killed[] = { STEP_WRITE, STEP_DIE };
	static const enum step	 filtered[] = {
		STEP_WRITE, STEP_CONFINED, STEP_SYS
	};
	static const enum step	 faulty[] = { STEP_CONFINED, STEP_SEGV };

	(void)state;
	assert_fails("create", killed, "the worker was killed by signal 9 "
	    "(Killed), perhaps by the kernel for lack of memory\n");
	assert_fails("create", filtered, "the worker was killed by signal 31 "
	    "(Bad system call): it made a system call that its filter does "
	    "not allow; please report this as SECURITY.md says\n");
	assert_fails("create", faulty,
	    "the worker was killed by signal 11 (Segmentation fault)\n");
	assert_false(util_exists(util_path("archive")));
}

/* The controller adds no second message to that of the worker. */
static void
test_reported(void **state)
{
	static const enum step	 fails[] = { STEP_FAIL, STEP_EXIT_1 };

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_fails("verify", fails, "the worker failed");
}

static void
test_protocol(void **state)
{
	static const enum step	 garbage[] = { STEP_GARBAGE, STEP_END };
	static const enum step	 moves[] = {
		STEP_MOVE, STEP_CONFINED, STEP_DONE, STEP_END
	};

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_fails("verify", garbage, "the worker broke the protocol");
	/* The worker is a child of the controller; stranger is its parent. */
	assert_fails("verify", moves, "the worker broke the protocol");
}

/* No archive has its name before the worker is done. */
static void
test_archive(void **state)
{
	static const enum step	 whole[] = {
		STEP_WRITE, STEP_CONFINED, STEP_DONE, STEP_END
	};
	static const enum step	 half[] = {
		STEP_WRITE, STEP_CONFINED, STEP_END
	};
	int			 fd;

	(void)state;
	assert_fails("create", half, UNFINISHED);
	assert_false(util_exists(util_path("archive")));
	assert_int_equal(run("create", whole), STATUS_COMPLETE);
	fd = open(util_path("archive"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(util_fd_reads(fd, "archive"));
	close(fd);
	util_write_file(util_path("archive"), "the old one");
	assert_fails("create", half, UNFINISHED);
	fd = open(util_path("archive"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(util_fd_reads(fd, "the old one"));
	close(fd);
}

/* Names in the directory for the sockets, except the files of the test. */
static size_t
count_sockets(void)
{
	struct dirent	*de;
	struct stat	 st;
	size_t		 n = 0;
	DIR		*dir;

	assert_non_null(dir = opendir(util_dir()));
	while ((de = readdir(dir)) != NULL) {
		assert_int_equal(fstatat(dirfd(dir), de->d_name, &st,
		    AT_SYMLINK_NOFOLLOW), 0);
		n += S_ISSOCK(st.st_mode);
	}
	closedir(dir);
	return n;
}

/* It dies while its socket exists, before it has told anything. */
static void
test_dies_in_hand_off(void **state)
{
	static const enum step	 dies[] = { STEP_BIND, STEP_DIE };
	static const enum step	 ends[] = { STEP_BIND, STEP_END };
	static const enum step	 breaks[] = {
		STEP_BIND, STEP_GARBAGE, STEP_END
	};

	(void)state;
	util_write_file(util_path("archive"), "");
	assert_fails("verify", dies, "the worker was killed by signal 9");
	assert_int_equal(count_sockets(), 0);
	assert_fails("verify", ends, UNFINISHED);
	assert_int_equal(count_sockets(), 0);
	assert_fails("verify", breaks, "the worker broke the protocol");
	assert_int_equal(count_sockets(), 0);
}

/* It gets nothing at an address that the controller has not chosen. */
static void
test_another_address(void **state)
{
	static const enum step	 elsewhere[] = { STEP_ELSEWHERE, STEP_END };
	struct dgram		 d;
	char			 byte;

	(void)state;
	util_write_file(util_path("archive"), "");
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, util_path("elsewhere"), 0600), 0);
	assert_fails("verify", elsewhere, "the worker broke the protocol");
	assert_int_equal(recv(d.fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	/* Nor is a socket removed that is not of the hand-off. */
	assert_int_equal(count_sockets(), 1);
	dgram_close(&d);
}

static void
test_long_tmpdir(void **state)
{
	static const enum step	 nothing[] = { STEP_END };

	(void)state;
	util_write_file(util_path("archive"), "");
	/* A directory whose path has 75 bytes. */
	(void)strlcpy(tmpdir, util_path(""), sizeof(tmpdir));
	(void)memset(tmpdir + strlen(tmpdir), 'd', 75 - strlen(tmpdir));
	assert_int_equal(mkdir(tmpdir, 0700), 0);
	assert_fails("verify", nothing, "TMPDIR leaves no room for the name "
	    "of a socket: set it to a path of at most 74 bytes");
	assert_int_equal(rmdir(tmpdir), 0);
	(void)memset(tmpdir, 0, sizeof(tmpdir));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_success),
		UTIL_TEST(test_not_done),
		UTIL_TEST(test_done_too_early),
		UTIL_TEST(test_done_and_failed),
		UTIL_TEST(test_killed),
		UTIL_TEST(test_reported),
		UTIL_TEST(test_protocol),
		UTIL_TEST(test_archive),
		UTIL_TEST(test_dies_in_hand_off),
		UTIL_TEST(test_another_address),
		UTIL_TEST(test_long_tmpdir)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
