/*
 * drop.h: give up ids and capabilities for good, and prove it: every function
 * reads back what it changed and tries to regain what was given up.
 *
 * Linux only.  A caller whose drop fails must exit.
 */

#ifndef DROP_H
#define DROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of capabilities has a bit for each CAP_... of <linux/capability.h>. */
#define DROP_BIT(cap)	(UINT64_C(1) << (cap))

/*
 * Root is nothing special and nothing is gained by becoming it; set*uid(2)
 * leaves the capabilities alone; no ambient ones.  All locked.  Needs
 * CAP_SETPCAP.  0, or -1 with errno.
 */
int	 drop_securebits(void);

/*
 * Exactly these groups and ids, which cannot be changed once the capabilities
 * are gone.  0, or -1 with errno.
 */
int	 drop_ids(uint32_t uid, uint32_t gid, const uint32_t *gids,
	    size_t ngids);
/* That no other id or group can be had; after drop_caps().  0, or -1. */
int	 drop_ids_verify(uint32_t uid, uint32_t gid, size_t ngids);

/*
 * Permitted and effective capabilities exactly as in keep, a bounding set as
 * in bound, none inheritable or ambient.  Without CAP_SETPCAP the bounding
 * set cannot be changed: errno EPERM, unless bound is DROP_BOUND_AS_IS.
 * 0, or -1 with errno.
 */
#define DROP_BOUND_AS_IS	UINT64_MAX
int	 drop_caps(uint64_t keep, uint64_t bound);

/* The capabilities that are effective; 0 also if that cannot be told. */
uint64_t drop_effective(void);

#endif /* DROP_H */
