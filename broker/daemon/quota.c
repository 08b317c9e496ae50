/*
 * quota.c: what the limits leave for one more session; see quota.h.
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
#include "daemon/admission.h"
#include "daemon/quota.h"
#include "policy/role.h"
#include "policy/roots.h"

/*
 * Descriptors that may be under way in a session: each comes with at least
 * OPEN_ITEM bytes, and one message more than fits may be taken.
 */
#define OPEN_ITEM	(4 + 1 + 4 + 2 + PROTO_STAT_LEN)
#define FLYING(bytes)	((bytes) / OPEN_ITEM + FDMSG_MAXFD)

/* What an opener needs besides: its own sockets, tokens, roots, a batch. */
#define OPENER_TOKENS	256
#define OPENER_OWN	(OPENER_TOKENS + POLICY_ROOTS_MAX + FDMSG_MAXFD + 32)

/* What some sessions have together. */
struct use {
	uint32_t	 sessions;
	uint64_t	 tokens, bytes;
	uint64_t	 flying;	/* descriptors */
};

/* A limit per uid: of the daemon, or of a role. */
struct scope {
	const uint64_t	*limits;
	const char	*role;		/* NULL: the daemon */
	struct use	 use;		/* by this uid */
};

uint32_t
quota_nofile_min(void)
{
	return OPENER_OWN + FLYING(QUOTA_BYTES_MIN);
}

uint32_t
quota_fit(uint32_t nofile)
{
	if (nofile < OPENER_OWN)
		return 0;
	return (nofile - OPENER_OWN) / FLYING(QUOTA_BYTES_MIN);
}

/* Of a uid (UINT32_MAX: of all), in a role (NULL: in all). */
static struct use
count_use(const struct admission *ad, uint32_t uid, const char *role)
{
	const struct session	*s;
	struct use		 use = { 0, 0, 0, 0 };

	LIST_FOREACH(s, &ad->sessions, entry) {
		if ((uid != UINT32_MAX && s->uid != uid) ||
		    (role != NULL && strcmp(s->role, role) != 0))
			continue;
		use.sessions++;
		use.tokens += s->grant.tokens;
		use.bytes += s->grant.bytes;
		use.flying += FLYING(s->grant.bytes);
	}
	return use;
}

/* Sessions at once: what is configured, if the descriptors are enough. */
static uint32_t
most_sessions(const struct admission *ad)
{
	uint32_t	 all = (uint32_t)ad->conf->limits[LIMIT_SESSIONS];

	return all < ad->fit ? all : ad->fit;
}

