/*
 * next.h: wait for the answer to a request, and leave what watches tell to
 * whoever calls fdb_next() later.
 */

#ifndef NEXT_H
#define NEXT_H

#include "client/session.h"

/* As fdb_wait(), for ever, but no result of a watch. */
int	 next_wait_reply(struct fdb_session *, struct fdb_result *);

#endif /* NEXT_H */
