/*
 * stop.c: end the daemon, and wait for its end; see ctl/stop.h.
 *
 * Runs in fdbrokerctl.  Touches the control socket, and looks at the daemon's
 * process.
 */

#include "config.h"

#include <sys/types.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "ctl/command.h"
#include "ctl/conn.h"
#include "ctl/stop.h"
#include "ipc/control.h"

/* The daemon kills what has not ended after three seconds. */
#define STOP_SECONDS	10

/*
 * A descriptor that becomes readable when the process ends, whether it is
 * waited for or not; or -1: the system has none.
 */
static int
process_open(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

/* Wait for the end of the process.  False: it has not ended in time. */
static bool
process_await(pid_t pid, int fd)
{
	const struct timespec	 pause = { .tv_nsec = 20000000 };
	struct pollfd		 pfd = { .fd = fd, .events = POLLIN };
	int			 i;

	if (fd != -1)
		return poll(&pfd, 1, STOP_SECONDS * 1000) == 1;
	for (i = 0; i < STOP_SECONDS * 50; i++) {
		/* EPERM: it is there, and another user's. */
		if (kill(pid, 0) == -1 && errno == ESRCH)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

/* The daemon's process; 0: it does not say, or -1: logged. */
static pid_t
daemon_process(struct conn *c)
{
	struct control_state	 st;
	pid_t			 pid;

	if (conn_state(c, &st) == -1)
		return -1;
	pid = st.supervisor.pid;
	control_state_free(&st);
	return pid > 0 ? pid : 0;
}

static enum ctl_status
stop(struct conn *c, pid_t pid, int process)
{
	struct control_request	 req;
	struct control_reply	 reply;
	int			 fd = -1, ret;

	memset(&req, 0, sizeof(req));
	req.command = CONTROL_STOP;
	ret = conn_ask(c, &req, &reply, &fd);
	fd_close(&fd);
	if (ret == -1)
		return CTL_FAIL;
	if (reply.error != 0) {
		conn_log_refusal(&reply);
		return CTL_NO;
	}
	if (pid == 0 || process_await(pid, process))
		return CTL_YES;
	log_warnx("%s: process %ld has not ended after %d seconds; an opener "
	    "may hang in a file system", c->path, (long)pid, STOP_SECONDS);
	return CTL_FAIL;
}

enum ctl_status
stop_run(const struct ctl *ctl, int argc, char **argv)
{
	enum ctl_status	 ret = CTL_FAIL;
	struct conn	 c;
	pid_t		 pid;
	int		 process = -1;

	(void)argc;
	(void)argv;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	if ((pid = daemon_process(&c)) != -1) {
		/* Before it is told: its number is another's afterwards. */
		if (pid != 0)
			process = process_open(pid);
		ret = stop(&c, pid, process);
	}
	if (ctl->json && ret == CTL_YES)
		command_print_json(ctl, "stopped");
	fd_close(&process);
	conn_close(&c);
	return ret;
}
