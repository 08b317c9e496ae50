/*
 * listener.c: accept clients at the rendezvous, receive HELLO, check it, and
 * pass it on with the connection.
 *
 * Runs as a process of its own, executed anew so that nothing of the
 * supervisor is in its memory: as an unprivileged user in an empty root
 * directory, without capabilities and without the right to open or connect
 * anything.  It knows nothing of the policy.  It takes no descriptors from
 * clients: closing one on a file system that hangs would hang the listener.
 * What it passes on has a fixed form, and the supervisor checks that again.
 */

#include "config.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "base/proto.h"
#include "base/rlimit.h"
#include "base/rolename.h"
#include "confine/confine.h"
#include "confine/privdrop.h"
#include "daemon/acceptor.h"
#include "daemon/candidate.h"
#include "daemon/controlsock.h"
#include "daemon/floodlog.h"
#include "daemon/listener.h"
#include "daemon/peerid.h"
#include "daemon/pending.h"
#include "daemon/ratelimit.h"
#include "ipc/admit.h"
#include "ipc/auditline.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/types.h"

/* This program, even if another has its name by now. */
#ifdef __linux__
#define LISTENER_PATH	"/proc/self/exe"
#else
#define LISTENER_PATH	DAEMON_PATH
#endif

struct listener {
	int			 channel;
	struct event_base	*base;
	struct acceptor		 peers;		/* whom a role names */
	struct acceptor		 all;		/* of the rendezvous */
	struct pending		 pending;
	struct ratelimit	 rate;
	struct floodlog		 flood;
	struct controlsock	 control;
};

/* Decode a HELLO.  NULL, or what is wrong with it. */
static const char *
hello_fault(const void *buf, size_t len, struct admit *a)
{
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*why;

	if (proto_parse(buf, len, 0, &h, &in, &why) == -1)
		return why;
	if (h.type != PROTO_HELLO)
		return "not a HELLO";
	wire_get_str(&in, a->role, sizeof(a->role));
	if (wire_get_end(&in) == -1)
		return "cannot be decoded";
	if (!rolename_is_valid(a->role))
		return "not a role's name";
	return NULL;
}

static void
listener_dropped(void *arg, uint32_t uid, int32_t pid, const char *why)
{
	struct listener	*l = arg;

	floodlog_warn(&l->flood, uid, "rendezvous: refused uid %u pid %d: %s",
	    uid, pid, why);
}

static void
listener_refuse(struct listener *l, int fd, const struct peerid *id,
    int error, const char *why)
{
	listener_dropped(l, id->uid, id->pid, why);
	(void)candidate_refuse_on(fd, error, why);
}

/* Pass a request on to the supervisor, with the connection. */
static int
listener_forward(struct listener *l, const struct admit *a, int fd)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_ADMIT, buf, sizeof(buf));
	admit_put(&m.w, a);
	return message_send(l->channel, &m, &fd, 1);
}

/* A HELLO has come, or something else. */
static void
listener_hello(struct listener *l, int fd, const struct peerid *id,
    const void *buf, size_t len)
{
	struct admit	 a;
	const char	*why;

	memset(&a, 0, sizeof(a));
	if ((why = hello_fault(buf, len, &a)) != NULL)
		listener_refuse(l, fd, id, EPROTO, why);
	else if (!ratelimit_take(&l->rate, id->uid))
		listener_refuse(l, fd, id, EAGAIN,
		    "too many sessions asked for");
	else if (listener_forward(l, &a, fd) == -1)
		listener_refuse(l, fd, id, EAGAIN, "the daemon is too busy");
}

/*
 * Receive what has come on a connection, without its descriptors, and be done
 * with the connection.  False if nothing has come.
 */
