/*
 * resolve_type.c: what is known of a file before and after it is opened; see
 * resolve_int.h.
 *
 * Runs in the opener.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "opener/resolve.h"
#include "opener/resolve_int.h"

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

int
resolve_link_at(int dirfd, const char *name, const struct fdb_stat *st,
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

bool
resolve_crosses(const struct resolve_at *at, const char *name)
{
	char		 link[PATH_MAX];
	struct fdb_stat	 st;

	return at->one_filesystem &&
	    resolve_stat(at, name, &st, link, sizeof(link)) == -1 &&
	    errno == EXDEV;
}
