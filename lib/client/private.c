/*
 * private.c: start an opener of one's own, and begin a session with it.
 *
 * Runs in a program before it gives up its rights.  The opener is a program
 * that is executed in a grandchild, so that nobody has to wait for it; it gets
 * one socket, and nothing else of what this process has open.
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/message.h"
#include "client/fdbroker.h"

/* Where the opener finds its socket: ipc/setup.h has its channel there. */
#define SOCKET_FD	3

/* Tests use an opener that is not installed. */
static const char *
opener_path(void)
{
	const char	*path;

#ifdef __linux__
	path = secure_getenv("FDBROKER_OPENER");
#else
	path = issetugid() ? NULL : getenv("FDBROKER_OPENER");
#endif
	return path != NULL ? path : OPENER_PATH;
}

static void	exec_opener(const char *, int) __attribute__((noreturn));

static void
exec_opener(const char *path, int sock)
{
	static char	 name[] = "fdbroker-opener", mode[] = "private";
	char		*argv[] = { name, mode, NULL }, *envp[] = { NULL };
	sigset_t	 none;
	int		 null, sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* A signal from the terminal is for the program. */
	(void)setsid();
	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    (sock = fcntl(sock, F_DUPFD, 10)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 ||
	    dup2(sock, SOCKET_FD) == -1)
		_exit(126);
	closefrom(SOCKET_FD + 1);
	execve(path, argv, envp);
	_exit(127);
}

/* Execute the opener.  0, or -1 with errno. */
static int
start_opener(const char *path, int sock)
{
	pid_t	 pid;
	int	 status;

	if (access(path, X_OK) == -1)
		return -1;
	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		if ((pid = fork()) == 0)
			exec_opener(path, sock);
		_exit(pid == -1 ? errno & 0x7f : 0);
	}
	while (waitpid(pid, &status, 0) == -1) {
		/* The program lets the kernel reap its children. */
		if (errno == ECHILD)
			return 0;
		if (errno != EINTR)
			return -1;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
	return -1;
}

/* Tell the opener its policy.  It welcomes, or refuses, on the same socket. */
static int
send_policy(int sock, const char *policy)
{
	struct message	 m;
	uint8_t		*buf;
	int		 ret, saved;

	/* Threads may begin sessions at the same time. */
	if ((buf = malloc(PROTO_MAX)) == NULL)
		return -1;
	message_begin(&m, PROTO_LIMIT, buf, PROTO_MAX);
	wire_put_str(&m.w, policy);
	ret = message_send(sock, &m, NULL, 0);
	saved = errno;
	free(buf);
	errno = saved;
	return ret;
}

int
fdb_private(struct fdb_session **sp, const char *policy, int timeout_ms,
    char *why)
{
	const char	*path = opener_path();
	int		 fds[2] = { -1, -1 }, saved;

	*sp = NULL;
	if (strlen(policy) > FDB_POLICY_MAX) {
		errno = E2BIG;
		goto fail;
	}
	if (dgram_pair_seq(fds) == -1 || start_opener(path, fds[1]) == -1 ||
	    send_policy(fds[0], policy) == -1)
		goto fail;
	fd_close(&fds[1]);
	return fdb_attach(sp, fds[0], timeout_ms, why);

fail:
	saved = errno;
	if (why != NULL)
		(void)snprintf(why, FDB_WHY_MAX, "cannot start the opener %s: "
		    "%s", path, strerror(saved));
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	errno = saved;
	return -1;
}
