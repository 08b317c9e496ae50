/*
 * walk.h: ask for walks, grant credit, and hand out their records.
 */

#ifndef CLIENT_WALK_H
#define CLIENT_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "client/fdbroker.h"
#include "client/session.h"

/*
 * Send what is to be sent about walks: requests, credit, CANCEL.  0, or -1:
 * EAGAIN or EPIPE.
 */
int	 walk_send(struct fdb_session *);

/*
 * A WALK_REPLY has arrived, with its header in s->head and its items at s->in.
 * What is wrong with it, or NULL.  With lost, its descriptors were lost: they
 * are not counted, and what should have one has an error.
 */
const char *walk_accept(struct fdb_session *, bool lost);

/*
 * The next result of the WALK_REPLY at hand: 1; 0 if there is none any more; -1
 * with errno ENOMEM.
 */
int	 walk_next(struct fdb_session *, struct fdb_result *);

#endif /* CLIENT_WALK_H */
