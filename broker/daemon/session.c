/*
 * session.c: one session and its opener; see session.h.
 *
 * Runs in the supervisor, as root.  It starts the opener's process, hands it
 * the session's socket, and reads records of fixed form from its channel.  It
 * reads nothing from the worker.
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/identity.h"
#include "daemon/session.h"
#include "daemon/spare.h"
#include "ipc/dispatch.h"
#include "ipc/event.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/roots.h"

#define SESSION_WINDOW	8	/* requests outstanding */

/* Messages of one opener that are taken in a row; and when it is gone. */
#define BURST		32
#define LAST_BURST	1024

/* An opener that was told to end is killed after this time. */
#define END_MS		3000

/* The user whose rights the opener has. */
static void
setup_ids(struct setup *su, const struct identity *id)
{
	su->uid = id->uid;
	su->gid = id->gid;
	su->ngids = id->ngids;
	memcpy(su->gids, id->gids, id->ngids * sizeof(su->gids[0]));
}

static void
setup_info(struct setup *su, const struct session_env *env,
    const struct session_spec *spec)
{
	const struct conf	*conf = spec->conf;

	su->info.id = spec->id;
	su->info.generation = spec->generation;
	su->info.window = SESSION_WINDOW;
	su->info.batch = FDB_BATCH_MAX;
	su->info.bytes = PROTO_MAX;
	su->info.tokens = spec->grant.tokens;
	su->opens = spec->grant.opens;
	su->info.worker_uid = conf->worker_uid;
	su->info.worker_gid = conf->worker_gid;
	(void)strlcpy(su->info.role, spec->role->name,
	    sizeof(su->info.role));
	su->optional = !conf->confinement_required;
	su->nofile = env->nofile;
	su->audit = env->audit->mode;
	su->caps = policy_caps(spec->role);
}

void
session_subject(const struct session *s, struct audit_subject *subject)
{
	subject->session = s->id;
	subject->uid = s->peer.uid;
	subject->pid = s->peer.pid;
	(void)strlcpy(subject->role, s->role, sizeof(subject->role));
}

/* Tell who monitors what happens to a session. */
static void
session_event(const struct session *s, const char *event, const char *why)
{
	char			 line[AUDITLINE_MAX];
	struct audit_subject	 subject;

	session_subject(s, &subject);
	if (auditline_format_event(line, sizeof(line), event, &subject,
	    why) > 0)
		s->env->monitor(s->env->monitor_arg, line);
}

/* STARTED: the opener is confined, and welcomes its worker. */
static int
take_started(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct session	*s = arg;
	uint32_t	 confined = wire_get_u32(in);

	(void)h;
	(void)m;
	if (wire_get_end(in) == -1)
		return -1;
	s->started = true;
	s->confined = confined;
	log_info("session %u: started", s->id);
	session_event(s, "begun", NULL);
	spare_fill(s->env->spare);
	return 0;
}

/* Tell who monitors how many records the rate has dropped since. */
static void
session_tell_dropped(struct session *s)
{
	char	 why[64];

	if (s->rate.untold == 0)
		return;
	(void)snprintf(why, sizeof(why), "%ju records", (uintmax_t)
	    s->rate.untold);
	session_event(s, "dropped", why);
	s->rate.untold = 0;
}

/* AUDIT: a request that was answered. */
static int
take_audit(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct session		*s = arg;
	const struct session_env *env = s->env;
	struct audit_subject	 subject;
	struct event_record	 event;
	const char		*line;

	(void)h;
	(void)m;
	event_get(in, &event);
	if (wire_get_end(in) == -1)
		return -1;
	session_subject(s, &subject);
	line = audit_record(env->audit, &s->rate, &subject, &event);
	if (line != NULL) {
		session_tell_dropped(s);
		env->monitor(env->monitor_arg, line);
	}
	if (event.reason != FDB_REASON_NONE)
		s->refused++;
	return 0;
}

