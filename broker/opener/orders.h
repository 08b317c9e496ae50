/*
 * orders.h: what the supervisor tells an opener during its session: a new
 * policy, a new share of the opens, the end.
 */

#ifndef ORDERS_H
#define ORDERS_H

#include "opener/serve.h"

/*
 * Receive all orders that the channel has, and carry them out; does not block.
 * 0; or -1 when the session is over, also because the supervisor is gone.  The
 * worker was told why, unless the supervisor broke the protocol.
 */
int	 orders_take(struct serve *, int channel);

#endif /* ORDERS_H */
