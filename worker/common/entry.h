/*
 * entry.h: one member of an archive, as all parts of fdbackup know it.
 */

#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#define ENTRY_DIGEST_LEN	32	/* SHA-256 */

struct archive_entry;
struct fdb_stat;

/* The strings are borrowed; none is NULL. */
struct entry {
	const char	*name;		/* any bytes, no "/" at its end */
	const char	*link;		/* of a symbolic link, its target */
	const char	*hardlink;	/* the member that it is a name of */
	const char	*uname, *gname;
	uint32_t	 mode;		/* permissions, and type or 0 */
	uint32_t	 uid, gid;
	uint32_t	 rdev_major, rdev_minor;
	uint64_t	 size;
	int64_t		 mtime;
	uint32_t	 mtime_nsec;
	bool		 has_digest;
	uint8_t		 digest[ENTRY_DIGEST_LEN];
};

/* All strings empty, all numbers 0. */
void	 entry_init(struct entry *, const char *name);

void	 entry_from_stat(struct entry *, const char *name,
	    const struct fdb_stat *);

/* Copy into a libarchive entry, which is cleared before. */
void	 entry_to_archive(const struct entry *, struct archive_entry *);

/*
 * What libarchive read.  The strings are those of its entry, but for the
 * name of a directory, from which the "/" at the end is cut: it is copied to
 * *name, which the caller frees.  0, or -1 with errno ENOMEM.
 */
int	 entry_from_archive(struct entry *, struct archive_entry *,
	    char **name);

#endif /* ENTRY_H */
