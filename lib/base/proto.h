/*
 * proto.h: the messages.  One datagram is one message: a header, then items
 * of fixed-width fields and strings (wire.h).  fdbroker-protocol(7) describes
 * them for people who write clients; the table in proto.c is what this code
 * checks them against.  Messages between the broker's own processes have the
 * same header and another table, ipc/types.c.
 */

#ifndef PROTO_H
#define PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/wire.h"

#define PROTO_SOCKET_NAME "fdbroker.sock"	/* in the run directory */
#define PROTO_PEERS_SUFFIX ".peers"	/* of the socket for peers, after the
					   name of the other one */

#define PROTO_MAGIC	0x46444231U	/* "FDB1" on a big-endian machine */
#define PROTO_VERSION	1
#define PROTO_HEADER	28		/* bytes */
#define PROTO_LENGTH_AT	16		/* where a header has its length */
/*
 * Bytes in a message, with header: room for the largest extended attribute of
 * Linux, with its name and the longest path.
 */
#define PROTO_MAX	73728
/*
 * The same of what an opener sends: it must fit the smallest buffer of a
 * session (limit bytes 64K), of which the kernel keeps 32 bytes.
 */
#define PROTO_REPLY_MAX	61440
#define PROTO_PATH_MAX	4096		/* room for a path, with its NUL */
/* The same for what a change names: a name beneath the directory of a token. */
#define PROTO_LONG_MAX	65536
#define PROTO_TEXT_MAX	FDB_WHY_MAX

/* Flags of a header; all other bits must be zero. */
#define PROTO_MORE	0x00000001U	/* more datagrams of this id follow */

enum proto_type {
	/* between worker and broker, on a connection */
	PROTO_HELLO = 1,
	PROTO_WELCOME = 2,
	PROTO_REFUSED = 3,
	/* between worker and opener */
	PROTO_ENDED = 5,
	PROTO_OPEN = 16,
	PROTO_STAT = 17,
	PROTO_LIST = 18,
	PROTO_FORGET = 19,
	PROTO_WALK = 24,
	PROTO_CREDIT = 25,
	PROTO_CANCEL = 26,
	PROTO_CHANGE = 27,
	PROTO_WATCH = 28,
	PROTO_LIMIT = 29,
	PROTO_OPEN_REPLY = 32,
	PROTO_STAT_REPLY = 33,
	PROTO_LIST_REPLY = 34,
	PROTO_WALK_REPLY = 40,
	PROTO_CHANGED = 43,
	PROTO_WATCHED = 44,
	PROTO_LIMITED = 45,
	/* the descriptor hand-off */
	PROTO_HANDOFF = 48
	/* 64 to 95: between processes of the broker, see ipc/types.h */
};

struct proto_header {
	uint16_t	 type;
	uint32_t	 id;		/* of a request, and of its replies */
	uint16_t	 items;
	uint16_t	 fds;
	uint32_t	 flags;
	uint32_t	 generation;	/* of the policy, in replies; or 0 */
};

/* What the header of one type of message must say. */
struct proto_row {
	uint16_t	 type;
	const char	*name;
	uint16_t	 min_items, max_items;
	uint16_t	 min_fds, max_fds;
	uint32_t	 flags;		/* those that may be set */
	bool		 generation;	/* may be other than 0 */
};

/* The messages that may arrive on one kind of socket. */
struct proto_table {
	const struct proto_row	*rows;
	size_t			 nrows;
};

/* The name of a client's message for a log; "unknown" for another type. */
const char	*proto_name(unsigned int type);
/* The same with another table. */
const char	*proto_name_in(const struct proto_table *, unsigned int type);

/*
 * Begin a message in buf; then put its items; then write its header.  A message
 * has at most PROTO_MAX bytes.  proto_finish() returns the length of the
 * message, or 0 with errno EMSGSIZE: the items did not fit.
 */
void		 proto_begin(struct wire_out *, void *buf, size_t size);
size_t		 proto_finish(struct wire_out *, const struct proto_header *);

/*
 * Check a message that arrived with nfds descriptors against the table of
 * clients' messages: magic, version, type, length, item and descriptor counts,
 * flags, generation.  0 and *in is at the items; or -1 with errno EPROTO and
 * *why a constant phrase.
 */
int		 proto_parse(const void *buf, size_t len, size_t nfds,
		    struct proto_header *, struct wire_in *in,
		    const char **why);
/* The same with another table. */
int		 proto_parse_with(const struct proto_table *, const void *buf,
		    size_t len, size_t nfds, struct proto_header *,
		    struct wire_in *in, const char **why);

/*
 * Read the header of a message that was cut off: type, id, counts and flags
 * as they are in the first PROTO_HEADER bytes, unchecked.
 */
void		 proto_peek(const void *buf, struct proto_header *);

/* Bytes of an encoded struct fdb_stat, without its attributes. */
#define PROTO_STAT_LEN	104
void		 proto_put_stat(struct wire_out *, const struct fdb_stat *);
void		 proto_get_stat(struct wire_in *, struct fdb_stat *);

/* The result of one item of a request: every item of a reply begins with it. */
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
 * True if an OPEN may have this combination of FDB_READ, FDB_WRITE and so on;
 * see fdb_access_is_valid().
 */
bool		 proto_access_is_valid(unsigned int access);

#endif /* PROTO_H */
