/*
 * types.h: the messages between the broker's own processes: supervisor,
 * listener, names process, openers and fdbrokerctl.  They have the header of
 * base/proto.h and a table of their own, so that nothing that a client sends is
 * taken for one.
 */

#ifndef IPC_TYPES_H
#define IPC_TYPES_H

#include <stddef.h>

#include "base/proto.h"

/* No client's message (enum proto_type) has one of these numbers. */
enum ipc_type {
	/* inside the daemon */
	IPC_ADMIT = 64,			/* listener to supervisor */
	IPC_SETUP = 65,			/* to an opener, at its start */
	IPC_STARTED = 66,		/* to supervisor */
	IPC_LOG = 67,			/* to supervisor */
	IPC_POLICY = 68,		/* supervisor to opener */
	IPC_END = 69,			/* supervisor to opener or listener */
	IPC_AUDIT = 70,			/* opener to supervisor */
	IPC_SHARE = 71,			/* supervisor to opener */
	IPC_SUMMARY = 85,		/* opener to supervisor, at its end */
	IPC_LISTENER = 72,		/* to the listener, at its start */
	IPC_NAMES = 73,			/* to the names process, likewise */
	IPC_NAME_ASK = 74,		/* supervisor to names process */
	IPC_NAME_ANSWER = 75,		/* names process to supervisor */
	IPC_FLOOD = 76,			/* listener to supervisor */
	/* between fdbrokerctl and listener */
	IPC_CONTROL = 80,
	IPC_CONTROL_REPLY = 81,
	/* the same between listener and supervisor */
	IPC_CONTROL_ASK = 82,
	IPC_CONTROL_ANSWER = 83,
	/* a line of the audit, from the supervisor to fdbrokerctl */
	IPC_MONITOR = 84
};

/* The name of a type for a log; "unknown" for a client's and any other. */
const char	*ipc_type_name(unsigned int type);

/*
 * Check a message against the table, as proto_parse() checks a client's; see
 * there.  Logs nothing.
 */
int		 ipc_check(const void *buf, size_t len, size_t nfds,
		    struct proto_header *, struct wire_in *in,
		    const char **why);

#endif /* IPC_TYPES_H */
