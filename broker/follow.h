/*
 * follow.h: where a name leads when its symbolic links are followed, for roles
 * with option follow.
 */

#ifndef FOLLOW_H
#define FOLLOW_H

#include <stddef.h>

#include "resolve.h"

/*
 * The clean name, beneath the same directory, that rel leads to; out has
 * PROTO_PATH_MAX bytes and gets no link in it, as far as things were when they
 * were looked at: it is then to be judged, and resolved strictly.  top is the
 * absolute path of at's directory: an absolute link must lead beneath it.  0,
 * or -1 with errno: EXDEV (a link leads out), ELOOP (too many), ENAMETOOLONG,
 * ENOTDIR, or of openat2(2).  That the last component is not there is no
 * error.
 */
int	 follow_links(const struct resolve_at *, const char *top,
	    const char *rel, char *out);

#endif /* FOLLOW_H */
