/*
 * list.h: answer LIST.
 */

#ifndef OPENER_LIST_H
#define OPENER_LIST_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/*
 * Answer a LIST: the first entries of a directory and its token, or its next
 * entries.  0; or -1 with errno to end the session: EBADMSG if it does not
 * decode, or asks for more of a directory that is not held or has no more.
 */
int	 list_request(struct state *, const struct proto_header *,
	    struct wire_in *);

#endif /* OPENER_LIST_H */
