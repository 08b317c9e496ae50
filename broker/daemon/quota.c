/*
 * quota.c: check a request against the limits; see quota.h.
 *
 * Runs in the supervisor.  Reads the configuration and the list of sessions,
 * and touches nothing but memory.
 */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "conf/conf.h"
#include "daemon/quota.h"
#include "daemon/session.h"
#include "ipc/setup.h"
#include "policy/role.h"
#include "policy/roots.h"

/*
 * How many descriptors can be in flight in a session with a given number of
 * queued bytes.  Each descriptor comes with at least OPEN_ITEM bytes; the
 * kernel accepts messages until the limit is reached, and the last one may
 * exceed it.
 */
#define OPEN_ITEM	(4 + 1 + 4 + 2 + PROTO_STAT_LEN)
#define IN_FLIGHT(bytes)	((bytes) / OPEN_ITEM + FDMSG_MAXFD)

/*
 * Descriptors of an opener's own: tokens, roots and one batch; of a walk one
 * message, the directories, and names before their turn; and 32 others.
 */
#define OPENER_TOKENS	256
#define OPENER_WALK	(SETUP_WALK_FDS + SETUP_WALK_DIRS + \
			    SETUP_WALK_WINDOW)
#define OPENER_OWN	(OPENER_TOKENS + POLICY_ROOTS_MAX + FDMSG_MAXFD + \
			    OPENER_WALK + 32)

/* What several sessions have been granted together. */
struct use {
	uint32_t	 sessions;
	uint64_t	 tokens, bytes;
	uint64_t	 in_flight;	/* descriptors */
};

/* Limits per uid, in the whole daemon or in one role, and their use. */
struct scope {
	const uint64_t	*limits;
	const char	*role;		/* NULL: the daemon */
	struct use	 use;		/* by one uid */
};

uint32_t
quota_nofile_min(void)
{
	return OPENER_OWN + IN_FLIGHT(QUOTA_BYTES_MIN);
}

uint32_t
quota_fit(uint32_t nofile)
{
	if (nofile < OPENER_OWN)
		return 0;
	return (nofile - OPENER_OWN) / IN_FLIGHT(QUOTA_BYTES_MIN);
}

uint64_t
quota_nofile(uint64_t sessions)
{
	return OPENER_OWN +
	    sessions * IN_FLIGHT(policy_limit_row(LIMIT_BYTES)->of_role);
}

/*
 * Add up the live sessions of a uid (UINT32_MAX: of all) in a role (NULL: in
 * all).
 */
static struct use
count_use(const struct quota *q, uint32_t uid, const char *role)
{
	const struct session	*s;
	struct use		 use = { 0, 0, 0, 0 };

	LIST_FOREACH(s, q->sessions, entry) {
		if ((uid != UINT32_MAX && s->peer.uid != uid) ||
		    (role != NULL && strcmp(s->role, role) != 0))
			continue;
		use.sessions++;
		use.tokens += s->grant.tokens;
		use.bytes += s->grant.bytes;
		use.in_flight += IN_FLIGHT(s->grant.bytes);
	}
	return use;
}

/* How many sessions there may be: as configured, or fewer if fewer fit. */
static uint32_t
max_sessions(const struct quota *q)
{
	uint32_t	 all = (uint32_t)q->conf->limits[LIMIT_SESSIONS];
	uint32_t	 fit = quota_fit(q->nofile);

	return all < fit ? all : fit;
}

/* Write why a request is refused: a limit per uid is reached. */
static void
explain(const struct scope *sc, uint64_t limit, const char *of, uint32_t uid,
    char *why, size_t size)
{
	if (sc->role == NULL)
		(void)snprintf(why, size, "limit of %ju %s of uid %u is "
		    "reached", (uintmax_t)limit, of, uid);
	else
		(void)snprintf(why, size, "limit of %ju %s of uid %u in role "
		    "\"%s\" is reached", (uintmax_t)limit, of, uid, sc->role);
}

