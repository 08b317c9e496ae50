/*
 * listener.h: the process that reads what strangers send to the rendezvous.
 */

#ifndef LISTENER_H
#define LISTENER_H

#include <stdint.h>

struct listener_args {
	int		 rendezvous;	/* bound, with credentials wanted */
	int		 control;	/* listening; or -1 */
	int		 channel;	/* to the supervisor */
	int		 empty;		/* a directory to change root to */
	uint32_t	 uid, gid;
	int		 verbose;
	int		 optional;	/* confinement may be partial */
};

/* Runs until the supervisor is gone. */
void	listener_main(const struct listener_args *)
	    __attribute__((noreturn));

#endif /* LISTENER_H */
