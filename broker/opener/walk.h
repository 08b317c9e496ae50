/*
 * walk.h: answer WALK: take its requests, and run the walks of a session one
 * after the other.
 */

#ifndef OPENER_WALK_H
#define OPENER_WALK_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/*
 * Take a WALK, whole or in part; or the CREDIT of one; or CANCEL.  0; or -1
 * with errno to end the session: EBADMSG if it does not decode, comes out of
 * order, or asks for too much; ENOMEM.
 */
int	 walk_request(struct state *, const struct proto_header *,
	    struct wire_in *);
int	 walk_credit(struct state *, const struct proto_header *,
	    struct wire_in *);
int	 walk_cancel(struct state *, const struct proto_header *,
	    struct wire_in *);

/*
 * What the walks wait for: POLLOUT is added to *events if the socket must be
 * writable.  The milliseconds to wait for that, or for nothing: 0 if there is
 * something to do now, -1 if there is nothing to do.
 */
int	 walk_poll(const struct state *, short *events);

/* Do a little of the oldest walk.  0, or -1 with errno: the session is over. */
int	 walk_slice(struct state *);

/* Forget all walks. */
void	 walk_free(struct state *);

#endif /* OPENER_WALK_H */
