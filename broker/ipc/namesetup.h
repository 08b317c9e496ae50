/*
 * namesetup.h: the one message that tells the names process, at its start, all
 * that it needs.  The supervisor sends it.
 */

#ifndef NAMESETUP_H
#define NAMESETUP_H

#include <stdbool.h>
#include <stdint.h>

struct namesetup {
	uint32_t	 uid, gid;	/* to become */
	bool		 verbose;
	bool		 optional;	/* confinement may be partial */
};

/* Send to the channel of the names process.  0, or -1 with errno. */
int	 namesetup_send(int channel, const struct namesetup *);

/*
 * Receive in the names process; blocks.  0, or -1 with errno EPROTO, EPIPE or
 * of fdmsg_recv().
 */
int	 namesetup_recv(int channel, struct namesetup *);

#endif /* NAMESETUP_H */
