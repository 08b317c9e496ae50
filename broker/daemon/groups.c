/*
 * groups.c: the groups of a user; see groups.h.
 *
 * Runs in the supervisor, as root.  Asks the name service, which may load
 * modules, read files and connect to a name service daemon.
 */

#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "daemon/groups.h"

size_t
groups_of(uid_t uid, gid_t gid, uint32_t gids[SETUP_GROUPS_MAX])
{
	gid_t		 list[SETUP_GROUPS_MAX];
	struct passwd	*pw;
	int		 i, n = SETUP_GROUPS_MAX;

	gids[0] = gid;
	if ((pw = getpwuid(uid)) == NULL)
		return 1;
	if (getgrouplist(pw->pw_name, gid, list, &n) == -1)
		n = SETUP_GROUPS_MAX;	/* there are more: take the first */
	for (i = 0; i < n; i++)
		gids[i] = list[i];
	return (size_t)i;
}
