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
 * Set and lock the securebits: becoming root gains no capability, set*uid(2)
 * leaves the capabilities alone, and there are no ambient ones.  Needs
 * CAP_SETPCAP.  0, or -1 with errno.
 */
int	 drop_securebits(void);

/*
 * Change to exactly these groups and ids, which stay once the capabilities are
 * gone.  0, or -1 with errno.
 */
int	 drop_ids(uint32_t uid, uint32_t gid, const uint32_t *gids,
	    size_t ngids);
/*
 * Read the ids back, and try to become root and to change the groups.  To be
 * called after drop_caps().  0, or -1 with errno EPERM if one does not hold.
 */
int	 drop_ids_verify(uint32_t uid, uint32_t gid, size_t ngids);

/*
 * Empty the bounding set in advance.  drop_caps() verifies that it is empty.
 * 0, or -1 with errno.
 */
int	 drop_bounding(void);

/*
 * Keep exactly the capabilities in keep, permitted and effective, and those in
 * bound in the bounding set; none are inheritable or ambient.  Without
 * CAP_SETPCAP the bounding set cannot be changed: errno EPERM, unless bound is
 * DROP_BOUND_AS_IS.  0, or -1 with errno.
 */
#define DROP_BOUND_AS_IS	UINT64_MAX
int	 drop_caps(uint64_t keep, uint64_t bound);

/* The effective capabilities; 0 also if they cannot be read. */
uint64_t drop_effective(void);

#endif /* DROP_H */
