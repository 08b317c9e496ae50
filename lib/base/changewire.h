/*
 * changewire.h: what CHANGE and CHANGED consist of: a change each, and how it
 * went.
 */

#ifndef CHANGEWIRE_H
#define CHANGEWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "base/wire.h"

enum changewire_kind {
	CHANGEWIRE_CREATE = 1,
	CHANGEWIRE_COMMIT = 2,
	CHANGEWIRE_ABANDON = 3,
	CHANGEWIRE_MKDIR = 4,
	CHANGEWIRE_SYMLINK = 5,
	CHANGEWIRE_LINK = 6,
	CHANGEWIRE_MKNOD = 7,
	CHANGEWIRE_SETMETA = 8,
	CHANGEWIRE_REMOVE = 9,
	CHANGEWIRE_PRESET = 10
};
#define CHANGEWIRE_KINDS	11	/* with 0, which is none */

#define CHANGEWIRE_MODE_MAX	07777

/* Metadata; what `set' does not name is 0. */
struct changewire_meta {
	uint8_t		 set;		/* FDB_META_* */
	uint32_t	 mode;
	uint32_t	 uid, gid;
	int64_t		 mtime, atime;
	uint32_t	 mtime_nsec, atime_nsec;
	uint16_t	 nxattrs;
	struct wire_in	 xattrs;	/* in the message; checked */
};

/* One extended attribute of an item that was decoded. */
struct changewire_xattr {
	char		 name[FDB_XATTR_NAME_MAX + 1];
	const void	*value;		/* in the message */
	size_t		 length;
};

/* Fields that a kind does not have are 0, or "". */
struct changewire_item {
	enum changewire_kind	 kind;
	uint32_t		 pending;	/* COMMIT, ABANDON, PRESET */
	uint32_t		 base;		/* a token, or FDB_TOKEN_ROOT */
	uint32_t		 tobase;	/* LINK: of its target */
	uint32_t		 mode;		/* CREATE, MKNOD */
	uint32_t		 major, minor;	/* MKNOD */
	uint8_t			 flags;		/* MKDIR, REMOVE */
	enum fdb_over		 over;
	const char		*name;		/* unchecked */
	/* SYMLINK: its text.  LINK: the name of its target, unchecked. */
	const char		*text;
	struct changewire_meta	 meta;
};

/* Bytes that the strings of one message take, each with its NUL. */
#define CHANGEWIRE_NAMES	(PROTO_MAX + 2 * FDB_BATCH_MAX)

/*
 * Put an item, with meta->nxattrs attributes, whose values may be anywhere; and
 * the bytes that it takes.
 */
void	 changewire_put_item(struct wire_out *, const struct changewire_item *,
	    const struct fdb_xattr *);
size_t	 changewire_item_size(const struct changewire_item *,
	    const struct fdb_xattr *);

/*
 * Decode an item.  Its strings are put at *names, which moves on; there are
 * CHANGEWIRE_NAMES bytes for all strings of a message.  Fails the wire_in for
 * anything that changewire_is_valid() refuses.
 */
void	 changewire_get_item(struct wire_in *, struct changewire_item *,
	    char **names);

/* Are flags, modes, types and times such as the wire may have? */
bool	 changewire_is_valid(const struct changewire_item *);
/* May an attribute have this name? */
bool	 changewire_xattr_is_valid(const char *name);

/* Take the next attribute out of meta->xattrs, of meta->nxattrs. */
void	 changewire_next_xattr(struct wire_in *xattrs,
	    struct changewire_xattr *);

/* How one change went. */
struct changewire_result {
	enum changewire_kind	 kind;
	struct proto_status	 status;
	uint8_t			 refused;	/* FDB_META_* */
	bool			 made;
	uint32_t		 number;	/* pending file, token, or 0 */
	struct fdb_stat		 st;		/* of a CREATE without error */
};

/* The most bytes of a result. */
#define CHANGEWIRE_RESULT_MAX	(4 + 1 + 4 + 2 + PROTO_TEXT_MAX + 1 + 1 + 1 + \
				    4 + PROTO_STAT_LEN)

void	 changewire_put_result(struct wire_out *,
	    const struct changewire_result *);
/* Fails the wire_in if one field contradicts another. */
void	 changewire_get_result(struct wire_in *, struct changewire_result *);

#endif /* CHANGEWIRE_H */
