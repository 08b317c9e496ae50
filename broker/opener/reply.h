/*
 * reply.h: put the reply to a request together and send it, in several
 * messages if one does not hold it.
 */

#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/message.h"
#include "base/proto.h"
#include "opener/state.h"

/* The most bytes that a status takes in a message. */
#define REPLY_STATUS_MAX	(4 + 1 + 4 + 2 + PROTO_TEXT_MAX)

struct reply {
	struct message	 m;
	int		 fds[FDMSG_MAXFD];	/* its own, until it is sent */
	size_t		 nfds;
	bool		 keep;		/* the descriptors are not its own */
	uint8_t		 buf[PROTO_MAX];
};

/*
 * Begin the reply to the request of this id.  Items are put into r->m.w and
 * counted in r->m.h.items, their descriptors appended to r->fds.  They are
 * closed once they are sent, unless the caller sets r->keep after this.
 */
void	 reply_begin(struct reply *, const struct state *, uint16_t type,
	    uint32_t id);

/*
 * Make room for an item of `need' bytes at the most: if it might not fit, send
 * what there is and begin the next message of the same reply.  0, or -1 with
 * errno.
 */
int	 reply_room(struct reply *, struct state *, size_t need);

/*
 * Send the last message of the reply, and close its descriptors whatever the
 * outcome.  0, or -1 with errno.
 */
int	 reply_send(struct reply *, struct state *);

/*
 * Send any message to the worker, and wait while it has not read what it was
 * sent before.  The descriptors stay the caller's.  0, or -1 with errno.
 */
int	 reply_send_message(struct state *, struct message *, const int *fds,
	    size_t nfds);

#endif /* REPLY_H */
