/*
 * resolve_type.c: which types of file may be opened, and what a symbolic link
 * says; see resolve_type.h.
 *
 * Runs in the opener.  Opens nothing.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "opener/resolve_type.h"

int
resolve_type_check(const struct fdb_stat *st, bool special, bool *type)
{
	if (S_ISREG(st->mode) || (special && (S_ISFIFO(st->mode) ||
	    S_ISCHR(st->mode) || S_ISBLK(st->mode))))
		return 0;
	*type = true;
	errno = S_ISDIR(st->mode) ? EISDIR : S_ISLNK(st->mode) ? ELOOP : EPERM;
	return -1;
}

const char *
resolve_type_name(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	case S_IFREG:
		return "a regular file";
	default:
		return "a file of an unknown type";
	}
}

/*
 * While both are held open, no other file can have the number of either.  The
 * time of birth is a second lock, for file systems that number them badly.
 */
bool
resolve_type_same(const struct fdb_stat *a, const struct fdb_stat *b)
{
	return a->dev_major == b->dev_major && a->dev_minor == b->dev_minor &&
	    a->ino == b->ino && a->btime == b->btime &&
	    a->btime_nsec == b->btime_nsec;
}

int
resolve_type_link(int dirfd, const char *name, const struct fdb_stat *st,
    char *link, size_t size)
{
	ssize_t	 n;

	link[0] = '\0';
	if (!S_ISLNK(st->mode))
		return 0;
	if ((n = readlinkat(dirfd, name, link, size)) == -1)
		return -1;
	if ((size_t)n >= size) {
		link[0] = '\0';
		errno = ENAMETOOLONG;
		return -1;
	}
	link[n] = '\0';
	return 0;
}
