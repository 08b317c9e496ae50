/*
 * blocking.h: make one request and wait for its answer.
 */

#ifndef BLOCKING_H
#define BLOCKING_H

#include "client/session.h"

/*
 * Ask what is at an absolute path, and wait for the answer: 0 and *r, whose
 * strings live until the next request; or -1 with errno, and the session says
 * who refused.  "/" is allowed.
 */
int	 blocking_stat(struct fdb_session *, const char *path,
	    struct fdb_result *r);

#endif /* BLOCKING_H */
