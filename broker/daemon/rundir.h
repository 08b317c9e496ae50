/*
 * rundir.h: the daemon's run directory.  One daemon at a time uses it, and
 * starts without the sockets of an earlier one.
 *
 *	fdbroker.sock	the rendezvous, mode 0666
 *	fdbroker.sock.peers
 *			the same for peers of roles, by an access control list
 *	control.sock	the control socket, for root and one group
 *	lock		locked by the daemon as long as it lives
 *	session/	0700: the daemon binds the sockets of sessions here, and
 *			removes their names at once
 *	empty/		0555: the root directory of the listener and the openers
 */

#ifndef RUNDIR_H
#define RUNDIR_H

#include <limits.h>

#include "base/dgram.h"
#include "base/proto.h"

#define RUNDIR_SOCKET	PROTO_SOCKET_NAME
#define RUNDIR_PEERS	PROTO_SOCKET_NAME PROTO_PEERS_SUFFIX

struct rundir {
	char	 path[DGRAM_PATH_MAX];
	char	 session[DGRAM_PATH_MAX];	/* path of session/ */
	int	 lock;
	int	 fd;			/* the directory itself */
	int	 session_fd;
	int	 empty;
};

/*
 * Make the directories that are missing, check who owns them, take the lock,
 * and remove every socket that an earlier daemon left.  0, or -1 after the
 * reason was logged: another daemon runs there, a path is too long, or a
 * directory cannot be used or belongs to another user.
 */
int	 rundir_open(struct rundir *, const char *path);
void	 rundir_close(struct rundir *);

#endif /* RUNDIR_H */
