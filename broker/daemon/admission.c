/*
 * admission.c: who gets a session, now or in a moment, and who keeps it after
 * a reload; see admission.h.
 *
 * Runs in the supervisor, as root.  What it knows of a peer is one record of
 * fixed fields, which the listener checked and which was checked again.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/proto.h"
#include "daemon/admission.h"
#include "daemon/identity.h"
#include "daemon/peersock.h"
#include "daemon/quota.h"
#include "ipc/setup.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "policy/role.h"
#include "policy/roots.h"

/* A request over a limit waits this long and is rechecked five times. */
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
	ad->env.nofile = rl.rlim_max > 1U << 30 ? 1U << 30 :
	    (uint32_t)rl.rlim_max;
	if ((ad->fit = quota_fit(ad->env.nofile)) == 0)
		fatalx("RLIMIT_NOFILE is %u, and one session needs %u",
		    ad->env.nofile, quota_nofile_min());
}

/* What the limits are checked against now. */
static struct quota
admission_quota(const struct admission *ad)
{
	const struct quota	 q = {
		.conf = ad->conf,
		.sessions = &ad->sessions,
		.nofile = ad->env.nofile
	};

	return q;
}

uint32_t
admission_sessions_per_uid(const struct admission *ad)
{
	const struct quota	 q = admission_quota(ad);

	return quota_sessions_per_uid(&q);
}

