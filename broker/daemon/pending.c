/*
 * pending.c: connections that have not said HELLO; see pending.h.
 *
 * Runs in the listener.  An honest client says HELLO together with its
 * connection, so it is hardly ever here.
 */

#include "config.h"

#include <event2/event.h>
#include <string.h>

#include "base/fd.h"
#include "daemon/pending.h"

static const struct timeval deadline = {
	.tv_sec = PENDING_MS / 1000, .tv_usec = PENDING_MS % 1000 * 1000
};

/* Free the place; the descriptor is the caller's. */
static int
release(struct pending_conn *c)
{
	event_free(c->event);
	c->event = NULL;
	return c->fd;
}

static void
drop(struct pending_conn *c, const char *why)
{
	struct pending	*p = c->table;
	int		 fd = release(c);

	p->dropped(p->arg, c->uid, c->pid, why);
	fd_close(&fd);
}

static void
pending_event(evutil_socket_t sock, short what, void *arg)
{
	struct pending_conn	*c = arg;
	int			 fd;

	(void)sock;
	if (what & EV_TIMEOUT) {
		drop(c, "no HELLO in time");
		return;
	}
	fd = release(c);
	c->table->heard(c->table->arg, fd, c->uid, c->pid);
}

static size_t
count(const struct pending *p, uint32_t uid)
{
	size_t	 i, n = 0;

	for (i = 0; i < PENDING_MAX; i++)
		if (p->conns[i].event != NULL && p->conns[i].uid == uid)
			n++;
	return n;
}

static struct pending_conn *
oldest_of(struct pending *p, uint32_t uid)
{
	struct pending_conn	*c, *oldest = NULL;
	size_t			 i;

	for (i = 0; i < PENDING_MAX; i++) {
		c = &p->conns[i];
		if (c->event != NULL && c->uid == uid &&
		    (oldest == NULL || c->number < oldest->number))
			oldest = c;
	}
	return oldest;
}

/* The uid that has the most; the one with the oldest of several such. */
static uint32_t
greediest(const struct pending *p)
{
	const struct pending_conn	*best = NULL, *c;
	size_t				 i, n, most = 0;

	for (i = 0; i < PENDING_MAX; i++) {
		c = &p->conns[i];
		n = count(p, c->uid);
		if (n > most || (n == most && c->number < best->number)) {
			most = n;
			best = c;
		}
	}
	return best->uid;
}

static struct pending_conn *
free_place(struct pending *p)
{
	size_t	 i;

	for (i = 0; i < PENDING_MAX; i++)
		if (p->conns[i].event == NULL)
			return &p->conns[i];
	return NULL;
}

void
pending_add(struct pending *p, int fd, uint32_t uid, int32_t pid)
{
	struct pending_conn	*c;

	if (count(p, uid) >= PENDING_PER_UID)
		drop(oldest_of(p, uid), "too many silent connections");
	else if (free_place(p) == NULL)
		drop(oldest_of(p, greediest(p)),
		    "too many silent connections");
	c = free_place(p);
	c->table = p;
	c->fd = fd;
	c->uid = uid;
	c->pid = pid;
	c->number = ++p->last_number;
	c->event = event_new(p->base, fd, EV_READ, pending_event, c);
	if (c->event != NULL && event_add(c->event, &deadline) == 0)
		return;
	if (c->event != NULL)
		(void)release(c);
	p->dropped(p->arg, uid, pid, "out of memory");
	fd_close(&fd);
}

void
pending_close(struct pending *p)
{
	size_t	 i;
	int	 fd;

	for (i = 0; i < PENDING_MAX; i++) {
		if (p->conns[i].event == NULL)
			continue;
		fd = release(&p->conns[i]);
		fd_close(&fd);
	}
}
