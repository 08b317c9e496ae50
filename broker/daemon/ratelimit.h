/*
 * ratelimit.h: how often a uid may ask for a session, and how often it is
 * answered at all: two buckets of permits for each uid.
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
/* Connections to read from, and to answer. */
#define RATELIMIT_HEARD		200
#define RATELIMIT_HEARD_BURST	600

struct ratelimit_uid {
	uint32_t	 uid;
	int64_t		 at_ms;		/* when it asked last */
	struct bucket	 bucket;	/* of sessions */
	struct bucket	 heard;		/* of connections */
	int64_t		 told_ms;	/* of ratelimit_tell(); 0: never */
};

struct ratelimit {
	struct ratelimit_uid	 uids[RATELIMIT_UIDS];
	size_t			 used;
};

void	 ratelimit_init(struct ratelimit *);
/*
 * May this uid, which has connected, be heard?  If not, it floods, and reading
 * what it says takes time from others.
 */
bool	 ratelimit_hear(struct ratelimit *, uint32_t uid);
/*
 * May it be told that this uid, which is not heard, floods?  Once a second.
 */
bool	 ratelimit_tell(struct ratelimit *, uint32_t uid);
/* Take one permit; false if the uid has none left. */
bool	 ratelimit_take(struct ratelimit *, uint32_t uid);
/* The same at a given time, which is not 0, for tests. */
bool	 ratelimit_hear_at(struct ratelimit *, uint32_t uid, int64_t now_ms);
bool	 ratelimit_tell_at(struct ratelimit *, uint32_t uid, int64_t now_ms);
bool	 ratelimit_take_at(struct ratelimit *, uint32_t uid, int64_t now_ms);

#endif /* RATELIMIT_H */
