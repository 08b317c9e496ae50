/*
 * shutout.h: the users who flood the socket for peers, and may not use it for a
 * while.
 */

#ifndef SHUTOUT_H
#define SHUTOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHUTOUT_MAX	64	/* users at once */
#define SHUTOUT_SECONDS	10

struct event;
struct event_base;

struct shutout {
	struct event	*timer;		/* of the next one to end */
	struct {
		uint32_t	 uid;
		int64_t		 until;	/* clock_ms() */
	} uids[SHUTOUT_MAX];		/* the first to end first */
	size_t		 n;
	/* Somebody's time has passed. */
	void		(*changed)(void *arg);
	void		*arg;
};

/* changed and its arg are set.  0, or -1: out of memory. */
int	 shutout_init(struct shutout *, struct event_base *);
void	 shutout_stop(struct shutout *);

/*
 * Shut a user out.  False if it is shut out already, is root, whom nothing
 * shuts out, or if there is no place left.
 */
bool	 shutout_add(struct shutout *, uint32_t uid);

bool	 shutout_has(const struct shutout *, uint32_t uid);

/* End the time of those whose time has passed; the timer calls it. */
void	 shutout_expire(struct shutout *, int64_t now_ms);

#endif /* SHUTOUT_H */
