/*
 * fdbroker_types.h: the limits, bits and records that the wire and the library
 * share.  Installed beside fdbroker.h, which includes it; programs include
 * that.
 */

#ifndef FDBROKER_TYPES_H
#define FDBROKER_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FDB_ROLE_MAX		63	/* bytes in a role's name */
#define FDB_BATCH_MAX		253	/* items (and descriptors) a message */
#define FDB_TOKEN_ROOT		0	/* names are relative to "/" */
#define FDB_WHY_MAX		256	/* room for a reason, with its NUL */

/* What a file is to be opened for: one bit each. */
#define FDB_READ		0x01
#define FDB_WRITE		0x02
#define FDB_APPEND		0x04	/* write, at the end only */
#define FDB_CREATE		0x08	/* create it if it does not exist */
#define FDB_EXCLUSIVE		0x10	/* with CREATE: it must not exist */
#define FDB_TRUNCATE		0x20	/* with WRITE: empty it */
#define FDB_NOFOLLOW		0x40	/* the last component is no link */
#define FDB_ACCESS_ALL		0x7f

/* What fdb_confine() put in place: one bit a layer. */
#define FDB_CONFINED_NNP	0x01	/* no_new_privs */
#define FDB_CONFINED_PATHS	0x02	/* Landlock, unveil, Capsicum */
#define FDB_CONFINED_SYSCALLS	0x04	/* seccomp, pledge, Capsicum */
#define FDB_CONFINED_NODUMP	0x08	/* not dumpable, not traceable */
#define FDB_CONFINED_CLONE	0x10	/* roots are read-only mount clones */
#define FDB_CONFINED_CAPS	0x20	/* the least capabilities */
#define FDB_CONFINED_NAMESPACES	0x40	/* its own, with an empty root */
#define FDB_CONFINED_UID	0x80	/* a user of its own */

/* Who refused: the errno alone does not tell. */
enum fdb_reason {
	FDB_REASON_NONE = 0,		/* not refused */
	FDB_REASON_POLICY = 1,		/* a rule, or no rule, of the role */
	FDB_REASON_KERNEL = 2,		/* the system call failed */
	FDB_REASON_LIMIT = 3,		/* a quota of the session */
	FDB_REASON_TYPE = 4,		/* this type cannot be opened */
	FDB_REASON_NAME = 5		/* not a valid name */
};

/* What a walk does: one bit each. */
#define FDB_WALK_ONE_FS		0x01	/* does not cross mounts */
#define FDB_WALK_CACHEDIR	0x02	/* skips what caches contain */
#define FDB_WALK_SINCE		0x04	/* opens only what changed since then */
#define FDB_WALK_NO_OPEN	0x08	/* opens no files: no descriptors */
#define FDB_WALK_XATTR		0x10	/* sends extended attributes */
#define FDB_WALK_READAHEAD	0x20	/* reads ahead what it opens */
#define FDB_WALK_PSEUDO		0x40	/* enters proc, sysfs and the like */
#define FDB_WALK_ALL		0x7f

/* What a walk says about an object: one bit each. */
#define FDB_ENTRY_ENTERED	0x01	/* what is in it follows, then LEAVE */
#define FDB_ENTRY_FD		0x02	/* it comes with a descriptor */
#define FDB_ENTRY_UNCHANGED	0x04	/* not opened: older than `since' */
#define FDB_ENTRY_ALL		0x07

/* Why a walk skipped something. */
enum fdb_skip {
	FDB_SKIP_NONE = 0,		/* not skipped */
	FDB_SKIP_EXCLUDED = 1,		/* by an exclude pattern */
	FDB_SKIP_TAGGED = 2,		/* a tag is in the directory */
	FDB_SKIP_ONE_FS = 3,		/* it is on another file system */
	FDB_SKIP_PSEUDO = 4		/* it is on a pseudo file system */
};

