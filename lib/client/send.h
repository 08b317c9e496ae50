/*
 * send.h: what all requests have in common: the session lives, a name that a
 * broker accepts, and the sending.
 */

#ifndef SEND_H
#define SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"
#include "client/session.h"

/* 0; or -1 with errno EPIPE: the session has ended. */
int	 send_check(const struct fdb_session *);

/*
 * A name as the wire has it: an absolute one loses its "/".  NULL with errno if
 * no broker would accept it.
 */
const char *send_name(struct fdb_session *, uint32_t base, const char *name,
	    bool may_be_empty);

/*
 * Send one message.  0, or -1: EAGAIN (it stays to be sent), EPIPE (the session
 * has ended).
 */
int	 send_message(struct fdb_session *, struct message *);
/* The same: grant a walk or watch credit, or cancel it. */
int	 send_credit(struct fdb_session *, uint32_t id, uint32_t bytes,
	    uint32_t fds);
int	 send_cancel(struct fdb_session *, uint32_t id);
/* The same with a message that is finished. */
int	 send_bytes(struct fdb_session *, const void *, size_t);

#endif /* SEND_H */
