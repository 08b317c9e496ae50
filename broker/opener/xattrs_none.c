/*
 * xattrs_none.c: no extended attributes; see xattrs.h.
 */

#include "config.h"

#include <errno.h>

#include "opener/xattrs.h"

ssize_t
xattrs_list(const struct xattrs_of *of, char *buf, size_t size)
{
	(void)of;
	(void)buf;
	(void)size;
	return 0;
}

ssize_t
xattrs_get(const struct xattrs_of *of, const char *attribute, void *buf,
    size_t size)
{
	(void)of;
	(void)attribute;
	(void)buf;
	(void)size;
	errno = ENOTSUP;
	return -1;
}
