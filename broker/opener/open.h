/*
 * open.h: answer OPEN.
 */

#ifndef OPENER_OPEN_H
#define OPENER_OPEN_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/*
 * Answer an OPEN: for each item a descriptor and what was opened, or the
 * status.  0; or -1 with errno to end the session: EBADMSG if it does not
 * decode.
 */
int	 open_request(struct state *, const struct proto_header *,
	    struct wire_in *);

#endif /* OPENER_OPEN_H */
