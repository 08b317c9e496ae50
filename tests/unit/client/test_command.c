/*
 * test_command.c: a descriptor for a command: the same log in each of the four
 * arrangements, and helpers that die or hang.  test_command_lies.c has those
 * that lie, and test_command_reference.c the references to commands.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "client/fdbroker.h"
#include "controller/cmdarg.h"
#include "controller/output.h"
#include "tests/unit/util.h"

#define WAIT_MS		60000	/* far more than any event of a test needs */
#define LINES		20000	/* of a log: more than a window has room for */

enum arrangement { OBJECT, THREAD, PROCESS, REMOTE, NARRANGEMENTS };

static const char *const	 names[] = {
	"object", "thread", "process", "remote"
};

/* A command that runs somewhere. */
struct place {
	enum arrangement	 how;
	struct fdb_command	*command;
	pid_t			 helper;
};

/* The command under test: its log is written while the command goes on. */
static pthread_t	 writer;
static bool		 writing;
static int		 log_fd;

static void *
write_log(void *arg)
{
	char	 line[32];
	int	 i, n;

	(void)arg;
	for (i = 0; i < LINES; i++) {
		n = snprintf(line, sizeof(line), "line %d\n", i);
		if (write(log_fd, line, (size_t)n) != n)
			break;
	}
	close(log_fd);
	return NULL;
}

static int
take_log(void *arg, int fd)
{
	(void)arg;
	if (fcntl(fd, F_GETFD) != FD_CLOEXEC) {
		close(fd);
		errno = EBADF;
		return -1;
	}
	log_fd = fd;
	writing = pthread_create(&writer, NULL, write_log, NULL) == 0;
	return writing ? 0 : -1;
}

static void
end_log(void)
{
	if (writing)
		(void)pthread_join(writer, NULL);
	writing = false;
}

static int
take_nothing(void *arg, int fd)
{
	const int	*error = arg;

	close(fd);
	errno = *error;
	return -1;
}

/* What a helper does; in a child. */
struct work {
	int			 sock;
	fdb_command_take	 take;
	void			*arg;
};

static int
helper_main(void *arg)
{
	const struct work	*w = arg;
	int			 ret;

	(void)signal(SIGPIPE, SIG_IGN);
	if (setenv("TMPDIR", util_dir(), 1) == -1)
		return 2;
	ret = fdb_command_serve(w->sock, w->sock, w->take, w->arg);
	end_log();
	return ret == 0 ? 0 : 1;
}

static void
pair(int fds[2])
{
	assert_int_equal(dgram_pair_stream(fds), 0);
}

/* Set the command up. */
static void
begin(struct place *p, enum arrangement how, fdb_command_take take, void *arg)
{
	struct work	 w = { -1, take, arg };
	int		 fds[2] = { -1, -1 }, ret;

	p->how = how;
	p->helper = -1;
	if (how == PROCESS || how == REMOTE) {
		pair(fds);
		w.sock = fds[1];
		p->helper = fork();
		assert_return_code(p->helper, errno);
		if (p->helper == 0) {
			/* It holds nothing that must end elsewhere. */
			w.sock = dup2(fds[1], STDERR_FILENO + 1);
			closefrom(w.sock + 1);
			_exit(helper_main(&w));
		}
		close(fds[1]);
	}
	switch (how) {
	case OBJECT:
		ret = fdb_command_object(&p->command, take, arg);
		break;
	case THREAD:
		ret = fdb_command_thread(&p->command, take, arg);
		break;
	case PROCESS:
		ret = fdb_command_process(&p->command, fds[0]);
		break;
	default:
		ret = fdb_command_remote(&p->command, fds[0], fds[0]);
		break;
	}
	assert_int_equal(ret, 0);
}

/* All is written when it returns.  The helper's status. */
static int
end(struct place *p)
{
	int	 status = 0;

	fdb_command_free(p->command);
	end_log();
	if (p->helper != -1)
		assert_int_equal(waitpid(p->helper, &status, 0), p->helper);
	return status;
}

