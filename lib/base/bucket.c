/*
 * bucket.c: a token bucket; see bucket.h.
 *
 * Runs in the listener, the supervisor and the openers.  Touches the caller's
 * memory only.
 */

#include "config.h"

#include "base/bucket.h"

#define UNIT	1000	/* parts of a permit; also ms in a second */

void
bucket_refill(struct bucket *b, int64_t now, int64_t rate, int64_t size)
{
	int64_t	 passed = now - b->at_ms, full = size * UNIT;

	/* Any bucket is full after size seconds at a rate of at least 1. */
	if (b->at_ms == 0)
		b->left = full;
	else if (passed > full)
		b->left += full * (rate > 0 ? rate : 0);
	else if (passed > 0)
		b->left += passed * rate;
	if (b->left > full)
		b->left = full;
	b->at_ms = now;
}

bool
bucket_take(struct bucket *b, int64_t n)
{
	if (b->left < n * UNIT)
		return false;
	b->left -= n * UNIT;
	return true;
}

void
bucket_borrow(struct bucket *b, int64_t n)
{
	b->left -= n * UNIT;
}

int64_t
bucket_wait(const struct bucket *b, int64_t rate)
{
	return b->left < 0 ? -b->left / rate + 1 : 0;
}
