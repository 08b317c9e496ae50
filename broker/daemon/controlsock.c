/*
 * controlsock.c: the listener's side of the control socket; see
 * daemon/controlsock.h.
 *
 * Runs in the listener.  The file's mode decides who may connect.  A request
 * is checked here and passed on as a fixed record; one client has one request
 * under way, and the number of clients is bounded.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/message.h"
#include "daemon/controlsock.h"
#include "ipc/control.h"
#include "ipc/types.h"

/* Send one message whose body is what put() puts. */
static int
send_reply(int fd, const struct control_reply *r, const int *fds, size_t n)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_CONTROL_REPLY, buf, sizeof(buf));
	control_put_reply(&m.w, r);
	return message_send(fd, &m, fds, n);
}

static int
ask_supervisor(const struct door *d, uint32_t number,
    const struct control_request *r)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_CONTROL_ASK, buf, sizeof(buf));
	wire_put_u32(&m.w, number);
	control_put_request(&m.w, r);
	return message_send(d->channel, &m, NULL, 0);
}

static size_t
count_monitors(const struct door *d)
{
	size_t	 i, n = 0;

	for (i = 0; i < DOOR_CLIENTS; i++)
		if (d->clients[i].event != NULL && d->clients[i].monitors)
			n++;
	return n;
}

static void
client_close(struct door_client *c)
{
	struct control_request	 none = { .command = CONTROL_MONITOR };

	if (c->event == NULL)
		return;
	event_free(c->event);
	c->event = NULL;
	fd_close(&c->fd);
	if (c->monitors) {
		c->monitors = 0;
		/* Client 0 is nobody: monitors are as many as it says. */
		if (count_monitors(c->door) == 0)
			(void)ask_supervisor(c->door, 0, &none);
	}
}

/* Take one request.  0, or -1 if the client is to be closed. */
static int
client_request(struct door_client *c, const void *buf, size_t len)
{
	static const struct control_reply	 busy = {
		.error = EBUSY, .text = "the daemon is busy"
	};
	struct control_request	 r;
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;

	memset(&r, 0, sizeof(r));
	if (c->waiting || ipc_check(buf, len, 0, &h, &in, &what) == -1 ||
	    h.type != IPC_CONTROL)
		return -1;
	control_get_request(&in, &r);
	if (wire_get_end(&in) == -1)
		return -1;
	if (r.command == CONTROL_MONITOR)
		r.number = 1;
	if (ask_supervisor(c->door, c->number, &r) == -1)
		return send_reply(c->fd, &busy, NULL, 0);
	c->waiting = 1;
	if (r.command == CONTROL_MONITOR)
		c->monitors = 1;
	return 0;
}

static void
client_readable(evutil_socket_t fd, short what, void *arg)
{
	struct door_client	*c = arg;
	uint8_t			 buf[PROTO_HEADER + 256];
	struct fdmsg		 m;
	ssize_t			 n;

	(void)what;
	n = fdmsg_recv(fd, buf, sizeof(buf), 0, &m);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n == -1 || client_request(c, buf, (size_t)n) == -1)
		client_close(c);
}

static bool
is_root(int s)
{
	uid_t	 uid;
	gid_t	 gid;

	return getpeereid(s, &uid, &gid) == 0 && uid == 0;
}

static void
door_accept(evutil_socket_t fd, short what, void *arg)
{
	struct door		*d = arg;
	struct door_client	*c;
	size_t			 i;
	int			 s;

	(void)what;
	s = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (s == -1)
		return;
	for (i = 0; i < DOOR_CLIENTS && d->clients[i].event != NULL; i++)
		;
	/* The last places are kept for root. */
	if (i == DOOR_CLIENTS || (i >= DOOR_CLIENTS - 2 && !is_root(s))) {
		log_debug("control socket: too many clients");
		close(s);
		return;
	}
	c = &d->clients[i];
	memset(c, 0, sizeof(*c));
	c->door = d;
	c->fd = s;
	c->number = ++d->next != 0 ? d->next : ++d->next;
	c->event = event_new(d->base, s, EV_READ | EV_PERSIST,
	    client_readable, c);
	if (c->event == NULL || event_add(c->event, NULL) == -1) {
		log_warnx("control socket: out of memory");
		close(s);
		if (c->event != NULL)
			event_free(c->event);
		c->event = NULL;
	}
}

static struct door_client *
find_client(struct door *d, uint32_t number)
{
	size_t	 i;

	for (i = 0; i < DOOR_CLIENTS; i++)
		if (d->clients[i].event != NULL &&
		    d->clients[i].number == number)
			return &d->clients[i];
	return NULL;
}

int
door_init(struct door *d, struct event_base *base, int listening, int channel)
{
	memset(d, 0, sizeof(*d));
	d->base = base;
	d->listening = listening;
	d->channel = channel;
	if (listening == -1)
		return 0;
	d->event = event_new(base, listening, EV_READ | EV_PERSIST,
	    door_accept, d);
	return d->event == NULL ? -1 : event_add(d->event, NULL);
}

void
door_close_all(struct door *d)
{
	size_t	 i;

	for (i = 0; i < DOOR_CLIENTS; i++)
		client_close(&d->clients[i]);
}

void
door_answer(struct door *d, struct wire_in *in, struct fdmsg *m)
{
	struct control_reply	 r;
	struct door_client	*c;
	uint32_t		 number;

	number = wire_get_u32(in);
	control_get_reply(in, &r);
	if (wire_get_end(in) == -1 ||
	    (c = find_client(d, number)) == NULL)
		return;
	c->waiting = 0;
	if (send_reply(c->fd, &r, m->fds, m->nfds) == -1)
		client_close(c);
}

void
door_monitor(struct door *d, struct wire_in *in)
{
	uint8_t		 buf[AUDITLINE_MESSAGE];
	char		 line[AUDITLINE_MAX];
	struct message	 m;
	size_t		 i, len;

	wire_get_str(in, line, sizeof(line));
	if (wire_get_end(in) == -1)
		return;
	message_begin(&m, IPC_MONITOR, buf, sizeof(buf));
	wire_put_str(&m.w, line);
	if ((len = message_finish(&m, 0)) == 0)
		return;
	for (i = 0; i < DOOR_CLIENTS; i++) {
		if (d->clients[i].event == NULL || !d->clients[i].monitors)
			continue;
		/* One that does not keep up misses lines, and is told. */
		if (fdmsg_send(d->clients[i].fd, buf, len, NULL, 0) == -1 &&
		    errno != EAGAIN)
			client_close(&d->clients[i]);
	}
}
