/*
 * bucket.h: a token bucket: how often something may happen.
 *
 * A bucket holds a number of permits.  It starts full, is refilled at a steady
 * rate, and never holds more than its size.
 */

#ifndef BUCKET_H
#define BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	int64_t	 at_ms;		/* clock_ms() of the last refill; 0: never */
	int64_t	 left;		/* thousandths of a permit; may be negative */
};

/*
 * Refill for the time since the last call, at rate permits a second, up to
 * size permits.  now is clock_ms().  Rate and size are at most 1,000,000.
 */
void	 bucket_refill(struct bucket *, int64_t now, int64_t rate,
	    int64_t size);

/* Take n permits if there are that many, else none.  True if taken. */
bool	 bucket_take(struct bucket *, int64_t n);

/*
 * Take n permits, even if that leaves a debt.  The debt is paid by later
 * refills; bucket_wait() says how long that takes.
 */
void	 bucket_borrow(struct bucket *, int64_t n);

/* Milliseconds until the debt is paid at rate > 0; 0 if there is none. */
int64_t	 bucket_wait(const struct bucket *, int64_t rate);

#endif /* BUCKET_H */
