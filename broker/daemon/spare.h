/*
 * spare.h: an opener that was started before anybody asked for it, so that the
 * next session need not wait for a program to be executed.
 *
 * It is executed like every opener, under the supervisor's filter, and waits
 * for SETUP on its channel.  It serves one session, as every opener does.
 */

#ifndef DAEMON_SPARE_H
#define DAEMON_SPARE_H

#include <stdbool.h>

#include "ipc/setup.h"
#include "ipc/spawn.h"

struct spare {
	const char	*path;		/* of the opener */
	struct spawned	 waiting;	/* pid -1: none waits */
	bool		 ended;
};

void	 spare_init(struct spare *, const char *path);

/*
 * Start an opener that waits, unless one does.  To be called by a supervisor
 * that is confined: the opener inherits that.  If it cannot be started, the
 * next session tries again.
 */
void	 spare_fill(struct spare *);

/*
 * As spawn_opener(), with the opener that waits, if there is one.  To start
 * another is for later, when this session has begun.
 */
int	 spare_use(struct spare *, const struct setup *, struct spawned *);

/* A child has ended, with this status: was it the opener that waited? */
bool	 spare_reaped(struct spare *, pid_t, int status);

/* End it, or kill it; there will be no other.  spare_reaped() is still due. */
void	 spare_end(struct spare *);
void	 spare_kill(struct spare *);

/* Has the last one been reaped? */
bool	 spare_gone(const struct spare *);

#endif /* DAEMON_SPARE_H */
