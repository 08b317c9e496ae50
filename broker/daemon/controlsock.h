/*
 * controlsock.h: the listener's side of the control socket: who connects,
 * what they ask, and what goes back to them.
 */

#ifndef DOOR_H
#define DOOR_H

#include "base/fdmsg.h"
#include "base/wire.h"

#define DOOR_CLIENTS	16

struct event;
struct event_base;
struct door;

struct door_client {
	struct door	*door;
	struct event	*event;		/* NULL: this place is free */
	uint32_t	 number;	/* never the same twice */
	int		 fd;
	int		 waiting;	/* its request was not answered yet */
	int		 monitors;
};

struct door {
	struct event_base	*base;
	struct event		*event;
	int			 listening;	/* -1: no control socket */
	int			 channel;	/* to the supervisor */
	uint32_t		 next;
	struct door_client	 clients[DOOR_CLIENTS];
};

/* 0, or -1 with errno. */
int	door_init(struct door *, struct event_base *, int listening,
	    int channel);

/*
 * An answer from the supervisor, from its client's number on; m has what came
 * with it.  A client that is gone or does not read is closed.
 */
void	door_answer(struct door *, struct wire_in *, struct fdmsg *m);

/* Close all clients: who may connect has changed. */
void	door_close_all(struct door *);

/* A line for all who monitor. */
void	door_monitor(struct door *, struct wire_in *);

#endif /* DOOR_H */
