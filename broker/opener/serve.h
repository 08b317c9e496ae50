/*
 * serve.h: an opener's session with its worker: requests in, policy and
 * resolution applied, replies out.
 */

#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>

#include "opener/state.h"

struct serve {
	struct state	*state;
	bool		 started;	/* START was received */
	bool		 ended;		/* the worker was told so */
	int		 peer_alive;	/* at its end the worker is gone */
};

void	 serve_init(struct serve *, struct state *);
void	 serve_free(struct serve *);

/*
 * Send WELCOME with the descriptor whose end shows that we are gone.
 * 0, or -1 with errno.
 */
int	 serve_welcome(struct serve *, int self_alive);

/*
 * Receive and answer one message.  1 after one; 0 if there was none; -1 when
 * the session is over: the worker is gone (errno is ECONNREFUSED or
 * ECONNRESET, and nothing is logged), or it broke the protocol, which is
 * logged and which it is told.
 */
int	 serve_one(struct serve *);

/* Tell the worker that and why the session ends; best effort. */
void	 serve_end(struct serve *, int error, const char *why);
/* The same instead of a welcome: there will be no session. */
void	 serve_refuse(struct serve *, int error, const char *why);

#endif /* SERVE_H */
