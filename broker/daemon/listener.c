/*
 * listener.c: receive HELLO at the rendezvous, check it, pass it on.
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

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "base/proto.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/privdrop.h"
#include "daemon/controlsock.h"
#include "daemon/listener.h"
#include "daemon/ratelimit.h"
#include "ipc/admit.h"
#include "ipc/auditline.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/role.h"

/* Messages to take from the rendezvous before other events get their turn. */
#define BURST		32

/* This program, even if another has its name by now. */
#ifdef __linux__
#define LISTENER_PATH	"/proc/self/exe"
#else
#define LISTENER_PATH	DAEMON_PATH
#endif

struct listener {
	int			 rendezvous;
	int			 channel;
	struct event_base	*base;
	struct ratelimit	 rate;
	struct controlsock	 control;
	/* Messages that were dropped; pending while the log is held back. */
	struct event		*ev_drops;
	uint64_t		 drops;		/* not logged yet */
	char			 drop_last[128];
};

/*
 * The base name of the socket that a message came from, as bytes.  0, or -1: it
 * is not one of the names that our library makes.  So nothing that a client
 * wrote as a path is passed on.
 */
static int
sender_name(const struct fdmsg *m, uint8_t name[ADMIT_NAME_BYTES])
{
	const char	*path = m->from.sun_path, *base;
	size_t		 len, head = offsetof(struct sockaddr_un, sun_path);

	if (m->fromlen <= head || m->fromlen > sizeof(m->from))
		return -1;
	len = strnlen(path, m->fromlen - head);
	if (len == 0 || len == sizeof(m->from.sun_path))
		return -1;
	base = strrchr(path, '/');
	base = base != NULL ? base + 1 : path;
	return admit_name_from_hex(name, base);
}

/*
 * Decode a HELLO.  NULL, or why it is dropped.  Who sent it is taken from the
 * kernel only.
 */
static const char *
hello_fault(const struct fdmsg *m, const void *buf, size_t len,
    struct admit *a)
{
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*why;

	if (!m->has_cred || m->pid <= 0)
		return "no credentials";
	a->uid = m->uid;
	a->gid = m->gid;
	a->pid = m->pid;
	if (proto_parse(buf, len, m->nfds, &h, &in, &why) == -1)
		return why;
	if (h.type != PROTO_HELLO)
		return "not a HELLO";
	wire_get_str(&in, a->role, sizeof(a->role));
	if (wire_get_end(&in) == -1)
		return "cannot be decoded";
	if (!role_name_is_valid(a->role))
		return "not a role's name";
	if (sender_name(m, a->name) == -1)
		return "the sender's socket has no name that our library makes";
	return NULL;
}

/*
 * Log that a message is dropped: the first at once, and those that follow it
 * once a second, as a count and the last of them.
 */
static void
listener_drop(struct listener *l, const struct fdmsg *m, const char *why)
{
	struct timeval	 second = { .tv_sec = 1 };

	(void)snprintf(l->drop_last, sizeof(l->drop_last),
	    "uid %d pid %d: %s", m->has_cred ? (int)m->uid : -1,
	    m->has_cred ? (int)m->pid : -1, why);
	if (evtimer_pending(l->ev_drops, NULL)) {
		l->drops++;
		return;
	}
	log_warnx("rendezvous: dropped a message: %s", l->drop_last);
	(void)evtimer_add(l->ev_drops, &second);
}

static void
listener_log_drops(evutil_socket_t fd, short what, void *arg)
{
	struct listener	*l = arg;
	struct timeval	 second = { .tv_sec = 1 };

	(void)fd;
	(void)what;
	if (l->drops == 0)
		return;
	log_warnx("rendezvous: dropped %llu more, the last: %s",
	    (unsigned long long)l->drops, l->drop_last);
	l->drops = 0;
	(void)evtimer_add(l->ev_drops, &second);
}

static int
listener_forward(struct listener *l, const struct admit *a)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_ADMIT, buf, sizeof(buf));
	admit_put(&m.w, a);
	return message_send(l->channel, &m, NULL, 0);
}

static void
listener_hello(struct listener *l, struct fdmsg *m, const void *buf,
    size_t len)
{
	struct admit	 a;
	const char	*why;

	memset(&a, 0, sizeof(a));
	if ((why = hello_fault(m, buf, len, &a)) != NULL)
		listener_drop(l, m, why);
	else if (!ratelimit_take(&l->rate, a.uid))
		listener_drop(l, m, "too many sessions asked for");
	else if (listener_forward(l, &a) == -1)
		listener_drop(l, m, "the daemon is too busy");
}

static void
listener_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener	*l = arg;
	uint8_t		 buf[PROTO_HEADER + 2 * FDB_ROLE_MAX];
	struct fdmsg	 m;
	ssize_t		 n;
	int		 i;

	(void)what;
	for (i = 0; i < BURST; i++) {
		n = fdmsg_recv_cred(fd, buf, sizeof(buf), &m);
		if (n > 0)
			listener_hello(l, &m, buf, (size_t)n);
		else if (errno == EAGAIN)
			return;
		else
			listener_drop(l, &m, strerror(errno));
	}
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

/* Another group may use the control socket now. */
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
	controlsock_close_all(&l->control);
	return 0;
}

static const struct dispatch_row channel_rows[] = {
	{ IPC_CONTROL_ANSWER,	DISPATCH_ALWAYS,	channel_answer },
	{ IPC_MONITOR,		DISPATCH_ALWAYS,	channel_monitor },
	{ IPC_END,		DISPATCH_ALWAYS,	channel_end }
};

/* Take a message of the supervisor, or its end, which is the listener's. */
static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener		*l = arg;
	uint8_t			 buf[AUDITLINE_MESSAGE];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	(void)what;
	n = fdmsg_recv(fd, buf, sizeof(buf), 1, &m);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n == -1 || ipc_parse(buf, (size_t)n, &m, &h, &in) == -1) {
		event_base_loopbreak(l->base);
		return;
	}
	if (dispatch(channel_rows,
	    sizeof(channel_rows) / sizeof(channel_rows[0]), DISPATCH_ALWAYS,
	    l, &h, &in, &m, &why) == -1) {
		log_warnx("supervisor: %s: %s", ipc_type_name(h.type),
		    why != NULL ? why : strerror(errno));
		event_base_loopbreak(l->base);
	}
	fdmsg_close(&m);
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
	struct event		*ev_hello, *ev_channel;
	unsigned int		 done;

	l.rendezvous = ls->rendezvous;
	l.channel = channel;
	log_set_sink(ipc_sink, &l.channel);
	log_set_verbose(ls->verbose);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("listener: signal");
	ratelimit_init(&l.rate);
	if ((l.base = event_base_new()) == NULL)
		fatalx("listener: event_base_new");
	ev_hello = event_new(l.base, l.rendezvous, EV_READ | EV_PERSIST,
	    listener_readable, &l);
	ev_channel = event_new(l.base, l.channel, EV_READ | EV_PERSIST,
	    channel_readable, &l);
	l.ev_drops = evtimer_new(l.base, listener_log_drops, &l);
	if (ev_hello == NULL || ev_channel == NULL || l.ev_drops == NULL ||
	    event_add(ev_hello, NULL) == -1 ||
	    event_add(ev_channel, NULL) == -1 ||
	    controlsock_init(&l.control, l.base, ls->control,
	    l.channel) == -1)
		fatalx("listener: event_add");
	done = listener_confine(ls);
	/* If this fails, the supervisor is gone and the channel has ended. */
	(void)ipc_send_started(l.channel, done);
	event_base_dispatch(l.base);
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
