/*
 * pathname.c: which names a request may contain; see pathname.h.
 *
 * Runs in every process.  Touches no file.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/pathname.h"
#include "base/proto.h"

size_t
pathname_first(const char *path)
{
	/* Quicker than strcspn(3) with one byte to look for. */
	const char	*slash = strchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) : strlen(path);
}

static bool
component_is_clean(const char *p, size_t len)
{
	if (len == 0 || len > NAME_MAX)
		return false;
	if (p[0] == '.' && (len == 1 || (len == 2 && p[1] == '.')))
		return false;
	return true;
}

bool
pathname_is_clean(const char *name)
{
	const char	*p = name;
	size_t		 len;

	if (strnlen(name, PROTO_PATH_MAX) == PROTO_PATH_MAX)
		return false;
	for (;;) {
		len = pathname_first(p);
		if (!component_is_clean(p, len))
			return false;
		p += len;
		if (*p == '\0')
			return true;
		p++;
	}
}

bool
pathname_is_absolute(const char *path)
{
	return path[0] == '/' && (path[1] == '\0' ||
	    pathname_is_clean(path + 1));
}

bool
pathname_is_beneath(const char *path, const char *base)
{
	size_t	 len = strlen(base);

	if (len == 1)		/* "/" */
		return path[0] == '/';
	return strncmp(path, base, len) == 0 &&
	    (path[len] == '\0' || path[len] == '/');
}

int
pathname_join(char *dst, size_t size, const char *base, const char *name)
{
	/* Not by snprintf(3): an opener does this for each name. */
	size_t	 blen = base[1] == '\0' ? 0 : strlen(base);
	size_t	 nlen = strlen(name);

	if (nlen == 0 && blen == 0)
		blen = 1;		/* "/" itself */
	if (blen + (nlen > 0) + nlen >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dst, base, blen);
	if (nlen > 0)
		dst[blen++] = '/';
	memcpy(dst + blen, name, nlen + 1);
	return 0;
}
