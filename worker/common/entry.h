/*
 * entry.h: the metadata of one member of an archive.
 */

#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENTRY_DIGEST_LEN	32	/* SHA-256 */

struct archive_entry;
struct fdb_stat;

/* The strings belong to somebody else; none is NULL. */
struct entry {
	const char	*name;		/* any bytes; no "/" at the end */
	const char	*link;		/* target of a symbolic link, or "" */
	const char	*hardlink;	/* earlier member, same file; or "" */
	const char	*uname, *gname;
	uint32_t	 mode;		/* permissions and, if known, type */
	uint32_t	 uid, gid;
	uint32_t	 rdev_major, rdev_minor;
	uint64_t	 size;
	int64_t		 mtime;
	uint32_t	 mtime_nsec;
	uint32_t	 flags;		/* some of FDB_ATTR_* */
	const void	*attributes;	/* see sandbox/attributes.h */
	size_t		 attributes_len;
	uint8_t		 attributes_digest[ENTRY_DIGEST_LEN];
	bool		 sparse;	/* stored without its holes */
	uint32_t	 number;	/* among files with several names; 0 */
	bool		 has_digest;	/* of a hard link: that of the file */
	uint8_t		 digest[ENTRY_DIGEST_LEN];
	/* What proves later that the file is the same; no archive has it. */
	bool		 has_state;
	uint64_t	 ino;
	int64_t		 ctime, btime;
	uint32_t	 ctime_nsec;
	uint32_t	 btime_nsec;	/* UINT32_MAX: none */
	/* In a list: names of attributes, each with its NUL. */
	const char	*xattrs;
	size_t		 xattrs_len;
	bool		 cut;		/* in a list: a string is cut */
};

/* Set the name; all other strings are empty, all numbers 0. */
void	 entry_init(struct entry *, const char *name);

void	 entry_from_stat(struct entry *, const char *name,
	    const struct fdb_stat *);

/* The name of a flag, from 0: as chflags(1) knows it.  NULL: no more. */
const char *entry_flag(size_t i, uint32_t *flag);

/*
 * Copy to an entry of libarchive, which is cleared first.  The attributes are
 * not copied.
 */
void	 entry_to_archive(const struct entry *, struct archive_entry *);

/*
 * Take over what libarchive read, without attributes.  The strings belong to
 * its entry, except for the name of a directory: that is a copy without the "/"
 * at the end, in *name, which the caller frees.  0, or -1 with errno ENOMEM.
 */
int	 entry_from_archive(struct entry *, struct archive_entry *,
	    char **name);

#endif /* ENTRY_H */