static size_t
count_sockets(void)
{
	struct dirent	*de;
	size_t		 n = 0;
	DIR		*dir;

	assert_non_null(dir = opendir(util_dir()));
	while ((de = readdir(dir)) != NULL)
		n += strncmp(de->d_name, "fdb-", 4) == 0;
	closedir(dir);
	return n;
}

static char *
read_all(const char *path)
{
	struct stat	 st;
	char		*text;
	int		 fd;

	assert_return_code(fd = open(path, O_RDONLY | O_CLOEXEC), errno);
	assert_int_equal(fstat(fd, &st), 0);
	assert_non_null(text = calloc(1, (size_t)st.st_size + 1));
	assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
	close(fd);
	return text;
}

/* The argument of --logfile, and what is there beforehand and afterwards. */
static void
expect_log(const char *target, bool kept)
{
	struct log_target	 log;
	struct place		 p;
	const char		*reason;
	char			 arg[512], why[OUTPUT_WHY_MAX], *first = NULL;
	char			*text;
	enum arrangement	 how;
	int			 fd, out, saved[2];

	for (how = OBJECT; how < NARRANGEMENTS; how++) {
		util_write_file(util_path("log"), "before\n");
		(void)snprintf(arg, sizeof(arg), "%s%s", target,
		    target[0] == '-' ? "" : util_path("log"));
		assert_int_equal(cmdarg_parse_log(&log, arg, &reason), 0);
		/* What the shell would have opened. */
		assert_return_code(out = open(util_path("log"), O_WRONLY |
		    O_APPEND | O_CLOEXEC), errno);
		saved[0] = dup(STDOUT_FILENO);
		saved[1] = dup(STDERR_FILENO);
		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(out, STDERR_FILENO);
		fd = output_open_log(&log, why);
		(void)dup2(saved[0], STDOUT_FILENO);
		(void)dup2(saved[1], STDERR_FILENO);
		fd_close_all(saved, 2);
		close(out);
		assert_return_code(fd, errno);
		assert_int_equal(output_empty_log(&log, fd, why), 0);
		begin(&p, how, take_log, NULL);
		assert_int_equal(fdb_command_send(p.command, fd, FDB_WRITE,
		    WAIT_MS), 0);
		close(fd);
		assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
		assert_int_equal(end(&p), 0);
		assert_int_equal(count_sockets(), 0);
		text = read_all(util_path("log"));
		assert_int_equal(strncmp(text, "before\n", 7) == 0, kept);
		assert_non_null(strstr(text, "line 19999\n"));
		if (first == NULL)
			first = text;
		else {
			if (strcmp(text, first) != 0)
				fail_msg("%s: another log", names[how]);
			free(text);
		}
	}
	free(first);
	assert_int_equal(unlink(util_path("log")), 0);
}

static void
test_logfile(void **state)
{
	(void)state;
	expect_log("", true);
	expect_log("!", false);
	expect_log("-", true);
	expect_log("-stdout", true);
	expect_log("-stderr", true);
}

