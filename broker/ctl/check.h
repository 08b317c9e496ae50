/*
 * check.h: what a role would say to a request.
 */

#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "ctl/ctl.h"

struct role;

/* CTL_YES, or CTL_FAIL: logged, with the operations that there are. */
enum ctl_status	 check_parse(const char *op, const char *path, uint32_t *bit);

/*
 * Print the verdict and its rule.  peer is the uid of who asks, or NULL: if
 * the role has option owned-by-peer, the object is looked at, with the rights
 * of this process, and judged.  CTL_YES: permitted, CTL_NO: denied.
 */
enum ctl_status	 check_path(const struct ctl *, const struct role *,
		    uint32_t op, const char *path, const uint32_t *peer);

/* May this user take the role?  CTL_FAIL: no such user, logged.  Sets *uid. */
enum ctl_status	 check_user(const struct ctl *, const struct role *,
		    const char *user, uint32_t *uid);

#endif /* CTL_CHECK_H */
