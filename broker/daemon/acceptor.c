/*
 * acceptor.c: accept connections; see acceptor.h.
 *
 * Runs in the listener.  It does not poll the socket while it has no permit to
 * accept, or while the system has no room for a connection: the socket stays
 * readable, so polling it would spin.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/acceptor.h"

/* Connections to accept before other events get their turn. */
#define BURST	32

static const struct timeval pause_time = { .tv_usec = 100000 };
/* So that permits come together, and a flood wakes nobody for each. */
static const struct timeval pace_time = { .tv_usec = 10000 };

static void
acceptor_pause(struct acceptor *a, const struct timeval *time)
{
	(void)event_del(a->ev_accept);
	(void)event_add(a->ev_pause, time);
}

/* Is there no permit left? */
static bool
acceptor_is_over(const struct acceptor *a)
{
	return a->rate != 0 && bucket_wait(&a->bucket, a->rate) > 0;
}

static void
acceptor_readable(evutil_socket_t listening, short what, void *arg)
{
	struct acceptor	*a = arg;
	int		 fd, i;

	(void)what;
	if (a->rate != 0)
		bucket_refill(&a->bucket, clock_ms(), a->rate, a->size);
	for (i = 0; i < BURST; i++) {
		if (acceptor_is_over(a)) {
			acceptor_pause(a, &pace_time);
			return;
		}
		fd = accept4(listening, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd != -1) {
			if (a->rate != 0)
				bucket_borrow(&a->bucket, 1);
			a->take(a->arg, fd);
			continue;
		}
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			log_debug("accept: %s", strerror(errno));
			acceptor_pause(a, &pause_time);
		}
		return;
	}
}

static void
acceptor_resume(evutil_socket_t fd, short what, void *arg)
{
	struct acceptor	*a = arg;

	(void)fd;
	(void)what;
	(void)event_add(a->ev_accept, NULL);
}

int
acceptor_init(struct acceptor *a, struct event_base *base, int listening,
    void (*take)(void *arg, int fd), void *arg)
{
	a->take = take;
	a->arg = arg;
	a->ev_accept = event_new(base, listening, EV_READ | EV_PERSIST,
	    acceptor_readable, a);
	a->ev_pause = evtimer_new(base, acceptor_resume, a);
	if (a->ev_accept == NULL || a->ev_pause == NULL)
		return -1;
	return event_add(a->ev_accept, NULL);
}

void
acceptor_pace(struct acceptor *a, int64_t rate, int64_t size)
{
	a->rate = rate;
	a->size = size;
}

void
acceptor_free(struct acceptor *a)
{
	if (a->ev_accept != NULL)
		event_free(a->ev_accept);
	if (a->ev_pause != NULL)
		event_free(a->ev_pause);
	a->ev_accept = a->ev_pause = NULL;
}
