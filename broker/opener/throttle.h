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

/*
 * The same without waiting: note n more opens.  The milliseconds after which to
 * call it again, with n 0; or 0: they are within the limits.
 */
int	 throttle_delay(struct state *, uint16_t n);

#endif /* THROTTLE_H */
