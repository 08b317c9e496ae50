/*
 * acceptor.h: accept connections on a listening socket, with or
 * without a limit on the rate.
 */

#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <stdint.h>

#include "base/bucket.h"

struct event;
struct event_base;

struct acceptor {
	struct event	*ev_accept, *ev_pause;
	/* Called with each connection, which it takes over. */
	void		(*take)(void *arg, int fd);
	void		*arg;
	int64_t		 rate, size;	/* of the bucket; 0: no limit */
	struct bucket	 bucket;
};

/*
 * Begin on a listening socket, which stays the caller's.  0, or -1: out of
 * memory.  acceptor_free() in any case.
 */
int	 acceptor_init(struct acceptor *, struct event_base *, int listening,
	    void (*take)(void *arg, int fd), void *arg);
/*
 * From here on, accept a burst of about size connections, and rate a second
 * after that.  Who comes in between waits in connect(2).
 */
void	 acceptor_pace(struct acceptor *, int64_t rate, int64_t size);
void	 acceptor_free(struct acceptor *);

#endif /* ACCEPTOR_H */