/* SUMMARY: how much the opener has answered, and whether it was idle. */
static int
take_summary(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct session		*s = arg;
	struct audit_summary	*sum = &s->rate.summary;
	char			 limit[POLICY_LIMIT_TEXT];
	uint32_t		 idled;

	(void)h;
	(void)m;
	sum->names = wire_get_u64(in);
	sum->opened = wire_get_u64(in);
	idled = wire_get_u32(in);
	if (wire_get_end(in) == -1)
		return -1;
	sum->counted = true;
	if (idled != 0 && s->ended[0] == '\0')
		(void)snprintf(s->ended, sizeof(s->ended), POLICY_IDLE_TEXT,
		    policy_limit_text(LIMIT_IDLE, idled, limit));
	return 0;
}

/* What an opener may say, and when: before it has said STARTED, or after. */
#define BEFORE_STARTED	0x01
#define AFTER_STARTED	0x02

static const struct dispatch_row opener_rows[] = {
	{ IPC_LOG,	DISPATCH_ALWAYS,	ipc_log },
	{ IPC_STARTED,	BEFORE_STARTED,		take_started },
	{ IPC_AUDIT,	AFTER_STARTED,		take_audit },
	{ IPC_SUMMARY,	AFTER_STARTED,		take_summary }
};
#define NOPENER_ROWS	(sizeof(opener_rows) / sizeof(opener_rows[0]))

/*
 * Take one message from the opener.  1; 0 if none is there; or -1 with errno:
 * the opener is gone, or broke the protocol, which was logged.
 */
static int
session_take(struct session *s)
{
	uint8_t			 buf[IPC_MSG_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	n = fdmsg_recv(s->channel, buf, sizeof(buf), 0, &m);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	if (ipc_parse(buf, (size_t)n, &m, &h, &in) == -1)
		return -1;
	if (dispatch(opener_rows, NOPENER_ROWS,
	    s->started ? AFTER_STARTED : BEFORE_STARTED, s, &h, &in, &m,
	    &why) == 0)
		return 1;
	log_warnx("session %u: the opener sent %s: %s", s->id,
	    ipc_type_name(h.type), why != NULL ? why : "cannot be decoded");
	errno = EPROTO;
	return -1;
}

/* The opener has sent something, or is gone. */
static void
session_readable(evutil_socket_t fd, short what, void *arg)
{
	struct session	*s = arg;
	int		 ret = 0, i, error;

	(void)fd;
	(void)what;
	/* Stop after a while, so that others get their turn. */
	for (i = 0; i < s->burst && (ret = session_take(s)) > 0; i++)
		;
	if (ret == -1 && s->event != NULL) {
		error = errno;
		event_free(s->event);
		s->event = NULL;
		/* It is gone: its process was reaped or will be. */
		if (error == EPIPE || error == ECONNRESET || s->opener == 0)
			return;
		log_warnx("session %u: killing its opener: %s", s->id,
		    strerror(error));
		session_kill(s);
	}
}

static int
session_watch(struct session *s)
{
	s->event = event_new(s->env->base, s->channel, EV_READ | EV_PERSIST,
	    session_readable, s);
	return s->event == NULL ? -1 : event_add(s->event, NULL);
}

/* The session has lasted as long as it may; or its opener has not ended. */
static void
session_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct timeval	 tv = { .tv_sec = END_MS / 1000 + 1 };
	struct session	*s = arg;
	char		 why[PROTO_TEXT_MAX], limit[POLICY_LIMIT_TEXT];

	(void)fd;
	(void)what;
	if (s->end_by != 0) {
		(void)session_expire(s, clock_ms());
		return;
	}
	(void)snprintf(why, sizeof(why), POLICY_LIFETIME_TEXT,
	    policy_limit_text(LIMIT_LIFETIME, s->lasts, limit));
	log_info("session %u: %s", s->id, why);
	if (session_dismiss(s, ETIMEDOUT, why))
		(void)event_add(s->lifetime, &tv);
}

/* Set how long the session lasts, counted from its start.  0, or -1. */
static int
session_set_lifetime(struct session *s, const struct role *role)
{
	struct timeval	 tv;
	int64_t		 left;

	if (s->end_by != 0)
		return 0;
	s->lasts = role->limits[LIMIT_LIFETIME];
	if (s->lasts == 0)
		return s->lifetime == NULL ? 0 : event_del(s->lifetime);
	if (s->lifetime == NULL && (s->lifetime = evtimer_new(s->env->base,
	    session_overdue, s)) == NULL)
		return -1;
	left = s->began + (int64_t)s->lasts * 1000 - clock_ms();
	if (left < 0)
		left = 0;
	tv.tv_sec = left / 1000;
	tv.tv_usec = left % 1000 * 1000;
	return event_add(s->lifetime, &tv);
}

