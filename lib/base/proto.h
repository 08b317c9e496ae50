/*
 * proto.h: the messages.  One datagram is one message: a header, then items
 * of fixed-width fields and strings (wire.h).  fdbroker-protocol(7) is the
 * description for others; the table in proto.c is the one for us.
 */

#ifndef PROTO_H
#define PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/wire.h"

#define PROTO_SOCKET_NAME "fdbroker.sock"	/* in the run directory */

#define PROTO_MAGIC	0x46444231U	/* "FDB1" on a big-endian machine */
#define PROTO_VERSION	1
#define PROTO_HEADER	28		/* bytes */
#define PROTO_MAX	61440		/* bytes in a message, with header */
#define PROTO_PATH_MAX	4096		/* room for a path, with its NUL */
#define PROTO_TEXT_MAX	FDB_WHY_MAX

/* Flags of a header; all other bits must be zero. */
#define PROTO_MORE	0x00000001U	/* more datagrams answer this request */

enum proto_type {
	/* between worker and broker, at the rendezvous */
	PROTO_HELLO = 1,
	PROTO_WELCOME = 2,
	PROTO_REFUSED = 3,
	/* between worker and opener */
	PROTO_START = 4,
	PROTO_ENDED = 5,
	PROTO_OPEN = 16,
	PROTO_STAT = 17,
	PROTO_LIST = 18,
	PROTO_FORGET = 19,
	PROTO_OPEN_REPLY = 32,
	PROTO_STAT_REPLY = 33,
	PROTO_LIST_REPLY = 34,
	/* the descriptor hand-off */
	PROTO_HANDOFF = 48,
	/* between processes of the daemon, never on a client's socket */
	PROTO_ADMIT = 64,
	PROTO_SETUP = 65,
	PROTO_STARTED = 66,
	PROTO_LOG = 67,
	PROTO_POLICY = 68,
	PROTO_END = 69,
	PROTO_AUDIT = 70,
	PROTO_SHARE = 71,
	PROTO_LISTENER = 72,
	/* between fdbrokerctl and the daemon, and inside it */
	PROTO_CONTROL = 80,
	PROTO_CONTROL_REPLY = 81,
	PROTO_CONTROL_ASK = 82,
	PROTO_CONTROL_ANSWER = 83,
	PROTO_MONITOR = 84
};

struct proto_header {
	uint16_t	 type;
	uint32_t	 id;		/* of the request, back in its reply */
	uint16_t	 items;
	uint16_t	 fds;
	uint32_t	 flags;
	uint32_t	 generation;	/* of the policy, in replies; or 0 */
};

/* The name of a type for a log, "unknown" if it is none. */
const char	*proto_name(unsigned int type);

/*
 * Begin a message in buf, of PROTO_MAX bytes at most; then put its items;
 * then proto_finish() writes the header with what came together.  Length of
 * the message, or 0 with errno EMSGSIZE.
 */
void		 proto_begin(struct wire_out *, void *buf, size_t size);
size_t		 proto_finish(struct wire_out *, const struct proto_header *);

/*
 * Check a message that arrived with nfds descriptors against the table:
 * magic, version, type, length, item and descriptor counts, flags.  0 and
 * *in is at the items; or -1 with errno EPROTO and *what a constant sentence.
 */
int		 proto_parse(const void *buf, size_t len, size_t nfds,
		    struct proto_header *, struct wire_in *in,
		    const char **what);

/*
 * The header of a message that did not arrive whole: type, id, numbers and
 * flags as they are in the first PROTO_HEADER bytes, unchecked.
 */
void		 proto_peek(const void *buf, struct proto_header *);

/* Bytes of an encoded struct fdb_stat. */
#define PROTO_STAT_LEN	104
void		 proto_put_stat(struct wire_out *, const struct fdb_stat *);
void		 proto_get_stat(struct wire_in *, struct fdb_stat *);

/* How one item of a request went: in front of every reply's item. */
struct proto_status {
	uint32_t	 error;		/* errno value, or 0 */
	uint8_t		 reason;	/* enum fdb_reason */
	uint32_t	 id;		/* of the denial in the audit, or 0 */
	char		 where[PROTO_TEXT_MAX];
};

void		 proto_put_status(struct wire_out *,
		    const struct proto_status *);
void		 proto_get_status(struct wire_in *, struct proto_status *);

/* WELCOME: the body is struct fdb_session_info, field by field. */
void		 proto_put_info(struct wire_out *,
		    const struct fdb_session_info *);
void		 proto_get_info(struct wire_in *, struct fdb_session_info *);

/*
 * True for a combination of FDB_READ, FDB_WRITE... that an OPEN may have; see
 * fdb_access_is_valid().
 */
bool		 proto_access_is_valid(unsigned int access);

#endif /* PROTO_H */
