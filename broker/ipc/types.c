/*
 * types.c: the table of messages between the broker's own processes; see
 * ipc/types.h.
 *
 * Runs in all of them.  Pure.
 */

#include "config.h"

#include "ipc/types.h"

/* type, name, least and most items, least and most descriptors, flags */
static const struct proto_row ipc_rows[] = {
	{ IPC_ADMIT,		"ADMIT",	  1, 1,	1, 1,	0, false },
	{ IPC_SETUP,		"SETUP",	  1, 1,	4, 5,	0, false },
	{ IPC_STARTED,		"STARTED",	  1, 1,	0, 0,	0, false },
	{ IPC_LOG,		"LOG",		  1, 1,	0, 0,	0, false },
	{ IPC_POLICY,		"POLICY",	  1, 1,	1, 1,	0, false },
	{ IPC_END,		"END",		  1, 1,	0, 0,	0, false },
	{ IPC_AUDIT,		"AUDIT",	  1, 1,	0, 0,	0, false },
	{ IPC_SHARE,		"SHARE",	  1, 1,	0, 0,	0, false },
	{ IPC_LISTENER,		"LISTENER",	  1, 1,	4, 4,	0, false },
	{ IPC_NAMES,		"NAMES",	  1, 1,	0, 0,	0, false },
	{ IPC_NAME_ASK,		"NAME_ASK",	  1, 1,	0, 0,	0, false },
	{ IPC_NAME_ANSWER,	"NAME_ANSWER",	  1, 1,	0, 0,	0, false },
	{ IPC_FLOOD,		"FLOOD",	  1, 1,	0, 0,	0, false },
	{ IPC_CONTROL,		"CONTROL",	  1, 1,	0, 0,	0, false },
	{ IPC_CONTROL_REPLY,	"CONTROL_REPLY",  1, 1,	0, 1,	0, false },
	{ IPC_CONTROL_ASK,	"CONTROL_ASK",	  1, 1,	0, 1,	0, false },
	{ IPC_CONTROL_ANSWER,	"CONTROL_ANSWER", 1, 1,	0, 1,	0, false },
	{ IPC_MONITOR,		"MONITOR",	  1, 1,	0, 0,	0, false },
	{ IPC_SUMMARY,		"SUMMARY",	  1, 1,	0, 0,	0, false }
};

static const struct proto_table	 ipc_table = {
	ipc_rows, sizeof(ipc_rows) / sizeof(ipc_rows[0])
};

const char *
ipc_type_name(unsigned int type)
{
	return proto_name_in(&ipc_table, type);
}

int
ipc_check(const void *buf, size_t len, size_t nfds, struct proto_header *h,
    struct wire_in *in, const char **why)
{
	return proto_parse_with(&ipc_table, buf, len, nfds, h, in, why);
}
