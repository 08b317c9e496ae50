/*
 * command_serve.c: the far end of a channel: run a command with the descriptors
 * that come.
 *
 * Runs in the helper process, on this machine or on another.  Blocks signals
 * while a socket of a hand-off has a name, so that none ends the process then.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/fd.h"
#include "client/pump.h"

/* Writing to a broken pipe has raised it, and errno tells. */
static void
drop_sigpipe(const sigset_t *before)
{
	sigset_t	 set;
	int		 sig;

	if (sigismember(before, SIGPIPE) == 1 || sigpending(&set) == -1 ||
	    sigismember(&set, SIGPIPE) != 1)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	(void)sigwait(&set, &sig);
}

/* One round.  0; 1: the other end has closed the channel; -1 with errno. */
static int
serve_round(struct pump *p, const sigset_t *mask)
{
	struct pollfd	 pfd[PUMP_POLLFDS];
	struct timespec	 left;
	int		 n, ms;

	/* It would come as soon as signals may. */
	if (p->unread)
		drop_sigpipe(mask);
	pump_prepare(p, pfd);
	ms = pump_timeout(p);
	left.tv_sec = ms / 1000;
	left.tv_nsec = ms % 1000 * 1000000L;
	n = ppoll(pfd, PUMP_POLLFDS, ms < 0 ? NULL : &left,
	    pump_awaits(p) ? NULL : mask);
	if (n == -1)
		return -1;
	if (pump_handle(p, pfd) == 0)
		return 0;
	if (errno == ECONNRESET)
		errno = EPIPE;
	/* What is under way is broken off; a hand-off is only given up. */
	return p->eof && errno == EPIPE && !pump_relays(p) ? 1 : -1;
}

int
fdb_command_serve(int in, int out, fdb_command_take take, void *arg)
{
	struct pump	*p;
	sigset_t	 all, before;
	int		 ret, saved;

	if ((p = malloc(sizeof(*p))) == NULL) {
		if (out != in)
			fd_close(&out);
		fd_close(&in);
		return -1;
	}
	pump_init(p, false, in, out);
	p->take = take;
	p->arg = arg;
	p->mask = &before;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	while ((ret = serve_round(p, &before)) == 0)
		;
	saved = errno;
	pump_clear(p);
	free(p);
	drop_sigpipe(&before);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return ret == 1 ? 0 : -1;
}
