/*
 * message.h: build a message and send it: begin, put items, send.
 *
 *	uint8_t		 buf[MESSAGE_SHORT];
 *	struct message	 m;
 *
 *	message_begin(&m, PROTO_HELLO, buf, sizeof(buf));
 *	wire_put_str(&m.w, role);
 *	if (message_send(sock, &m, NULL, 0) == -1)
 *		...
 */

#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/proto.h"
#include "base/wire.h"

/* Bytes that are enough for a message with one text of PROTO_TEXT_MAX. */
#define MESSAGE_SHORT	512

struct message {
	struct proto_header	 h;
	struct wire_out		 w;	/* where the items are put */
};

/*
 * Begin a message of the type in buf, which stays the caller's and lives until
 * the message is sent; size is PROTO_MAX at most.  The header says that there
 * is one item; the caller changes h.items, h.id, h.flags and h.generation as
 * the message needs.
 */
void	 message_begin(struct message *, uint16_t type, void *buf,
	    size_t size);

/*
 * Write the header for nfds descriptors.  The length of the message, or 0 with
 * errno EMSGSIZE if the items did not fit.
 */
size_t	 message_finish(struct message *, size_t nfds);

/*
 * Finish and send on a connected socket; the descriptors stay the caller's.
 * 0, or -1 with errno: EMSGSIZE, or of fdmsg_send().
 */
int	 message_send(int sock, struct message *, const int *fds,
	    size_t nfds);
/* The same without descriptors, as fdmsg_try_send(). */
int	 message_try_send(int sock, struct message *);

#endif /* MESSAGE_H */
