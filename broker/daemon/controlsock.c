/*
 * controlsock.c: the listener's side of the control socket; see
 * daemon/controlsock.h.
 *
 * Runs in the listener.  The mode of the socket's file decides who may
 * connect.  A request is checked here and passed on to the supervisor as a
 * fixed record, with the client's connection.  A client has one request under
 * way, and the number of clients is bounded.
 */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/message.h"
#include "daemon/controlsock.h"
#include "daemon/peerid.h"
#include "ipc/auditline.h"
#include "ipc/control.h"
#include "ipc/dispatch.h"
#include "ipc/types.h"

/* Places that only root gets, so that a group cannot lock it out. */
#define PLACES_FOR_ROOT	2
/* Places that another user gets, so that it cannot lock others out. */
#define PLACES_PER_UID	(CONTROLSOCK_CLIENTS / 4)

/* States of a client, for the table of what it may send. */
#define CLIENT_IDLE	0x01
#define CLIENT_WAITING	0x02	/* for an answer */

static int
send_reply(const struct controlsock_client *c, const struct control_reply *r,
    const int *fds, size_t nfds)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_CONTROL_REPLY, buf, sizeof(buf));
	control_put_reply(&m.w, r);
	return message_send(c->fd, &m, fds, nfds);
}

/*
 * Ask for a client, whose connection says who that is; or for nobody, with the
 * connection -1.
 */
static int
ask_supervisor(const struct controlsock *cs, uint32_t number,
    const struct control_request *r, int conn)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_CONTROL_ASK, buf, sizeof(buf));
	wire_put_u32(&m.w, number);
	control_put_request(&m.w, r);
	return message_send(cs->channel, &m, &conn, conn != -1 ? 1 : 0);
}

static bool
somebody_monitors(const struct controlsock *cs)
{
	size_t	 i;

	for (i = 0; i < CONTROLSOCK_CLIENTS; i++)
		if (cs->clients[i].event != NULL && cs->clients[i].monitors)
			return true;
	return false;
}

static void
client_close(struct controlsock_client *c)
{
	struct control_request	 stop = { .command = CONTROL_MONITOR };

	if (c->event == NULL)
		return;
	event_free(c->event);
	c->event = NULL;
	fd_close(&c->fd);
	if (!c->monitors)
		return;
	c->monitors = false;
	/* The last one is gone: no client, number 0, wants no lines, 0. */
	if (!somebody_monitors(c->sock))
		(void)ask_supervisor(c->sock, 0, &stop, -1);
}

/* Pass a request on to the supervisor. */
static int
client_request(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	static const struct control_reply	 busy = {
		.error = EBUSY, .text = "the daemon is busy"
	};
	struct controlsock_client	*c = arg;
	struct control_request		 r;

	(void)h;
	(void)m;
	memset(&r, 0, sizeof(r));
	control_get_request(in, &r);
	if (dispatch_end(in) == -1)
		return -1;
	if (r.command == CONTROL_MONITOR)
		r.number = 1;
	c->used = ++c->sock->uses;
	if (ask_supervisor(c->sock, c->number, &r, c->fd) == -1)
		return send_reply(c, &busy, NULL, 0);
	c->waiting = true;
	if (r.command == CONTROL_MONITOR)
		c->monitors = true;
	return 0;
}

static const struct dispatch_row client_rows[] = {
	{ IPC_CONTROL,	CLIENT_IDLE,	client_request }
};

/* Take one message.  0, or -1 if the client is to be closed. */
static int
client_message(struct controlsock_client *c, const void *buf, size_t len,
    struct fdmsg *m)
{
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*why;

	if (ipc_check(buf, len, m->nfds, &h, &in, &why) == 0 &&
	    dispatch(client_rows, sizeof(client_rows) / sizeof(client_rows[0]),
	    c->waiting ? CLIENT_WAITING : CLIENT_IDLE, c, &h, &in, m,
	    &why) == 0)
		return 0;
	log_debug("control socket: a client is closed: %s",
	    why != NULL ? why : strerror(errno));
	return -1;
}

static void
client_readable(evutil_socket_t fd, short what, void *arg)
{
	struct controlsock_client	*c = arg;
	uint8_t				 buf[MESSAGE_SHORT];
	struct fdmsg			 m;
	ssize_t				 n;

	(void)what;
	n = fdmsg_recv(fd, buf, sizeof(buf), 0, &m);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n == -1 || client_message(c, buf, (size_t)n, &m) == -1)
		client_close(c);
}

/* Every uid but root's; no user has this number. */
#define ALL_BUT_ROOT	((uid_t)-1)

static bool
is_of(const struct controlsock_client *c, uid_t uid)
{
	return c->event != NULL &&
	    (uid == ALL_BUT_ROOT ? c->uid != 0 : c->uid == uid);
}

/* How many places a uid has taken. */
static size_t
count_places(const struct controlsock *cs, uid_t uid)
{
	size_t	 i, n = 0;

	for (i = 0; i < CONTROLSOCK_CLIENTS; i++)
		if (is_of(&cs->clients[i], uid))
			n++;
	return n;
}

/*
 * Close the client of a uid that has asked nothing for longest.  One that waits
 * for an answer, or that monitors, is closed only if `busy' is true.  False if
 * there is none.
 */
static bool
close_oldest(struct controlsock *cs, uid_t uid, bool busy)
{
	struct controlsock_client	*c, *oldest = NULL;
	size_t				 i;

	for (i = 0; i < CONTROLSOCK_CLIENTS; i++) {
		c = &cs->clients[i];
		if (!is_of(c, uid) || (!busy && (c->waiting || c->monitors)))
			continue;
		if (oldest == NULL || c->used < oldest->used)
			oldest = c;
	}
	if (oldest == NULL)
		return false;
	log_debug("control socket: a client of uid %u is closed, so that "
	    "another gets its place", oldest->uid);
	client_close(oldest);
	return true;
}

