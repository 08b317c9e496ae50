/*
 * membership.h: does a role admit this user?
 *
 * The kernel's word on a connection is asked first.  Only where it does not
 * admit, and the role has peers that are groups, the system's databases are.
 */

#ifndef MEMBERSHIP_H
#define MEMBERSHIP_H

#include "daemon/accounts.h"
#include "daemon/idmap.h"
#include "daemon/peerid.h"
#include "policy/role.h"

enum membership {
	MEMBERSHIP_NO,
	MEMBERSHIP_YES,
	MEMBERSHIP_UNKNOWN,	/* the next one to ask may know */
	MEMBERSHIP_FAILED	/* errno says why the databases do not */
};

/*
 * Answer from what the kernel says of the connection.  UNKNOWN if it does not
 * admit, and the databases may.  Nobody's ids admit nobody: the role may name
 * the user "nobody", but who connected may be anybody else.
 */
enum membership	 membership_by_kernel(const struct role *,
		    const struct peerid *, const struct idmap *);

/*
 * Answer from the system's databases, after the kernel's word was UNKNOWN.
 * UNKNOWN here means that the answer is still to come: ask again when
 * accounts.h says that something was answered.
 */
enum membership	 membership_by_database(struct accounts *, const struct role *,
		    const struct peerid *, const struct idmap *);

#endif /* MEMBERSHIP_H */
