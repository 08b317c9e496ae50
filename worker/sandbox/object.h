/*
 * object.h: what is to be restored: a name beneath the destination and the
 * metadata of one member, in a form that outlives the member.
 */

#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/fdbroker.h"
#include "common/buf.h"
#include "common/entry.h"

/* What an object is restored without: one bit each. */
#define OBJECT_LOST_OWNER	0x001
#define OBJECT_LOST_MODE	0x002
#define OBJECT_LOST_SETID	0x004	/* set-user-ID and set-group-ID */
#define OBJECT_LOST_TIME	0x008
#define OBJECT_LOST_CAPABILITY	0x010
#define OBJECT_LOST_ACL		0x020
#define OBJECT_LOST_USER	0x040	/* attributes of the user's */
#define OBJECT_LOST_OTHER	0x080	/* other attributes */
#define OBJECT_LOST_FLAGS	0x100
#define OBJECT_LOST_NAMES	0x200	/* lists that name somebody unknown */

struct object {
	const char	*name;		/* as in requests */
	const char	*link;		/* target, or "" */
	uint32_t	 mode;		/* with its type */
	uint32_t	 uid, gid;
	uint32_t	 rdev_major, rdev_minor;
	int64_t		 mtime;
	uint32_t	 mtime_nsec;
	unsigned int	 set;		/* FDB_META_* to restore */
	unsigned int	 lost;		/* OBJECT_LOST_* */
	struct fdb_xattr *xattrs;
	size_t		 nxattrs;
	void		*block;		/* what the pointers point to */
	size_t		 size;		/* bytes of it */
};

/*
 * Make an object of a member that is restored under this name; link is its
 * target, and set has FDB_META_* without FDB_META_XATTR.  0, or -1: ENOMEM.
 */
int	 object_make(struct object *, const struct entry *, const char *name,
	    const char *link, unsigned int set);
void	 object_clear(struct object *);

/* Give it another name, and drop what it does not need.  0, or -1: ENOMEM. */
int	 object_rename(struct object *, const char *name);

/* Fill the metadata for a request; it points to the object. */
void	 object_meta(const struct object *, struct fdb_meta *);

/*
 * Some metadata (FDB_META_*) was refused: leave it out.  Of attributes, one
 * kind after the other is left out, and those that need most rights first.
 * False: nothing could be left out.
 */
bool	 object_reduce(struct object *, unsigned int refused);

/*
 * Attributes that are set by themselves, before the rest: the last one that the
 * owner does not take away again.  NULL: there is none.
 */
const struct fdb_xattr *object_single(const struct object *);
/* That one is done; if it is lost, note that. */
void	 object_single_done(struct object *, bool lost);

/*
 * The owner is not restored: bits of the mode that give its rights to others
 * must not be, either, unless the file will belong to uid and gid all the same.
 */
void	 object_disown(struct object *, uint32_t uid, uint32_t gid);

/* Append what is lost, in words.  0, or -1: ENOMEM. */
int	 object_describe_lost(struct buf *, unsigned int lost);

#endif /* OBJECT_H */
