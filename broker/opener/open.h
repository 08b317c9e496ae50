/*
 * open.h: answer OPEN.
 */

#ifndef OPENER_OPEN_H
#define OPENER_OPEN_H

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"
#include "opener/status.h"
#include "opener/target.h"

/*
 * Answer an OPEN: for each item a descriptor and what was opened, or the
 * status.  0; or -1 with errno to end the session: EBADMSG if it does not
 * decode.
 */
int	 open_request(struct state *, const struct proto_header *,
	    struct wire_in *);

/*
 * Open what target_name() was given, for an access that is valid, as an OPEN
 * does.  A descriptor and what it is of; or -1 with the status set.
 */
int	 open_target(struct state *, struct target *, uint8_t access,
	    struct status *, struct fdb_stat *);

/* The operation that the audit names for an access: POLICY_OP_*. */
uint32_t open_main_op(uint8_t access);

#endif /* OPENER_OPEN_H */
