/*
 * listenerchan.c: take what the listener says; see daemon/listenerchan.h.
 *
 * Runs in the supervisor, as root.  Reads the channel only: records of fixed
 * form, which are checked again, because the listener may have been taken over
 * by a client.  The descriptors that come with them are asked about with
 * getsockopt(2) and closed, and never read.
 */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/listenerchan.h"
#include "ipc/admit.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/types.h"

/* States of the listener. */
#define STARTING	0x01
#define AT_WORK		0x02	/* it has said STARTED */

/* How many messages are taken after its end: more than its channel holds. */
#define LAST_MESSAGES	1024

static int
take_started(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listenerchan	*lc = arg;
	uint32_t		 confined = wire_get_u32(in);

	(void)h;
	(void)m;
	if (dispatch_end(in) == -1)
		return -1;
	if (lc->ending)
		return 0;
	lc->control->listener = lc->pid;
	lc->control->listener_confined = confined;
	lc->ready(lc->arg);
	return 0;
}

static int
take_admit(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listenerchan	*lc = arg;
	struct admit		 a;

	(void)h;
	admit_get(in, &a);
	if (dispatch_end(in) == -1)
		return -1;
	if (lc->ending)
		return 0;
	return admission_request(lc->admission, &a, fdmsg_take(m, 0));
}

static int
take_control(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listenerchan	*lc = arg;

	(void)h;
	if (lc->ending)
		return 0;
	return controlcmd_answer(lc->control, in, fdmsg_take(m, 0));
}

static int
take_flood(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listenerchan	*lc = arg;
	uint32_t		 uid = wire_get_u32(in);

	(void)h;
	(void)m;
	if (dispatch_end(in) == -1)
		return -1;
	if (lc->ending)
		return 0;
	lc->flood(lc->arg, uid);
	return 0;
}

/*
 * A worker may be admitted only by a listener that is confined.  While it ends,
 * only its log lines matter: nobody acts on a request any more.
 */
static const struct dispatch_row rows[] = {
	{ IPC_LOG,		DISPATCH_ALWAYS,	ipc_log },
	{ IPC_STARTED,		STARTING,		take_started },
	{ IPC_CONTROL_ASK,	DISPATCH_ALWAYS,	take_control },
	{ IPC_FLOOD,		AT_WORK,		take_flood },
	{ IPC_ADMIT,		AT_WORK,		take_admit }
};

static const struct ipc_channel	 from_listener = {
	.peer = "listener",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.maxfds = 1
};

static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listenerchan	*lc = arg;
	uint8_t			 buf[IPC_MSG_MAX];

	(void)what;
	if (ipc_take(&from_listener, fd, buf, sizeof(buf),
	    lc->control->listener == 0 ? STARTING : AT_WORK, lc) != -1)
		return;
	if (lc->ending) {
		listenerchan_close(lc);
		return;
	}
	if (errno == EMFILE) {
		/* The system is full; the client sees its end. */
		log_debug("a connection of a client was lost");
	} else {
		log_warnx("the listener is gone or broken");
		lc->broken(lc->arg);
	}
}

int
listenerchan_init(struct listenerchan *lc, struct event_base *base)
{
	lc->event = event_new(base, lc->fd, EV_READ | EV_PERSIST,
	    channel_readable, lc);
	return lc->event == NULL ? -1 : event_add(lc->event, NULL);
}

void
listenerchan_end(struct listenerchan *lc)
{
	lc->ending = true;
	if (lc->event == NULL || ipc_send_end(lc->fd, ESHUTDOWN, "") == -1)
		listenerchan_close(lc);
}

void
listenerchan_reaped(struct listenerchan *lc)
{
	int	 i;

	lc->pid = -1;
	if (!lc->ending)
		return;
	/* Whoever took it over may have passed its end of the channel on. */
	for (i = 0; i < LAST_MESSAGES && lc->fd != -1; i++)
		channel_readable(lc->fd, EV_READ, lc);
	listenerchan_close(lc);
}

void
listenerchan_close(struct listenerchan *lc)
{
	if (lc->event != NULL)
		event_free(lc->event);
	lc->event = NULL;
	fd_close(&lc->fd);
}
