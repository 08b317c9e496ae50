/*
 * rundir.h: the daemon's run directory: one daemon in it, and nothing of an
 * earlier one.
 *
 *	fdbroker.sock	the rendezvous, mode 0666
 *	lock		held by the daemon as long as it lives
 *	peer/		01733: workers bind here for a handshake
 *	session/	0711: the daemon binds here for a handshake
 *	empty/		0555: what the listener and the openers have as root
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
 * Make what is missing, check who owns it, take the lock, and remove every
 * socket that an earlier daemon or its workers left.  0, or -1; what is wrong
 * was logged: another daemon runs there, or the directory or one in it is not
 * ours alone.
 */
int	 rundir_open(struct rundir *, const char *path);
void	 rundir_close(struct rundir *);

/* Remove every socket in it, when we end. */
void	 rundir_clean(const struct rundir *);

/*
 * Remove from peer/ what is older than `age' seconds: a worker that lives
 * removes its socket within its handshake.
 */
void	 rundir_clean_peer(const struct rundir *, int age);

#endif /* RUNDIR_H */
