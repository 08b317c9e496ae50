/*
 * reply.h: receive the broker's replies and check each whole.
 */

#ifndef REPLY_H
#define REPLY_H

#include "client/session.h"

/*
 * Receive one message.  If it is a reply, have_reply is set and its items are
 * at s->in; if its descriptors were lost on the way, lost is set.  1; 0 if
 * nothing is there; -1 with errno, and the session has ended: EPIPE, or EPROTO
 * if the broker broke the protocol.
 */
int	 reply_receive(struct fdb_session *);

/*
 * Decode the next item of the reply into s->item.  The reply was decoded once
 * by reply_receive(), so this cannot fail.
 */
void	 reply_next_item(struct fdb_session *);

/* Does the item come with a descriptor? */
bool	 reply_item_has_fd(const struct reply_kind *,
	    const struct reply_item *);

#endif /* REPLY_H */
