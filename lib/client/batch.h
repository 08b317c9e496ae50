/*
 * batch.h: the batch that is being collected.
 */

#ifndef CLIENT_BATCH_H
#define CLIENT_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "client/session.h"

/*
 * Make room for one more item of a type, of len bytes.  The caller puts it into
 * s->out.w and notes its cookie.  0, or -1: EAGAIN, EPIPE.
 */
int	 batch_room(struct fdb_session *, uint16_t type, size_t len);

#endif /* CLIENT_BATCH_H */
