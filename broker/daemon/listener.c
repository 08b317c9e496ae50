/*
 * listener.c: receive HELLO at the rendezvous, check it, pass it on.
 *
 * Runs as its own process, executed anew so that nothing of the supervisor is
 * in its memory: an unprivileged user, an empty root directory, no
 * capabilities, no right to open or connect anything.  It knows nothing of
 * the policy, and takes no descriptors: one on a file system that hangs would
 * hang it when it is closed.  What it passes on has a fixed form, and the
 * supervisor checks that again.
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
#include "base/proto.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/privdrop.h"
#include "daemon/controlsock.h"
#include "daemon/listener.h"
#include "daemon/ratelimit.h"
#include "ipc/admit.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "policy/role.h"

/* Messages taken from the socket before other events get their turn. */
#define BURST		32

/* The program that runs, whatever has taken its name by now. */
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
	struct door		 door;
	struct event		*ev_drops;	/* pending: one was just said */
	uint64_t		 drops;		/* not said yet */
	char			 drop_last[128];
};

/*
 * The base name of the socket that a message came from, as bytes.  Only names
 * of our own form are taken, so that nothing of a path is ever passed on.
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
 * Why a HELLO is not passed on, or NULL.  What the kernel says of the sender
 * is all that is believed of it.
 */
static const char *
hello_fault(const struct fdmsg *m, const void *buf, size_t len,
    struct admit *a)
{
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;

	if (!m->has_cred || m->pid <= 0)
		return "no credentials";
	a->uid = m->uid;
	a->gid = m->gid;
	a->pid = m->pid;
	if (proto_parse(buf, len, m->nfds, &h, &in, &what) == -1)
		return what;
	if (h.type != PROTO_HELLO)
		return "not a HELLO";
	wire_get_str(&in, a->role, sizeof(a->role));
	if (wire_get_end(&in) == -1)
		return "cannot be decoded";
	if (!role_name_is_valid(a->role))
		return "not a role's name";
	if (sender_name(m, a->name) == -1)
		return "sent from a socket of no known form";
	return NULL;
}

/*
 * Say what is dropped: the first at once, what follows as a number and the
 * last of them, once a second.
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
listener_say_drops(evutil_socket_t fd, short what, void *arg)
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
	struct ipc_msg	 msg;

	ipc_begin(&msg, PROTO_ADMIT);
	admit_put(&msg.w, a);
	return ipc_send(l->channel, &msg, NULL, 0);
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

/* The supervisor's answers to those at the control socket, or its end. */
static void
listener_channel(evutil_socket_t fd, short what, void *arg)
{
	struct listener		*l = arg;
	uint8_t			 buf[IPC_LONG_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	ssize_t			 n;

	(void)what;
	n = fdmsg_recv(fd, buf, sizeof(buf), 1, &m);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n == -1 || ipc_parse(buf, (size_t)n, &m, &h, &in) == -1) {
		event_base_loopbreak(l->base);
		return;
	}
	if (h.type == PROTO_CONTROL_ANSWER)
		door_answer(&l->door, &in, &m);
	else if (h.type == PROTO_END)
		door_close_all(&l->door);
	else if (h.type == PROTO_MONITOR)
		door_monitor(&l->door, &in);
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
	if (rlimit_close() == -1)
		fatal("listener: limits of resources");
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
	/* The first one is what is seen of it, and room for that. */
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
	    listener_channel, &l);
	l.ev_drops = evtimer_new(l.base, listener_say_drops, &l);
	if (ev_hello == NULL || ev_channel == NULL || l.ev_drops == NULL ||
	    event_add(ev_hello, NULL) == -1 ||
	    event_add(ev_channel, NULL) == -1 ||
	    door_init(&l.door, l.base, ls->control, l.channel) == -1)
		fatalx("listener: event_add");
	done = listener_confine(ls);
	/* If there is nobody any more, the channel has its end. */
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
	/* It would be that of /proc/self/exe. */
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
