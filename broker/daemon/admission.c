/*
 * admission.c: admit or refuse a session, prepare its opener, and clean up
 * after it.
 *
 * Runs in the supervisor, as root.  What it knows of a worker are a record of
 * fixed fields and descriptors; it reads nothing from them.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/proto.h"
#include "daemon/admission.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/spawn.h"
#include "policy/role.h"
#include "policy/roots.h"

#define SESSION_WINDOW	8	/* requests outstanding */

/* What a refusal may have under way. */
#define REFUSE_BYTES	QUOTA_BYTES_MIN

/* Messages of one opener that are taken in a row; and when it is gone. */
#define BURST		32
#define LAST_BURST	1024

/* An opener that was told to end, and did not, is killed after this. */
#define END_MS		3000

/* A worker over a limit waits so long; it is looked after five times. */
#define WAITING_MS	500
static const struct timeval waiting_time = { .tv_usec = WAITING_MS * 200 };

void
admission_init(struct admission *ad)
{
	struct rlimit	 rl;

	LIST_INIT(&ad->sessions);
	ad->next_id = 1;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("RLIMIT_NOFILE");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("RLIMIT_NOFILE");
	ad->nofile = rl.rlim_max > 1U << 30 ? 1U << 30 :
	    (uint32_t)rl.rlim_max;
	if ((ad->fit = quota_fit(ad->nofile)) == 0)
		fatalx("RLIMIT_NOFILE is %u, and one session needs %u",
		    ad->nofile, quota_nofile_min());
}

/* The groups of a user, as the system's databases say. */
static size_t
groups_of(uid_t uid, gid_t gid, uint32_t *gids, size_t max)
{
	gid_t		 list[SETUP_GROUPS_MAX];
	struct passwd	*pw;
	int		 i, n = SETUP_GROUPS_MAX;

	if (max > 0)
		gids[0] = gid;
	if ((pw = getpwuid(uid)) == NULL)
		return 1;
	if (getgrouplist(pw->pw_name, gid, list, &n) == -1)
		n = SETUP_GROUPS_MAX;	/* there are more: these do */
	for (i = 0; i < n && (size_t)i < max; i++)
		gids[i] = list[i];
	return (size_t)i;
}

/* The peer's own socket, by the name it gave; -1 with errno. */
static int
peer_open(const struct admission *ad, const struct admit *a)
{
	char	 name[DGRAM_NAME_LEN + 1];

	admit_name_to_hex(name, a->name);
	return openat(ad->rundir->peer, name, O_PATH | O_NOFOLLOW |
	    O_CLOEXEC);
}

/*
 * A fresh socket, bound in our session directory and connected to the peer's.
 * Only the peer's uid may connect back.
 */