/* What a change does if something is in its place already. */
enum fdb_over {
	FDB_OVER_REFUSE = 0,		/* fail with EEXIST */
	FDB_OVER_NEWER = 1,		/* replace it if it is older */
	FDB_OVER_REPLACE = 2		/* replace it */
};

/* Which metadata to set, and which of it was refused: one bit each. */
#define FDB_META_MODE		0x01	/* mode */
#define FDB_META_OWNER		0x02	/* uid, gid */
#define FDB_META_MTIME		0x04	/* mtime, mtime_nsec */
#define FDB_META_ATIME		0x08	/* atime, atime_nsec */
#define FDB_META_XATTR		0x10	/* xattrs */
#define FDB_META_ALL		0x1f
#define FDB_META_SETID		0x20	/* refused: bits 06000 of mode */

/* How to make a directory, and how to remove a name: one bit each. */
#define FDB_MKDIR_TOKEN		0x01	/* return a token for it */
#define FDB_MKDIR_SWEEP		0x02	/* remove what dead sessions left */
#define FDB_MKDIR_ALL		0x03
#define FDB_REMOVE_DIR		0x01	/* an empty directory, nothing else */
#define FDB_REMOVE_ALL		0x01

/* Extended attributes of one object at most. */
#define FDB_XATTRS_MAX		128

/* An extended attribute to set. */
struct fdb_xattr {
	const char	*name;		/* with its namespace: "user.x" */
	const void	*value;
	size_t		 length;	/* FDB_XATTR_VALUE_MAX at most */
};

/* The most bytes that the patterns and names of one walk may have. */
#define FDB_WALK_PATTERNS_MAX	1048576
/* The most bytes of an extended attribute's name and value. */
#define FDB_XATTR_NAME_MAX	255
#define FDB_XATTR_VALUE_MAX	65536

/*
 * Attributes of a file, as statx(2) has them.  They are known for objects of a
 * walk only.
 */
#define FDB_ATTR_COMPRESSED	0x000004U
#define FDB_ATTR_IMMUTABLE	0x000010U
#define FDB_ATTR_APPEND		0x000020U
#define FDB_ATTR_NODUMP		0x000040U
#define FDB_ATTR_ENCRYPTED	0x000800U
#define FDB_ATTR_MOUNT_ROOT	0x002000U	/* the top of a mount */
#define FDB_ATTR_VERITY		0x100000U
#define FDB_ATTR_DAX		0x200000U

/*
 * The metadata of a file.  Times are seconds and nanoseconds since the epoch;
 * size is in bytes; blocks have 512 bytes.  btime_nsec is UINT32_MAX where the
 * file system records no time of creation.
 */
struct fdb_stat {
	uint32_t	mode;		/* type and permissions, st_mode */
	uint32_t	nlink;
	uint32_t	uid, gid;
	uint32_t	dev_major, dev_minor;
	uint32_t	rdev_major, rdev_minor;
	uint64_t	ino;
	uint64_t	size;
	uint64_t	blocks;
	int64_t		atime, mtime, ctime, btime;
	uint32_t	atime_nsec, mtime_nsec, ctime_nsec, btime_nsec;
	uint64_t	attributes;	/* FDB_ATTR_*, of a walk; else 0 */
};

/* What the broker says about itself and the session at its start. */
struct fdb_session_info {
	uint32_t	 id;		/* the session's number */
	uint64_t	 generation;	/* of the policy, at the last reply */
	uint32_t	 window;	/* requests outstanding at once */
	uint32_t	 batch;		/* items in one request */
	uint32_t	 bytes;		/* bytes in one message */
	uint32_t	 tokens;	/* directories held at once */
	uint32_t	 confined;	/* FDB_CONFINED_* of the opener */
	uint32_t	 worker_uid;	/* who it should become; 0: no change */
	uint32_t	 worker_gid;
	char		 role[FDB_ROLE_MAX + 1];
};

#ifdef __cplusplus
}
#endif

#endif /* FDBROKER_TYPES_H */
