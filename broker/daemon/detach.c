/*
 * detach.c: go into the background; see detach.h.
 *
 * Runs in fdbrokerd before it is the supervisor.  The two processes share a
 * pipe: a byte says that the daemon is ready, its end without one that the
 * daemon has ended.
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/detach.h"

static int	 ready_pipe = -1;	/* to the parent */
static int	 console = -1;		/* the standard error of before */

static void	 wait_and_exit(pid_t, int) __attribute__((noreturn));

/* The parent: wait for the byte, or for the end of the daemon. */
static void
wait_and_exit(pid_t pid, int from)
{
	ssize_t	 n;
	char	 byte;
	int	 status;

	do {
		n = read(from, &byte, 1);
	} while (n == -1 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR)
			fatal("waitpid");
	}
	if (WIFSIGNALED(status))
		fatalx("the daemon was killed by signal %d (%s) before it was "
		    "ready", WTERMSIG(status), strsignal(WTERMSIG(status)));
	/* A daemon that was told to end before it was ready is not at work. */
	_exit(WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

static int
null_standard(void)
{
	int	 fd, ret = 0;

	if ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		return -1;
	if (dup2(fd, STDIN_FILENO) == -1 || dup2(fd, STDOUT_FILENO) == -1 ||
	    dup2(fd, STDERR_FILENO) == -1)
		ret = -1;
	close(fd);
	return ret;
}

void
detach_begin(const char *name, int verbose)
{
	pid_t	 pid;
	int	 fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		fatal("pipe");
	console = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (console == -1)
		fatal("standard error");
	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid != 0) {
		close(fds[1]);
		wait_and_exit(pid, fds[0]);
	}
	close(fds[0]);
	ready_pipe = fds[1];
	if (setsid() == -1 || chdir("/") == -1)
		fatal("the daemon cannot detach");
	log_init(name, LOG_TO_SYSLOG, verbose);
	log_set_console(console);
	if (null_standard() == -1)
		fatal("/dev/null");
}

void
detach_done(void)
{
	ssize_t	 n;

	if (ready_pipe == -1)
		return;
	log_set_console(-1);
	fd_close(&console);
	/* Whoever waited may have been killed; SIGPIPE is ignored. */
	do {
		n = write(ready_pipe, "", 1);
	} while (n == -1 && errno == EINTR);
	fd_close(&ready_pipe);
}
