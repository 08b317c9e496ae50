/*
 * ratelimit.c: buckets of permits for each uid; see ratelimit.h.
 *
 * Runs in the listener.  Touches nothing but memory.  When more uids ask than
 * are remembered, the one that has not asked for the longest time is
 * forgotten: its buckets are the fullest.
 */

#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/ratelimit.h"

void
ratelimit_init(struct ratelimit *r)
{
	memset(r, 0, sizeof(*r));
}

static struct ratelimit_uid *
place_of(struct ratelimit *r, uint32_t uid, int64_t now)
{
	size_t	 i, oldest = 0;

	for (i = 0; i < r->used; i++) {
		if (r->uids[i].uid == uid) {
			r->uids[i].at_ms = now;
			return &r->uids[i];
		}
		if (r->uids[i].at_ms < r->uids[oldest].at_ms)
			oldest = i;
	}
	if (r->used < RATELIMIT_UIDS)
		oldest = r->used++;
	memset(&r->uids[oldest], 0, sizeof(r->uids[oldest]));
	r->uids[oldest].uid = uid;
	r->uids[oldest].at_ms = now;
	return &r->uids[oldest];
}

bool
ratelimit_hear_at(struct ratelimit *r, uint32_t uid, int64_t now)
{
	struct bucket	*b = &place_of(r, uid, now)->heard;

	bucket_refill(b, now, RATELIMIT_HEARD, RATELIMIT_HEARD_BURST);
	return bucket_take(b, 1);
}

bool
ratelimit_hear(struct ratelimit *r, uint32_t uid)
{
	return ratelimit_hear_at(r, uid, clock_ms());
}

bool
ratelimit_tell_at(struct ratelimit *r, uint32_t uid, int64_t now)
{
	struct ratelimit_uid	*u = place_of(r, uid, now);

	if (u->told_ms != 0 && now < u->told_ms + 1000)
		return false;
	u->told_ms = now;
	return true;
}

bool
ratelimit_tell(struct ratelimit *r, uint32_t uid)
{
	return ratelimit_tell_at(r, uid, clock_ms());
}

bool
ratelimit_take_at(struct ratelimit *r, uint32_t uid, int64_t now)
{
	struct bucket	*b = &place_of(r, uid, now)->bucket;

	bucket_refill(b, now, RATELIMIT_PER_SECOND, RATELIMIT_BURST);
	return bucket_take(b, 1);
}

bool
ratelimit_take(struct ratelimit *r, uint32_t uid)
{
	return ratelimit_take_at(r, uid, clock_ms());
}
