/*
 * orders.h: what the supervisor tells an opener while its session goes on: a
 * new policy, another share of the opens, the end.
 */

#ifndef ORDERS_H
#define ORDERS_H

#include "opener/serve.h"

/*
 * Receive and follow all orders that the channel has; does not block.  0; or
 * -1 when the session is over, also because the supervisor is gone.  The
 * worker was told why, unless the supervisor broke the protocol, which is
 * logged.
 */
int	 orders_take(struct serve *, int channel);

#endif /* ORDERS_H */
