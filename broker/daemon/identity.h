/*
 * identity.h: whose rights an opener has, by the system's databases; see
 * daemon/accounts.h.
 */

#ifndef IDENTITY_H
#define IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/accounts.h"
#include "ipc/setup.h"

struct conf;
struct role;

/* The ids that an opener takes. */
struct identity {
	uint32_t	 uid, gid;
	uint32_t	 gids[SETUP_GROUPS_MAX];	/* supplementary */
	size_t		 ngids;
};

/*
 * The ids of an opener of the role: the daemon's user, or the one of `as user'
 * with its groups.  Errors: ENOENT: there is no such user, or it is root;
 * E2BIG: it has more than SETUP_GROUPS_MAX groups; or why it is not known.
 */
enum accounts_answer identity_of_opener(struct accounts *,
	    const struct conf *, const struct role *, struct identity *);

#endif /* IDENTITY_H */
