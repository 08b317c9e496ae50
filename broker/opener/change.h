/*
 * change.h: answer CHANGE.
 */

#ifndef CHANGE_H
#define CHANGE_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/*
 * Carry out the changes of a CHANGE, in their order, and answer each with its
 * result.  0; or -1 with errno to end the session: EBADMSG if it does not
 * decode.
 */
int	 change_request(struct state *, const struct proto_header *,
	    struct wire_in *);

#endif /* CHANGE_H */
