/*
 * acceptor.h: accept connections on a listening socket.
 */

#ifndef ACCEPTOR_H
#define ACCEPTOR_H

struct event;
struct event_base;

struct acceptor {
	struct event	*ev_accept, *ev_pause;
	/* Called with each connection, which it takes over. */
	void		(*take)(void *arg, int fd);
	void		*arg;
};

/*
 * Begin on a listening socket, which stays the caller's.  0, or -1: out of
 * memory.  acceptor_free() in any case.
 */
int	 acceptor_init(struct acceptor *, struct event_base *, int listening,
	    void (*take)(void *arg, int fd), void *arg);
void	 acceptor_free(struct acceptor *);

#endif /* ACCEPTOR_H */
