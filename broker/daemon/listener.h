/*
 * listener.h: the process that reads what strangers send to the rendezvous.
 */

#ifndef LISTENER_H
#define LISTENER_H

#include <sys/types.h>

#include "ipc/listensetup.h"
#include "ipc/spawn.h"

/* What fdbrokerd is executed with to be the listener; not for users. */
#define LISTENER_ARG	"listener"

/*
 * Execute this very program anew as the listener, and tell it what it needs.
 * The descriptors stay the caller's.  0, or -1 with errno.
 */
int	listener_start(const struct listensetup *, struct spawned *);

/* Confine the process, and run until the supervisor is gone. */
void	listener_run(int channel, struct listensetup *)
	    __attribute__((noreturn));

/* The same, in what listener_start() has executed. */
void	listener_main(int argc, char *argv[]) __attribute__((noreturn));

#endif /* LISTENER_H */
