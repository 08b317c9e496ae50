/*
 * logswitch.h: a thread of the worker that takes another log when the user
 * redirects it.
 */

#ifndef LOGSWITCH_H
#define LOGSWITCH_H

#include "sandbox/reporter.h"

/*
 * Start it: what comes on the channel becomes the reporter's log.  It lives as
 * long as the process.  0, or -1 with errno, as pthread_create(3).
 */
int	 logswitch_start(struct reporter *, int channel);

#endif /* LOGSWITCH_H */
