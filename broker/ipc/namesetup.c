/*
 * namesetup.c: the NAMES message; see namesetup.h.
 *
 * Runs in the supervisor and, at its start, in the names process.
 */

#include "config.h"

#include <string.h>

#include "base/fdmsg.h"
#include "base/message.h"
#include "ipc/msg.h"
#include "ipc/namesetup.h"
#include "ipc/types.h"

/* Flags of a NAMES. */
#define NAMES_VERBOSE	0x01
#define NAMES_OPTIONAL	0x02
#define NAMES_FLAGS	0x03

int
namesetup_send(int channel, const struct namesetup *ns)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_NAMES, buf, sizeof(buf));
	wire_put_u8(&m.w, (ns->verbose ? NAMES_VERBOSE : 0) |
	    (ns->optional ? NAMES_OPTIONAL : 0));
	wire_put_u32(&m.w, ns->uid);
	wire_put_u32(&m.w, ns->gid);
	return message_send(channel, &m, NULL, 0);
}

int
namesetup_recv(int channel, struct namesetup *ns)
{
	uint8_t		 buf[PROTO_HEADER + 64], flags;
	struct wire_in	 in;
	struct fdmsg	 m;

	memset(ns, 0, sizeof(*ns));
	if (ipc_await(channel, buf, sizeof(buf), 0, IPC_NAMES, &in,
	    &m) == -1)
		return -1;
	flags = wire_get_u8(&in);
	if (flags & ~NAMES_FLAGS)
		wire_get_fail(&in);
	ns->verbose = (flags & NAMES_VERBOSE) != 0;
	ns->optional = (flags & NAMES_OPTIONAL) != 0;
	ns->uid = wire_get_u32(&in);
	ns->gid = wire_get_u32(&in);
	return wire_get_end(&in);
}
