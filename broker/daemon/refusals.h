/*
 * refusals.h: the last sessions that were refused, for fdbrokerctl(8).
 */

#ifndef REFUSALS_H
#define REFUSALS_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/control.h"

/* How many are remembered in all, and of one user, who must not fill it. */
#define REFUSALS_MAX		64
#define REFUSALS_PER_UID	16

struct refusals {
	struct control_refusal	 entries[REFUSALS_MAX];	/* the oldest first */
	size_t			 n;
};

/*
 * Remember one.  The same again, of this user, for this role, and for this
 * reason, is counted and becomes the newest.
 */
void	 refusals_add(struct refusals *, const struct control_refusal *);

#endif /* REFUSALS_H */
