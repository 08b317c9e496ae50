/*
 * membership.c: who is a peer of a role; see membership.h.
 *
 * Runs in the supervisor, as root.  This is the only place where the
 * databases are asked about a client, through the names process.
 */

#include "config.h"

#include <errno.h>

#include "daemon/membership.h"

enum membership
membership_by_kernel(const struct role *role, const struct peerid *id,
    const struct idmap *im)
{
	const struct peer	*p;
	enum membership		 otherwise = MEMBERSHIP_NO;
	size_t			 i;

	if (id->uid == im->nobody_uid)
		return MEMBERSHIP_NO;
	for (i = 0; i < role->npeers; i++) {
		p = &role->peers[i];
		if (p->kind == PEER_GROUP && p->id == im->nobody_gid)
			continue;
		if (p->kind == PEER_USER ? p->id == id->uid :
		    peerid_in_group(id, p->id))
			return MEMBERSHIP_YES;
		if (p->kind == PEER_GROUP)
			otherwise = MEMBERSHIP_UNKNOWN;
	}
	return otherwise;
}

enum membership
membership_by_database(struct accounts *ac, const struct role *role,
    const struct peerid *id, const struct idmap *im)
{
	const struct peer	*p;
	const uint32_t		*gids;
	uint32_t		 gid;
	size_t			 i, k, n;

	switch (accounts_groups(ac, id->uid, &gid, &gids, &n)) {
	case ACCOUNTS_KNOWN:
		break;
	case ACCOUNTS_ASKED:
	case ACCOUNTS_BUSY:
		return MEMBERSHIP_UNKNOWN;
	default:
		/* A user whom they do not know has no groups. */
		return errno == ENOENT ? MEMBERSHIP_NO : MEMBERSHIP_FAILED;
	}
	for (i = 0; i < role->npeers; i++) {
		p = &role->peers[i];
		if (p->kind != PEER_GROUP || p->id == im->nobody_gid)
			continue;
		for (k = 0; k < n; k++)
			if (gids[k] == p->id)
				return MEMBERSHIP_YES;
	}
	return MEMBERSHIP_NO;
}
