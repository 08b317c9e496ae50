/*
 * publicsock.h: the sockets of the daemon that others know by name: the
 * rendezvous, for clients; a second one, for clients whom a role names as
 * peers; and the control socket, for fdbrokerctl(8).  The supervisor binds them
 * and removes their names; the listener receives.
 */

#ifndef PUBLICSOCK_H
#define PUBLICSOCK_H

#include <sys/types.h>

#include "base/dgram.h"
#include "conf/conf.h"
#include "daemon/idmap.h"
#include "daemon/shutout.h"

struct publicsock {
	struct dgram	 rendezvous;
	struct dgram	 peers;
	struct dgram	 control;
};

/*
 * Bind them in the run directory.  The gid's members may use the control
 * socket, 0: only root.  Only root may use the socket for peers until
 * publicsock_set_peers().  Ends the process if it fails.
 */
void	 publicsock_open(struct publicsock *, const char *rundir, gid_t);

/*
 * Let another group use the control socket.  The old group's members cannot
 * connect any more; those that are connected stay so.  Logs what fails.
 */
void	 publicsock_set_group(const struct publicsock *, gid_t);

/*
 * Let those connect to the socket for peers whom a role of the configuration
 * names, unless they are shut out.  If the system cannot do so, which is
 * logged, nobody but root can, and all clients use the rendezvous.
 */
void	 publicsock_set_peers(const struct publicsock *, const struct conf *,
	    const struct idmap *, const struct shutout *);

/* Close the descriptors, which the listener has now; the names stay. */
void	 publicsock_hand_over(struct publicsock *);

/* Remove the names. */
void	 publicsock_close(struct publicsock *);

#endif /* PUBLICSOCK_H */
