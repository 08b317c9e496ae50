/*
 * msg.h: what every process of ours says to the one that started it, over
 * a pair of sequenced-packet sockets: its log lines, and short notices.
 */

#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "base/wire.h"
#include "ipc/types.h"

#define IPC_TEXT_MAX	1024	/* room for a line of the log, with its NUL */
#define IPC_MSG_MAX	2048	/* bytes in a message from a child */

/* A log_sink; arg points to the channel's descriptor. */
void	 ipc_sink(void *arg, int priority, const char *text);

/* Tell an opener to end its session, and why.  0, or -1. */
int	 ipc_send_end(int channel, int error, const char *why);

/* Tell that we are confined, by which layers, and at work.  0, or -1. */
int	 ipc_send_started(int channel, uint32_t confined);

/*
 * Tell an opener what its session may open a second at the most, because of
 * the limits of its user; 0: as much as its role allows.  0, or -1.
 */
int	 ipc_send_share(int channel, uint32_t opens);

/*
 * Parse what came over a channel.  A message that is not one of ours is
 * logged: the process at the other end is broken or taken over.  0, or -1
 * with errno EPROTO and the descriptors of m closed.
 */
int	 ipc_parse(const void *buf, size_t len, struct fdmsg *m,
	    struct proto_header *, struct wire_in *);

/*
 * Wait for the one message of a type that a process is told at its start, and
 * take it.  0: the descriptors of m are the caller's; or -1 with errno: EPROTO
 * for another, or as fdmsg_recv().
 */
int	 ipc_await(int channel, void *buf, size_t size, size_t maxfds,
	    uint16_t type, struct wire_in *in, struct fdmsg *m);

/* Log the line in a LOG message.  0, or -1 with errno EPROTO. */
int	 ipc_log(struct wire_in *);

#endif /* IPC_MSG_H */