/* Say that a limit per uid is reached. */
static void
reached(const struct scope *sc, uint64_t limit, const char *of, uint32_t uid,
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
quota_sessions_per_uid(const struct admission *ad)
{
	uint64_t	 limit = ad->conf->limits[LIMIT_SESSIONS_PER_UID];
	uint32_t	 all = most_sessions(ad);

	/* A quarter of all is always left for others. */
	return limit > all - all / 4 ? all - all / 4 : (uint32_t)limit;
}

/* Is there place for one more session?  0, or -1. */
static int
check_sessions(const struct admission *ad, uint32_t uid,
    const struct role *role, const struct scope scopes[2], char *why,
    size_t size)
{
	uint32_t	 all = most_sessions(ad);
	uint64_t	 of_role = role->limits[LIMIT_SESSIONS], limit;
	int		 i;

	if (count_use(ad, UINT32_MAX, NULL).sessions >= all) {
		(void)snprintf(why, size, "limit of %u sessions is reached",
		    all);
		return -1;
	}
	for (i = 0; i < 2; i++) {
		limit = i == 0 ? quota_sessions_per_uid(ad) :
		    scopes[i].limits[LIMIT_SESSIONS_PER_UID];
		if (limit != 0 && scopes[i].use.sessions >= limit) {
			reached(&scopes[i], limit, "sessions", uid, why, size);
			return -1;
		}
		if (i == 0 && of_role != 0 && count_use(ad, UINT32_MAX,
		    role->name).sessions >= of_role) {
			(void)snprintf(why, size, "limit of %ju sessions of "
			    "role \"%s\" is reached", (uintmax_t)of_role,
			    role->name);
			return -1;
		}
	}
	return 0;
}

static uint64_t
left_of(uint64_t limit, uint64_t used)
{
	return used < limit ? limit - used : 0;
}

/*
 * Bytes that the descriptors allow for: as many as if all the sessions that
 * there may be had as many, and no more than are left.  0: not enough.
 */
static uint64_t
bytes_that_fit(const struct admission *ad)
{
	uint64_t	 all = ad->nofile - OPENER_OWN;
	uint64_t	 fair = all / most_sessions(ad);
	uint64_t	 left;

	left = left_of(all, count_use(ad, UINT32_MAX, NULL).flying);
	if (left < FLYING(QUOTA_BYTES_MIN))
		return 0;
	if (left > fair)
		left = fair;
	left = (left - FDMSG_MAXFD) * OPEN_ITEM;
	/* What was lost by dividing. */
	return left < QUOTA_BYTES_MIN ? QUOTA_BYTES_MIN : left;
}

/* What is left of `want' by the limits per uid; 0 if it is less than least. */
static uint64_t
grant_part(const struct scope scopes[2], enum policy_limit which,
    uint64_t want, uint64_t least, uint32_t uid, char *why, size_t size)
{
	uint64_t	 limit, left, used;
	int		 i;

	for (i = 0; i < 2; i++) {
		if ((limit = scopes[i].limits[which]) == 0)
			continue;
		used = which == LIMIT_TOKENS_PER_UID ? scopes[i].use.tokens :
		    scopes[i].use.bytes;
		left = left_of(limit, used);
		if (left < least) {
			reached(&scopes[i], limit,
			    policy_limit_row(which)->word, uid, why, size);
			return 0;
		}
		if (left < want)
			want = left;
	}
	return want;
}

/* An even part of a limit, if there is one, for each of n sessions. */
static uint32_t
share(uint64_t limit, uint32_t n)
{
	if (limit == 0)
		return 0;
	return limit < n ? 1 : (uint32_t)(limit / n);
}

/* The smaller share, when each scope has so many sessions. */
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

/* The limits that hold for the sessions of a uid in a role. */
static void
get_scopes(const struct admission *ad, uint32_t uid, const struct role *role,
    struct scope scopes[2])
{
	scopes[0].limits = ad->conf->limits;
	scopes[0].role = NULL;
	scopes[0].use = count_use(ad, uid, NULL);
	scopes[1].limits = role->limits;
	scopes[1].role = role->name;
	scopes[1].use = count_use(ad, uid, role->name);
}

int
quota_grant(const struct admission *ad, const struct admit *a,
    const struct role *role, struct grant *g, char *why, size_t size)
{
	struct scope	 scopes[2];
	uint64_t	 tokens = role->limits[LIMIT_TOKENS];
	uint64_t	 bytes = role->limits[LIMIT_BYTES], fit;

	get_scopes(ad, a->uid, role, scopes);
	if (check_sessions(ad, a->uid, role, scopes, why, size) == -1)
		return -1;
	tokens = grant_part(scopes, LIMIT_TOKENS_PER_UID, tokens,
	    tokens < QUOTA_TOKENS_MIN ? tokens : QUOTA_TOKENS_MIN, a->uid,
	    why, size);
	if (tokens == 0)
		return -1;
	if ((fit = bytes_that_fit(ad)) == 0) {
		(void)snprintf(why, size, "limit of %u descriptors is "
		    "reached", ad->nofile);
		return -1;
	}
	bytes = grant_part(scopes, LIMIT_BYTES_PER_UID,
	    bytes < fit ? bytes : fit, QUOTA_BYTES_MIN, a->uid, why, size);
	if (bytes == 0)
		return -1;
	g->tokens = (uint32_t)tokens;
	g->bytes = (uint32_t)bytes;
	g->opens = share_opens(scopes, 1);
	return 0;
}

uint32_t
quota_opens(const struct admission *ad, const struct session *s)
{
	const struct role	*role = conf_role(ad->conf, s->role);
	struct scope		 scopes[2];

	/* It is about to end if its role is gone. */
	if (role == NULL || (ad->conf->limits[LIMIT_OPENS_PER_UID] == 0 &&
	    role->limits[LIMIT_OPENS_PER_UID] == 0))
		return 0;
	get_scopes(ad, s->uid, role, scopes);
	return share_opens(scopes, 0);
}
