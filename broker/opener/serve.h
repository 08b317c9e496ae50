/*
 * serve.h: an opener's session with its worker: requests in, policy and
 * resolution applied, replies out.
 */

#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/event.h"
#include "ipc/setup.h"
#include "opener/tokens.h"
#include "policy/tables.h"

/*
 * Wait until the session's socket can be written; called when a worker does
 * not read its replies.  0 to try again, -1 to give the session up.
 */
typedef int (*serve_wait)(void *arg);

/*
 * Wait for some milliseconds, since the role's limit of opens a second is
 * reached.  0, or -1 to give the session up.
 */
typedef int (*serve_pause)(void *arg, int ms);

/* Pass a record on.  0, or -1 if that was not possible. */
typedef int (*serve_tell)(void *arg, const struct event_record *);

struct serve {
	struct setup	*setup;		/* sockets, role, roots, limits */
	struct tokens	 tokens;
	bool		 started;	/* START was received */
	bool		 ended;		/* the worker was told so */
	int		 peer_alive;	/* its end: the worker is gone */
	serve_wait	 wait;
	serve_pause	 pause;		/* or NULL: there is no such limit */
	int64_t		 opens_at;	/* clock_ms() when `opens_left' held */
	int64_t		 opens_left;	/* thousandths of an open */
	serve_tell	 tell;		/* or NULL */
	void		*arg;		/* of both */
	enum policy_reason	 policy;	/* why it denied, last */
	uint32_t	 refusals;	/* so far; numbers them */
	uint32_t	 lost;		/* records since one could be told */
};

/* 0, or -1 with errno ENOMEM. */
int	 serve_init(struct serve *, struct setup *, serve_wait, serve_tell,
	    void *arg);
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
