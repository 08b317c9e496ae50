/*
 * peersock.h: the socket that a peer bound in peer/, on which it waits for the
 * answer to its request.
 */

#ifndef PEERSOCK_H
#define PEERSOCK_H

#include <sys/types.h>

#include <stdint.h>

#include "base/dgram.h"
#include "daemon/rundir.h"
#include "ipc/admit.h"

/*
 * Refer to the peer's socket by the name in its request, without connecting.
 * An O_PATH descriptor, or -1 with errno: ENOENT if the peer gave up.
 */
int	 peersock_open(const struct rundir *, const struct admit *);

/*
 * Bind a fresh socket to a random name in session/, connect it to the peer's
 * socket, an O_PATH descriptor, and let only uid connect back.  `bytes' may be
 * queued for the peer.  0, or -1 with errno: EPERM if the peer's socket does
 * not belong to uid, or as dgram_bind_random() and dgram_connect_inode().  The
 * caller closes d in both cases.
 */
int	 peersock_connect(struct dgram *d, const struct rundir *, int peer,
	    uid_t uid, uint32_t bytes);

/*
 * Send REFUSED to the peer, from a fresh socket that is closed again.  0, or
 * -1 with errno, as peersock_connect() or fdmsg_send().
 */
int	 peersock_refuse(const struct rundir *, int peer, uid_t uid, int error,
	    const char *why);

#endif /* PEERSOCK_H */
