/*
 * xattrs.h: read extended attributes, of what a descriptor refers to, or of a
 * name in a directory, which need not be opened for that.
 */

#ifndef XATTRS_H
#define XATTRS_H

#include <stddef.h>
#include <sys/types.h>

/* An object: fd, or if that is -1, name, a single component in dirfd. */
struct xattrs_of {
	int		 fd, dirfd;
	const char	*name;
};

/*
 * The names, each with its NUL.  Their bytes together, or -1 with errno.  0
 * also where the file system or this system has no extended attributes.
 */
ssize_t	 xattrs_list(const struct xattrs_of *, char *buf, size_t size);

/*
 * The value of an attribute.  Its bytes, or -1 with errno.  A link is not
 * followed.
 */
ssize_t	 xattrs_get(const struct xattrs_of *, const char *attribute,
	    void *buf, size_t size);

#endif /* XATTRS_H */
