/*
 * listenerchan.h: the supervisor's end of its channel to the listener.
 */

#ifndef LISTENERCHAN_H
#define LISTENERCHAN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "daemon/admission.h"
#include "daemon/controlcmd.h"

struct event;
struct event_base;

struct listenerchan {
	int			 fd;
	struct event		*event;
	pid_t			 pid;		/* of the listener; -1: ended */
	bool			 ending;	/* only its log is taken */
	/* Who acts on what it says. */
	struct admission	*admission;
	struct controlcmd	*control;
	/* The listener is confined and at work.  Called once. */
	void			(*ready)(void *arg);
	/* A user floods the socket for peers. */
	void			(*flood)(void *arg, uint32_t uid);
	/* It is gone, or said what it may not say. */
	void			(*broken)(void *arg);
	void			*arg;
};

/*
 * Serve a channel whose other members are set; the descriptor is the module's
 * from here on.  0, or -1.
 */
int	 listenerchan_init(struct listenerchan *, struct event_base *);

/*
 * End the listener.  The channel stays open for the last lines of its log, and
 * is closed when the listener closes it.
 */
void	 listenerchan_end(struct listenerchan *);
/* The listener has been reaped: take what it has left. */
void	 listenerchan_reaped(struct listenerchan *);

/* Close the channel, which ends the listener, too. */
void	 listenerchan_close(struct listenerchan *);

#endif /* LISTENERCHAN_H */
