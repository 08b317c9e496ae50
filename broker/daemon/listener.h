/*
 * listener.h: the process that receives what strangers send.
 */

#ifndef LISTENER_H
#define LISTENER_H

#include <sys/types.h>

#include "ipc/listensetup.h"
#include "ipc/spawn.h"

/* The argument that makes fdbrokerd the listener; not for users. */
#define LISTENER_ARG	"listener"

/*
 * Connections to accept at everybody's socket: a burst, and this many a second
 * after that.  Peers by uid, or by a group that their process has, use the
 * other socket, so this is what a flood of strangers can cost.
 */
#define LISTENER_BURST		256
#define LISTENER_PER_SECOND	1000

/*
 * Start the listener: execute this program again, with LISTENER_ARG, and send
 * it its setup.  The descriptors in that stay the caller's.  0, or -1 with
 * errno.
 */
int	listener_start(const struct listensetup *, struct spawned *);

/* Be the listener: confine the process, and run until the channel ends. */
void	listener_run(int channel, struct listensetup *)
	    __attribute__((noreturn));

/* main() of the program that listener_start() executes. */
void	listener_main(int argc, char *argv[]) __attribute__((noreturn));

#endif /* LISTENER_H */
