/*
 * makeat.h: the system calls by which a change makes, describes and names an
 * object.  They take a directory that is held open and one component, or a
 * descriptor; none follows a link.
 *
 * makeat_linux.c has them for Linux, makeat_posix.c for other systems.
 */

#ifndef MAKEAT_H
#define MAKEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* How a file without a name gets one. */
enum makeat_way {
	MAKEAT_UNTRIED = 0,
	MAKEAT_BY_FD,		/* linkat(2) takes its descriptor */
	MAKEAT_BY_PROC,		/* or its path in /proc */
	MAKEAT_NO_WAY
};

/* Find out, in a directory; proc: may /proc be used? */
enum makeat_way makeat_find_way(int dirfd, bool proc);

/* Name the object of a descriptor.  0, or -1 with errno: EEXIST... */
int	 makeat_link(enum makeat_way, int fd, int dirfd, const char *name);

/*
 * Give an object in the directory another name, in place of what has it; with
 * keep, fail with EEXIST instead.  0, or -1 with errno.
 */
int	 makeat_rename(int dirfd, const char *from, const char *to, bool keep);

/*
 * Make a device, a FIFO or a socket; mode has the type, and the umask does not
 * count.  0, or -1 with errno.
 */
int	 makeat_node(int dirfd, const char *name, uint32_t mode,
	    uint32_t major, uint32_t minor);

/*
 * Set metadata of what a descriptor refers to, which may have been opened with
 * O_PATH for the first two.  A time with tv_nsec UTIME_OMIT stays.  0, or -1
 * with errno.
 */
int	 makeat_owner(int fd, uint32_t uid, uint32_t gid);
int	 makeat_times(int fd, const struct timespec times[2]);
int	 makeat_xattr(int fd, const char *name, const void *value, size_t len);

/* Is it of the namespace of users, for which the object must be writable? */
bool	 makeat_xattr_is_users(const char *name);
/* Is it of that, or the name of an ACL? */
bool	 makeat_xattr_is_plain(const char *name);
/* Is it an ACL, whose value names users and groups? */
bool	 makeat_xattr_is_acl(const char *name);
/* Is it of a namespace that the kernel trusts? */
bool	 makeat_xattr_is_trusted(const char *name);

#endif /* MAKEAT_H */