uint32_t
quota_sessions_per_uid(const struct quota *q)
{
	uint64_t	 limit = q->conf->limits[LIMIT_SESSIONS_PER_UID];
	uint32_t	 all = max_sessions(q);

	/* One user leaves a quarter of all sessions for others. */
	return limit > all - all / 4 ? all - all / 4 : (uint32_t)limit;
}

/* Can processes of several uids, whom nobody has named, take the role? */
static bool
has_groups(const struct role *role)
{
	size_t	 i;

	for (i = 0; i < role->npeers; i++)
		if (role->peers[i].kind == PEER_GROUP)
			return true;
	return false;
}

/*
 * How many of `all' sessions a uid may have in a role that has groups as peers:
 * half of what others leave, rounded down, but one if one is left.  So however
 * many uids of a group take all that they may, the next one finds some, as long
 * as there are more than a few.
 */
static uint32_t
fair_share(uint32_t all, uint32_t others)
{
	uint32_t	 left = all > others ? all - others : 0;

	return left > 1 ? left / 2 : left;
}

/* The same of the role's sessions and of the daemon's.  0, or -1 with why. */
static int
check_share(const struct quota *q, uint32_t uid, const struct role *role,
    const struct scope scopes[2], char *why, size_t size)
{
	uint32_t	 all, used, share;
	int		 i;

	if (!has_groups(role))
		return 0;
	for (i = 0; i < 2; i++) {
		all = i == 0 ? max_sessions(q) :
		    (uint32_t)role->limits[LIMIT_SESSIONS];
		if (all == 0)
			continue;
		used = count_use(q, UINT32_MAX, scopes[i].role).sessions;
		share = fair_share(all, used - scopes[i].use.sessions);
		if (scopes[i].use.sessions < share)
			continue;
		(void)snprintf(why, size, "share of %u of the %u sessions of "
		    "%s%s%s is reached by uid %u", share, all,
		    i == 0 ? "the daemon" : "role \"", i == 0 ? "" :
		    role->name, i == 0 ? "" : "\"", uid);
		return -1;
	}
	return 0;
}

/* Check the limits of sessions.  0, or -1 with why. */
static int
check_sessions(const struct quota *q, uint32_t uid,
    const struct role *role, const struct scope scopes[2], char *why,
    size_t size)
{
	uint32_t	 all = max_sessions(q);
	uint64_t	 of_role = role->limits[LIMIT_SESSIONS], limit;
	int		 i;

	if (count_use(q, UINT32_MAX, NULL).sessions >= all) {
		(void)snprintf(why, size, "limit of %u sessions is reached",
		    all);
		return -1;
	}
	for (i = 0; i < 2; i++) {
		limit = i == 0 ? quota_sessions_per_uid(q) :
		    scopes[i].limits[LIMIT_SESSIONS_PER_UID];
		if (limit != 0 && scopes[i].use.sessions >= limit) {
			explain(&scopes[i], limit, "sessions", uid, why, size);
			return -1;
		}
		if (i == 0 && of_role != 0 && count_use(q, UINT32_MAX,
		    role->name).sessions >= of_role) {
			(void)snprintf(why, size, "limit of %ju sessions of "
			    "role \"%s\" is reached", (uintmax_t)of_role,
			    role->name);
			return -1;
		}
	}
	return check_share(q, uid, role, scopes, why, size);
}

static uint64_t
left_of(uint64_t limit, uint64_t used)
{
	return used < limit ? limit - used : 0;
}

/*
 * How many bytes a new session may queue, so that RLIMIT_NOFILE covers the
 * descriptors in flight: an even part, as if the maximum number of sessions
 * lived, but not more than the others have left.  0 if it is less than the
 * minimum.
 */
static uint64_t
bytes_that_fit(const struct quota *q)
{
	uint64_t	 all = q->nofile - OPENER_OWN;
	uint64_t	 fair = all / max_sessions(q);
	uint64_t	 left;

	left = left_of(all, count_use(q, UINT32_MAX, NULL).in_flight);
	if (left < IN_FLIGHT(QUOTA_BYTES_MIN))
		return 0;
	if (left > fair)
		left = fair;
	left = (left - FDMSG_MAXFD) * OPEN_ITEM;
	/* The divisions round down; that must not cost the minimum. */
	return left < QUOTA_BYTES_MIN ? QUOTA_BYTES_MIN : left;
}

