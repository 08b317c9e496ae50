/*
 * admit.h: a request for a session, as the listener passes it to the
 * supervisor, together with the connection on which the client waits.
 *
 * Who vouches for what:
 *
 *	role	the listener.  A listener that was taken over can ask for
 *		another role than the client did; it must be one that the
 *		client may have, and the library refuses it.
 *
 * Who the client is, is not in the record: the supervisor asks the kernel about
 * the connection (daemon/peerid.h).
 */

#ifndef ADMIT_H
#define ADMIT_H

#include "base/fdbroker_types.h"
#include "base/wire.h"

struct admit {
	char	 role[FDB_ROLE_MAX + 1];
};

void	 admit_put(struct wire_out *, const struct admit *);
/* Fails the wire_in for a name of a role that is not valid. */
void	 admit_get(struct wire_in *, struct admit *);

#endif /* ADMIT_H */
