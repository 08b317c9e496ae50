/*
 * check.h: say whether a role permits a request, and admits a user.
 */

#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "ctl/ctl.h"

struct role;

/* Parse an operation, and check the path.  CTL_YES, or CTL_FAIL: logged. */
enum ctl_status	 check_parse(const char *op, const char *path, uint32_t *bit);

/*
 * Print the verdict and its rule.  peer is the uid of the user who would ask,
 * or NULL.  If the role has option owned-by-peer and peer is not NULL, the
 * object is judged, too: it is looked at with the rights of this process.
 * CTL_YES: permitted; CTL_NO: denied.
 */
enum ctl_status	 check_path(const struct ctl *, const struct role *,
		    uint32_t op, const char *path, const uint32_t *peer);

/*
 * The same as one object of JSON, which also has the user, if user is not NULL,
 * and whether that is a peer.
 */
enum ctl_status	 check_json(const struct ctl *, const struct role *,
		    uint32_t op, const char *path, const char *user,
		    const uint32_t *peer, bool admitted);

/*
 * Print, unless JSON is wanted, whether the user, a name or a uid, is a peer of
 * the role, and set *uid.  CTL_YES: a peer; CTL_NO: not a peer; CTL_FAIL: no
 * such user, logged.
 */
enum ctl_status	 check_user(const struct ctl *, const struct role *,
		    const char *user, uint32_t *uid);

#endif /* CTL_CHECK_H */
