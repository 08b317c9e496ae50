/*
 * opener.c: fdbroker-opener, one process per session.
 *
 * Started by the supervisor as root, or by a controller as the user.  Takes
 * its SETUP from the channel, gives up all but what the role needs, and then,
 * and only then, listens to the worker.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "fdmsg.h"
#include "ipc.h"
#include "log.h"
#include "privdrop.h"
#include "proto.h"
#include "serve.h"
#include "setup.h"

/* A worker has this long to say START. */
#define START_MS	10000

/* How long to wait before the kernel is asked again to carry descriptors. */
#define RETRY_MS	50

enum { POLL_SOCK, POLL_ALIVE, POLL_CHANNEL, POLL_N };

struct opener {
	struct setup	 setup;
	struct serve	 serve;
	int		 channel;
	int		 self_alive[2];	/* [1] stays open as long as we live */
};

/*
 * Descriptors under way are charged to the uid of all openers together and
 * compared with this limit: so it is as high as all of them need.
 */
static void
opener_limits(const struct setup *su)
{
	struct rlimit	 rl;

	rl.rlim_cur = rl.rlim_max = 0;
	if (setrlimit(RLIMIT_CORE, &rl) == -1)
		fatal("RLIMIT_CORE");
	if (su->nofile == 0)
		return;
	rl.rlim_cur = rl.rlim_max = su->nofile;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("RLIMIT_NOFILE of %u", su->nofile);
}

/* Become what the role says. */
static void
opener_drop(struct opener *op)
{
	struct setup	*su = &op->setup;
	struct privdrop	 pd;
	const char	*step;
	bool		 dropped = true;

	if (su->private) {
		if (privdrop_self(&dropped, &step) == -1)
			fatal("dropping privileges: %s", step);
	} else {
		memset(&pd, 0, sizeof(pd));
		pd.uid = su->uid;
		pd.gid = su->gid;
		pd.gids = su->gids;
		pd.ngids = su->ngids;
		pd.chroot_fd = su->empty_dir;
		pd.read_search = su->read_search;
		if (privdrop(&pd, &step) == -1)
			fatal("dropping privileges: %s", step);
	}
	fdmsg_close_fds(&su->empty_dir, 1);
	if (dropped)
		su->info.confined |= FDB_CONFINED_CAPS;
}

static bool
all_clones(const struct setup *su)
{
	size_t	 i;

	for (i = 0; i < su->nroots; i++)
		if (!su->roots[i].clone)
			return false;
	return su->nroots > 0;
}

static void
opener_confine(struct opener *op)
{
	struct confine_root	 roots[SETUP_ROOTS_MAX];
	struct setup		*su = &op->setup;
	struct confine		 c;
	unsigned int		 done;
	const char		*layer;
	size_t			 i;

	memset(&c, 0, sizeof(c));
	for (i = 0; i < su->nroots; i++) {
		roots[i].fd = su->roots[i].fd;
		roots[i].path = su->roots[i].path;
	}
	c.who = CONFINE_OPENER;
	c.roots = roots;
	c.nroots = su->nroots;
	c.optional = su->optional;
	if (confine_enter(&c, &done, &layer) == -1)
		fatal("confinement: %s", layer);
	su->info.confined |= done;
	if (all_clones(su))
		su->info.confined |= FDB_CONFINED_CLONE;
}

/*
 * Wait for something to do.  0, or -1 when the session is over: the worker or
 * who started us is gone, or `timeout' milliseconds went by.
 */
static int
opener_poll(struct opener *op, short events, int timeout)
{
	struct pollfd	 pfd[POLL_N];
	int		 n;

	memset(pfd, 0, sizeof(pfd));
	pfd[POLL_SOCK].fd = op->setup.sock;
	pfd[POLL_SOCK].events = events;
	pfd[POLL_ALIVE].fd = op->serve.peer_alive;
	pfd[POLL_CHANNEL].fd = op->channel;
	for (;;) {
		if ((n = poll(pfd, POLL_N, timeout)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (pfd[POLL_CHANNEL].revents != 0)
			serve_end(&op->serve, ESHUTDOWN,
			    "the broker ends all sessions");
		else if (pfd[POLL_ALIVE].revents == 0)
			return 0;
		errno = ECONNRESET;
		return -1;
	}
}

/*
 * The worker has not read what it was sent, or too many descriptors are under
 * way: wait.  In the latter case the socket is writable all the time.
 */
static int
opener_wait(void *arg)
{
	struct opener	*op = arg;
	short		 events = errno == ETOOMANYREFS ? 0 : POLLOUT;

	if (opener_poll(op, events, events == 0 ? RETRY_MS : -1) == 0)
		return 0;
	return errno == ETIMEDOUT ? 0 : -1;
}

static void
opener_loop(struct opener *op)
{
	bool	 started = false;
	int	 n;

	for (;;) {
		if (opener_poll(op, POLLIN, started ? -1 : START_MS) == -1) {
			if (errno == ETIMEDOUT)
				log_warnx("session %u: no START in time",
				    op->setup.info.id);
			return;
		}
		while ((n = serve_one(&op->serve)) == 1)
			;
		if (n == -1)
			return;
		if (op->serve.started && !started) {
			started = true;
			(void)ipc_send_empty(op->channel, PROTO_STARTED);
		}
	}
}

int
main(int argc, char *argv[])
{
	static struct opener	 op;

	(void)argv;
	log_init("fdbroker-opener", LOG_TO_STDERR, 0);
	if (argc != 1 || fcntl(SETUP_CHANNEL_FD, F_GETFD) == -1)
		fatalx("is started by fdbrokerd(8) or fdbackup(1), "
		    "not by hand");
	op.channel = SETUP_CHANNEL_FD;
	if (fcntl(op.channel, F_SETFD, FD_CLOEXEC) == -1)
		fatal("channel");
	if (setup_recv(op.channel, &op.setup) == -1)
		fatal("cannot be set up");
	log_set_sink(ipc_sink, &op.channel);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signal");
	if (pipe2(op.self_alive, O_CLOEXEC) == -1)
		fatal("pipe");
	if (serve_init(&op.serve, &op.setup, opener_wait, &op) == -1)
		fatal("out of memory");
	opener_limits(&op.setup);
	opener_drop(&op);
	opener_confine(&op);
	if (serve_welcome(&op.serve, op.self_alive[0]) == -1)
		fatal("session %u: the worker cannot be welcomed",
		    op.setup.info.id);
	fdmsg_close_fds(&op.self_alive[0], 1);
	opener_loop(&op);
	serve_free(&op.serve);
	setup_clear(&op.setup);
	return 0;
}
