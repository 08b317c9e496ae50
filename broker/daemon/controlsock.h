/*
 * controlsock.h: the listener's side of the control socket: who is connected,
 * what they ask, and what the supervisor answers them.
 */

#ifndef CONTROLSOCK_H
#define CONTROLSOCK_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/wire.h"
#include "daemon/acceptor.h"

#define CONTROLSOCK_CLIENTS	16

struct event;
struct event_base;
struct controlsock;

/* A connected fdbrokerctl. */
struct controlsock_client {
	struct controlsock	*sock;
	struct event		*event;		/* NULL: this place is free */
	uint32_t		 number;	/* never the same twice */
	int			 fd;
	uid_t			 uid;		/* from the kernel */
	uint64_t		 used;		/* when: see `uses' below */
	bool			 waiting;	/* for an answer */
	bool			 monitors;
	uint64_t		 lost;		/* lines that it missed */
};

struct controlsock {
	struct event_base		*base;
	struct acceptor			 acceptor;
	int				 channel;	/* to the supervisor */
	uint32_t			 last_number;
	uint64_t			 uses;		/* a clock: it counts */
	struct controlsock_client	 clients[CONTROLSOCK_CLIENTS];
};

/*
 * Accept clients on a listening socket, which stays the caller's; -1 if there
 * is none.  0, or -1 with errno.
 */
int	 controlsock_init(struct controlsock *, struct event_base *,
	    int listening, int channel);

/*
 * Pass an answer of the supervisor on to the client whose number it begins
 * with, together with the descriptor in m, which stays the caller's.  A client
 * that does not read its answer is closed.  0, or -1 with errno EBADMSG.
 */
int	 controlsock_answer(struct controlsock *, struct wire_in *,
	    const struct fdmsg *m);

/*
 * Send a line to all clients that monitor.  One that does not keep up misses
 * lines, and is told how many.  0, or -1 with errno EBADMSG.
 */
int	 controlsock_monitor(struct controlsock *, struct wire_in *);

/* Close all clients, or all but those of root: another group may connect. */
void	 controlsock_close_all(struct controlsock *, bool root);

#endif /* CONTROLSOCK_H */
