/*
 * fskind.h: does a file system know a file by one name only, the name that a
 * listing of its directory shows?
 *
 * Rules are about names.  A file system that compares names without regard to
 * case, or that has names which no listing shows, gives one file several names.
 */

#ifndef FSKIND_H
#define FSKIND_H

#include <stdbool.h>

enum fskind {
	FSKIND_UNASKED,
	FSKIND_EXACT,	/* by one name only */
	FSKIND_MARKED,	/* the same, except in directories that are marked */
	FSKIND_UNKNOWN	/* not known to be exact */
};

/*
 * The requests of ioctl(2) that ask file systems on Linux, besides
 * FS_IOC_GETFLAGS; <linux/ext4.h> has the first one from 6.18 on.  Each is
 * answered by as many bytes as its last argument says.
 */
#define FSKIND_EXT_PARAMS	_IOC(_IOC_READ, 'f', 45, 232)
#define FSKIND_XFS_GEOMETRY	_IOC(_IOC_READ, 'X', 100, 112)
#define FSKIND_ANSWER		232

/* The file systems in which this kernel can mark directories. */
struct fskind_kernel {
	bool	 ext, f2fs, tmpfs;
};

/* Ask the kernel.  Looks at paths, so it comes before a process is confined. */
void		 fskind_init(struct fskind_kernel *);

/*
 * The kind of the file system of a directory that is open for reading.  It is
 * FSKIND_UNKNOWN if that cannot be told.  Keeps errno.
 */
enum fskind	 fskind_get(const struct fskind_kernel *, int fd);

/*
 * On a file system of the kind FSKIND_MARKED: is this directory marked?  1, 0,
 * or -1 with errno EBADF: the descriptor is not open for reading.
 */
int		 fskind_is_marked(int fd);

#endif /* FSKIND_H */