static bool
listener_hear(struct listener *l, int fd, const struct peerid *id)
{
	uint8_t		 buf[PROTO_HEADER + 2 * FDB_ROLE_MAX];
	struct fdmsg	 m;
	ssize_t		 n;

	n = fdmsg_recv(fd, buf, sizeof(buf), 0, &m);
	if (n > 0)
		listener_hello(l, fd, id, buf, (size_t)n);
	else if (errno == EAGAIN)
		return false;
	else if (errno == EBADMSG)
		listener_refuse(l, fd, id, EPROTO,
		    "descriptors are not taken");
	else if (errno == EMSGSIZE)
		listener_refuse(l, fd, id, EPROTO, "a message too long");
	fd_close(&fd);
	return true;
}

static void
listener_heard(void *arg, int fd, uint32_t uid, int32_t pid)
{
	const struct peerid	 id = { .uid = uid, .pid = pid };

	if (!listener_hear(arg, fd, &id))
		fd_close(&fd);
}

/* Tell the supervisor who floods the socket for peers. */
static void
listener_tell_flood(struct listener *l, uint32_t uid)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	if (!ratelimit_tell(&l->rate, uid))
		return;
	message_begin(&m, IPC_FLOOD, buf, sizeof(buf));
	wire_put_u32(&m.w, uid);
	/* If this fails, there is another one in a second. */
	(void)message_send(l->channel, &m, NULL, 0);
}

/* A client has connected.  It is who the kernel says. */
static void
listener_take_from(struct listener *l, int fd, bool as_peer)
{
	struct peerid	 id;

	peerid_init(&id);
	if (peerid_get_ids(&id, fd) == -1) {
		log_debug("rendezvous: %s", strerror(errno));
		fd_close(&fd);
	} else if (!ratelimit_hear(&l->rate, id.uid)) {
		listener_dropped(l, id.uid, id.pid, "too many connections");
		fd_close(&fd);
		if (as_peer)
			listener_tell_flood(l, id.uid);
	} else if (!listener_hear(l, fd, &id)) {
		pending_add(&l->pending, fd, id.uid, id.pid);
	}
}

static void
listener_take(void *arg, int fd)
{
	listener_take_from(arg, fd, false);
}

static void
listener_take_peer(void *arg, int fd)
{
	listener_take_from(arg, fd, true);
}

/* The supervisor's answer to a client of the control socket. */
static int
channel_answer(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listener	*l = arg;

	(void)h;
	return controlsock_answer(&l->control, in, m);
}

/* A line for the clients that monitor. */
static int
channel_monitor(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listener	*l = arg;

	(void)h;
	(void)m;
	return controlsock_monitor(&l->control, in);
}

/*
 * Another group may use the control socket now; or, with an error, the daemon
 * ends.
 */
static int
channel_end(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct listener	*l = arg;
	char		 why[PROTO_TEXT_MAX];
	uint32_t	 error;

	(void)h;
	(void)m;
	if (ipc_get_end(in, &error, why, sizeof(why)) == -1)
		return -1;
	if (error != 0)
		event_base_loopbreak(l->base);
	else
		controlsock_close_all(&l->control, false);
	return 0;
}

static const struct dispatch_row channel_rows[] = {
	{ IPC_CONTROL_ANSWER,	DISPATCH_ALWAYS,	channel_answer },
	{ IPC_MONITOR,		DISPATCH_ALWAYS,	channel_monitor },
	{ IPC_END,		DISPATCH_ALWAYS,	channel_end }
};

static const struct ipc_channel	 from_supervisor = {
	.peer = "supervisor",
	.rows = channel_rows,
	.nrows = sizeof(channel_rows) / sizeof(channel_rows[0]),
	.maxfds = 1
};

/* Take a message of the supervisor, or its end, which is the listener's. */
static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener	*l = arg;
	uint8_t		 buf[AUDITLINE_MESSAGE];

	(void)what;
	if (ipc_take(&from_supervisor, fd, buf, sizeof(buf), DISPATCH_ALWAYS,
	    l) == -1)
		event_base_loopbreak(l->base);
}

