/*
 * throttle.c: the rate of opens; see throttle.h.
 *
 * Runs in the opener.  Waits by the pause call of the state, during which the
 * supervisor may change the session's share.
 */

#include "config.h"

#include <string.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "opener/throttle.h"
#include "policy/role.h"
#include "policy/tables.h"

/* Look at the rate again after this time. */
#define PAUSE_MS	1000

/* Opens a second; 0: any number. */
static int64_t
rate_of(const struct state *s)
{
	int64_t	 rate = (int64_t)s->role->limits[LIMIT_OPENS];

	if (s->opens != 0 && (rate == 0 || s->opens < rate))
		rate = s->opens;
	return rate;
}

/* Refill the bucket, or forget its debt if there is no limit.  The rate. */
static int64_t
refill(struct state *s)
{
	int64_t	 rate = rate_of(s);

	if (rate == 0)
		memset(&s->bucket, 0, sizeof(s->bucket));
	else
		bucket_refill(&s->bucket, clock_ms(), rate, rate);
	return rate;
}

int
throttle_delay(struct state *s, uint16_t n)
{
	int64_t	 rate, ms;

	if (s->calls.pause == NULL || (rate = refill(s)) == 0)
		return 0;
	/* A request may have more items than the bucket can hold. */
	bucket_borrow(&s->bucket, n);
	ms = bucket_wait(&s->bucket, rate);
	return ms < PAUSE_MS ? (int)ms : PAUSE_MS;
}

int
throttle_opens(struct state *s, uint16_t n)
{
	int	 ms;

	for (ms = throttle_delay(s, n); ms > 0; ms = throttle_delay(s, 0))
		if (s->calls.pause(s->calls.arg, ms) == -1)
			return -1;
	return 0;
}
