/*
 * makeat_posix.c: make, describe and name objects on systems that have neither
 * files without a name nor a way to name a descriptor; see makeat.h.
 *
 * Runs in the opener.  Nobody has run it on such a system.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "opener/makeat.h"
#include "opener/naming.h"

enum makeat_way
makeat_find_way(int dirfd, bool proc)
{
	(void)dirfd;
	(void)proc;
	return MAKEAT_NO_WAY;
}

int
makeat_link(enum makeat_way way, int fd, int dirfd, const char *name)
{
	(void)way;
	(void)fd;
	(void)dirfd;
	(void)name;
	errno = EOPNOTSUPP;
	return -1;
}

/* linkat(2) fails if there is such a name; the old one goes afterwards. */
int
makeat_rename(int dirfd, const char *from, const char *to, bool keep)
{
	if (!keep)
		return renameat(dirfd, from, dirfd, to);
	if (linkat(dirfd, from, dirfd, to, 0) == -1)
		return -1;
	return naming_remove(dirfd, from, 0);
}

int
makeat_node(int dirfd, const char *name, uint32_t mode, uint32_t major,
    uint32_t minor)
{
	return mknodat(dirfd, name, (mode_t)mode, makedev(major, minor));
}

int
makeat_owner(int fd, uint32_t uid, uint32_t gid)
{
	return fchown(fd, uid, gid);
}

int
makeat_times(int fd, const struct timespec times[2])
{
	return futimens(fd, times);
}

int
makeat_xattr(int fd, const char *name, const void *value, size_t len)
{
	(void)fd;
	(void)name;
	(void)value;
	(void)len;
	errno = EOPNOTSUPP;
	return -1;
}

bool
makeat_xattr_is_users(const char *name)
{
	(void)name;
	return true;
}

bool
makeat_xattr_is_plain(const char *name)
{
	(void)name;
	return true;
}

bool
makeat_xattr_is_acl(const char *name)
{
	(void)name;
	return false;
}

bool
makeat_xattr_is_trusted(const char *name)
{
	(void)name;
	return false;
}