/* Start the opener with its setup.  0, or -1 with errno. */
static int
session_spawn(struct session *s, struct setup *su)
{
	struct spawned	 sp;

	if (spare_use(s->env->spare, su, &sp) == -1)
		return -1;
	s->opener = sp.pid;
	s->channel = sp.channel;
	if (session_watch(s) == -1) {
		/* The opener ends when it sees the end of its channel. */
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

/*
 * Fill in a role for the session.  *own is NULL if it is no template; else the
 * caller frees it.  0, or -1 with why.
 */
static int
session_fill_role(const struct session *s, const struct role *role,
    struct role **own, char why[OWNROLE_WHY_MAX])
{
	*own = NULL;
	if (ownrole_vars(role) == 0)
		return 0;
	if (s->user != NULL)
		*own = ownrole_make(role, s->user, s->home, why);
	else
		(void)strlcpy(why, "its user's name is not known",
		    OWNROLE_WHY_MAX);
	return *own != NULL ? 0 : -1;
}

/* Get the two sockets of a session.  0, or -1 with errno. */
static int
setup_sockets(struct setup *su, struct spare *spare, uint32_t bytes)
{
	struct dgram	 end;
	int		 pair[2];

	if (spare_pair(spare, pair) == -1)
		return -1;
	su->sock = pair[0];
	su->client = pair[1];
	dgram_init(&end);
	end.fd = su->sock;
	/* The kernel doubles the number to allow for its own overhead. */
	if (dgram_set_sndbuf(&end, (int)(bytes / 2)) == -1)
		return -1;
	/* One of these could keep the session open after its client's end. */
	fdmsg_refuse_fds(su->sock);
	return 0;
}

/*
 * Make the sockets and the setup, and start the opener; see session_start().
 * No copy of the sockets is kept: they end with the opener and the worker.
 */
static int
session_prepare(struct session *s, const struct session_spec *spec,
    char why[PROTO_TEXT_MAX])
{
	struct setup	 su;
	struct role	*own;
	char		 fault[OWNROLE_WHY_MAX];
	int		 ret = -1;

	if (session_fill_role(s, spec->role, &own, fault) == -1) {
		(void)strlcpy(why, fault, PROTO_TEXT_MAX);
		errno = EINVAL;
		return -1;
	}
	setup_init(&su);
	setup_info(&su, s->env, spec);
	setup_ids(&su, spec->identity);
	if (setup_sockets(&su, s->env->spare, s->grant.bytes) == -1) {
		(void)snprintf(why, PROTO_TEXT_MAX,
		    "the sockets of the session cannot be made: %s",
		    strerror(errno));
		goto out;
	}
	/* spawn_opener() only reads these: they stay with their owners. */
	su.role = own != NULL ? own : spec->role;
	su.conn = spec->candidate->conn;
	su.empty_dir = s->env->rundir->empty;
	su.peer_uid = s->peer.uid;
	su.peer_gid = s->peer.gid;
	ret = session_spawn(s, &su);
	if (ret == -1)
		(void)snprintf(why, PROTO_TEXT_MAX,
		    "the opener cannot be started: %s", strerror(errno));
	su.role = NULL;
	su.conn = su.empty_dir = -1;
out:
	setup_clear(&su);
	role_free(own);
	return ret;
}

struct session *
session_start(const struct session_env *env, const struct session_spec *spec,
    char why[PROTO_TEXT_MAX])
{
	struct session	*s;

	why[0] = '\0';
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		(void)strlcpy(why, "out of memory", PROTO_TEXT_MAX);
		errno = ENOMEM;
		return NULL;
	}
	s->channel = -1;
	s->env = env;
	s->burst = BURST;
	s->id = spec->id;
	s->peer = spec->candidate->id;
	s->grant = spec->grant;
	(void)clock_gettime(CLOCK_REALTIME, &s->since);
	s->began = clock_ms();
	(void)strlcpy(s->role, spec->role->name, sizeof(s->role));
	if ((spec->user != NULL && ((s->user = strdup(spec->user)) == NULL ||
	    (s->home = strdup(spec->home)) == NULL)) ||
	    session_set_lifetime(s, spec->role) == -1) {
		(void)strlcpy(why, "out of memory", PROTO_TEXT_MAX);
		peerid_init(&s->peer);
		session_free(s);
		errno = ENOMEM;
		return NULL;
	}
	if (session_prepare(s, spec, why) == -1) {
		/* They stay the candidate's. */
		peerid_init(&s->peer);
		session_free(s);
		errno = EAGAIN;
		return NULL;
	}
	peerid_init(&spec->candidate->id);
	log_info("session %u: uid %u pid %d, role \"%s\", opener pid %d",
	    s->id, s->peer.uid, (int)s->peer.pid, s->role, (int)s->opener);
	return s;
}

void
session_free(struct session *s)
{
	session_hang_up(s);
	if (s->lifetime != NULL)
		event_free(s->lifetime);
	free(s->user);
	free(s->home);
	peerid_clear(&s->peer);
	free(s);
}

void
session_kill(struct session *s)
{
	if (s->opener > 0)
		(void)kill(s->opener, SIGKILL);
}

bool
session_dismiss(struct session *s, int error, const char *why)
{
	if (s->ended[0] == '\0')
		(void)strlcpy(s->ended, why, sizeof(s->ended));
	if (ipc_send_end(s->channel, error, why) == -1) {
		session_kill(s);
		return false;
	}
	if (s->end_by == 0)
		s->end_by = clock_ms() + END_MS;
	return true;
}

bool
session_expire(struct session *s, int64_t now)
{
	if (s->end_by == 0)
		return false;
	if (now < s->end_by)
		return true;
	session_kill(s);
	return false;
}

void
session_hang_up(struct session *s)
{
	if (s->event != NULL)
		event_free(s->event);
	s->event = NULL;
	fd_close(&s->channel);
}

int
session_set_opens(struct session *s, uint32_t opens)
{
	if (s->end_by != 0 || s->channel == -1 || opens == s->grant.opens)
		return 0;
	if (ipc_send_share(s->channel, opens) == -1)
		return -1;
	s->grant.opens = opens;
	return 0;
}

void
session_set_role(struct session *s, const struct role *role,
    uint64_t generation)
{
	char		 why[OWNROLE_WHY_MAX];
	struct role	*own;
	int		 ret = -1;

	if (session_fill_role(s, role, &own, why) == -1)
		log_warnx("session %u: %s", s->id, why);
	else if (session_set_lifetime(s, role) == -1)
		log_warnx("session %u: its limit lifetime cannot be set: out "
		    "of memory", s->id);
	else if ((ret = setup_send_policy(s->channel, own != NULL ? own :
	    role, generation, s->env->audit->mode)) == -1)
		log_warn("session %u: cannot send the new policy to its "
		    "opener", s->id);
	role_free(own);
	if (ret == -1)
		session_kill(s);
}

void
session_reaped(struct session *s, int status)
{
	struct audit_subject	 subject;

	/* The number may be another process's from now on. */
	s->opener = 0;
	s->burst = LAST_BURST;
	if (s->event != NULL)
		session_readable(s->channel, EV_READ, s);
	if (WIFSIGNALED(status))
		log_warnx("session %u: opener killed by signal %d", s->id,
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_warnx("session %u: opener failed with status %d", s->id,
		    WEXITSTATUS(status));
	log_info("session %u: ended%s%s", s->id,
	    s->ended[0] != '\0' ? ": " : "", s->ended);
	session_tell_dropped(s);
	session_event(s, "ended", WIFSIGNALED(status) ? "opener killed" :
	    WEXITSTATUS(status) != 0 ? "opener failed" :
	    s->ended[0] != '\0' ? s->ended : NULL);
	if (s->ended[0] != '\0')
		s->rate.summary.ended = s->ended;
	session_subject(s, &subject);
	audit_end(s->env->audit, &s->rate, &subject);
	if (s->started)
		audit_summarize(s->env->audit, &s->rate, &subject);
}
