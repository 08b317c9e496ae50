/*
 * identity.c: the ids of an opener; see daemon/identity.h.
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
