/*
 * reconnect.c: begin a session anew in a confined process, which has not the
 * right to make sockets.
 *
 * Runs in the worker, and in the connector, a process that the worker makes
 * before it is confined.  The connector connects to one broker, asks for one
 * role, and hands the connection over, as often as it is told to.  It takes
 * nothing from the worker but a number and a time, and is confined itself.
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/rolename.h"
#include "client/session.h"
#include "confine/confine.h"

/* Milliseconds to connect before a look whether the worker is still there. */
#define SLICE_MS	1000

struct fdb_reconnect {
	int		 sock;		/* to the connector */
	uint32_t	 asked;		/* the number of the last request */
	char		*role;
};

/* What the two say.  Both are this program. */
struct asking {
	uint32_t	 number;
	int32_t		 timeout_ms;
};

struct answer {
	uint32_t	 number;
	int32_t		 error;		/* 0: a connection comes with it */
	char		 why[FDB_WHY_MAX];
};

/*
 * The connector.
 */

/* One descriptor is kept, as number 3. */
static int
connector_descriptors(int sock)
{
	int	 null;

	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    (sock = fcntl(sock, F_DUPFD_CLOEXEC, 10)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 || dup2(sock, 3) == -1)
		return -1;
	closefrom(4);
	return 3;
}

/* Has whoever waits for a connection closed the channel, or ended? */
static bool
worker_is_gone(int sock)
{
	struct pollfd	 pfd = { .fd = sock };

	return poll(&pfd, 1, 0) == 1;
}

/*
 * As session_dial(), but a broker that accepts nobody keeps the connector no
 * longer than there is a worker.
 */
static int
connector_dial(int sock, const char *path, const char *role, int timeout_ms,
    char *why)
{
	int64_t	 end = clock_ms() + timeout_ms, left = SLICE_MS;
	int	 conn;

	do {
		if (timeout_ms >= 0 && (left = end - clock_ms()) < 0)
			left = 0;
		conn = session_dial(path, role, left < SLICE_MS ? (int)left :
		    SLICE_MS, why);
	} while (conn == -1 && errno == ETIMEDOUT && left >= SLICE_MS &&
	    !worker_is_gone(sock));
	return conn;
}

static int
connector_answer(int sock, const char *path, const char *role,
    const struct asking *ask)
{
	struct answer	 a;
	int		 conn, ret;

	memset(&a, 0, sizeof(a));
	a.number = ask->number;
	if (ask->number == 0)
		return fdmsg_send(sock, &a, sizeof(a), NULL, 0);
	conn = connector_dial(sock, path, role, ask->timeout_ms, a.why);
	if (conn == -1)
		a.error = errno;
	ret = fdmsg_send(sock, &a, sizeof(a), &conn, conn != -1 ? 1 : 0);
	fd_close(&conn);
	return ret;
}

static void	connector_run(int, const char *, const char *)
		    __attribute__((noreturn));

static void
connector_run(int sock, const char *path, const char *role)
{
	struct confine	 c = { .who = CONFINE_CONNECTOR };
	struct asking	 ask;
	struct pollfd	 pfd = { .events = POLLIN };
	struct fdmsg	 m;
	sigset_t	 none;
	unsigned int	 done;
	const char	*layer;
	int		 sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* A signal from the terminal is for the program. */
	(void)setsid();
	if ((pfd.fd = connector_descriptors(sock)) == -1 ||
	    confine_enter(&c, &done, &layer) == -1)
		_exit(1);
	for (;;) {
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			_exit(1);
		if (fdmsg_recv(pfd.fd, &ask, sizeof(ask), 0, &m) !=
		    sizeof(ask)) {
			if (errno == EAGAIN)
				continue;
			_exit(0);
		}
		if (connector_answer(pfd.fd, path, role, &ask) == -1)
			_exit(0);
	}
}

