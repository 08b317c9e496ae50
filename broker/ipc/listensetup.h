/*
 * listensetup.h: the one message that tells the listener, at its start, all
 * that it needs.  The supervisor sends it.
 */

#ifndef LISTENSETUP_H
#define LISTENSETUP_H

#include <stdbool.h>
#include <stdint.h>

struct listensetup {
	int		 rendezvous;	/* listening */
	int		 peers;		/* listening, for peers of roles */
	int		 control;	/* listening */
	int		 empty;		/* directory to change root to */
	uint32_t	 uid, gid;	/* to become */
	bool		 verbose;
	bool		 optional;	/* confinement may be partial */
};

/* Send to the listener's channel; the descriptors stay the caller's. */
int	 listensetup_send(int channel, const struct listensetup *);

/*
 * Receive in the listener; blocks.  0, and the descriptors are the caller's; or
 * -1 with errno EPROTO, EPIPE or of fdmsg_recv(), and nothing is left open.
 */
int	 listensetup_recv(int channel, struct listensetup *);

#endif /* LISTENSETUP_H */
