/*
 * names.c: pass questions about users and groups to lookup processes, and their
 * answers back.
 *
 * Runs as a process of its own, executed anew so that nothing of the
 * supervisor is in its memory: as an unprivileged user, without capabilities.
 * It calls no name service itself.  Its children do (answerer.c); it kills one
 * that does not answer in time, and starts another one when the next question
 * comes.  So each question gets an answer within NAMEASK_MS, and a slow one
 * delays no other as long as a lookup process is free.
 */

#include "config.h"

#include <sys/types.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/privdrop.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/nameask.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "names/answerer.h"
#include "names/names.h"

/* Lookup processes that may be started in a second, and at once. */
#define STARTS_PER_SECOND	4
#define STARTS_BURST		(2 * NAMES_LOOKUPS)
/* Lines about them that may be logged in a second, and at once. */
#define LINES_PER_SECOND	1
#define LINES_BURST		8

/* What a lookup process may use. */
#define LOOKUP_FILES	256
#define LOOKUP_MEMORY	(UINT64_C(1) << 30)

/* A question that was received, and when it must be answered. */
struct question {
	struct nameask	 ask;
	int64_t		 until;		/* clock_ms() */
};

enum lookup_state {
	LOOKUP_NONE,		/* no process */
	LOOKUP_IDLE,
	LOOKUP_BUSY,		/* with the question */
	LOOKUP_ENDING		/* killed, and to be reaped */
};

struct names;

struct lookup {
	struct names		*names;
	enum lookup_state	 state;
	pid_t			 pid;
	int			 channel;
	struct event		*event;
	struct question		 question;
	size_t			 ngids;		/* of its answer, so far */
};

struct names {
	int			 channel;	/* to the supervisor */
	const struct lookups	*lookups;
	bool			 optional;
	struct event_base	*base;
	struct event		*timer;
	struct lookup		 procs[NAMES_LOOKUPS];
	/* Those that no lookup process has yet, the oldest first. */
	struct question		 waiting[NAMEASK_OUTSTANDING];
	size_t			 nwaiting;
	struct bucket		 starts, lines;
};

/* This program, even if another has its name by now. */
#ifdef __linux__
#define NAMES_PATH	"/proc/self/exe"
#else
#define NAMES_PATH	DAEMON_PATH
#endif

static void	names_serve(struct names *);

/* What a question is about, for the log. */
static void
log_question(struct names *n, const struct nameask *q, const char *what)
{
	bucket_refill(&n->lines, clock_ms(), LINES_PER_SECOND, LINES_BURST);
	if (!bucket_take(&n->lines, 1))
		return;
	if (nameask_is_of_uid(q->kind))
		log_warnx("name service: %s of uid %u: %s",
		    nameask_noun(q->kind), q->uid, what);
	else if (nameask_is_of_name(q->kind))
		log_warnx("name service: %s \"%s\": %s",
		    nameask_noun(q->kind), q->name, what);
	else
		log_warnx("name service: %s: %s", nameask_noun(q->kind), what);
}

/* Tell the supervisor that a question has no answer. */
static void
answer_failure(struct names *n, const struct nameask *q, int error)
{
	struct nameanswer	 a;

	nameask_answer_init(&a, q->id);
	a.error = (uint32_t)error;
	/* If this fails, the supervisor is gone, which its channel tells. */
	(void)nameask_send_answer(n->channel, &a, NULL, 0);
}

/*
 * Kill a lookup process.  It keeps its place until it is reaped: it may hang
 * where the signal does not reach it yet.
 */
static void
lookup_end(struct lookup *l)
{
	if (l->event != NULL)
		event_free(l->event);
	l->event = NULL;
	fd_close(&l->channel);
	/* Process ID 0 would mean this process and its group. */
	if (l->pid > 0)
		(void)kill(l->pid, SIGKILL);
	l->state = LOOKUP_ENDING;
}

/* It is gone, or sent what it may not send: its question has no answer. */
static void
lookup_fail(struct lookup *l, const char *what)
{
	bool	 busy = l->state == LOOKUP_BUSY;

	lookup_end(l);
	if (!busy)
		return;
	log_question(l->names, &l->question.ask, what);
	answer_failure(l->names, &l->question.ask, EIO);
}

