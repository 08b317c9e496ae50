/*
 * publicsock.h: the two sockets of the daemon that others know by name: the
 * rendezvous, for clients, and the control socket, for fdbrokerctl(8).  The
 * supervisor binds them and removes their names; the listener receives.
 */

#ifndef PUBLICSOCK_H
#define PUBLICSOCK_H

#include <sys/types.h>

#include "base/dgram.h"

struct publicsock {
	struct dgram	 rendezvous;
	struct dgram	 control;
};

/*
 * Bind both in the run directory.  The gid's members may use the control
 * socket, 0: only root.  Ends the process if it fails.
 */
void	 publicsock_open(struct publicsock *, const char *rundir, gid_t);

/*
 * Let another group use the control socket.  The old group's members cannot
 * connect any more; those that are connected stay so.  Logs what fails.
 */
void	 publicsock_set_group(const struct publicsock *, gid_t);

/* Close the descriptors, which the listener has now; the names stay. */
void	 publicsock_hand_over(struct publicsock *);

/* Remove the names. */
void	 publicsock_close(struct publicsock *);

#endif /* PUBLICSOCK_H */
