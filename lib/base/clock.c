/*
 * clock.c: time that only goes forward.  Runs in every process.
 */

#include "config.h"

#include <time.h>

#include "base/clock.h"

int64_t
clock_ms(void)
{
	struct timespec	 ts;

	/* Cannot fail for this clock: clock_gettime(2). */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
