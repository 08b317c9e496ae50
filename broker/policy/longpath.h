/*
 * longpath.h: decisions about paths that are too long to descend them from "/"
 * each time.
 *
 * A role remembers the place of its last decision about such a path, for each
 * operation; the next path mostly is near.
 */

#ifndef POLICY_LONGPATH_H
#define POLICY_LONGPATH_H

#include <stdint.h>

#include "policy/decide.h"

struct policy_longpath;
struct role;

/* NULL: ENOMEM. */
struct policy_longpath *policy_longpath_new(void);
void		 policy_longpath_free(struct policy_longpath *);
/* The role has other rules now: forget all places. */
void		 policy_longpath_forget(struct policy_longpath *);

/*
 * What policy_decide() says of an absolute path of less than POLICY_PATH_MAX
 * bytes, but by the rules of this role alone: role->also is not asked.  It
 * works for short paths, too.  Without memory, the path is denied.
 */
struct verdict	 policy_longpath_decide(const struct role *, uint32_t op,
		    const char *path);

#endif /* POLICY_LONGPATH_H */
