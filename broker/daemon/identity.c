/*
 * identity.c: peers of a role, and the ids of its opener; see
 * daemon/identity.h.
 *
 * Runs in the supervisor, as root.  Touches nothing but memory; accounts.c asks
 * the names process.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "conf/conf.h"
#include "daemon/identity.h"
#include "policy/role.h"

static bool
has_group_peer(const struct role *role)
{
	size_t	 i;

	for (i = 0; i < role->npeers; i++)
		if (role->peers[i].kind == PEER_GROUP)
			return true;
	return false;
}

enum accounts_answer
identity_is_peer(struct accounts *ac, const struct role *role, uint32_t uid,
    uint32_t gid, bool *is)
{
	enum accounts_answer	 answer;
	const uint32_t		*gids;
	uint32_t		 login_gid;
	size_t			 n;

	*is = role_admits(role, uid, &gid, 1);
	if (*is || !has_group_peer(role))
		return ACCOUNTS_KNOWN;
	answer = accounts_groups(ac, uid, &login_gid, &gids, &n);
	if (answer == ACCOUNTS_FAILED && errno == ENOENT)
		return ACCOUNTS_KNOWN;
	if (answer == ACCOUNTS_KNOWN)
		*is = role_admits(role, uid, gids, n);
	return answer;
}

/* The groups of an opener's user, its own first. */
static enum accounts_answer
identity_groups(struct accounts *ac, struct identity *id)
{
	enum accounts_answer	 answer;
	const uint32_t		*gids;
	uint32_t		 login_gid;
	size_t			 n;

	answer = accounts_groups(ac, id->uid, &login_gid, &gids, &n);
	if (answer == ACCOUNTS_FAILED && errno == ENOENT) {
		/* Its uid is no user's: the account has only a name. */
		answer = ACCOUNTS_KNOWN;
		n = 0;
	}
	if (answer != ACCOUNTS_KNOWN)
		return answer;
	if (n >= SETUP_GROUPS_MAX) {
		errno = E2BIG;
		return ACCOUNTS_FAILED;
	}
	id->gids[0] = id->gid;
	if (n > 0)
		memcpy(&id->gids[1], gids, n * sizeof(*gids));
	id->ngids = n + 1;
	return ACCOUNTS_KNOWN;
}

enum accounts_answer
identity_of_opener(struct accounts *ac, const struct conf *conf,
    const struct role *role, struct identity *id)
{
	enum accounts_answer	 answer;

	id->ngids = 0;
	id->uid = conf->uid;
	id->gid = conf->gid;
	if (role->as_user == NULL)
		return ACCOUNTS_KNOWN;
	answer = accounts_user(ac, role->as_user, &id->uid, &id->gid);
	if (answer != ACCOUNTS_KNOWN)
		return answer;
	if (id->uid == 0) {
		errno = ENOENT;
		return ACCOUNTS_FAILED;
	}
	return identity_groups(ac, id);
}
