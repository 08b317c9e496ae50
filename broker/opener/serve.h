/*
 * serve.h: an opener's session with its worker: it begins with WELCOME and
 * START, answers one request after the other, and ends.
 */

#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>

#include "opener/state.h"

struct serve {
	struct state	*state;
	bool		 started;	/* START was received */
	bool		 ended;		/* the worker was told that it ends */
	int		 own_pipe;	/* one end; the caller's */
	int		 peer_alive;	/* at its EOF the worker is gone */
};

/* The state and the opener's pipe, of alive_pipe(), stay the caller's. */
void	 serve_init(struct serve *, struct state *, int own_pipe);
/* Also ends its walks. */
void	 serve_free(struct serve *);

/*
 * Send WELCOME with a descriptor that stays the caller's: its EOF shows the
 * worker that the opener is gone.  0, or -1 with errno.
 */
int	 serve_welcome(struct serve *, int self_alive);

/*
 * Receive and answer one message.  1 after one; 0 if there was none; -1 when
 * the session is over: the worker is gone (errno is ECONNREFUSED or
 * ECONNRESET, and nothing is logged), or it broke the protocol, which is
 * logged and told to the worker.
 */
int	 serve_one(struct serve *);

/* Tell the worker that the session ends, and why; best effort. */
void	 serve_end(struct serve *, int error, const char *why);
/* The same instead of WELCOME: there will be no session. */
void	 serve_refuse(struct serve *, int error, const char *why);

#endif /* SERVE_H */
