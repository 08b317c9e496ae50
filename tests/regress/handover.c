/*
 * handover.c: a program that hands a descriptor over as fdbroker(3) advises.
 *
 * usage: handover
 *
 * The receiver blocks all signals while its socket has a name, and lets them in
 * only while it waits; a signal makes it give up and then die by it.  The
 * sender is its child.  A pipe tells the receiver that the sender is gone.
 */

#include "config.h"

#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/fdbroker.h"

static const int	 ending[] = { SIGHUP, SIGINT, SIGPIPE, SIGQUIT,
			     SIGTERM };
static volatile sig_atomic_t	 caught;

static void
handle(int sig)
{
	caught = sig;
}

static void
catch_signals(sigset_t *before)
{
	struct sigaction	 sa;
	sigset_t		 all;
	size_t			 i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handle;
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		if (sigaction(ending[i], &sa, NULL) == -1)
			err(1, "sigaction");
	}
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, before) == -1)
		err(1, "sigprocmask");
}

/* In the child.  Its end of the pipe is closed when it exits. */
static void
sender(const char *address)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		err(1, "/dev/null");
	if (fdb_handoff_send(address, fd) == -1)
		err(1, "fdb_handoff_send");
	_exit(0);
}

/* Wait for the descriptor, a signal, or the end of the sender. */
static int
receive(struct fdb_handoff *h, int gone, const sigset_t *before)
{
	struct pollfd	 pfd[2];
	int		 n;

	memset(pfd, 0, sizeof(pfd));
	pfd[0].fd = fdb_handoff_fd(h);
	pfd[0].events = POLLIN;
	pfd[1].fd = gone;
	n = ppoll(pfd, 2, NULL, before);
	if (n > 0 && pfd[0].revents != 0 && caught == 0)
		return fdb_handoff_receive(h, 0);
	fdb_handoff_cancel(h);
	return -1;
}

int
main(void)
{
	struct fdb_handoff	*h;
	sigset_t		 before;
	pid_t			 pid;
	int			 p[2], fd;

	if (pipe2(p, O_CLOEXEC) == -1)
		err(1, "pipe");
	catch_signals(&before);
	if (fdb_handoff_listen(&h, NULL) == -1)
		err(1, "fdb_handoff_listen");
	if ((pid = fork()) == 0) {
		close(p[0]);
		sender(fdb_handoff_address(h));
	}
	close(p[1]);
	if (pid == -1) {
		fdb_handoff_cancel(h);
		err(1, "fork");
	}
	fd = receive(h, p[0], &before);
	if (caught != 0) {
		(void)signal(caught, SIG_DFL);
		(void)raise(caught);
	}
	if (sigprocmask(SIG_SETMASK, &before, NULL) == -1)
		err(1, "sigprocmask");
	(void)waitpid(pid, NULL, 0);
	return fd == -1;
}
