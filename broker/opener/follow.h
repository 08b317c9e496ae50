/*
 * follow.h: where a name leads when its symbolic links are followed, for roles
 * with option follow.
 */

#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "opener/resolve.h"

/*
 * The clean name, beneath the same directory, that rel leads to; out has
 * PROTO_PATH_MAX bytes and gets no link in it, as far as things were when they
 * were looked at: it is then to be judged, and resolved strictly.  top is the
 * absolute path of at's directory: an absolute link must lead beneath it.
 * Before anything is looked at, `may_look' is asked about its name beneath the
 * directory: a link must not tell what is there where the policy denies it.
 * 0, or -1 with out the name that it got to, and errno: EACCES (may_look said
 * no), EXDEV (a link leads out), ELOOP (too many), ENAMETOOLONG, ENOTDIR, or
 * of openat2(2).
 * That the last component is not there is no error.
 */
typedef bool (*follow_may_look)(void *arg, const char *rel);

int	 follow_links(const struct resolve_at *, const char *top,
	    const char *rel, follow_may_look, void *arg, char *out);

#endif /* FOLLOW_H */
