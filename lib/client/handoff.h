/*
 * handoff.h: hand-offs whose address is known before the socket is bound.
 *
 * A process that starts the receiver can choose the address for it.  Then it
 * can remove the socket when the receiver has died, whatever the receiver was
 * doing.  These functions are not in libfdbroker.so.
 */

#ifndef HANDOFF_H
#define HANDOFF_H

#include "client/fdbroker.h"

/*
 * Choose an address in a directory, as fdb_handoff_listen() does.  address has
 * FDB_ADDRESS_MAX bytes.  0, or -1: ENAMETOOLONG.
 */
int	 handoff_choose(char *address, const char *dir);

/*
 * Remove from that directory what receivers of our user have left there that
 * were killed.  Keeps errno.
 */
void	 handoff_sweep(const char *dir);

/* As fdb_handoff_listen(), at an address that handoff_choose() made. */
int	 handoff_listen_at(struct fdb_handoff **, const char *address);

#endif /* HANDOFF_H */