/* The FDB_CONFINED_* bits of what is in place. */
static unsigned int
listener_confine(struct listensetup *ls)
{
	struct privdrop	 pd;
	struct confine	 c;
	unsigned int	 done;
	const char	*step;

	memset(&pd, 0, sizeof(pd));
	pd.uid = ls->uid;
	pd.gid = ls->gid;
	pd.chroot_fd = ls->empty;
	if (privdrop(&pd, &step) == -1)
		fatal("listener: dropping privileges: %s", step);
	fd_close(&ls->empty);
	if (rlimit_close() == -1 || rlimit_no_growth() == -1)
		fatal("listener: resource limits");
	memset(&c, 0, sizeof(c));
	c.who = CONFINE_LISTENER;
	c.optional = ls->optional;
	if (confine_enter(&c, &done, &step) == -1)
		fatal("listener: confinement: %s", step);
	confine_warn(CONFINE_LISTENER, done);
	return done | FDB_CONFINED_CAPS | FDB_CONFINED_UID;
}

int
listener_start(const struct listensetup *ls, struct spawned *sp)
{
	/* setproctitle(3) overwrites the first, which makes room for it. */
	static char	 name[] = "fdbrokerd: listener", arg[] = LISTENER_ARG;
	char		*argv[] = { name, arg, NULL };

	if (spawn_program(LISTENER_PATH, argv, sp) == -1)
		return -1;
	if (listensetup_send(sp->channel, ls) == -1) {
		spawn_undo(sp);
		return -1;
	}
	return 0;
}

void
listener_run(int channel, struct listensetup *ls)
{
	static struct listener	 l;
	struct event		*ev_channel;
	unsigned int		 done;

	l.channel = channel;
	log_set_sink(ipc_sink, &l.channel);
	log_set_verbose(ls->verbose);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("listener: signal");
	ratelimit_init(&l.rate);
	if ((l.base = event_base_new()) == NULL)
		fatalx("listener: event_base_new");
	l.pending.base = l.base;
	l.pending.heard = listener_heard;
	l.pending.dropped = listener_dropped;
	l.pending.arg = &l;
	ev_channel = event_new(l.base, l.channel, EV_READ | EV_PERSIST,
	    channel_readable, &l);
	if (ev_channel == NULL || event_add(ev_channel, NULL) == -1 ||
	    floodlog_init(&l.flood, l.base) == -1 ||
	    acceptor_init(&l.peers, l.base, ls->peers, listener_take_peer,
	    &l) == -1 ||
	    acceptor_init(&l.all, l.base, ls->rendezvous, listener_take,
	    &l) == -1 ||
	    controlsock_init(&l.control, l.base, ls->control,
	    l.channel) == -1)
		fatalx("listener: event_add");
	acceptor_pace(&l.all, LISTENER_PER_SECOND, LISTENER_BURST);
	done = listener_confine(ls);
	/* If this fails, the supervisor is gone and the channel has ended. */
	(void)ipc_send_started(l.channel, done);
	event_base_dispatch(l.base);
	/* The supervisor still takes lines of the log, unless it is gone. */
	floodlog_end(&l.flood);
	_exit(0);
}

void
listener_main(int argc, char *argv[])
{
	struct listensetup	 ls;

#ifdef __linux__
	setproctitle_init(argc, argv, environ);
	setprogname("fdbrokerd");
	/* The kernel has named the process after /proc/self/exe. */
	(void)prctl(PR_SET_NAME, "fdbrokerd", 0, 0, 0);
#else
	(void)argc;
	(void)argv;
#endif
	setproctitle(LISTENER_ARG);
	log_init("fdbrokerd", LOG_TO_STDERR, 0);
	if (fcntl(SETUP_CHANNEL_FD, F_SETFD, FD_CLOEXEC) == -1 ||
	    listensetup_recv(SETUP_CHANNEL_FD, &ls) == -1)
		fatalx("the listener is started by the supervisor, "
		    "not by hand");
	listener_run(SETUP_CHANNEL_FD, &ls);
}
