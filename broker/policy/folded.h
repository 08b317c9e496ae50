/*
 * folded.h: can a path be spelled otherwise, without regard to case, so that
 * the rules decide otherwise?
 *
 * This is about file systems that fold names as Unicode does.  Where it does
 * not matter which spelling a client uses, nobody has to look for it in
 * directories.
 */

#ifndef POLICY_FOLDED_H
#define POLICY_FOLDED_H

#include <stdbool.h>
#include <stddef.h>

struct role;

/*
 * The rules of a role that tell names beneath these directories apart, folded.
 * A role, which the caller frees; or NULL with errno: ENOTSUP (a pattern may
 * match other names than its folded form), ENOMEM.
 */
struct role	*policy_folded_new(const struct role *,
		    const char *const *tops, size_t ntops);

/*
 * False if the rules decide the same about each spelling of a path that is
 * beneath one of those directories: about opening it, or, with `list', about
 * listing and looking at it.
 */
bool		 policy_folded_matters(const struct role *folded,
		    const char *path, bool list);

#endif /* POLICY_FOLDED_H */