static int
session_socket(const struct admission *ad, struct dgram *d, int peer,
    uid_t uid, uint32_t bytes)
{
	const char	*base;

	/* The kernel doubles the number, for what it adds itself. */
	if (dgram_set_sndbuf(d, (int)(bytes / 2)) == -1 ||
	    dgram_bind_random(d, ad->rundir->session, 0600) == -1 ||
	    dgram_connect_inode(d, peer, uid) == -1)
		return -1;
	base = strrchr(d->path, '/') + 1;
	if (fchownat(ad->rundir->session_fd, base, uid, (gid_t)-1,
	    AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	dgram_drain(d);
	return 0;
}

/* Log a refusal, and send it where the worker waits. */
static void
admission_refuse(struct admission *ad, const struct admit *a, int peer,
    int error, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void
admission_refuse(struct admission *ad, const struct admit *a, int peer,
    int error, const char *fmt, ...)
{
	uint8_t			 buf[PROTO_HEADER + PROTO_TEXT_MAX + 8];
	char			 why[PROTO_TEXT_MAX];
	struct proto_header	 h;
	struct wire_out		 w;
	struct dgram		 d;
	va_list			 ap;
	size_t			 len;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	ad->refused++;
	log_warnx("uid %u pid %d, role \"%s\": refused: %s", a->uid, a->pid,
	    a->role, why);
	memset(&h, 0, sizeof(h));
	h.type = PROTO_REFUSED;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, (uint32_t)error);
	wire_put_str(&w, why);
	dgram_init(&d);
	if ((len = proto_finish(&w, &h)) == 0 ||
	    session_socket(ad, &d, peer, a->uid, REFUSE_BYTES) == -1 ||
	    fdmsg_send(d.fd, buf, len, NULL, 0) == -1)
		log_debug("uid %u pid %d: could not be told", a->uid, a->pid);
	dgram_close(&d);
}

/*
 * Look again in a moment, or when that was to be anyway: it is not put off by
 * who comes meanwhile.
 */
static void
admission_later(struct admission *ad)
{
	if (!evtimer_pending(ad->ev_waiting, NULL))
		(void)event_add(ad->ev_waiting, &waiting_time);
}

/* The role if this worker may have it now; NULL after it was told why not. */
static const struct role *
admission_role(struct admission *ad, const struct admit *a, int peer)
{
	uint32_t		 gids[SETUP_GROUPS_MAX];
	struct role		*role;
	size_t			 n;

	if ((role = conf_role(ad->conf, a->role)) == NULL) {
		admission_refuse(ad, a, peer, ENOENT, "unknown role \"%s\"",
		    a->role);
		return NULL;
	}
	n = groups_of(a->uid, a->gid, gids, SETUP_GROUPS_MAX);
	if (!role_admits(role, a->uid, gids, n)) {
		admission_refuse(ad, a, peer, EACCES,
		    "uid %u is not a peer of role \"%s\"", a->uid, a->role);
		return NULL;
	}
	return role;
}

/* The ids of the opener: the daemon's own user, or that of `as user'. */
static int
setup_ids(struct setup *su, const struct conf *conf, const struct role *role)
{
	struct passwd	*pw;

	if (role->as_user == NULL) {
		su->uid = conf->uid;
		su->gid = conf->gid;
		return 0;
	}
	if ((pw = getpwnam(role->as_user)) == NULL || pw->pw_uid == 0) {
		errno = ENOENT;
		return -1;
	}
	su->uid = pw->pw_uid;
	su->gid = pw->pw_gid;
	su->ngids = groups_of(pw->pw_uid, pw->pw_gid, su->gids,
	    SETUP_GROUPS_MAX);
	return 0;
}

static void
setup_info(struct setup *su, const struct admission *ad,
    const struct role *role, const struct grant *g)
{
	su->info.id = ad->next_id;
	su->info.generation = ad->generation;
	su->info.window = SESSION_WINDOW;
	su->info.batch = FDB_BATCH_MAX;
	su->info.bytes = PROTO_MAX;
	su->info.tokens = g->tokens;
	su->opens = g->opens;
	su->info.worker_uid = ad->conf->worker_uid;
	su->info.worker_gid = ad->conf->worker_gid;
	(void)strlcpy(su->info.role, role->name, sizeof(su->info.role));
	su->optional = !ad->conf->confinement_required;
	su->nofile = ad->nofile;
	su->audit = ad->audit->mode;
	su->caps = policy_caps(role);
}

/* What we know of the worker, whatever its opener says. */
static void
session_subject(const struct session *s, struct audit_subject *subject)
{
	subject->session = s->id;
	subject->uid = s->uid;
	subject->pid = s->pid;
	(void)strlcpy(subject->role, s->role, sizeof(subject->role));
}

/* From the opener: it has started, or has something for the log. */
static void
session_readable(evutil_socket_t fd, short what, void *arg)
{
	struct session		*s = arg;
	struct audit_subject	 subject;
	struct spawn_news	 news;
	const char		*line;
	int			 type = 0, i, error;

	(void)what;
	/* So many, and then others get their turn. */
	for (i = 0; i < s->burst &&
	    (type = spawn_read_channel(fd, &news)) > 0; i++) {
		if (type == PROTO_AUDIT) {
			session_subject(s, &subject);
			line = audit_record(s->admission->audit, &s->rate,
			    &subject, &news.event);
			if (line != NULL)
				s->admission->monitor(
				    s->admission->monitor_arg, line);
			if (news.event.reason != FDB_REASON_NONE)
				s->refused++;
		} else if (type == PROTO_STARTED && !s->started) {
			dgram_unlink(&s->name);
			s->started = true;
			s->confined = news.confined;
			log_info("session %u: started", s->id);
		}
	}
	/* Its end is seen again when it is reaped. */
	if (type == -1 && s->event != NULL) {
		error = errno;
		event_free(s->event);
		s->event = NULL;
		if (error == EPIPE || error == ECONNRESET)
			return;
		/* What does not speak properly is not watched any more. */
		log_warnx("session %u: its opener is killed: %s", s->id,
		    strerror(error));
		(void)kill(s->opener, SIGKILL);
	}
}

static void
session_free(struct session *s)
{
	if (s->event != NULL)
		event_free(s->event);
	fd_close(&s->channel);
	dgram_close(&s->name);
	free(s);
}

static int
session_watch(struct admission *ad, struct session *s)
{
	s->event = event_new(ad->base, s->channel, EV_READ | EV_PERSIST,
	    session_readable, s);
	return s->event == NULL ? -1 : event_add(s->event, NULL);
}

/* Start the opener of a session that is admitted.  0, or -1 with errno. */
static int
session_spawn(struct admission *ad, struct session *s, struct setup *su)
{
	struct spawned	 sp;

	if (spawn_opener(ad->opener_path, su, &sp) == -1)
		return -1;
	s->opener = sp.pid;
	s->channel = sp.channel;
	/* Ours is closed, so that the opener's death is the socket's. */
	fd_close(&s->name.fd);
	su->sock = -1;
	if (session_watch(ad, s) == -1) {
		/* It ends when it sees the channel's end. */
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

/* Prepare what the opener needs and start it; tell the worker if it fails. */
static int
session_prepare(struct admission *ad, struct session *s,
    const struct role *role, const struct admit *a, int peer)
{
	struct setup	 su;
	int		 ret = -1;

	setup_init(&su);
	setup_info(&su, ad, role, &s->grant);
	if (setup_ids(&su, ad->conf, role) == -1) {
		admission_refuse(ad, a, peer, EAGAIN,
		    "user \"%s\" of role \"%s\" does not exist",
		    role->as_user, role->name);
		goto out;
	}
	if (session_socket(ad, &s->name, peer, a->uid,
	    s->grant.bytes) == -1) {
		/* It is not there, or not its own: nobody to be told. */
		log_warn("uid %u pid %d: its socket", a->uid, a->pid);
		goto out;
	}
	/* setup_send() only reads what the configuration owns. */
	su.role = conf_role(ad->conf, role->name);
	su.sock = s->name.fd;
	su.empty_dir = ad->rundir->empty;
	su.peer_uid = a->uid;
	su.peer_gid = a->gid;
	ret = session_spawn(ad, s, &su);
	if (ret == -1)
		admission_refuse(ad, a, peer, EAGAIN,
		    "the opener cannot be started: %s", strerror(errno));
	su.role = NULL;
	su.sock = su.empty_dir = -1;
out:
	setup_clear(&su);
	return ret;
}

/*
 * Tell the openers of a uid's sessions (UINT32_MAX: of all) their share in its
 * opens a second, if it is another now.  One that does not listen opens
 * nothing meanwhile, and is told later.
 */
static void
share_out(struct admission *ad, uint32_t uid)
{
	struct session	*s;
	uint32_t	 opens;

	LIST_FOREACH(s, &ad->sessions, entry) {
		if ((uid != UINT32_MAX && s->uid != uid) || s->end_by != 0 ||
		    s->channel == -1)
			continue;
		opens = quota_opens(ad, s);
		if (opens == s->grant.opens)
			continue;
		if (ipc_send_share(s->channel, opens) == 0)
			s->grant.opens = opens;
		else
			admission_later(ad);
	}
}

static void
session_new(struct admission *ad, const struct role *role,
    const struct grant *g, const struct admit *a, int peer)
{
	struct session	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		admission_refuse(ad, a, peer, ENOMEM, "out of memory");
		return;
	}
	dgram_init(&s->name);
	s->channel = -1;
	s->admission = ad;
	s->burst = BURST;
	s->id = ad->next_id;
	s->uid = a->uid;
	s->gid = a->gid;
	(void)clock_gettime(CLOCK_REALTIME, &s->since);
	s->pid = a->pid;
	s->grant = *g;
	(void)strlcpy(s->role, role->name, sizeof(s->role));
	if (session_prepare(ad, s, role, a, peer) == -1) {
		session_free(s);
		return;
	}
	ad->next_id++;
	ad->admitted++;
	LIST_INSERT_HEAD(&ad->sessions, s, entry);
	share_out(ad, s->uid);
	log_info("session %u: uid %u pid %d, role \"%s\", opener pid %d",
	    s->id, s->uid, (int)s->pid, s->role, (int)s->opener);
}

/* Is there place to wait?  One user leaves some for others. */
static bool
may_wait(const struct admission *ad, uint32_t uid)
{
	size_t	 i, n = 0;

	for (i = 0; i < ad->nwaiting; i++) {
		if (ad->waiting[i].admit.uid == uid)
			n++;
	}
	return ad->nwaiting < ADMISSION_WAITING && n < ADMISSION_WAITING / 2;
}

/*
 * Admit, refuse, or let wait: a session that has just ended may not have been
 * cleaned up, and a worker that comes back at once should not be refused for
 * that.  until is 0 for one that has not waited yet.
 */
static void
admission_decide(struct admission *ad, const struct admit *a, int64_t until)
{
	const struct role	*role;
	struct grant		 grant;
	char			 why[PROTO_TEXT_MAX];
	int			 peer;

	if ((peer = peer_open(ad, a)) == -1) {
		log_debug("uid %u pid %d: its socket is gone", a->uid,
		    a->pid);
		return;
	}
	if ((role = admission_role(ad, a, peer)) == NULL)
		goto out;
	if (quota_grant(ad, a, role, &grant, why, sizeof(why)) == 0) {
		session_new(ad, role, &grant, a, peer);
	} else if (until == 0 && may_wait(ad, a->uid)) {
		ad->waiting[ad->nwaiting].admit = *a;
		ad->waiting[ad->nwaiting++].until = clock_ms() + WAITING_MS;
		admission_later(ad);
	} else if (until != 0 && clock_ms() < until) {
		ad->waiting[ad->nwaiting].admit = *a;
		ad->waiting[ad->nwaiting++].until = until;
	} else {
		admission_refuse(ad, a, peer, EAGAIN, "%s", why);
	}
out:
	fd_close(&peer);
}

static bool	kill_overdue(struct admission *);

/* Decide anew about all that wait: a session has ended, or time has passed. */
static void
admission_retry(struct admission *ad)
{
	struct waiting	 old[ADMISSION_WAITING];
	size_t		 i, n = ad->nwaiting;

	memcpy(old, ad->waiting, n * sizeof(old[0]));
	ad->nwaiting = 0;
	for (i = 0; i < n; i++)
		admission_decide(ad, &old[i].admit, old[i].until);
	if (kill_overdue(ad) || ad->nwaiting > 0)
		admission_later(ad);
}

static void
admission_waited(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	share_out(arg, UINT32_MAX);
	admission_retry(arg);
}

void
admission_request(struct admission *ad, const struct admit *a)
{
	admission_decide(ad, a, 0);
}

int
admission_start(struct admission *ad)
{
	ad->ev_waiting = evtimer_new(ad->base, admission_waited, ad);
	return ad->ev_waiting != NULL ? 0 : -1;
}

void
admission_stop(struct admission *ad)
{
	event_free(ad->ev_waiting);
	ad->ev_waiting = NULL;
}

static bool
same_user(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Why a session cannot go on under the new configuration, or NULL. */
static const char *
session_fault(const struct session *s, const struct conf *old,
    const struct role *role)
{
	const struct role	*was = conf_role(old, s->role);
	uint32_t		 gids[SETUP_GROUPS_MAX];
	size_t			 n;

	if (role == NULL)
		return "the role is gone from the policy";
	n = groups_of(s->uid, s->gid, gids, SETUP_GROUPS_MAX);
	if (!role_admits(role, s->uid, gids, n))
		return "the role does not admit this user any more";
	if (was == NULL || !same_user(was->as_user, role->as_user))
		return "the role has another user now";
	if (!policy_roots_equal(was, role))
		return "the role has other roots now";
	return NULL;
}

void
admission_end(struct admission *ad, struct session *s, int error,
    const char *why)
{
	if (ipc_send_end(s->channel, error, why) == -1) {
		(void)kill(s->opener, SIGKILL);
		return;
	}
	/* Being told again gives it no more time. */
	if (s->end_by == 0)
		s->end_by = clock_ms() + END_MS;
	admission_later(ad);
}

/* Kill those that were to end and did not.  True if some still may. */
static bool
kill_overdue(struct admission *ad)
{
	struct session	*s;
	int64_t		 now = clock_ms();
	bool		 some = false;

	LIST_FOREACH(s, &ad->sessions, entry) {
		if (s->end_by == 0)
			continue;
		if (now >= s->end_by)
			(void)kill(s->opener, SIGKILL);
		else
			some = true;
	}
	return some;
}

static void
session_reload(struct admission *ad, struct session *s,
    const struct conf *old)
{
	const struct role	*role = conf_role(ad->conf, s->role);
	const char		*why;

	if ((why = session_fault(s, old, role)) != NULL) {
		log_info("session %u: %s", s->id, why);
		admission_end(ad, s, EACCES, why);
		return;
	} else if (setup_send_policy(s->channel, role, ad->generation,
	    ad->audit->mode) == 0) {
		return;
	}
	/* It does not listen: it may not go on with what it had. */
	log_warn("session %u: cannot be told of the new policy", s->id);
	(void)kill(s->opener, SIGKILL);
}

void
admission_reload(struct admission *ad, const struct conf *old)
{
	struct session	*s;

	LIST_FOREACH(s, &ad->sessions, entry)
		session_reload(ad, s, old);
	share_out(ad, UINT32_MAX);
}

bool
admission_reap(struct admission *ad, pid_t pid, int status)
{
	struct audit_subject	 subject;
	struct session		*s;

	LIST_FOREACH(s, &ad->sessions, entry)
		if (s->opener == pid)
			break;
	if (s == NULL)
		return false;
	/* What it said last is still in the channel. */
	s->burst = LAST_BURST;
	if (s->event != NULL)
		session_readable(s->channel, EV_READ, s);
	if (WIFSIGNALED(status))
		log_warnx("session %u: opener killed by signal %d", s->id,
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_warnx("session %u: opener failed with status %d", s->id,
		    WEXITSTATUS(status));
	log_info("session %u: ended", s->id);
	session_subject(s, &subject);
	audit_end(ad->audit, &s->rate, &subject);
	LIST_REMOVE(s, entry);
	share_out(ad, s->uid);
	session_free(s);
	admission_retry(ad);
	return true;
}

void
admission_end_all(struct admission *ad)
{
	struct session	*s;

	ad->nwaiting = 0;
	LIST_FOREACH(s, &ad->sessions, entry) {
		if (s->event != NULL)
			event_free(s->event);
		s->event = NULL;
		fd_close(&s->channel);
		dgram_unlink(&s->name);
	}
}

void
admission_kill_all(struct admission *ad)
{
	struct session	*s;

	LIST_FOREACH(s, &ad->sessions, entry)
		(void)kill(s->opener, SIGKILL);
}
