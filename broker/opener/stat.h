/*
 * stat.h: answer STAT.
 */

#ifndef OPENER_STAT_H
#define OPENER_STAT_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/*
 * Answer a STAT: for each item what the name refers to, a link itself
 * included, or the status.  0; or -1 with errno to end the session: EBADMSG if
 * it does not decode.
 */
int	 stat_request(struct state *, const struct proto_header *,
	    struct wire_in *);

#endif /* OPENER_STAT_H */
