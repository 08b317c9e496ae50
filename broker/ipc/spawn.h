/*
 * spawn.h: start a program of ours with a channel to it: an opener or the
 * listener.
 */

#ifndef SPAWN_H
#define SPAWN_H

#include <sys/types.h>

#include "ipc/event.h"
#include "ipc/setup.h"

struct spawned {
	pid_t	 pid;		/* the caller waits for it */
	int	 channel;	/* the caller's; closing it ends the program */
};

/*
 * Start the program at path with a channel on descriptor SETUP_CHANNEL_FD, and
 * with nothing else: no environment, no descriptor but the standard ones, all
 * signals at their defaults.  0, or -1 with errno.
 */
int	 spawn_program(const char *path, char *const argv[],
	    struct spawned *);

/* Kill what was started, and wait for it.  Keeps errno. */
void	 spawn_undo(struct spawned *);

/*
 * Start the program at path as an opener, and send SETUP to it.  0, or -1 with
 * errno; no process is left then.
 */
int	 spawn_opener(const char *path, const struct setup *,
	    struct spawned *);

/*
 * Start the program at path as an opener that waits for SETUP.  Until it has
 * that, ps(1) shows it as a spare one.  0, or -1 with errno.
 */
int	 spawn_waiting(const char *path, struct spawned *);

/* What an opener sends, besides lines for the log. */
struct spawn_news {
	uint32_t		 confined;	/* STARTED: FDB_CONFINED_* */
	struct event_record	 event;		/* AUDIT */
};

/*
 * Receive one message from an opener, and log it if it is a line for the log.
 * The message's type, or 0 if there is none.  Or -1: the opener is gone, or
 * broke the protocol (errno EPROTO).
 */
int	 spawn_read_channel(int channel, struct spawn_news *);

#endif /* SPAWN_H */