/* Log a refusal, and send it to the peer. */
static void
admission_refuse(struct admission *ad, const struct admit *a, int peer,
    int error, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void
admission_refuse(struct admission *ad, const struct admit *a, int peer,
    int error, const char *fmt, ...)
{
	char	 why[PROTO_TEXT_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	ad->refused++;
	log_warnx("uid %u pid %d, role \"%s\": refused: %s", a->uid, a->pid,
	    a->role, why);
	if (peersock_refuse(ad->env.rundir, peer, a->uid, error, why) == -1)
		log_debug("uid %u pid %d: cannot send the refusal: %s", a->uid,
		    a->pid, strerror(errno));
}

/*
 * Arm the retry timer unless it is already pending: new requests must not
 * delay it.
 */
static void
admission_later(struct admission *ad)
{
	if (!evtimer_pending(ad->ev_waiting, NULL))
		(void)event_add(ad->ev_waiting, &waiting_time);
}

/* An answer that was waited for will come; or many others before. */
static bool
is_to_come(enum accounts_answer answer)
{
	return answer == ACCOUNTS_ASKED || answer == ACCOUNTS_BUSY;
}

/*
 * The role that is asked for, and whose rights its opener gets.  1 if the peer
 * may have it, 0 if the names process must say so first, or -1 and the peer was
 * told why not.
 */
static int
admission_role(struct admission *ad, const struct admit *a, int peer,
    struct role **rolep, struct identity *id)
{
	enum accounts_answer	 answer;
	struct role		*role;
	bool			 is_peer;

	if ((role = conf_role(ad->conf, a->role)) == NULL) {
		admission_refuse(ad, a, peer, ENOENT, "unknown role \"%s\"",
		    a->role);
		return -1;
	}
	*rolep = role;
	answer = identity_is_peer(ad->env.accounts, role, a->uid, a->gid,
	    &is_peer);
	if (is_to_come(answer))
		return 0;
	if (answer == ACCOUNTS_FAILED) {
		admission_refuse(ad, a, peer, EAGAIN, "the groups of uid %u "
		    "cannot be looked up: %s", a->uid, strerror(errno));
		return -1;
	}
	if (!is_peer) {
		admission_refuse(ad, a, peer, EACCES,
		    "uid %u is not a peer of role \"%s\"", a->uid, a->role);
		return -1;
	}
	answer = identity_of_opener(ad->env.accounts, ad->conf, role, id);
	if (is_to_come(answer))
		return 0;
	if (answer == ACCOUNTS_KNOWN)
		return 1;
	if (errno == ENOENT)
		admission_refuse(ad, a, peer, EAGAIN, "user \"%s\" of role "
		    "\"%s\" does not exist or is root", role->as_user,
		    role->name);
	else
		admission_refuse(ad, a, peer, EAGAIN, "user \"%s\" of role "
		    "\"%s\" cannot be looked up: %s", role->as_user,
		    role->name, strerror(errno));
	return -1;
}

/*
 * Tell the openers of a uid (UINT32_MAX: of all) their share of its opens a
 * second, if it has changed.  An opener with a full channel does not listen,
 * so it opens nothing either; it is told later.
 */
static void
share_out(struct admission *ad, uint32_t uid)
{
	const struct quota	 q = admission_quota(ad);
	struct session		*s;

	LIST_FOREACH(s, &ad->sessions, entry) {
		if (uid != UINT32_MAX && s->uid != uid)
			continue;
		if (session_set_opens(s, quota_opens(&q, s)) == -1)
			admission_later(ad);
	}
}

static void
admission_admit(struct admission *ad, struct role *role,
    const struct identity *id, const struct grant *g, const struct admit *a,
    int peer)
{
	const struct session_spec	 spec = {
		.id = ad->next_id,
		.admit = a,
		.peer = peer,
		.conf = ad->conf,
		.generation = ad->generation,
		.role = role,
		.identity = id,
		.grant = *g
	};
	struct session			*s;
	char				 why[PROTO_TEXT_MAX];

	if ((s = session_start(&ad->env, &spec, why)) == NULL) {
		if (why[0] != '\0')
			admission_refuse(ad, a, peer, errno, "%s", why);
		return;
	}
	ad->next_id++;
	ad->admitted++;
	LIST_INSERT_HEAD(&ad->sessions, s, entry);
	share_out(ad, s->uid);
}

/*
 * Let a request wait until then; or for an answer, if until is 0.  One user may
 * take half of the places, or an eighth of those for an answer.  False if none
 * is free.
 */
static bool
admission_wait(struct admission *ad, const struct admit *a, int64_t until)
{
	size_t	 places = until == 0 ? ADMISSION_ASKING : ADMISSION_WAITING;
	size_t	 part = until == 0 ? 8 : 2, i, all = 0, own = 0;

	for (i = 0; i < ad->nwaiting; i++) {
		if ((ad->waiting[i].until == 0) != (until == 0))
			continue;
		all++;
		if (ad->waiting[i].admit.uid == a->uid)
			own++;
	}
	if (all >= places || own >= places / part)
		return false;
	ad->waiting[ad->nwaiting].admit = *a;
	ad->waiting[ad->nwaiting++].until = until;
	admission_later(ad);
	return true;
}

/*
 * Admit, refuse, or let wait: the opener of a session that has just ended may
 * not be reaped yet, and a peer that comes back at once should not be refused
 * for that.  until is 0 for a request that has not waited for that yet.
 */
static void
admission_decide(struct admission *ad, const struct admit *a, int64_t until)
{
	static struct identity	 id;
	const struct quota	 q = admission_quota(ad);
	struct role		*role;
	struct grant		 grant;
	char			 why[PROTO_TEXT_MAX];
	int			 peer, ret;

	if ((peer = peersock_open(ad->env.rundir, a)) == -1) {
		log_debug("uid %u pid %d: its socket is gone", a->uid,
		    a->pid);
		return;
	}
	if ((ret = admission_role(ad, a, peer, &role, &id)) == -1)
		goto out;
	if (ret == 0) {
		if (!admission_wait(ad, a, 0))
			admission_refuse(ad, a, peer, EAGAIN, "too many "
			    "requests wait until their users are looked up");
	} else if (quota_grant(&q, a, role, &grant, why, sizeof(why)) == 0) {
		admission_admit(ad, role, &id, &grant, a, peer);
	} else if (until == 0 ?
	    !admission_wait(ad, a, clock_ms() + WAITING_MS) :
	    clock_ms() >= until || !admission_wait(ad, a, until)) {
		admission_refuse(ad, a, peer, EAGAIN, "%s", why);
	}
out:
	fd_close(&peer);
}

/* Kill the openers that had to end and did not.  True if some still may. */
static bool
kill_overdue(struct admission *ad)
{
	struct session	*s;
	int64_t		 now = clock_ms();
	bool		 some = false;

	LIST_FOREACH(s, &ad->sessions, entry)
		if (session_expire(s, now))
			some = true;
	return some;
}

/*
 * A session has ended, an answer has come, or time has passed: decide anew
 * about all that wait.
 */
static void
admission_retry(struct admission *ad)
{
	struct waiting	 old[ADMISSION_WAITING + ADMISSION_ASKING];
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
	ad->ev_waiting = evtimer_new(ad->env.base, admission_waited, ad);
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

/*
 * Why a session cannot go on under the new configuration, or NULL; whether its
 * user may have the role is another question.
 */
static const char *
reload_fault(const struct session *s, const struct conf *old,
    const struct role *role)
{
	const struct role	*was = conf_role(old, s->role);

	if (role == NULL)
		return "the role was removed from the configuration";
	if (was == NULL || !same_user(was->as_user, role->as_user))
		return "the role's user has changed";
	if (!policy_roots_equal(was, role))
		return "the role's roots or mount options have changed";
	return NULL;
}

void
admission_end(struct admission *ad, struct session *s, int error,
    const char *why)
{
	if (session_dismiss(s, error, why))
		admission_later(ad);
}

/*
 * Does its role still admit the user of a session?  If that is not known yet,
 * the session goes on, under the new rules, and stays unsure.
 */
static void
check_peer(struct admission *ad, struct session *s)
{
	const struct role	*role = conf_role(ad->conf, s->role);
	enum accounts_answer	 answer;
	const char		*why;
	bool			 is_peer;

	answer = identity_is_peer(ad->env.accounts, role, s->uid, s->gid,
	    &is_peer);
	s->unsure = is_to_come(answer);
	if (s->unsure || (answer == ACCOUNTS_KNOWN && is_peer))
		return;
	why = answer == ACCOUNTS_KNOWN ?
	    "the role no longer admits this user" :
	    "it cannot be looked up whether the role still admits this user";
	log_info("session %u: %s", s->id, why);
	admission_end(ad, s, EACCES, why);
}

void
admission_reload(struct admission *ad, const struct conf *old)
{
	const struct role	*role;
	struct session		*s;
	const char		*why;

	LIST_FOREACH(s, &ad->sessions, entry) {
		role = conf_role(ad->conf, s->role);
		if ((why = reload_fault(s, old, role)) != NULL) {
			s->unsure = false;
			log_info("session %u: %s", s->id, why);
			admission_end(ad, s, EACCES, why);
		} else {
			session_set_role(s, role, ad->generation);
			check_peer(ad, s);
		}
	}
	share_out(ad, UINT32_MAX);
}

void
admission_answered(struct admission *ad)
{
	struct session	*s;

	LIST_FOREACH(s, &ad->sessions, entry)
		if (s->unsure)
			check_peer(ad, s);
	admission_retry(ad);
}

bool
admission_reap(struct admission *ad, pid_t pid, int status)
{
	struct session	*s;

	LIST_FOREACH(s, &ad->sessions, entry)
		if (s->opener == pid)
			break;
	if (s == NULL)
		return false;
	session_reaped(s, status);
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
	LIST_FOREACH(s, &ad->sessions, entry)
		session_hang_up(s);
}

void
admission_kill_all(struct admission *ad)
{
	struct session	*s;

	LIST_FOREACH(s, &ad->sessions, entry)
		session_kill(s);
}
