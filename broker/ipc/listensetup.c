/*
 * listensetup.c: the LISTENER message; see listensetup.h.
 *
 * Runs in the supervisor and, at its start, in the listener.
 */

#include "config.h"

#include <string.h>

#include "base/fdmsg.h"
#include "base/message.h"
#include "ipc/listensetup.h"
#include "ipc/msg.h"
#include "ipc/types.h"

#define LISTEN_FDS	4

/* Flags of a LISTENER. */
#define LISTEN_VERBOSE	0x01
#define LISTEN_OPTIONAL	0x02
#define LISTEN_FLAGS	0x03

int
listensetup_send(int channel, const struct listensetup *ls)
{
	uint8_t		 buf[MESSAGE_SHORT];
	int		 fds[LISTEN_FDS];
	struct message	 m;

	fds[0] = ls->rendezvous;
	fds[1] = ls->peers;
	fds[2] = ls->control;
	fds[3] = ls->empty;
	message_begin(&m, IPC_LISTENER, buf, sizeof(buf));
	wire_put_u8(&m.w, (ls->verbose ? LISTEN_VERBOSE : 0) |
	    (ls->optional ? LISTEN_OPTIONAL : 0));
	wire_put_u32(&m.w, ls->uid);
	wire_put_u32(&m.w, ls->gid);
	return message_send(channel, &m, fds, LISTEN_FDS);
}

static int
listensetup_get(struct wire_in *in, struct listensetup *ls, struct fdmsg *m)
{
	uint8_t	 flags = wire_get_u8(in);

	if (flags & ~LISTEN_FLAGS)
		wire_get_fail(in);
	ls->verbose = (flags & LISTEN_VERBOSE) != 0;
	ls->optional = (flags & LISTEN_OPTIONAL) != 0;
	ls->uid = wire_get_u32(in);
	ls->gid = wire_get_u32(in);
	if (wire_get_end(in) == -1)
		return -1;
	ls->rendezvous = fdmsg_take(m, 0);
	ls->peers = fdmsg_take(m, 1);
	ls->control = fdmsg_take(m, 2);
	ls->empty = fdmsg_take(m, 3);
	return 0;
}

int
listensetup_recv(int channel, struct listensetup *ls)
{
	uint8_t		 buf[PROTO_HEADER + 64];
	struct wire_in	 in;
	struct fdmsg	 m;
	int		 ret;

	memset(ls, 0, sizeof(*ls));
	ls->rendezvous = ls->peers = ls->control = ls->empty = -1;
	if (ipc_await(channel, buf, sizeof(buf), LISTEN_FDS, IPC_LISTENER,
	    &in, &m) == -1)
		return -1;
	ret = listensetup_get(&in, ls, &m);
	fdmsg_close(&m);
	return ret;
}
