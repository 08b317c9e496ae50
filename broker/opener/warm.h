/*
 * warm.h: what an opener does while it waits for its session.
 */

#ifndef OPENER_WARM_H
#define OPENER_WARM_H

#include "ipc/setup.h"
#include "opener/state.h"

/*
 * If no message has come on the channel yet, this is a spare opener of the
 * daemon, which has time: empty the bounding set, and rehearse.  What fails
 * here fails again when the session begins, and is reported then.
 */
void	 warm_up(int channel, struct setup *, struct state *);

/*
 * Rehearse how a session begins, so that the memory and the code which that
 * needs are mapped.  Setup and state are empty afterwards.  0, or -1.
 */
int	 warm_rehearse(struct setup *, struct state *);

#endif /* OPENER_WARM_H */
