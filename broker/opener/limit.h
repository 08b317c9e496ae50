/*
 * limit.h: answer LIMIT: a client gives up rights for the rest of its session.
 */

#ifndef OPENER_LIMIT_H
#define OPENER_LIMIT_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/* 0; or -1 with errno to end the session: EBADMSG if it does not decode. */
int	 limit_request(struct state *, const struct proto_header *,
	    struct wire_in *);

#endif /* OPENER_LIMIT_H */
