/*
 * watch.h: answer WATCH: send a descriptor of what stands at a name, and
 * another one whenever another file stands there.
 */

#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/proto.h"
#include "base/wire.h"
#include "opener/state.h"

/*
 * Take a WATCH, or the credit for one, or a CANCEL.  0, or -1 with errno:
 * EBADMSG if it breaks the protocol, ENOMEM.
 */
int	 watch_request(struct state *, const struct proto_header *,
	    struct wire_in *);
int	 watch_credit(struct state *, const struct proto_header *,
	    struct wire_in *);
int	 watch_cancel(struct state *, const struct proto_header *,
	    struct wire_in *);

/* Has a watch this number? */
bool	 watch_is(const struct state *, uint32_t id);

/*
 * What to wait for until watch_slice() is called again: milliseconds, or -1;
 * POLLOUT of the session's socket, which is added to *events; and that *fd, if
 * it is not -1, can be read.
 */
int	 watch_poll(const struct state *, short *events, int *fd);

/*
 * Look at the names if it is time, and send what can be sent without waiting.
 * 0, or -1 with errno: the session is over.
 */
int	 watch_slice(struct state *);

/* End and free all watches. */
void	 watch_free(struct state *);

#endif /* WATCH_H */