/* What a command returns reaches the sender. */
static void
test_refusal(void **state)
{
	struct place		 p;
	enum arrangement	 how;
	int			 error = ENOSPC, unknown = EDOM, i;

	(void)state;
	for (how = OBJECT; how < NARRANGEMENTS; how++) {
		begin(&p, how, take_nothing, &error);
		for (i = 0; i < 20; i++) {
			assert_int_equal(fdb_command_send(p.command, 0,
			    FDB_READ, WAIT_MS), -1);
			assert_int_equal(errno, ENOSPC);
		}
		assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
		assert_int_equal(end(&p), 0);
		assert_int_equal(count_sockets(), 0);
	}
	begin(&p, REMOTE, take_nothing, &unknown);
	assert_int_equal(fdb_command_send(p.command, 0, FDB_READ, -1), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(end(&p), 0);
}

static void
test_arguments(void **state)
{
	struct place		 p;
	enum arrangement	 how;
	int			 error = EPERM, rd, wr, path, i;

	(void)state;
	util_write_file(util_path("file"), "text");
	rd = open(util_path("file"), O_RDONLY | O_CLOEXEC);
	wr = open(util_path("file"), O_WRONLY | O_CLOEXEC);
	path = open(util_path("file"), O_PATH | O_CLOEXEC);
	for (how = OBJECT; how < NARRANGEMENTS; how++) {
		begin(&p, how, take_nothing, &error);
		const struct {
			int		 fd;
			unsigned int	 access;
			int		 error;
		} cases[] = {
			{ rd, 0, EINVAL },
			{ rd, FDB_READ | 0x80, EINVAL },
			{ rd, FDB_WRITE, EBADF },
			{ wr, FDB_READ, EBADF },
			{ rd, FDB_READ | FDB_WRITE, EBADF },
			{ path, FDB_READ, EBADF },
			{ -1, FDB_READ, EBADF },
			{ rd, FDB_READ, EPERM },
			{ wr, FDB_WRITE, EPERM }
		};
		for (i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
			assert_int_equal(fdb_command_send(p.command,
			    cases[i].fd, cases[i].access, WAIT_MS), -1);
			assert_int_equal(errno, cases[i].error);
		}
		assert_int_equal(end(&p), 0);
	}
	close(rd);
	close(wr);
	close(path);
	/* What cannot be relayed. */
	begin(&p, REMOTE, take_nothing, &error);
	rd = open(util_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(fdb_command_send(p.command, rd, FDB_READ, -1), -1);
	assert_int_equal(errno, EISDIR);
	close(rd);
	rd = open(util_path("file"), O_RDWR | O_CLOEXEC);
	assert_int_equal(fdb_command_send(p.command, rd, FDB_READ | FDB_WRITE,
	    -1), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	close(rd);
	assert_int_equal(end(&p), 0);
}

/* A command that reads all, and says by its exit status what came. */
static int		 expected;	/* errno at the end, or 0 */
static const char	*wanted;

static void *
read_all_main(void *arg)
{
	char	 buf[64];
	ssize_t	 n;
	size_t	 len = 0;
	bool	 right = true;

	(void)arg;
	while ((n = read(log_fd, buf, sizeof(buf))) > 0) {
		right = right && len + (size_t)n <= strlen(wanted) &&
		    memcmp(buf, wanted + len, (size_t)n) == 0;
		len += (size_t)n;
	}
	if (!right || len != strlen(wanted) ||
	    (n == -1 ? errno : 0) != expected)
		_exit(10);
	close(log_fd);
	return NULL;
}

static int
take_input(void *arg, int fd)
{
	struct stat	 st;

	(void)arg;
	/* It is a socket, with what sockets cannot do. */
	if (fstat(fd, &st) == -1 || !S_ISSOCK(st.st_mode) ||
	    lseek(fd, 0, SEEK_SET) != -1 || errno != ESPIPE ||
	    ftruncate(fd, 0) != -1 || errno != EINVAL ||
	    write(fd, "x", 1) != -1 || errno != EPIPE)
		_exit(11);
	log_fd = fd;
	writing = pthread_create(&writer, NULL, read_all_main, NULL) == 0;
	return 0;
}

/* To read, from a file and from a pipe that ends later. */
static void
test_remote_reads(void **state)
{
	struct place	 p;
	int		 fd, fds[2];

	(void)state;
	expected = 0;
	wanted = "text";
	util_write_file(util_path("file"), wanted);
	fd = open(util_path("file"), O_RDONLY | O_CLOEXEC);
	begin(&p, REMOTE, take_input, NULL);
	assert_int_equal(fdb_command_send(p.command, fd, FDB_READ, -1), 0);
	close(fd);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
	assert_int_equal(end(&p), 0);

	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	begin(&p, REMOTE, take_input, NULL);
	assert_int_equal(fdb_command_send(p.command, fds[0], FDB_READ, -1), 0);
	close(fds[0]);
	assert_int_equal(fdb_command_finish(p.command, 0), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(write(fds[1], "text", 4), 4);
	close(fds[1]);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
	assert_int_equal(end(&p), 0);
}

/* What is broken off does not look like a whole. */
static void
test_remote_broken_off(void **state)
{
	struct place	 p;
	int		 fds[2];

	(void)state;
	expected = ECONNRESET;
	wanted = "text";
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	begin(&p, REMOTE, take_input, NULL);
	assert_int_equal(write(fds[1], "text", 4), 4);
	assert_int_equal(fdb_command_send(p.command, fds[0], FDB_READ, -1), 0);
	/* Until the relay has read it. */
	while (poll(&(struct pollfd){ .fd = fds[0], .events = POLLIN }, 1, 0))
		(void)poll(NULL, 0, 1);
	close(fds[0]);
	/* It is freed before the end: the helper's serving fails, too. */
	assert_int_equal(end(&p), 1 << 8);
	close(fds[1]);
}

static void *
write_until_main(void *arg)
{
	char	 buf[4096] = "";
	int	 i;

	(void)arg;
	while (write(log_fd, buf, sizeof(buf)) != -1)
		;
	/* Not ECONNRESET, whatever was on its way. */
	for (i = 0; i < 2; i++)
		if (errno != EPIPE || write(log_fd, buf, 1) != -1)
			_exit(14);
	close(log_fd);
	return NULL;
}

static int
take_output(void *arg, int fd)
{
#ifdef SCHED_IDLE
	const struct sched_param	 param = { .sched_priority = 0 };
	cpu_set_t			 one;

	/* The writer wakes up after the relay has closed its socket. */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
#endif
	(void)arg;
	log_fd = fd;
	writing = pthread_create(&writer, NULL, write_until_main, NULL) == 0;
#ifdef SCHED_IDLE
	if (writing)
		(void)pthread_setschedparam(writer, SCHED_IDLE, &param);
#endif
	return 0;
}

/* What can be written no longer fails with EPIPE in the command. */
static void
test_remote_unwritable(void **state)
{
	struct place	 p;
	int		 fds[2];

	(void)state;
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	begin(&p, REMOTE, take_output, NULL);
	assert_int_equal(fdb_command_send(p.command, fds[1], FDB_WRITE, -1),
	    0);
	close(fds[1]);
	/* Once the command waits for room. */
	assert_int_equal(fdb_command_finish(p.command, 50), -1);
	assert_int_equal(errno, ETIMEDOUT);
	close(fds[0]);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(end(&p), 0);
}

/* A command that answers each line, and sees the end of them. */
static void *
echo_main(void *arg)
{
	char	 buf[64];
	ssize_t	 n;

	(void)arg;
	while ((n = read(log_fd, buf, sizeof(buf))) > 0)
		if (write(log_fd, buf, (size_t)n) != n)
			_exit(12);
	if (n == -1 || write(log_fd, "end", 3) != 3)
		_exit(13);
	close(log_fd);
	return NULL;
}

static int
take_both(void *arg, int fd)
{
	(void)arg;
	log_fd = fd;
	writing = pthread_create(&writer, NULL, echo_main, NULL) == 0;
	return 0;
}

static void
expect_read(int fd, const char *text)
{
	char	 buf[64];
	size_t	 len = 0;
	ssize_t	 n;

	while (len < strlen(text)) {
		assert_true(util_readable(fd));
		n = read(fd, buf + len, strlen(text) - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	assert_memory_equal(buf, text, len);
}

/* Both ways, and one way on after the other has ended. */
static void
test_remote_both(void **state)
{
	struct place	 p;
	int		 fds[2];
	char		 byte;

	(void)state;
	pair(fds);
	begin(&p, REMOTE, take_both, NULL);
	assert_int_equal(fdb_command_send(p.command, fds[1], FDB_READ |
	    FDB_WRITE, -1), 0);
	close(fds[1]);
	assert_int_equal(write(fds[0], "one\n", 4), 4);
	expect_read(fds[0], "one\n");
	assert_int_equal(write(fds[0], "two\n", 4), 4);
	expect_read(fds[0], "two\n");
	assert_int_equal(shutdown(fds[0], SHUT_WR), 0);
	expect_read(fds[0], "end");
	assert_true(util_readable(fds[0]));
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
	assert_int_equal(end(&p), 0);
}

/* Nobody reads the log: the writer waits, and nothing is lost. */
static void
test_remote_back_pressure(void **state)
{
	struct place	 p;
	char		 buf[4096];
	size_t		 len = 0;
	ssize_t		 n;
	int		 fds[2];

	(void)state;
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	begin(&p, REMOTE, take_log, NULL);
	assert_int_equal(fdb_command_send(p.command, fds[1], FDB_WRITE, -1),
	    0);
	close(fds[1]);
	assert_int_equal(fdb_command_finish(p.command, 100), -1);
	assert_int_equal(errno, ETIMEDOUT);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	close(fds[0]);
	/* "line N\n", with one to five digits */
	assert_int_equal(len, LINES * 6 + 10 + 90 * 2 + 900 * 3 + 9000 * 4 +
	    10000 * 5);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
	assert_int_equal(end(&p), 0);
}

/* An error of the log here ends the writer there, and is told. */
static void
test_remote_write_error(void **state)
{
	struct place	 p;
	int		 fd, fds[2];

	(void)state;
	if ((fd = open("/dev/full", O_WRONLY | O_CLOEXEC)) == -1)
		util_skip("needs /dev/full");
	begin(&p, REMOTE, take_log, NULL);
	assert_int_equal(fdb_command_send(p.command, fd, FDB_WRITE, -1), 0);
	close(fd);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), -1);
	assert_int_equal(errno, ENOSPC);
	/* It is told once; the channel works on. */
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), 0);
	assert_int_equal(end(&p), 0);
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	close(fds[0]);
	begin(&p, REMOTE, take_log, NULL);
	assert_int_equal(fdb_command_send(p.command, fds[1], FDB_WRITE, -1),
	    0);
	close(fds[1]);
	assert_int_equal(fdb_command_finish(p.command, WAIT_MS), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(end(&p), 0);
}

/* In a helper: keep what comes. */
static int
take_and_keep(void *arg, int fd)
{
	(void)arg;
	(void)fd;
	return 0;
}

/* A helper that is killed: nothing is left, and the sender is told. */
static void
test_killed(void **state)
{
	struct place		 p;
	enum arrangement	 how;
	int			 fds[2];

	(void)state;
	for (how = PROCESS; how <= REMOTE; how++) {
		begin(&p, how, take_and_keep, NULL);
		assert_return_code(pipe2(fds, O_CLOEXEC), errno);
		assert_int_equal(fdb_command_send(p.command, fds[1], FDB_WRITE,
		    -1), 0);
		assert_int_equal(kill(p.helper, SIGKILL), 0);
		assert_int_equal(fdb_command_finish(p.command, WAIT_MS),
		    how == REMOTE ? -1 : 0);
		if (how == REMOTE)
			assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_command_send(p.command, fds[1], FDB_WRITE,
		    -1), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_command_send(p.command, fds[1], FDB_WRITE,
		    0), -1);
		assert_int_equal(errno, EPIPE);
		fd_close_all(fds, 2);
		assert_int_equal(end(&p), SIGKILL);
		assert_int_equal(count_sockets(), 0);
	}
}

/* A helper that never receives. */
static void
test_stopped(void **state)
{
	struct place		 p;
	enum arrangement	 how;
	int			 error = EACCES, status;

	(void)state;
	for (how = PROCESS; how <= REMOTE; how++) {
		begin(&p, how, take_nothing, &error);
		assert_int_equal(kill(p.helper, SIGSTOP), 0);
		assert_int_equal(waitpid(p.helper, &status, WUNTRACED),
		    p.helper);
		assert_int_equal(fdb_command_send(p.command, 0, FDB_READ, 10),
		    -1);
		assert_int_equal(errno, ETIMEDOUT);
		/* It goes on: what was given up is not in the way. */
		assert_int_equal(kill(p.helper, SIGCONT), 0);
		assert_int_equal(fdb_command_send(p.command, 0, FDB_READ,
		    WAIT_MS), -1);
		assert_int_equal(errno, EACCES);
		assert_int_equal(end(&p), 0);
		assert_int_equal(count_sockets(), 0);
	}
}

/* A thread that is busy: the sender gives up, and the copy is closed. */
static int
take_slowly(void *arg, int fd)
{
	int	*gate = arg;
	char	 byte;

	close(fd);
	return read(gate[0], &byte, 1) == 1 ? 0 : -1;
}

static void
test_thread_is_busy(void **state)
{
	struct fdb_command	*c;
	int			 gate[2];

	(void)state;
	assert_return_code(pipe2(gate, O_CLOEXEC), errno);
	assert_int_equal(fdb_command_thread(&c, take_slowly, gate), 0);
	assert_int_equal(fdb_command_send(c, gate[0], FDB_READ, 10), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(fdb_command_send(c, gate[0], FDB_READ, 0), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(write(gate[1], "xx", 2), 2);
	assert_int_equal(fdb_command_send(c, gate[0], FDB_READ, WAIT_MS), 0);
	fdb_command_free(c);
	fd_close_all(gate, 2);
	fdb_command_free(NULL);
}

/* Threads that share a command: each gets the answer to its own descriptor. */
static int
take_by_kind(void *arg, int fd)
{
	struct stat	 st;
	bool		 writes;

	(void)arg;
	/* To a remote command all are sockets; it can tell who may write. */
	writes = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ?
	    send(fd, "x", 1, MSG_NOSIGNAL) == 1 :
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
	close(fd);
	errno = writes ? ENOSPC : EIO;
	return -1;
}

static struct fdb_command	*shared;

static void *
send_often(void *arg)
{
	const unsigned int	*access = arg;
	int			 i, fd, wrong = 0;

	fd = open("/dev/null", (*access == FDB_WRITE ? O_WRONLY : O_RDONLY) |
	    O_CLOEXEC);
	for (i = 0; i < 200; i++) {
		if (fdb_command_send(shared, fd, *access, -1) != -1 || errno !=
		    (*access == FDB_WRITE ? ENOSPC : EIO))
			wrong++;
	}
	close(fd);
	return wrong == 0 ? NULL : arg;
}

static void
test_threads(void **state)
{
	static unsigned int	 access[2] = { FDB_READ, FDB_WRITE };
	struct place		 p;
	enum arrangement	 how;
	pthread_t		 threads[8];
	void			*wrong;
	size_t			 i;

	(void)state;
	for (how = THREAD; how < NARRANGEMENTS; how++) {
		begin(&p, how, take_by_kind, NULL);
		shared = p.command;
		for (i = 0; i < 8; i++)
			assert_int_equal(pthread_create(&threads[i], NULL,
			    send_often, &access[i % 2]), 0);
		for (i = 0; i < 8; i++) {
			assert_int_equal(pthread_join(threads[i], &wrong), 0);
			assert_null(wrong);
		}
		assert_int_equal(end(&p), 0);
	}
}

/* In a child of the process that made it. */
static int
send_elsewhere(void *arg)
{
	struct fdb_command	*c = arg;
	char			 text[FDB_REFERENCE_MAX];

	if (fdb_command_encode(c, text) == 0 || errno != EXDEV)
		return 1;
	if (fdb_command_send(c, 0, FDB_READ, -1) == 0 || errno != EXDEV)
		return 2;
	fdb_command_free(c);
	return 0;
}

static void
test_child(void **state)
{
	struct place	 p;
	int		 error = EACCES;

	(void)state;
	begin(&p, THREAD, take_nothing, &error);
	assert_int_equal(util_run(send_elsewhere, p.command), 0);
	assert_int_equal(end(&p), 0);
	begin(&p, REMOTE, take_nothing, &error);
	assert_int_equal(util_run(send_elsewhere, p.command), 0);
	assert_int_equal(fdb_command_send(p.command, 0, FDB_READ, -1), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(end(&p), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_logfile),
		UTIL_TEST(test_refusal),
		UTIL_TEST(test_arguments),
		UTIL_TEST(test_remote_reads),
		UTIL_TEST(test_remote_broken_off),
		UTIL_TEST(test_remote_unwritable),
		UTIL_TEST(test_remote_both),
		UTIL_TEST(test_remote_back_pressure),
		UTIL_TEST(test_remote_write_error),
		UTIL_TEST(test_killed),
		UTIL_TEST(test_stopped),
		UTIL_TEST(test_thread_is_busy),
		UTIL_TEST(test_threads),
		UTIL_TEST(test_child)
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
