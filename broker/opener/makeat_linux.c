/*
 * makeat_linux.c: make, describe and name objects on Linux; see makeat.h.
 *
 * Runs in the opener.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/makeat.h"

/*
 * Ask for another name of the directory itself, which no kernel gives.  One
 * that does not take the descriptor (before Linux 6.10, without
 * CAP_DAC_READ_SEARCH) says that there is nothing.
 */
enum makeat_way
makeat_find_way(int dirfd, bool proc)
{
	if (linkat(dirfd, "", dirfd, ".fdbroker.probe", AT_EMPTY_PATH) == -1 &&
	    errno == ENOENT)
		return proc ? MAKEAT_BY_PROC : MAKEAT_NO_WAY;
	return MAKEAT_BY_FD;
}

int
makeat_link(enum makeat_way way, int fd, int dirfd, const char *name)
{
	char	 path[FD_PATH_MAX];

	if (way == MAKEAT_BY_FD)
		return linkat(fd, "", dirfd, name, AT_EMPTY_PATH);
	if (way != MAKEAT_BY_PROC) {
		errno = EOPNOTSUPP;
		return -1;
	}
	fd_path(path, fd);
	return linkat(AT_FDCWD, path, dirfd, name, AT_SYMLINK_FOLLOW);
}

int
makeat_rename(int dirfd, const char *from, const char *to, bool keep)
{
	/* Without flags, the C library makes another call. */
	return (int)syscall(SYS_renameat2, dirfd, from, dirfd, to,
	    keep ? RENAME_NOREPLACE : 0);
}

int
makeat_node(int dirfd, const char *name, uint32_t mode, uint32_t major,
    uint32_t minor)
{
	return mknodat(dirfd, name, mode, makedev(major, minor));
}

int
makeat_owner(int fd, uint32_t uid, uint32_t gid)
{
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
}

int
makeat_times(int fd, const struct timespec times[2])
{
	int	 ret;

	/* Without a path, the kernel has nothing to look up. */
	if ((ret = futimens(fd, times)) == -1 && errno == EBADF)
		ret = utimensat(fd, "", times, AT_EMPTY_PATH);
	return ret;
}

int
makeat_xattr(int fd, const char *name, const void *value, size_t len)
{
	return fsetxattr(fd, name, value, len, 0);
}

bool
makeat_xattr_is_users(const char *name)
{
	return strncmp(name, "user.", 5) == 0;
}

bool
makeat_xattr_is_plain(const char *name)
{
	return makeat_xattr_is_users(name) || makeat_xattr_is_acl(name);
}

bool
makeat_xattr_is_acl(const char *name)
{
	return strcmp(name, "system.posix_acl_access") == 0 ||
	    strcmp(name, "system.posix_acl_default") == 0;
}

bool
makeat_xattr_is_trusted(const char *name)
{
	return strncmp(name, "security.", 9) == 0;
}
