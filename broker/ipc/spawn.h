/*
 * spawn.h: start an opener, or another program of ours in the same way.
 */

#ifndef SPAWN_H
#define SPAWN_H

#include <sys/types.h>

#include "ipc/event.h"
#include "ipc/setup.h"

struct spawned {
	pid_t	 pid;		/* to be waited for by the caller */
	int	 channel;	/* the caller's; closing it ends the opener */
};

/*
 * Start the program at path with nothing but a channel, on descriptor
 * SETUP_CHANNEL_FD: no environment, no other descriptor but the standard
 * ones, all signals as they are by default.  0, or -1 with errno.
 */
int	 spawn_program(const char *path, char *const argv[],
	    struct spawned *);

/* End what was started and is of no use, and wait for it.  Keeps errno. */
void	 spawn_undo(struct spawned *);

/*
 * Start the program at path as an opener and send it its
 * setup.  0, or -1 with errno; no process is left then.
 */
int	 spawn_opener(const char *path, const struct setup *,
	    struct spawned *);

/* What an opener says, apart from its lines for the log. */
struct spawn_news {
	uint32_t		 confined;	/* STARTED: FDB_CONFINED_* */
	struct event_record	 event;		/* AUDIT */
};

/*
 * Take one message from an opener's channel, and log what it says if it is a
 * line for the log.  The message's type, 0 if nothing is there, or -1: the
 * opener is gone, or broke the protocol (errno EPROTO).
 */
int	 spawn_read_channel(int channel, struct spawn_news *);

#endif /* SPAWN_H */
