/*
 * admission.c: who gets a session, now or in a moment, and who keeps it after
 * a reload; see admission.h.
 *
 * Runs in the supervisor, as root.  What it knows of a client is the name of a
 * role, from the listener, and a connection, about which it asks the kernel.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/proto.h"
#include "daemon/admission.h"
#include "daemon/identity.h"
#include "daemon/membership.h"
#include "daemon/peerid.h"
#include "daemon/quota.h"
#include "ipc/setup.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "policy/hours.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/roots.h"

/* A candidate over a limit waits this long and is rechecked five times. */
#define WAITING_MS	500
static const struct timeval waiting_time = { .tv_usec = WAITING_MS * 200 };

/* It is UTC if the zone is unknown; see supervisor_drop(). */
static unsigned int
local_minute(void)
{
	time_t		 now = time(NULL);
	struct tm	 tm;

	if (localtime_r(&now, &tm) == NULL)
		return (unsigned int)(now % 86400 / 60);
	return (unsigned int)(tm.tm_hour * 60 + tm.tm_min);
}

void
admission_init(struct admission *ad)
{
	struct rlimit	 rl;

	ad->minute = local_minute;
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
	if (idmap_read(&ad->idmap) == -1)
		fatalx("the ids of this user namespace are unknown");
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

static void
remember_refusal(struct admission *ad, const struct candidate *c, int error,
    const char *why)
{
	struct control_refusal	 r = {
		.when = time(NULL), .uid = c->id.uid, .pid = c->id.pid,
		.error = (uint32_t)error
	};
	struct audit_subject	 subject;
	char			 line[AUDITLINE_MAX];

	(void)strlcpy(r.role, c->role, sizeof(r.role));
	(void)strlcpy(r.why, why, sizeof(r.why));
	refusals_add(&ad->refusals, &r);
	(void)memset(&subject, 0, sizeof(subject));
	subject.uid = c->id.uid;
	subject.pid = c->id.pid;
	(void)strlcpy(subject.role, c->role, sizeof(subject.role));
	if (ad->env.monitor != NULL && auditline_format_event(line,
	    sizeof(line), "refused", &subject, why) > 0)
		ad->env.monitor(ad->env.monitor_arg, line);
}

/* Log a refusal, and send it to the candidate. */
static void
admission_refuse(struct admission *ad, const struct candidate *c, int error,
    const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
admission_refuse(struct admission *ad, const struct candidate *c, int error,
    const char *fmt, ...)
{
	char	 why[PROTO_TEXT_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	ad->refused++;
	remember_refusal(ad, c, error, why);
	floodlog_warn(&ad->flood, c->id.uid,
	    "uid %u pid %d, role \"%s\": refused: %s", c->id.uid, c->id.pid,
	    c->role, why);
	if (candidate_refuse(c, error, why) == -1)
		log_debug("uid %u pid %d: cannot send the refusal: %s",
		    c->id.uid, c->id.pid, strerror(errno));
}

/*
 * Refuse a user who is not a peer of the role.  The user is called by name only
 * if the configuration knows it: a stranger does not get the name service
 * asked.
 */
static void
refuse_stranger(struct admission *ad, const struct candidate *c)
{
	const char	*name = conf_user_name(ad->conf, c->id.uid);

	if (name != NULL)
		admission_refuse(ad, c, EACCES, "user \"%s\" (uid %u) is not "
		    "a peer of role \"%s\"", name, c->id.uid, c->role);
	else
		admission_refuse(ad, c, EACCES,
		    "uid %u is not a peer of role \"%s\"", c->id.uid,
		    c->role);
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
		if (uid != UINT32_MAX && s->peer.uid != uid)
			continue;
		if (session_set_opens(s, quota_opens(&q, s)) == -1)
			admission_later(ad);
	}
}

static void
admission_admit(struct admission *ad, struct role *role,
    const struct identity *id, const struct grant *g, const char *user,
    const char *home, struct candidate *c)
{
	const struct session_spec	 spec = {
		.id = ad->next_id,
		.candidate = c,
		.conf = ad->conf,
		.generation = ad->generation,
		.role = role,
		.user = user,
		.home = home,
		.identity = id,
		.grant = *g
	};
	struct session			*s;
	char				 why[PROTO_TEXT_MAX];

	if ((s = session_start(&ad->env, &spec, why)) == NULL) {
		admission_refuse(ad, c, errno, "%s", why);
		return;
	}
	ad->next_id++;
	ad->admitted++;
	LIST_INSERT_HEAD(&ad->sessions, s, entry);
	share_out(ad, s->peer.uid);
}

/*
 * Let the candidate wait until then; or for an answer, if until is 0.  One user
 * may take half of the places, or an eighth of those for an answer.  The
 * waiting one is a copy, which owns what the candidate had.  False if no place
 * is free.
 */
static bool
admission_wait(struct admission *ad, struct candidate *c, int64_t until)
{
	size_t		 places = until == 0 ? ADMISSION_ASKING :
			    ADMISSION_WAITING;
	size_t		 part = until == 0 ? 8 : 2, i, all = 0, own = 0;
	struct waiting	*w;

	for (i = 0; i < ad->nwaiting; i++) {
		if ((ad->waiting[i].until == 0) != (until == 0))
			continue;
		all++;
		if (ad->waiting[i].candidate.id.uid == c->id.uid)
			own++;
	}
	if (all >= places || own >= places / part)
		return false;
	w = &ad->waiting[ad->nwaiting++];
	w->candidate = *c;
	w->until = until;
	candidate_init(c);
	admission_later(ad);
	return true;
}

static void
admission_wait_for_answer(struct admission *ad, struct candidate *c)
{
	if (!admission_wait(ad, c, 0))
		admission_refuse(ad, c, EAGAIN, "too many requests wait until "
		    "their users are looked up");
}

/*
 * Ask the databases about a candidate whom the kernel's word does not admit to
 * a role that has groups as peers.  True if they do; else the candidate waits,
 * or was told why not.
 */
static bool
admission_ask(struct admission *ad, const struct role *role,
    struct candidate *c)
{
	switch (membership_by_database(ad->env.accounts, role, &c->id,
	    &ad->idmap)) {
	case MEMBERSHIP_YES:
		return true;
	case MEMBERSHIP_NO:
		refuse_stranger(ad, c);
		break;
	case MEMBERSHIP_UNKNOWN:
		admission_wait_for_answer(ad, c);
		break;
	case MEMBERSHIP_FAILED:
		admission_refuse(ad, c, EAGAIN, "the groups of uid %u cannot "
		    "be looked up: %s", c->id.uid, strerror(errno));
		break;
	}
	return false;
}

/*
 * The name and the home directory with which a candidate fills in a role, NULL
 * if it is no template.  False: the candidate waits, or was told why not.
 */
static bool
admission_person(struct admission *ad, const struct role *role,
    struct candidate *c, const char **user, const char **home)
{
	enum accounts_answer	 answer;
	char			 why[OWNROLE_WHY_MAX];

	*user = *home = NULL;
	if (ownrole_vars(role) == 0)
		return true;
	answer = accounts_person(ad->env.accounts, c->id.uid, user, home);
	if (is_to_come(answer))
		admission_wait_for_answer(ad, c);
	else if (answer == ACCOUNTS_FAILED && errno == ENOENT)
		admission_refuse(ad, c, EACCES, "uid %u has no account, and "
		    "the paths of role \"%s\" need a user's name or home "
		    "directory; add the user, or use a role without %%u and "
		    "%%h", c->id.uid, role->name);
	else if (answer == ACCOUNTS_FAILED)
		admission_refuse(ad, c, EAGAIN, "the name of uid %u cannot be "
		    "looked up: %s", c->id.uid, strerror(errno));
	else if (!ownrole_fits(role, *user, *home, why))
		admission_refuse(ad, c, EACCES, "%s", why);
	else
		return true;
	return false;
}

/*
 * Start a session with the rights that an opener of the role has, once the
 * names process has said whose they are.
 */
static void
admission_begin(struct admission *ad, struct role *role,
    const struct grant *g, struct candidate *c)
{
	static struct identity	 id;
	enum accounts_answer	 answer;
	const char		*user, *home;

	answer = identity_of_opener(ad->env.accounts, ad->conf, role, &id);
	if (answer == ACCOUNTS_KNOWN) {
		if (admission_person(ad, role, c, &user, &home))
			admission_admit(ad, role, &id, g, user, home, c);
	} else if (is_to_come(answer))
		admission_wait_for_answer(ad, c);
	else if (errno == ENOENT)
		admission_refuse(ad, c, EAGAIN, "user \"%s\" of role \"%s\" "
		    "does not exist or is root", role->as_user, role->name);
	else
		admission_refuse(ad, c, EAGAIN, "user \"%s\" of role \"%s\" "
		    "cannot be looked up: %s", role->as_user, role->name,
		    strerror(errno));
}

/*
 * Refuse a role that does not exist.  A peer of others, as the kernel knows it,
 * is told which these are; a stranger learns of none.
 */
static void
refuse_unknown_role(struct admission *ad, const struct candidate *c)
{
	const struct role	*role;
	char			 known[PROTO_TEXT_MAX] = "";
	size_t			 i;

	for (i = 0; i < ad->conf->nroles; i++) {
		role = ad->conf->roles[i];
		if (membership_by_kernel(role, &c->id, &ad->idmap) !=
		    MEMBERSHIP_YES)
			continue;
		(void)strlcat(known, known[0] != '\0' ? ", " :
		    "; there are: ", sizeof(known));
		(void)strlcat(known, role->name, sizeof(known));
	}
	admission_refuse(ad, c, ENOENT, "unknown role \"%s\"%s", c->role,
	    known);
}

/*
 * The role that a candidate asks for, and whether the kernel's word makes it a
 * peer: YES or UNKNOWN.  NULL: it was told why not.
 */
static struct role *
admission_role(struct admission *ad, const struct candidate *c,
    enum membership *member)
{
	struct role	*role;

	if ((role = conf_role(ad->conf, c->role)) == NULL) {
		refuse_unknown_role(ad, c);
		return NULL;
	}
	if (c->id.uid == ad->idmap.nobody_uid) {
		admission_refuse(ad, c, EACCES, "uid %u stands for all users "
		    "without an id in this user namespace", c->id.uid);
		return NULL;
	}
	*member = membership_by_kernel(role, &c->id, &ad->idmap);
	if (*member == MEMBERSHIP_NO) {
		refuse_stranger(ad, c);
		return NULL;
	}
	return role;
}

/*
 * Does the role admit sessions at this time of the day?  If not, the candidate,
 * a peer, was told when.
 */
static bool
admission_is_open(struct admission *ad, const struct role *role,
    const struct candidate *c)
{
	uint64_t	 hours = role->limits[LIMIT_HOURS];
	unsigned int	 minute = ad->minute();
	char		 text[POLICY_LIMIT_TEXT];

	if (hours_include(hours, minute))
		return true;
	admission_refuse(ad, c, EAGAIN, "role \"%s\" admits sessions at "
	    "%s only (limit hours), and it is %02u:%02u", role->name,
	    policy_limit_text(LIMIT_HOURS, hours, text), minute / 60,
	    minute % 60);
	return false;
}

/*
 * Admit, refuse, or let wait: the opener of a session that has just ended may
 * not be reaped yet, and a client that comes back at once should not be refused
 * for that.  until is 0 for a candidate that has not waited for that yet.  What
 * is known already decides first: the name service may be slow.  What is left
 * of the candidate is the caller's.
 */
static void
admission_decide(struct admission *ad, struct candidate *c, int64_t until)
{
	const struct quota	 q = admission_quota(ad);
	enum membership		 member;
	struct role		*role;
	struct grant		 grant;
	char			 why[PROTO_TEXT_MAX];

	if (candidate_is_gone(c)) {
		log_debug("uid %u pid %d: it is gone", c->id.uid, c->id.pid);
		return;
	}
	if ((role = admission_role(ad, c, &member)) == NULL)
		return;
	if (member == MEMBERSHIP_YES && !admission_is_open(ad, role, c))
		return;
	if (quota_grant(&q, c->id.uid, role, &grant, why, sizeof(why)) == 0) {
		if (member == MEMBERSHIP_YES || (admission_ask(ad, role, c) &&
		    admission_is_open(ad, role, c)))
			admission_begin(ad, role, &grant, c);
		return;
	}
	/* Only who is known to be a peer takes a place to wait. */
	if (member != MEMBERSHIP_YES || (until == 0 ?
	    !admission_wait(ad, c, clock_ms() + WAITING_MS) :
	    clock_ms() >= until || !admission_wait(ad, c, until)))
		admission_refuse(ad, c, EAGAIN, "%s", why);
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
	for (i = 0; i < n; i++) {
		admission_decide(ad, &old[i].candidate, old[i].until);
		candidate_clear(&old[i].candidate);
	}
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

/* Forget all that wait. */
static void
admission_send_away(struct admission *ad)
{
	while (ad->nwaiting > 0)
		candidate_clear(&ad->waiting[--ad->nwaiting].candidate);
}

int
admission_request(struct admission *ad, const struct admit *a, int conn)
{
	struct candidate	 c;
	const char		*why;
	int			 ret;

	candidate_init(&c);
	c.conn = conn;
	(void)strlcpy(c.role, a->role, sizeof(c.role));
	ret = peerid_get(&c.id, conn, ad->env.rendezvous, ad->env.peers,
	    &why);
	if (ret == 0)
		admission_decide(ad, &c, 0);
	else if (why != NULL)
		log_warnx("the listener sent what is %s", why);
	else
		ret = 0;	/* Out of memory: the client sees an end. */
	candidate_clear(&c);
	if (ret == -1)
		errno = EBADMSG;
	return ret;
}

int
admission_start(struct admission *ad)
{
	ad->ev_waiting = evtimer_new(ad->env.base, admission_waited, ad);
	if (ad->ev_waiting == NULL)
		return -1;
	return floodlog_init(&ad->flood, ad->env.base);
}

void
admission_stop(struct admission *ad)
{
	admission_send_away(ad);
	floodlog_end(&ad->flood);
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
	char			 why[OWNROLE_WHY_MAX];

	if (role == NULL)
		return "the role was removed from the configuration";
	if (was == NULL || !same_user(was->as_user, role->as_user))
		return "the role's user has changed";
	if (!policy_roots_equal(was, role))
		return "the role's roots or mount options have changed";
	if (ownrole_vars(role) != 0 && (s->user == NULL ||
	    !ownrole_fits(role, s->user, s->home, why)))
		return "the role's paths need a name or home directory that "
		    "the session did not begin with";
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
 * Why a role does not admit the user of a session any more, or NULL: it does,
 * or, with *unsure, that is not known yet.
 */
static const char *
peer_fault(const struct admission *ad, const struct role *role,
    const struct session *s, bool *unsure)
{
	enum membership	 member;

	member = membership_by_kernel(role, &s->peer, &ad->idmap);
	if (member == MEMBERSHIP_UNKNOWN)
		member = membership_by_database(ad->env.accounts, role,
		    &s->peer, &ad->idmap);
	*unsure = member == MEMBERSHIP_UNKNOWN;
	if (*unsure || member == MEMBERSHIP_YES)
		return NULL;
	return member == MEMBERSHIP_NO ?
	    "the role no longer admits this user" :
	    "it cannot be looked up whether the role still admits this user";
}

/*
 * Does its role still admit the user of a session?  If that is not known yet,
 * the session goes on, under the new rules, and stays unsure.
 */
static void
check_peer(struct admission *ad, struct session *s)
{
	const char	*why;

	why = peer_fault(ad, conf_role(ad->conf, s->role), s, &s->unsure);
	if (why == NULL)
		return;
	log_info("session %u: %s", s->id, why);
	admission_end(ad, s, EACCES, why);
}

void
admission_foresee(const struct admission *ad, const struct conf *conf,
    admission_fate *fate, void *arg)
{
	const struct role	*role;
	const struct session	*s;
	const char		*why;
	bool			 unsure;

	LIST_FOREACH(s, &ad->sessions, entry) {
		unsure = false;
		role = conf_role(conf, s->role);
		if ((why = reload_fault(s, ad->conf, role)) == NULL)
			why = peer_fault(ad, role, s, &unsure);
		if (why != NULL || unsure)
			fate(arg, s, why);
	}
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
	share_out(ad, s->peer.uid);
	session_free(s);
	admission_retry(ad);
	return true;
}

void
admission_end_all(struct admission *ad)
{
	struct session	*s;

	admission_send_away(ad);
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
