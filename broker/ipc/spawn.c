/*
 * spawn.c: start an opener or the listener, and receive what an opener sends;
 * see spawn.h.
 *
 * Runs in the supervisor, and in the controller of a private opener.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "policy/glob.h"
#include "policy/role.h"

/*
 * In the child: bring everything to a known state, then execute.  Memory is the
 * parent's, who waits: it is only read.
 */
static void	exec_program(const char *, char *const [], int)
		    __attribute__((noreturn));

static void
exec_program(const char *path, char *const argv[], int channel)
{
#ifdef FDB_SANITIZED
	static char	 quiet[] = "ASAN_OPTIONS=detect_leaks=0";
	char		*envp[] = { quiet, NULL };
#else
	char		*envp[] = { NULL };
#endif
	sigset_t	 none;
	int		 null, sig, flags;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if ((null = open("/dev/null", O_RDWR)) == -1)
		_exit(126);
	/* The channel may be on any number, also 0 to 3: move it first. */
	if ((channel = fcntl(channel, F_DUPFD_CLOEXEC, 10)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1)
		_exit(126);
	/*
	 * Standard error stays, for messages before the channel works.  But a
	 * descriptor 2 that is close-on-exec is not standard error: something
	 * else got that number because it was free.
	 */
	flags = fcntl(STDERR_FILENO, F_GETFD);
	if ((flags == -1 || (flags & FD_CLOEXEC)) &&
	    dup2(null, STDERR_FILENO) == -1)
		_exit(126);
	/* Last, since null may have that number. */
	if (dup2(channel, SETUP_CHANNEL_FD) == -1)
		_exit(126);
	closefrom(SETUP_CHANNEL_FD + 1);
	execve(path, argv, envp);
	_exit(127);
}

/*
 * As fork(2) and exec_program(), but without a copy of this process: to make
 * one takes as long as to execute the program.  No handler of ours may run in
 * the child, so signals wait.
 */
static pid_t
start_program(const char *path, char *const argv[], int channel)
{
	sigset_t	 all, old;
	pid_t		 pid;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, &old) == -1)
		return -1;
	if ((pid = vfork()) == 0)
		exec_program(path, argv, channel);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

void
spawn_undo(struct spawned *sp)
{
	int	 saved = errno;

	fd_close(&sp->channel);
	if (sp->pid > 0) {
		(void)kill(sp->pid, SIGKILL);
		while (waitpid(sp->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	sp->pid = -1;
	errno = saved;
}

/* The channel of a program that is going to be started.  0, or -1. */
static int
open_channel(const char *path, struct spawned *sp, int *theirs)
{
	int	 fds[2];

	sp->pid = -1;
	sp->channel = -1;
	if (access(path, X_OK) == -1 || dgram_pair_seq(fds) == -1)
		return -1;
	sp->channel = fds[0];
	*theirs = fds[1];
	return 0;
}

/* Start it.  Takes its end of the channel over.  0, or -1. */
static int
start_with(const char *path, char *const argv[], struct spawned *sp,
    int theirs)
{
	sp->pid = start_program(path, argv, theirs);
	fd_close(&theirs);
	if (sp->pid != -1)
		return 0;
	spawn_undo(sp);
	return -1;
}

int
spawn_program(const char *path, char *const argv[], struct spawned *sp)
{
	int	 theirs;

	if (open_channel(path, sp, &theirs) == -1)
		return -1;
	return start_with(path, argv, sp, theirs);
}

int
spawn_opener(const char *path, const struct setup *su, struct spawned *sp)
{
	static char	 name[] = "fdbroker-opener";
	char		*argv[] = { name, NULL };
	int		 theirs;

	/* It has its setup when it starts, and need not wait for us. */
	if (open_channel(path, sp, &theirs) == -1)
		return -1;
	if (setup_send(sp->channel, su) == 0)
		return start_with(path, argv, sp, theirs);
	fd_close(&theirs);
	spawn_undo(sp);
	return -1;
}

int
spawn_waiting(const char *path, struct spawned *sp)
{
	static char	 name[] = "(spare) fdbroker-opener";
	char		*argv[] = { name, NULL };

	return spawn_program(path, argv, sp);
}

static int
hear_audit(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct spawn_news	*news = arg;

	(void)h;
	(void)m;
	event_get(in, &news->event);
	return wire_get_end(in);
}

static int
hear_started(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct spawn_news	*news = arg;

	(void)h;
	(void)m;
	news->confined = wire_get_u32(in);
	return wire_get_end(in);
}

/* The messages that an opener may send. */
static const struct dispatch_row rows[] = {
	{ IPC_LOG,		DISPATCH_ALWAYS,	ipc_log },
	{ IPC_AUDIT,		DISPATCH_ALWAYS,	hear_audit },
	{ IPC_STARTED,	DISPATCH_ALWAYS,	hear_started }
};

int
spawn_read_channel(int channel, struct spawn_news *news)
{
	uint8_t			 buf[IPC_MSG_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	n = fdmsg_recv(channel, buf, sizeof(buf), 0, &m);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	if (ipc_parse(buf, (size_t)n, &m, &h, &in) == -1)
		return -1;
	if (dispatch(rows, sizeof(rows) / sizeof(rows[0]), DISPATCH_ALWAYS,
	    news, &h, &in, &m, &why) == 0)
		return h.type;
	if (why != NULL)
		errno = EPROTO;
	return -1;
}
