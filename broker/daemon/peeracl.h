/*
 * peeracl.h: who may connect to the socket for peers, as an access control
 * list of its file: every user and group that some role names as a peer.
 */

#ifndef PEERACL_H
#define PEERACL_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "daemon/idmap.h"
#include "daemon/shutout.h"

/* Linux takes this much as the value of an extended attribute. */
#define PEERACL_MAX	65536

/*
 * Encode the list as the value of system.posix_acl_access.  Ids that stand for
 * nobody are left out.  Users who are shut out get no right, whatever groups
 * they have.  The caller frees *buf, of *len bytes.  0, or -1 with
 * errno: E2BIG (more than PEERACL_MAX bytes), ENOMEM.
 */
int	 peeracl_encode(const struct conf *, const struct idmap *,
	    const struct shutout *, uint8_t **buf, size_t *len);

/*
 * Give the list to the file at path, which belongs to root.  0, or -1 with
 * errno: of peeracl_encode(), ENOTSUP (the system or the file system has no
 * such lists), or as setxattr(2).  After -1, the old list is in force.
 */
int	 peeracl_set(const char *path, const struct conf *,
	    const struct idmap *, const struct shutout *);

#endif /* PEERACL_H */