/* Pass on what a lookup process answers; only it knows whether that is true. */
static void
lookup_answered(struct lookup *l, const struct nameanswer *a)
{
	struct nameask	*q = &l->question.ask;

	l->ngids += a->ngids;
	if (a->id != q->id || l->ngids > NAMEASK_GROUPS_MAX ||
	    (!nameask_is_list(q->kind) && (a->more || a->ngids > 0)) ||
	    (q->kind != NAMEASK_PERSON && (a->name[0] != '\0' ||
	    a->home[0] != '\0'))) {
		lookup_fail(l, "the lookup process sent a wrong answer");
		return;
	}
	if (a->error != 0 && a->error != ENOENT)
		log_question(l->names, q, strerror((int)a->error));
	if (nameask_send_part(l->names->channel, a) == -1 || a->more)
		return;
	l->state = LOOKUP_IDLE;
	/* A module may have lost memory or descriptors. */
	if (a->error == ENOMEM || a->error == EMFILE)
		lookup_end(l);
}

/* Take a message of a lookup process, or its end.  False if there is none. */
static bool
lookup_take(struct lookup *l)
{
	static uint8_t		 buf[PROTO_HEADER + NAMEASK_ANSWER_BYTES];
	static struct nameanswer a;
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	n = fdmsg_recv(l->channel, buf, sizeof(buf), 0, &m);
	if (n == -1 && errno == EAGAIN)
		return false;
	if (n == -1) {
		lookup_fail(l, "the lookup process ended");
	} else if (l->state != LOOKUP_BUSY ||
	    ipc_check(buf, (size_t)n, m.nfds, &h, &in, &why) == -1 ||
	    h.type != IPC_NAME_ANSWER ||
	    (nameask_get_answer(&in, &a), wire_get_end(&in)) == -1) {
		lookup_fail(l, "the lookup process sent a bad message");
	} else {
		lookup_answered(l, &a);
	}
	return true;
}

static void
lookup_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lookup	*l = arg;

	(void)fd;
	(void)what;
	(void)lookup_take(l);
	names_serve(l->names);
}

/* Start a lookup process in a free place.  0, or -1 with errno. */
static int
lookup_start(struct names *n, struct lookup *l)
{
	int	 fds[2];

	if (dgram_pair_seq(fds) == -1)
		return -1;
	if ((l->pid = fork()) == 0)
		answerer_run(fds[1], n->lookups, n->optional);
	fd_close(&fds[1]);
	if (l->pid == -1) {
		fd_close(&fds[0]);
		return -1;
	}
	l->names = n;
	l->channel = fds[0];
	l->event = event_new(n->base, l->channel, EV_READ | EV_PERSIST,
	    lookup_readable, l);
	if (l->event == NULL || event_add(l->event, NULL) == -1) {
		lookup_end(l);
		errno = ENOMEM;
		return -1;
	}
	l->state = LOOKUP_IDLE;
	return 0;
}

/* A lookup process that is idle; NULL with errno if there is none now. */
static struct lookup *
find_lookup(struct names *n)
{
	struct lookup	*l, *none = NULL;
	size_t		 i;

	for (i = 0; i < NAMES_LOOKUPS; i++) {
		l = &n->procs[i];
		if (l->state == LOOKUP_IDLE)
			return l;
		if (l->state == LOOKUP_NONE)
			none = l;
	}
	errno = EBUSY;
	bucket_refill(&n->starts, clock_ms(), STARTS_PER_SECOND,
	    STARTS_BURST);
	if (none == NULL || !bucket_take(&n->starts, 1))
		return NULL;
	return lookup_start(n, none) == 0 ? none : NULL;
}

/* Give a lookup process a question. */
static void
lookup_ask(struct lookup *l, const struct question *q)
{
	l->question = *q;
	l->ngids = 0;
	l->state = LOOKUP_BUSY;
	if (nameask_send(l->channel, &q->ask) == -1)
		lookup_fail(l, "the lookup process takes no question");
}

/*
 * Wake up when the first question has to be answered; earlier if a lookup
 * process has to be started, for which there may be a permit then.
 */
