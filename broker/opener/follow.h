/*
 * follow.h: find where a name leads through symbolic links, for roles with
 * option follow.
 */

#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "opener/resolve.h"

/*
 * May a name beneath the directory be looked at?  It is asked before every
 * look: through a link, a worker must not learn what exists where the policy
 * denies it.
 */
typedef bool (*follow_may_look)(void *arg, const char *rel);

/*
 * Follow the links in rel.  out, of PROTO_PATH_MAX bytes, gets a clean name
 * beneath the same directory, without links as far as the looks showed.  If
 * last is false, a link that is the last component of rel is not followed: it
 * is the last component of out.  The caller asks the policy about out and then
 * resolves it strictly.  top is the absolute path of at's directory: an
 * absolute link must lead beneath it.  With NULL no absolute link does.
 *
 * 0, also if the last component does not exist.  Or -1 with out how far it
 * got, and errno: EACCES (may_look said no), EXDEV (a link leads out), ELOOP
 * (too many links), ENAMETOOLONG, ENOTDIR, or of openat2(2).
 */
int	 follow_links(const struct resolve_at *, const char *top,
	    const char *rel, bool last, follow_may_look, void *arg,
	    char *out);

#endif /* FOLLOW_H */