/*
 * Can a client of the uid get a place?  If its uid or all users have as many
 * as they may, an idle client loses its place.  Root gets one always.
 */
static bool
make_room(struct controlsock *cs, uid_t uid)
{
	if (uid == 0)
		return count_places(cs, 0) + count_places(cs, ALL_BUT_ROOT) <
		    CONTROLSOCK_CLIENTS || close_oldest(cs, 0, false) ||
		    close_oldest(cs, ALL_BUT_ROOT, false) ||
		    close_oldest(cs, ALL_BUT_ROOT, true);
	if (count_places(cs, uid) >= PLACES_PER_UID)
		return close_oldest(cs, uid, false);
	if (count_places(cs, ALL_BUT_ROOT) >= CONTROLSOCK_CLIENTS -
	    PLACES_FOR_ROOT)
		return close_oldest(cs, ALL_BUT_ROOT, false);
	return true;
}

/* A free place for a client of the uid, or NULL. */
static struct controlsock_client *
find_place(struct controlsock *cs, uid_t uid)
{
	size_t	 i;

	if (!make_room(cs, uid))
		return NULL;
	for (i = 0; i < CONTROLSOCK_CLIENTS; i++)
		if (cs->clients[i].event == NULL)
			return &cs->clients[i];
	return NULL;
}

/* Serve a client from its place.  0, or -1 and the place is free again. */
static int
client_init(struct controlsock_client *c, struct controlsock *cs, int fd,
    uid_t uid)
{
	memset(c, 0, sizeof(*c));
	c->sock = cs;
	c->fd = fd;
	c->uid = uid;
	c->used = ++cs->uses;
	/* 0 is no client's number. */
	if (++cs->last_number == 0)
		cs->last_number = 1;
	c->number = cs->last_number;
	c->event = event_new(cs->base, fd, EV_READ | EV_PERSIST,
	    client_readable, c);
	if (c->event != NULL && event_add(c->event, NULL) == 0)
		return 0;
	if (c->event != NULL)
		event_free(c->event);
	c->event = NULL;
	return -1;
}

static void
controlsock_take(void *arg, int fd)
{
	struct controlsock		*cs = arg;
	struct controlsock_client	*c;
	struct peerid			 id;

	if (peerid_get_ids(&id, fd) == -1)
		log_warn("control socket: a client without credentials");
	else if ((c = find_place(cs, id.uid)) == NULL)
		log_debug("control socket: too many clients of uid %u, or in "
		    "all", id.uid);
	else if (client_init(c, cs, fd, id.uid) == -1)
		log_warnx("control socket: out of memory");
	else
		return;
	fd_close(&fd);
}

static struct controlsock_client *
find_client(struct controlsock *cs, uint32_t number)
{
	size_t	 i;

	for (i = 0; i < CONTROLSOCK_CLIENTS; i++)
		if (cs->clients[i].event != NULL &&
		    cs->clients[i].number == number)
			return &cs->clients[i];
	return NULL;
}

int
controlsock_init(struct controlsock *cs, struct event_base *base,
    int listening, int channel)
{
	memset(cs, 0, sizeof(*cs));
	cs->base = base;
	cs->channel = channel;
	if (listening == -1)
		return 0;
	return acceptor_init(&cs->acceptor, base, listening,
	    controlsock_take, cs);
}

void
controlsock_close_all(struct controlsock *cs, bool root)
{
	size_t	 i;

	for (i = 0; i < CONTROLSOCK_CLIENTS; i++)
		if (root || cs->clients[i].uid != 0)
			client_close(&cs->clients[i]);
}

int
controlsock_answer(struct controlsock *cs, struct wire_in *in,
    const struct fdmsg *m)
{
	struct control_reply		 r;
	struct controlsock_client	*c;
	uint32_t			 number;

	number = wire_get_u32(in);
	control_get_reply(in, &r);
	if (dispatch_end(in) == -1)
		return -1;
	if ((c = find_client(cs, number)) == NULL)
		return 0;	/* It did not wait for its answer. */
	c->waiting = false;
	if (send_reply(c, &r, m->fds, m->nfds) == -1)
		client_close(c);
	return 0;
}

static int
send_line(const struct controlsock_client *c, const char *line)
{
	uint8_t		 buf[AUDITLINE_MESSAGE];
	struct message	 m;

	message_begin(&m, IPC_MONITOR, buf, sizeof(buf));
	wire_put_str(&m.w, line);
	return message_send(c->fd, &m, NULL, 0);
}

/* Send a line, after one that says how many were missed.  0, or -1. */
static int
client_line(struct controlsock_client *c, const char *line)
{
	char	 told[128];

	if (c->lost > 0) {
		if (auditline_format_lost(told, sizeof(told), c->lost) == 0 ||
		    send_line(c, told) == -1)
			return -1;
		c->lost = 0;
	}
	return send_line(c, line);
}

int
controlsock_monitor(struct controlsock *cs, struct wire_in *in)
{
	char				 line[AUDITLINE_MAX];
	struct controlsock_client	*c;
	size_t				 i;

	wire_get_str(in, line, sizeof(line));
	if (dispatch_end(in) == -1)
		return -1;
	for (i = 0; i < CONTROLSOCK_CLIENTS; i++) {
		c = &cs->clients[i];
		if (c->event == NULL || !c->monitors ||
		    client_line(c, line) == 0)
			continue;
		c->lost++;
		if (errno != EAGAIN)
			client_close(c);
	}
	return 0;
}