static void
names_set_timer(struct names *n)
{
	struct timeval	 tv;
	int64_t		 now = clock_ms(), until = INT64_MAX;
	size_t		 i;

	for (i = 0; i < NAMES_LOOKUPS; i++)
		if (n->procs[i].state == LOOKUP_BUSY &&
		    n->procs[i].question.until < until)
			until = n->procs[i].question.until;
	if (n->nwaiting > 0 && n->waiting[0].until < until)
		until = n->waiting[0].until;
	if (n->nwaiting > 0 && until > now + 1000 / STARTS_PER_SECOND)
		until = now + 1000 / STARTS_PER_SECOND;
	(void)event_del(n->timer);
	if (until == INT64_MAX)
		return;
	until = until > now ? until - now : 0;
	tv.tv_sec = until / 1000;
	tv.tv_usec = until % 1000 * 1000;
	(void)event_add(n->timer, &tv);
}

/* Give waiting questions to lookup processes, as far as there are any. */
static void
names_serve(struct names *n)
{
	struct lookup	*l;

	while (n->nwaiting > 0) {
		if ((l = find_lookup(n)) == NULL) {
			if (errno != EBUSY)
				log_question(n, &n->waiting[0].ask,
				    strerror(errno));
			break;
		}
		lookup_ask(l, &n->waiting[0]);
		n->nwaiting--;
		memmove(&n->waiting[0], &n->waiting[1],
		    n->nwaiting * sizeof(n->waiting[0]));
	}
	names_set_timer(n);
}

/* Time is over for some questions. */
static void
names_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct names	*n = arg;
	struct lookup	*l;
	int64_t		 now = clock_ms();
	size_t		 i;

	(void)fd;
	(void)what;
	for (i = 0; i < NAMES_LOOKUPS; i++) {
		l = &n->procs[i];
		if (l->state != LOOKUP_BUSY || l->question.until > now)
			continue;
		lookup_end(l);
		log_question(n, &l->question.ask, "no answer in time; the "
		    "lookup process is killed");
		answer_failure(n, &l->question.ask, ETIMEDOUT);
	}
	for (i = 0; i < n->nwaiting && n->waiting[i].until <= now; i++) {
		log_question(n, &n->waiting[i].ask,
		    "no lookup process was free in time");
		answer_failure(n, &n->waiting[i].ask, ETIMEDOUT);
	}
	n->nwaiting -= i;
	memmove(&n->waiting[0], &n->waiting[i],
	    n->nwaiting * sizeof(n->waiting[0]));
	names_serve(n);
}

static void
names_reap(evutil_socket_t sig, short what, void *arg)
{
	struct names	*n = arg;
	struct lookup	*l;
	pid_t		 pid;
	int		 status;

	(void)sig;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (l = n->procs; l < &n->procs[NAMES_LOOKUPS]; l++)
			if (l->state != LOOKUP_NONE && l->pid == pid)
				break;
		if (l == &n->procs[NAMES_LOOKUPS])
			continue;
		if (WIFEXITED(status) &&
		    WEXITSTATUS(status) == ANSWERER_UNCONFINED)
			log_warnx("a lookup process cannot confine itself");
		/* The number may be another process's from now on. */
		l->pid = 0;
		/* What it said last, and its end. */
		while (l->event != NULL && lookup_take(l))
			;
		if (l->state != LOOKUP_ENDING)
			lookup_fail(l, "the lookup process ended");
		l->state = LOOKUP_NONE;
	}
	names_serve(n);
}

static int
channel_ask(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct names	*n = arg;
	struct question	 q;

	(void)h;
	(void)m;
	nameask_get(in, &q.ask);
	if (dispatch_end(in) == -1)
		return -1;
	q.until = clock_ms() + NAMEASK_MS;
	if (n->nwaiting == NAMEASK_OUTSTANDING)
		answer_failure(n, &q.ask, EAGAIN);
	else
		n->waiting[n->nwaiting++] = q;
	names_serve(n);
	return 0;
}

static const struct dispatch_row channel_rows[] = {
	{ IPC_NAME_ASK,	DISPATCH_ALWAYS,	channel_ask }
};

static const struct ipc_channel	 from_supervisor = {
	.peer = "supervisor",
	.rows = channel_rows,
	.nrows = sizeof(channel_rows) / sizeof(channel_rows[0]),
	.maxfds = 0
};

/* Take a message of the supervisor, or its end, which is ours. */
static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct names	*n = arg;
	uint8_t		 buf[MESSAGE_SHORT];

	(void)what;
	if (ipc_take(&from_supervisor, fd, buf, sizeof(buf), DISPATCH_ALWAYS,
	    n) == -1)
		event_base_loopbreak(n->base);
}

