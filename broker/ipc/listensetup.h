/*
 * listensetup.h: all that the listener is told at its start, as one message.
 * The supervisor makes it, the listener takes it.
 */

#ifndef LISTENSETUP_H
#define LISTENSETUP_H

#include <stdbool.h>
#include <stdint.h>

struct listensetup {
	int		 rendezvous;	/* bound, with credentials wanted */
	int		 control;	/* listening */
	int		 empty;		/* a directory to change root to */
	uint32_t	 uid, gid;
	bool		 verbose;
	bool		 optional;	/* confinement may be partial */
};

/* Send to the listener's channel; the descriptors stay the caller's. */
int	 listensetup_send(int channel, const struct listensetup *);

/*
 * Receive in the listener; blocks.  0, or -1 with errno: EPROTO, EPIPE, or of
 * fdmsg_recv(); nothing is left open then.
 */
int	 listensetup_recv(int channel, struct listensetup *);

#endif /* LISTENSETUP_H */
