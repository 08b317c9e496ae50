/*
 * xattrs_linux.c: read extended attributes on Linux; see xattrs.h.
 *
 * Runs in the opener.  Opens nothing.  There is no /proc where the opener is,
 * and kernels before 6.13 have no getxattrat(2), so a name is looked up in the
 * current directory: the process goes there first.
 */

#include "config.h"

#include <sys/xattr.h>

#include <errno.h>
#include <unistd.h>

#include "opener/xattrs.h"

/*
 * The kernel allocates as much as it is offered, and for a value clears that,
 * before it looks.  So little is offered first: it nearly always does.
 */
#define FEW	1024

static ssize_t
list(const struct xattrs_of *of, char *buf, size_t size)
{
	if (of->fd != -1)
		return flistxattr(of->fd, buf, size);
	if (fchdir(of->dirfd) == -1)
		return -1;
	return llistxattr(of->name, buf, size);
}

ssize_t
xattrs_list(const struct xattrs_of *of, char *buf, size_t size)
{
	ssize_t	 n;

	n = list(of, buf, size < FEW ? size : FEW);
	if (n == -1 && errno == ERANGE && size > FEW)
		n = list(of, buf, size);
	return n == -1 && (errno == ENOTSUP || errno == ENOSYS) ? 0 : n;
}

static ssize_t
get(const struct xattrs_of *of, const char *attribute, void *buf, size_t size)
{
	if (of->fd != -1)
		return fgetxattr(of->fd, attribute, buf, size);
	if (fchdir(of->dirfd) == -1)
		return -1;
	return lgetxattr(of->name, attribute, buf, size);
}

ssize_t
xattrs_get(const struct xattrs_of *of, const char *attribute, void *buf,
    size_t size)
{
	ssize_t	 n;

	n = get(of, attribute, buf, size < FEW ? size : FEW);
	if (n == -1 && errno == ERANGE && size > FEW)
		n = get(of, attribute, buf, size);
	return n;
}
