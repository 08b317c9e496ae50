/*
 * msg.h: messages between a process and the one that started it, over a pair
 * of sequenced-packet sockets: log lines, and short notices both ways.
 */

#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "base/wire.h"
#include "ipc/dispatch.h"
#include "ipc/types.h"

#define IPC_TEXT_MAX	1024	/* room for a line of the log, with its NUL */
#define IPC_MSG_MAX	2048	/* bytes in a message from a child */

/* A log_sink that sends lines over a channel; arg points to its descriptor. */
void	 ipc_sink(void *arg, int priority, const char *text);

/*
 * Tell an opener to end its session, and why; or the listener to close all
 * clients of the control socket.  0, or -1 with errno.
 */
int	 ipc_send_end(int channel, int error, const char *why);
/* Decode that message there.  0, or -1 with errno EPROTO. */
int	 ipc_get_end(struct wire_in *, uint32_t *error, char *why,
	    size_t size);

/* Say that this process is at work, confined by these layers.  0, or -1. */
int	 ipc_send_started(int channel, uint32_t confined);

/*
 * Tell an opener how many opens per second its session has of the limit of its
 * user; 0: no limit but the role's.  0, or -1 with errno.
 */
int	 ipc_send_share(int channel, uint32_t opens);

/*
 * Parse a message that arrived over a channel.  0, or -1 with errno EPROTO: it
 * has a fault, which is logged, because the process at the other end is broken
 * or was taken over.  The descriptors of m are closed then.
 */
int	 ipc_parse(const void *buf, size_t len, struct fdmsg *m,
	    struct proto_header *, struct wire_in *);

/*
 * Wait for the message that a process gets at its start, and receive it.  0,
 * and the descriptors of m are the caller's; or -1 with errno EPROTO (it is of
 * another type, or faulty) or of fdmsg_recv().
 */
int	 ipc_await(int channel, void *buf, size_t size, size_t maxfds,
	    uint16_t type, struct wire_in *in, struct fdmsg *m);

/* A handler for dispatch(): log the line of a LOG message. */
int	 ipc_log(void *, const struct proto_header *, struct wire_in *,
	    struct fdmsg *);

/* A channel: who is at its other end, for the log, and what may come. */
struct ipc_channel {
	const char			*peer;
	const struct dispatch_row	*rows;
	size_t				 nrows;
	size_t				 maxfds;	/* in a message */
};

/*
 * Take one message of at most size bytes and pass it to its handler; state is
 * as in dispatch().  Closes the descriptors that the handler leaves.  1; 0 if
 * there is no message; or -1 with errno EPROTO (the message is faulty, or was
 * refused by its row or handler, which is logged) or of fdmsg_recv().
 */
int	 ipc_take(const struct ipc_channel *, int fd, void *buf, size_t size,
	    uint32_t state, void *arg);

#endif /* IPC_MSG_H */
