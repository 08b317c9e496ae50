/*
 * command_process.c: a command in another process of the same user on this
 * machine, which gets the very descriptor by a hand-off.
 *
 * Runs in the process that has the descriptor.  A channel carries the requests,
 * the address and the result; the descriptor goes to the helper's temporary
 * socket.  The caller does all of it while it waits.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "client/command.h"
#include "client/pump.h"

struct helper {
	pthread_mutex_t	 lock;
	struct pump	 pump;
	int		 error;		/* why the channel is over, or 0 */
};

/* One round on the channel.  0, or -1 with errno: ETIMEDOUT, or it is over. */
static int
helper_round(struct helper *h, int timeout_ms)
{
	struct pollfd	 pfd[PUMP_POLLFDS];
	int		 n;

	pump_prepare(&h->pump, pfd);
	if (pump_timeout(&h->pump) == 0)
		timeout_ms = 0;
	n = poll(pfd, PUMP_POLLFDS, timeout_ms);
	if (n == -1 && errno == EINTR)
		return 0;
	if (n == -1)
		return -1;
	if (n == 0 && pump_timeout(&h->pump) != 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (pump_handle(&h->pump, pfd) == 0)
		return 0;
	h->error = errno == ECONNRESET ? EPIPE : errno;
	errno = h->error;
	return -1;
}

/* With the lock held.  0, or an errno value. */
static int
helper_do(struct helper *h, int fd, int timeout_ms)
{
	const int64_t		 end = clock_ms() + timeout_ms;
	struct pump_wait	 w;
	int			 i, error = 0;
	bool			 sent = false;

	if (h->error != 0)
		return h->error;
	if ((i = pump_open(&h->pump, -1, RELAY_LOCAL, &w)) == -1)
		return errno;
	while (w.waiting && error == 0) {
		if (helper_round(h, timeout_ms < 0 ? -1 :
		    command_left(end)) == -1)
			error = errno;
		if (error != 0 || w.address[0] == '\0' || sent || !w.waiting)
			continue;
		sent = true;
		if (fdb_handoff_send(w.address, fd) == -1)
			error = errno;
	}
	if (error == 0)
		return w.result;
	pump_abandon(&h->pump, (unsigned int)i);
	/* Tell the helper, if that needs no waiting. */
	if (h->error == 0)
		(void)helper_round(h, 0);
	return error;
}

static int
process_send(struct fdb_command *c, int fd, unsigned int access,
    int timeout_ms)
{
	struct helper	*h = c->state;

	(void)access;
	pthread_mutex_lock(&h->lock);
	errno = helper_do(h, fd, timeout_ms);
	pthread_mutex_unlock(&h->lock);
	return errno == 0 ? 0 : -1;
}

static void
process_end(struct fdb_command *c, bool mine)
{
	struct helper	*h = c->state;

	(void)mine;
	pump_clear(&h->pump);
	(void)pthread_mutex_destroy(&h->lock);
}

int
fdb_command_process(struct fdb_command **cp, int sock)
{
	static const struct command_ops	 ops = {
		process_send, NULL, process_end
	};
	struct fdb_command	*c;
	struct helper		*h;

	*cp = NULL;
	if (dgram_check(sock, SOCK_STREAM) == -1 ||
	    (c = command_new(&ops, sizeof(*h))) == NULL) {
		fd_close(&sock);
		return -1;
	}
	h = c->state;
	if ((errno = pthread_mutex_init(&h->lock, NULL)) != 0) {
		fd_close(&sock);
		command_discard(c);
		return -1;
	}
	pump_init(&h->pump, true, sock, sock);
	*cp = c;
	return 0;
}
