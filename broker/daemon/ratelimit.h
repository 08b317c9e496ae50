/*
 * ratelimit.h: how often a uid may ask for a session: a bucket of permits for
 * each uid.
 */

#ifndef RATELIMIT_H
#define RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"

#define RATELIMIT_UIDS		256	/* remembered at once */
#define RATELIMIT_PER_SECOND	20
#define RATELIMIT_BURST		40

struct ratelimit {
	struct {
		uint32_t	 uid;
		struct bucket	 bucket;
	} uids[RATELIMIT_UIDS];
	size_t	 used;
};

void	 ratelimit_init(struct ratelimit *);
/* Take one permit; false if the uid has none left. */
bool	 ratelimit_take(struct ratelimit *, uint32_t uid);
/* The same at a given time, which is not 0, for tests. */
bool	 ratelimit_take_at(struct ratelimit *, uint32_t uid, int64_t now_ms);

#endif /* RATELIMIT_H */
