/*
 * throttle.h: the rate of opens.  A worker that opens too many files a second
 * is slowed down; it is refused nothing.
 */

#ifndef THROTTLE_H
#define THROTTLE_H

#include <stdint.h>

#include "opener/state.h"

/*
 * Wait until n more opens are within the limits: the role's, and the session's
 * share of its user's.  0, or -1 to give the session up.
 */
int	 throttle_opens(struct state *, uint16_t n);

#endif /* THROTTLE_H */
