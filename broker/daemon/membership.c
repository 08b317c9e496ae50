/*
 * membership.c: who is a peer of a role; see membership.h.
 *
 * Runs in the supervisor, as root.  This is the only place where the name
 * service is asked about a client.
 */

#include "config.h"

#include "daemon/groups.h"
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
membership_by_database(const struct role *role, const struct peerid *id,
    const struct idmap *im)
{
	uint32_t	 gids[SETUP_GROUPS_MAX];
	size_t		 i, n;

	n = groups_of(id->uid, id->gid, gids);
	for (i = 0; i < n; i++)
		if (gids[i] == im->nobody_gid)
			gids[i] = UINT32_MAX;	/* no group has this */
	return role_admits(role, id->uid, gids, n) ? MEMBERSHIP_YES :
	    MEMBERSHIP_NO;
}
