/*
 * rundir.h: the daemon's run directory.  One daemon at a time uses it, and
 * starts without the sockets of an earlier one.
 *
 *	fdbroker.sock	the rendezvous, mode 0666
 *	control.sock	the control socket, for root and one group
 *	lock		locked by the daemon as long as it lives
 *	peer/		01733: peers bind here for a handshake
 *	session/	0711: the daemon binds here for a handshake
 *	empty/		0555: the root directory of the listener and the openers
 */

#ifndef RUNDIR_H
#define RUNDIR_H

#include <limits.h>

#include "base/dgram.h"
#include "base/proto.h"

#define RUNDIR_SOCKET	PROTO_SOCKET_NAME

struct rundir {
	char	 path[DGRAM_PATH_MAX];
	char	 session[DGRAM_PATH_MAX];	/* path of session/ */
	int	 lock;
	int	 fd;			/* the directory itself */
	int	 peer;
	int	 session_fd;
	int	 empty;
};

/*
 * Make the directories that are missing, check who owns them, take the lock,
 * and remove every socket that an earlier daemon or its peers left.  0, or -1
 * after the reason was logged: another daemon runs there, a path is too long,
 * or a directory cannot be used or belongs to another user.
 */
int	 rundir_open(struct rundir *, const char *path);
void	 rundir_close(struct rundir *);

/* Remove every socket in it, at the end of the daemon. */
void	 rundir_clean(const struct rundir *);

/*
 * Remove from peer/ everything that is at least `age' seconds old.  A peer
 * that lives removes its socket during its handshake.
 */
void	 rundir_clean_peer(const struct rundir *, int age);

#endif /* RUNDIR_H */