/* Limits that the lookup processes inherit. */
static int
names_limits(void)
{
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    rlimit_set(RLIMIT_CORE, 0) == -1 ||
	    rlimit_set(RLIMIT_FSIZE, 0) == -1 ||
	    rlimit_set(RLIMIT_NOFILE, LOOKUP_FILES) == -1)
		return -1;
#ifndef FDB_SANITIZED
	/* A sanitizer reserves far more. */
	if (rlimit_set(RLIMIT_AS, LOOKUP_MEMORY) == -1)
		return -1;
#endif
	return 0;
}

/* The FDB_CONFINED_* bits of what is in place. */
static unsigned int
names_confine(const struct namesetup *ns)
{
	struct privdrop	 pd;
	unsigned int	 done;
	const char	*step;

	memset(&pd, 0, sizeof(pd));
	pd.uid = ns->uid;
	pd.gid = ns->gid;
	pd.chroot_fd = -1;	/* modules look names up */
	if (privdrop(&pd, &step) == -1)
		fatal("names: dropping privileges: %s", step);
	if (names_limits() == -1)
		fatal("names: resource limits");
	if (answerer_confine(CONFINE_NAMES, ns->optional, &done, &step) == -1)
		fatal("names: confinement: %s", step);
	confine_warn(CONFINE_NAMES, done);
	return done | FDB_CONFINED_CAPS | FDB_CONFINED_UID;
}

int
names_start(const struct namesetup *ns, struct spawned *sp)
{
	/* setproctitle(3) overwrites the first, which makes room for it. */
	static char	 name[] = "fdbrokerd: names", arg[] = NAMES_ARG;
	char		*argv[] = { name, arg, NULL };

	if (spawn_program(NAMES_PATH, argv, sp) == -1)
		return -1;
	if (namesetup_send(sp->channel, ns) == -1) {
		spawn_undo(sp);
		return -1;
	}
	return 0;
}

void
names_run(int channel, const struct namesetup *ns, const struct lookups *lk)
{
	static struct names	 n;
	struct event		*ev_channel, *ev_child;
	unsigned int		 done;
	size_t			 i;

	n.channel = channel;
	n.lookups = lk;
	n.optional = ns->optional;
	for (i = 0; i < NAMES_LOOKUPS; i++)
		n.procs[i].channel = -1;
	log_set_sink(ipc_sink, &n.channel);
	log_set_verbose(ns->verbose);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("names: signal");
	if ((n.base = event_base_new()) == NULL)
		fatalx("names: event_base_new");
	ev_channel = event_new(n.base, n.channel, EV_READ | EV_PERSIST,
	    channel_readable, &n);
	ev_child = evsignal_new(n.base, SIGCHLD, names_reap, &n);
	n.timer = evtimer_new(n.base, names_timeout, &n);
	if (ev_channel == NULL || ev_child == NULL || n.timer == NULL ||
	    event_add(ev_channel, NULL) == -1 ||
	    event_add(ev_child, NULL) == -1)
		fatalx("names: event_add");
	done = names_confine(ns);
	/* If this fails, the supervisor is gone and the channel has ended. */
	(void)ipc_send_started(n.channel, done);
	event_base_dispatch(n.base);
	/* PR_SET_PDEATHSIG ends the lookup processes, elsewhere this does. */
	for (i = 0; i < NAMES_LOOKUPS; i++)
		if (n.procs[i].state != LOOKUP_NONE)
			(void)kill(n.procs[i].pid, SIGKILL);
	_exit(0);
}

void
names_main(int argc, char *argv[])
{
	struct namesetup	 ns;

#ifdef __linux__
	setproctitle_init(argc, argv, environ);
	setprogname("fdbrokerd");
	/* The kernel has named the process after /proc/self/exe. */
	(void)prctl(PR_SET_NAME, "fdbrokerd", 0, 0, 0);
#else
	(void)argc;
	(void)argv;
#endif
	setproctitle(NAMES_ARG);
	log_init("fdbrokerd", LOG_TO_STDERR, 0);
	if (fcntl(SETUP_CHANNEL_FD, F_SETFD, FD_CLOEXEC) == -1 ||
	    namesetup_recv(SETUP_CHANNEL_FD, &ns) == -1)
		fatalx("the names process is started by the supervisor, "
		    "not by hand");
	names_run(SETUP_CHANNEL_FD, &ns, &lookup_real);
}