/* In a grandchild, so that nobody has to wait for it.  0, or -1. */
static int
connector_start(int sock, const char *path, const char *role)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		if ((pid = fork()) == 0)
			connector_run(sock, path, role);
		_exit(pid == -1);
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
	errno = EAGAIN;
	return -1;
}

/*
 * The worker.
 */

/* Nothing could be sent or received.  Which of them failed is chance. */
static int
ask_failed(void)
{
	if (errno == EPIPE)
		errno = ECONNRESET;
	return -1;
}

/*
 * Ask the connector, and wait for the answer; what comes late of an earlier
 * request is dropped.  A connection, or -1 with errno.
 */
static int
ask_for(struct fdb_reconnect *r, uint32_t number, int timeout_ms,
    int64_t deadline, char *why)
{
	struct asking	 ask = { number, timeout_ms };
	struct answer	 a = { .number = number + 1 };
	struct pollfd	 pfd = { .fd = r->sock, .events = POLLIN };
	struct fdmsg	 m;
	int64_t		 left = -1;
	ssize_t		 len;
	int		 conn = -1, n;

	if (fdmsg_send(r->sock, &ask, sizeof(ask), NULL, 0) == -1)
		return ask_failed();
	while (a.number != number) {
		if (deadline >= 0 && (left = deadline - clock_ms()) < 0)
			left = 0;
		if ((n = poll(&pfd, 1, (int)left)) == -1 && errno != EINTR)
			return -1;
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (n == -1)
			continue;
		len = fdmsg_recv(r->sock, &a, sizeof(a), 1, &m);
		if (len == -1 && errno == EAGAIN)
			continue;
		if (len == -1)
			return ask_failed();
		if (len != sizeof(a)) {
			fdmsg_close(&m);
			errno = ECONNRESET;
			return -1;
		}
		if (a.number == number && m.nfds == 1)
			conn = fdmsg_take(&m, 0);
		fdmsg_close(&m);
	}
	a.why[sizeof(a.why) - 1] = '\0';
	if (why != NULL)
		(void)strlcpy(why, a.why, FDB_WHY_MAX);
	if (conn == -1)
		errno = number == 0 ? 0 : a.error != 0 ? a.error : EPROTO;
	return conn;
}

int
fdb_reconnect_prepare(struct fdb_reconnect **rp, const char *path,
    const char *role)
{
	struct fdb_reconnect	*r;
	int			 fds[2], saved;

	*rp = NULL;
	if (!rolename_is_valid(role)) {
		errno = EINVAL;
		return -1;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return -1;
	r->sock = -1;
	if ((r->role = strdup(role)) == NULL || dgram_pair_seq(fds) == -1)
		goto fail;
	r->sock = fds[0];
	if (connector_start(fds[1], path, role) == -1) {
		fd_close(&fds[1]);
		goto fail;
	}
	fd_close(&fds[1]);
	/* It answers once it is confined. */
	errno = 0;
	(void)ask_for(r, 0, 0, -1, NULL);
	if (errno != 0)
		goto fail;
	*rp = r;
	return 0;

fail:
	saved = errno;
	fdb_reconnect_end(r);
	errno = saved;
	return -1;
}

int
fdb_reconnect(struct fdb_reconnect *r, struct fdb_session **sp,
    int timeout_ms, char *why)
{
	int64_t	 deadline = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	int	 conn;

	*sp = NULL;
	if (why != NULL)
		why[0] = '\0';
	/* 0 is the number of the first one. */
	if (++r->asked == 0)
		r->asked = 1;
	conn = ask_for(r, r->asked, timeout_ms, deadline, why);
	if (conn != -1)
		return session_begin(sp, conn, r->role, "the broker",
		    deadline, why);
	if (why != NULL && why[0] == '\0')
		(void)snprintf(why, FDB_WHY_MAX, "no answer from the "
		    "process that connects: %s", strerror(errno));
	return -1;
}

void
fdb_reconnect_end(struct fdb_reconnect *r)
{
	if (r == NULL)
		return;
	fd_close(&r->sock);
	free(r->role);
	free(r);
}
