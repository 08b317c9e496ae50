/*
 * worker.h: what the workers of the test scripts have in common: how they begin
 * a session, and how they print why something failed.
 */

#ifndef WORKER_H
#define WORKER_H

#include "client/fdbroker.h"

/* Begin a session, or exit with status 1 and the reason. */
struct fdb_session	*worker_connect(const char *sock, const char *role);

/* Confine the process, or exit with status 1. */
void	 worker_confine(struct fdb_session *);

/* "policy", for example. */
const char	*worker_reason(enum fdb_reason);

/* "REASON ERRNO [WHERE]" of a result that failed; the next call reuses it. */
const char	*worker_failure(const struct fdb_result *);

#endif /* WORKER_H */
