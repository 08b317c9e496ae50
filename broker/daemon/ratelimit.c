/*
 * ratelimit.c: a token bucket for each uid; see ratelimit.h.
 *
 * Runs in the listener.  When more uids ask than are remembered, the one that
 * asked the longest ago is forgotten; its bucket was filling since.
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

static size_t
bucket_of(struct ratelimit *r, uint32_t uid, int64_t now)
{
	size_t	 i, oldest = 0;

	for (i = 0; i < r->used; i++) {
		if (r->uids[i].uid == uid)
			return i;
		if (r->uids[i].at_ms < r->uids[oldest].at_ms)
			oldest = i;
	}
	if (r->used < RATELIMIT_UIDS)
		oldest = r->used++;
	r->uids[oldest].uid = uid;
	r->uids[oldest].at_ms = now;
	r->uids[oldest].left = RATELIMIT_BURST * 1000;
	return oldest;
}

bool
ratelimit_take_at(struct ratelimit *r, uint32_t uid, int64_t now)
{
	size_t	 i = bucket_of(r, uid, now);
	int64_t	 passed = now - r->uids[i].at_ms, left = r->uids[i].left;

	/* More than this fills any bucket. */
	if (passed > RATELIMIT_BURST * 1000)
		passed = RATELIMIT_BURST * 1000;
	if (passed > 0)
		left += passed * RATELIMIT_PER_SECOND;
	if (left > RATELIMIT_BURST * 1000)
		left = RATELIMIT_BURST * 1000;
	r->uids[i].at_ms = now;
	r->uids[i].left = left;
	if (left < 1000)
		return false;
	r->uids[i].left -= 1000;
	return true;
}

bool
ratelimit_take(struct ratelimit *r, uint32_t uid)
{
	return ratelimit_take_at(r, uid, clock_ms());
}