/*
 * How much of what a session wants is left by a limit per uid; 0, with why, if
 * it is less than the minimum.
 */
static uint64_t
grant_part(const struct scope scopes[2], enum policy_limit which,
    uint64_t want, uint64_t min, uint32_t uid, char *why, size_t size)
{
	uint64_t	 limit, left, used;
	int		 i;

	for (i = 0; i < 2; i++) {
		if ((limit = scopes[i].limits[which]) == 0)
			continue;
		used = which == LIMIT_TOKENS_PER_UID ? scopes[i].use.tokens :
		    scopes[i].use.bytes;
		left = left_of(limit, used);
		if (left < min) {
			explain(&scopes[i], limit,
			    policy_limit_row(which)->word, uid, why, size);
			return 0;
		}
		if (left < want)
			want = left;
	}
	return want;
}

/* One of n even parts of a limit, at least 1; 0 if there is no limit. */
static uint32_t
share(uint64_t limit, uint32_t n)
{
	if (limit == 0)
		return 0;
	return limit < n ? 1 : (uint32_t)(limit / n);
}

/* The smaller share of both scopes, counting `more' sessions on top. */
static uint32_t
share_opens(const struct scope scopes[2], uint32_t more)
{
	uint32_t	 best = 0, part;
	int		 i;

	for (i = 0; i < 2; i++) {
		part = share(scopes[i].limits[LIMIT_OPENS_PER_UID],
		    scopes[i].use.sessions + more);
		if (part != 0 && (best == 0 || part < best))
			best = part;
	}
	return best;
}

/* Fill in the limits per uid that apply to a uid's sessions in a role. */
static void
get_scopes(const struct quota *q, uint32_t uid, const struct role *role,
    struct scope scopes[2])
{
	scopes[0].limits = q->conf->limits;
	scopes[0].role = NULL;
	scopes[0].use = count_use(q, uid, NULL);
	scopes[1].limits = role->limits;
	scopes[1].role = role->name;
	scopes[1].use = count_use(q, uid, role->name);
}

int
quota_grant(const struct quota *q, uint32_t uid,
    const struct role *role, struct grant *g, char *why, size_t size)
{
	struct scope	 scopes[2];
	uint64_t	 tokens = role->limits[LIMIT_TOKENS];
	uint64_t	 bytes = role->limits[LIMIT_BYTES], fit;

	get_scopes(q, uid, role, scopes);
	if (check_sessions(q, uid, role, scopes, why, size) == -1)
		return -1;
	tokens = grant_part(scopes, LIMIT_TOKENS_PER_UID, tokens,
	    tokens < QUOTA_TOKENS_MIN ? tokens : QUOTA_TOKENS_MIN, uid,
	    why, size);
	if (tokens == 0)
		return -1;
	if ((fit = bytes_that_fit(q)) == 0) {
		(void)snprintf(why, size, "limit of %u descriptors is "
		    "reached", q->nofile);
		return -1;
	}
	bytes = grant_part(scopes, LIMIT_BYTES_PER_UID,
	    bytes < fit ? bytes : fit, QUOTA_BYTES_MIN, uid, why, size);
	if (bytes == 0)
		return -1;
	g->tokens = (uint32_t)tokens;
	g->bytes = (uint32_t)bytes;
	g->opens = share_opens(scopes, 1);
	return 0;
}

uint32_t
quota_opens(const struct quota *q, const struct session *s)
{
	const struct role	*role = conf_role(q->conf, s->role);
	struct scope		 scopes[2];

	/* A session whose role was removed is about to end. */
	if (role == NULL || (q->conf->limits[LIMIT_OPENS_PER_UID] == 0 &&
	    role->limits[LIMIT_OPENS_PER_UID] == 0))
		return 0;
	get_scopes(q, s->peer.uid, role, scopes);
	return share_opens(scopes, 0);
}
