/*
 * watch.h: ask for watches, and keep what the broker tells of them until the
 * caller takes it: it may come while the caller waits for something else.
 */

#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include <stdbool.h>

#include "client/fdbroker.h"
#include "client/session.h"

/*
 * Send what is to be sent about watches: requests, credit, CANCEL.  0, or -1:
 * EAGAIN or EPIPE.
 */
int	 watch_send(struct fdb_session *);

/*
 * A WATCHED has arrived, with its header in s->head and its item at s->in: keep
 * it, with its descriptor.  What is wrong with it, or NULL.  With lost, its
 * descriptor was lost.
 */
const char *watch_accept(struct fdb_session *, bool lost);

/* Take what is kept: true and *r is filled. */
bool	 watch_next(struct fdb_session *, struct fdb_result *r);

#endif /* CLIENT_WATCH_H */
