/*
 * spare.h: an opener that was started before anybody asked for it, and the two
 * sockets of a session, so that the next session need not wait for a program to
 * be executed, nor for names to be made and removed.
 *
 * The opener is executed like every opener, under the supervisor's filter, and
 * waits for SETUP on its channel.  It serves one session, as every opener does.
 * The sockets have no names any more, and are in one session.
 */

#ifndef DAEMON_SPARE_H
#define DAEMON_SPARE_H

#include <stdbool.h>

#include "ipc/setup.h"
#include "ipc/spawn.h"

struct spare {
	const char	*path;		/* of the opener */
	const char	*dir;		/* where sockets are bound */
	struct spawned	 waiting;	/* pid -1: none waits */
	int		 pair[2];	/* -1: there is none */
	bool		 ended;
};

/* Both strings must stay: the opener's path, and dgram_pair_bound()'s. */
void	 spare_init(struct spare *, const char *path, const char *dir);

/*
 * Start an opener that waits, unless one does, and make a pair of sockets.  To
 * be called by a supervisor that is confined: the opener inherits that.  What
 * cannot be made, the next session tries again.
 */
void	 spare_fill(struct spare *);

/*
 * As spawn_opener(), with the opener that waits, if there is one.  To start
 * another is for later, when this session has begun.
 */
int	 spare_use(struct spare *, const struct setup *, struct spawned *);

/* As dgram_pair_bound(), with the pair that was made, if there is one. */
int	 spare_pair(struct spare *, int fds[2]);

/* A child has ended, with this status: was it the opener that waited? */
bool	 spare_reaped(struct spare *, pid_t, int status);

/* End it, or kill it; there will be no other.  spare_reaped() is still due. */
void	 spare_end(struct spare *);
void	 spare_kill(struct spare *);

/* Has the last one been reaped? */
bool	 spare_gone(const struct spare *);

#endif /* DAEMON_SPARE_H */
