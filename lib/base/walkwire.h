/*
 * walkwire.h: what the messages of a walk consist of: the items of WALK and
 * CREDIT, and the records of WALK_REPLY.
 */

#ifndef WALKWIRE_H
#define WALKWIRE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "base/wire.h"

/* A broker with less credit in bytes than this sends nothing. */
#define WALKWIRE_BYTES_MIN	8192

/* Patterns and names of one walk at most; FDB_WALK_PATTERNS_MAX bytes. */
#define WALKWIRE_PATTERNS_MAX	16384
#define WALKWIRE_PRESENT_MAX	32

/* The first item of the first message of a WALK. */
struct walkwire_start {
	uint32_t	 base;
	uint32_t	 flags;			/* FDB_WALK_* */
	uint32_t	 bytes, fds;		/* credit to begin with */
	int64_t		 since;
	uint32_t	 since_nsec;
	char		 name[PROTO_PATH_MAX];	/* unchecked */
};

void	 walkwire_put_start(struct wire_out *, const struct walkwire_start *);
/* Fails the wire_in for unknown flags or too many nanoseconds. */
void	 walkwire_get_start(struct wire_in *, struct walkwire_start *);

/* The other items: a kind and a text. */
enum walkwire_text {
	WALKWIRE_EXCLUDE = 1,
	WALKWIRE_IF_PRESENT = 2
};

void	 walkwire_put_text(struct wire_out *, enum walkwire_text,
	    const char *);
/* Text has PROTO_PATH_MAX bytes.  Fails the wire_in for an unknown kind. */
void	 walkwire_get_text(struct wire_in *, enum walkwire_text *, char *text);

enum walkwire_kind {
	WALKWIRE_ENTRY = 1,
	WALKWIRE_XATTR = 2,
	WALKWIRE_LEAVE = 3,
	WALKWIRE_SKIPPED = 4,
	WALKWIRE_END = 5
};

/* A stat record with attributes. */
#define WALKWIRE_OBJECT_LEN	(PROTO_STAT_LEN + 8)
#define WALKWIRE_STATUS_MAX	(4 + 1 + 4 + 2 + PROTO_TEXT_MAX)
/* The most bytes of an ENTRY, which is the longest of all but XATTR. */
#define WALKWIRE_ENTRY_MAX	(1 + 1 + 2 + NAME_MAX + WALKWIRE_STATUS_MAX + \
				    WALKWIRE_OBJECT_LEN + 2 + \
				    PROTO_PATH_MAX + 2)
/* The most bytes of an XATTR without the bytes of the value. */
#define WALKWIRE_XATTR_HEAD	(1 + 2 + FDB_XATTR_NAME_MAX + \
				    WALKWIRE_STATUS_MAX + 4 + 4 + 2)

struct walkwire_record {
	enum walkwire_kind	 kind;
	uint8_t			 flags;		/* ENTRY: FDB_ENTRY_* */
	enum fdb_skip		 skip;		/* SKIPPED */
	struct proto_status	 status;
	struct fdb_stat		 st;		/* ENTRY, LEAVE, SKIPPED */
	char			 name[NAME_MAX + 1];
	char			 link[PROTO_PATH_MAX];	/* ENTRY */
	uint16_t		 xattrs;	/* ENTRY: how many follow */
	uint32_t		 total, offset;	/* XATTR */
	const uint8_t		*bytes;		/* in the message */
	uint16_t		 nbytes;
	uint64_t		 hidden;	/* LEAVE */
};

void	 walkwire_put_entry(struct wire_out *, const char *name,
	    uint8_t flags, const struct proto_status *,
	    const struct fdb_stat *, const char *link, uint16_t xattrs);
/* A piece of a value: nbytes of total, from an offset. */
void	 walkwire_put_xattr(struct wire_out *, const char *name,
	    const struct proto_status *, uint32_t total, uint32_t offset,
	    const void *bytes, uint16_t nbytes);
void	 walkwire_put_leave(struct wire_out *, const struct proto_status *,
	    const struct fdb_stat *, uint64_t hidden);
void	 walkwire_put_skipped(struct wire_out *, const char *name,
	    enum fdb_skip, const struct fdb_stat *);
void	 walkwire_put_end(struct wire_out *, const struct proto_status *);

/*
 * Decode one record.  Fails the wire_in if it is not as fdbroker-protocol(7)
 * says; what a record says about those before it is not checked here.
 */
void	 walkwire_get_record(struct wire_in *, struct walkwire_record *);

#endif /* WALKWIRE_H */
