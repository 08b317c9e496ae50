/*
 * pathname.h: which names a request may contain.  Nothing is opened here.
 */

#ifndef PATHNAME_H
#define PATHNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True for a clean relative path: components of 1 to 255 bytes separated by
 * single slashes, none of them "." or "..", no slash at either end, fewer
 * than PROTO_PATH_MAX bytes.
 */
bool	 pathname_is_clean(const char *);

/* True for "/", or "/" and a clean relative path. */
bool	 pathname_is_absolute(const char *);

/*
 * True if path is base or beneath it, by component: "/a" covers "/a/b" and not
 * "/ab".  Both are absolute paths.
 */
bool	 pathname_is_beneath(const char *path, const char *base);

/* The length of the first component, up to a slash or the end. */
size_t	 pathname_first(const char *path);

/*
 * Join base and name with one slash; base is absolute, name may be "".
 * 0, or -1 with errno ENAMETOOLONG, and dst is as before.
 */
int	 pathname_join(char *dst, size_t size, const char *base,
	    const char *name);

#endif /* PATHNAME_H */
