/*
 * shutout.c: the users who flood the socket for peers; see shutout.h.
 *
 * Runs in the supervisor.  Touches memory and a timer.  The listener says who
 * floods; if it was taken over, it can make anybody use the rendezvous, which
 * admits them as well.
 */

#include "config.h"

#include <event2/event.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/shutout.h"

static void
shutout_arm(struct shutout *s, int64_t now)
{
	int64_t		 left;
	struct timeval	 tv;

	if (s->n == 0)
		return;
	left = s->uids[0].until > now ? s->uids[0].until - now : 0;
	tv.tv_sec = left / 1000;
	tv.tv_usec = left % 1000 * 1000;
	(void)event_add(s->timer, &tv);
}

static void
shutout_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	shutout_expire(arg, clock_ms());
}

int
shutout_init(struct shutout *s, struct event_base *base)
{
	s->n = 0;
	s->timer = evtimer_new(base, shutout_timer, s);
	return s->timer != NULL ? 0 : -1;
}

void
shutout_stop(struct shutout *s)
{
	if (s->timer != NULL)
		event_free(s->timer);
	s->timer = NULL;
	s->n = 0;
}

bool
shutout_has(const struct shutout *s, uint32_t uid)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (s->uids[i].uid == uid)
			return true;
	return false;
}

bool
shutout_add(struct shutout *s, uint32_t uid)
{
	if (uid == 0 || s->timer == NULL || s->n == SHUTOUT_MAX ||
	    shutout_has(s, uid))
		return false;
	s->uids[s->n].uid = uid;
	s->uids[s->n].until = clock_ms() + SHUTOUT_SECONDS * 1000;
	if (s->n++ == 0)
		shutout_arm(s, clock_ms());
	return true;
}

void
shutout_expire(struct shutout *s, int64_t now)
{
	size_t	 n = 0;

	while (n < s->n && s->uids[n].until <= now)
		n++;
	s->n -= n;
	memmove(&s->uids[0], &s->uids[n], s->n * sizeof(s->uids[0]));
	shutout_arm(s, now);
	if (n > 0)
		s->changed(s->arg);
}
