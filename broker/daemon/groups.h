/*
 * groups.h: the groups of a user, from the system's databases.
 */

#ifndef GROUPS_H
#define GROUPS_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "ipc/setup.h"

/*
 * Look up the groups of uid, of which gid is one, and store the first
 * SETUP_GROUPS_MAX of them.  Returns their number.  A user that the databases
 * do not know has the group gid only.
 */
size_t	 groups_of(uid_t uid, gid_t gid, uint32_t gids[SETUP_GROUPS_MAX]);

#endif /* GROUPS_H */
