/*
 * spawn.c: start an opener, in the daemon or for one user, or the listener;
 * see spawn.h.
 *
 * Runs in the supervisor and in the controller of a private opener.
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
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "policy/glob.h"

/* What a session may have under way; fdbroker-protocol(7) explains them. */
#define PRIVATE_WINDOW	8
#define PRIVATE_TOKENS	256
#define PRIVATE_SNDBUF	(256 * 1024)

/* In the child: everything to a known state, then the program. */
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
	/* The channel may be on any number, 0 to 3 included: move it first. */
	if ((channel = fcntl(channel, F_DUPFD_CLOEXEC, 10)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1)
		_exit(126);
	/*
	 * Standard error stays: it says why a start failed.  But one that
	 * would be closed by execve(2) is something else, on a free number.
	 */
	flags = fcntl(STDERR_FILENO, F_GETFD);
	if ((flags == -1 || (flags & FD_CLOEXEC)) &&
	    dup2(null, STDERR_FILENO) == -1)
		_exit(126);
	/* The last, since null may be on its number. */
	if (dup2(channel, SETUP_CHANNEL_FD) == -1)
		_exit(126);
	closefrom(SETUP_CHANNEL_FD + 1);
	execve(path, argv, envp);
	_exit(127);
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

int
spawn_program(const char *path, char *const argv[], struct spawned *sp)
{
	int	 fds[2];

	sp->pid = -1;
	sp->channel = sp->sock = -1;
	if (access(path, X_OK) == -1 || dgram_pair_seq(fds) == -1)
		return -1;
	sp->channel = fds[0];
	if ((sp->pid = fork()) == 0)
		exec_program(path, argv, fds[1]);
	fd_close(&fds[1]);
	if (sp->pid == -1) {
		spawn_undo(sp);
		return -1;
	}
	return 0;
}

int
spawn_opener(const char *path, const struct setup *su, struct spawned *sp)
{
	static char	 name[] = "fdbroker-opener";
	char		*argv[] = { name, NULL };

	if (spawn_program(path, argv, sp) == -1)
		return -1;
	if (setup_send(sp->channel, su) == -1) {
		spawn_undo(sp);
		return -1;
	}
	return 0;
}

/* A role that permits to read beneath the roots. */
static struct role *
private_role(char *const *roots, size_t nroots)
{
	char		 pattern[2 * PROTO_PATH_MAX];
	struct role	*role;
	const char	*what;
	size_t		 i;

	if ((role = role_new("private", "command line", 0)) == NULL)
		return NULL;
	for (i = 0; i < nroots; i++) {
		if (glob_quote(pattern, sizeof(pattern), roots[i]) == -1 ||
		    role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
		    pattern, NULL, "command line", 0, &what) == -1) {
			role_free(role);
			return NULL;
		}
	}
	return role;
}

static void
private_info(struct fdb_session_info *info)
{
	memset(info, 0, sizeof(*info));
	info->window = PRIVATE_WINDOW;
	info->batch = FDB_BATCH_MAX;
	info->bytes = PROTO_MAX;
	info->tokens = PRIVATE_TOKENS;
	(void)strlcpy(info->role, "private", sizeof(info->role));
}

int
spawn_private_opener(const char *path, char *const *roots, size_t nroots,
    struct spawned *sp)
{
	struct setup	 su;
	struct dgram	 end;
	int		 fds[2] = { -1, -1 }, ret = -1;

	setup_init(&su);
	dgram_init(&end);
	/* Not of datagrams: with those it could send to any other socket. */
	if (dgram_pair_seq(fds) == -1)
		return -1;
	su.sock = end.fd = fds[1];
	su.private = true;
	private_info(&su.info);
	if (dgram_set_sndbuf(&end, PRIVATE_SNDBUF) == -1 ||
	    (su.role = private_role(roots, nroots)) == NULL)
		goto out;
	ret = spawn_opener(path, &su, sp);
out:
	setup_clear(&su);
	if (ret == -1)
		fd_close(&fds[0]);
	else
		sp->sock = fds[0];
	return ret;
}

/* What an opener may say.  0, or -1 with errno EPROTO. */
static int
take_message(uint16_t type, struct wire_in *in, struct spawn_news *news)
{
	switch (type) {
	case IPC_LOG:
		return ipc_log(in);
	case IPC_AUDIT:
		event_get(in, &news->event);
		return wire_get_end(in);
	case IPC_STARTED:
		news->confined = wire_get_u32(in);
		return wire_get_end(in);
	default:
		errno = EPROTO;
		return -1;
	}
}

int
spawn_read_channel(int channel, struct spawn_news *news)
{
	uint8_t			 buf[IPC_MSG_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	ssize_t			 n;

	n = fdmsg_recv(channel, buf, sizeof(buf), 0, &m);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	if (ipc_parse(buf, (size_t)n, &m, &h, &in) == -1 ||
	    take_message(h.type, &in, news) == -1)
		return -1;
	return h.type;
}
