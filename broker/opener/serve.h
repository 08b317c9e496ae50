/*
 * serve.h: an opener's session with its worker: it begins with WELCOME, answers
 * one request after the other, and ends.
 */

#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>

#include "opener/state.h"

struct serve {
	struct state	*state;
	bool		 ended;		/* the worker was told that it ends */
	int		 conn;		/* at its end the worker is gone */
};

/*
 * The state stays the caller's.  The connection on which the worker waits is
 * taken over.
 */
void	 serve_init(struct serve *, struct state *, int conn);
/* Also ends its walks. */
void	 serve_free(struct serve *);

/*
 * Send WELCOME with the worker's end of the session, a descriptor that stays
 * the caller's.  0, or -1 with errno.
 */
int	 serve_welcome(struct serve *, int client);

/*
 * Receive and answer one message.  1 after one; 0 if there was none; -1 when
 * the session is over: the worker is gone (errno is ECONNREFUSED or
 * ECONNRESET, and nothing is logged), or it broke the protocol, which is
 * logged and told to the worker.
 */
int	 serve_one(struct serve *);

/* Log that the worker sent something on its connection, and tell it. */
void	 serve_protest_conn(struct serve *);

/* Tell the worker that the session ends, and why; best effort. */
void	 serve_end(struct serve *, int error, const char *why);
/* The same instead of WELCOME: there will be no session. */
void	 serve_refuse(struct serve *, int error, const char *why);

#endif /* SERVE_H */
