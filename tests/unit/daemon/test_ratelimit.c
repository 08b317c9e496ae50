/*
 * test_ratelimit.c: how often a uid may ask, at times of the test's choice.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/ratelimit.h"
#include "tests/unit/util.h"

static struct ratelimit	 limit;

/* Try to take n permits at a time; returns how many were granted. */
static int
take(uint32_t uid, int64_t at, int n)
{
	int	 taken = 0;

	while (n-- > 0)
		taken += ratelimit_take_at(&limit, uid, at);
	return taken;
}

static void
test_burst_and_rate(void **state)
{
	int64_t	 now = 1000;

	(void)state;
	ratelimit_init(&limit);
	assert_int_equal(take(7, now, 1000), RATELIMIT_BURST);
	/* One millisecond before the next permit, and at its time. */
	now += 1000 / RATELIMIT_PER_SECOND - 1;
	assert_int_equal(take(7, now, 10), 0);
	assert_int_equal(take(7, now + 1, 10), 1);
	now += 1001;
	assert_int_equal(take(7, now, 1000), RATELIMIT_PER_SECOND);
	/* It never holds more than the burst. */
	now += 10 * 60 * 1000;
	assert_int_equal(take(7, now, 1000), RATELIMIT_BURST);
	now = INT64_MAX / 2;
	assert_int_equal(take(7, now, 1000), RATELIMIT_BURST);
}

/* A request that is refused takes no permit. */
static void
test_steady(void **state)
{
	int64_t	 now;
	int	 taken = 0;

	(void)state;
	ratelimit_init(&limit);
	for (now = 1; now <= 100 * 1000; now++)
		taken += take(7, now, 2);
	assert_in_range(taken, RATELIMIT_BURST + 100 *
	    RATELIMIT_PER_SECOND - 1, RATELIMIT_BURST + 100 *
	    RATELIMIT_PER_SECOND + 1);
}

/* Each uid has permits of its own. */
static void
test_uids(void **state)
{
	uint32_t	 uid;

	(void)state;
	ratelimit_init(&limit);
	assert_int_equal(take(0, 1, 1000), RATELIMIT_BURST);
	for (uid = 1; uid < RATELIMIT_UIDS; uid++)
		assert_int_equal(take(uid, 1, 1), 1);
	assert_int_equal(take(0, 1, 10), 0);
	assert_int_equal(take(UINT32_MAX, 2, 1000), RATELIMIT_BURST);
	assert_int_equal(limit.used, RATELIMIT_UIDS);
}

/* When more uids ask than fit, the least recent one is forgotten. */
static void
test_forgotten(void **state)
{
	uint32_t	 uid;

	(void)state;
	ratelimit_init(&limit);
	for (uid = 0; uid < RATELIMIT_UIDS; uid++)
		assert_int_equal(take(uid, uid + 1, 1000), RATELIMIT_BURST);
	assert_int_equal(take(9999, RATELIMIT_UIDS + 1, 1), 1);
	/* The others are remembered: their buckets are nearly empty. */
	for (uid = 1; uid < RATELIMIT_UIDS; uid++)
		assert_true(take(uid, RATELIMIT_UIDS + 1, RATELIMIT_BURST) <
		    RATELIMIT_BURST / 4);
	assert_int_equal(take(0, RATELIMIT_UIDS + 2, 1000), RATELIMIT_BURST);
}

/*
 * Connections have permits of their own, so that who may not ask hears of it,
 * up to a point.
 */
static void
test_hear(void **state)
{
	int	 i, heard = 0;

	(void)state;
	ratelimit_init(&limit);
	assert_int_equal(take(7, 1000, 1000), RATELIMIT_BURST);
	for (i = 0; i < 2 * RATELIMIT_HEARD_BURST; i++)
		heard += ratelimit_hear_at(&limit, 7, 1000);
	assert_int_equal(heard, RATELIMIT_HEARD_BURST);
	for (i = 0, heard = 0; i < 2 * RATELIMIT_HEARD; i++)
		heard += ratelimit_hear_at(&limit, 7, 2000);
	assert_int_equal(heard, RATELIMIT_HEARD);
	assert_int_equal(take(7, 2000, 1000), RATELIMIT_PER_SECOND);
	assert_true(ratelimit_hear_at(&limit, 8, 2000));
	assert_true(ratelimit_tell_at(&limit, 7, 2000));
	assert_false(ratelimit_tell_at(&limit, 7, 2999));
	assert_true(ratelimit_tell_at(&limit, 8, 2999));
	assert_true(ratelimit_tell_at(&limit, 7, 3000));
}

/* A clock that goes back grants no permits. */
static void
test_clock_back(void **state)
{
	(void)state;
	ratelimit_init(&limit);
	assert_int_equal(take(7, 100000, 1000), RATELIMIT_BURST);
	assert_int_equal(take(7, 1, 10), 0);
	assert_int_equal(take(7, INT64_MIN / 4, 10), 0);
	assert_int_equal(take(7, INT64_MIN / 4 + 1000, 1000),
	    RATELIMIT_PER_SECOND);
}

static void
test_now(void **state)
{
	int	 taken = 0, i;

	(void)state;
	ratelimit_init(&limit);
	for (i = 0; i < RATELIMIT_BURST; i++)
		taken += ratelimit_take(&limit, 7);
	assert_int_equal(taken, RATELIMIT_BURST);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_burst_and_rate),
		UTIL_TEST(test_steady),
		UTIL_TEST(test_uids),
		UTIL_TEST(test_forgotten),
		UTIL_TEST(test_hear),
		UTIL_TEST(test_clock_back),
		UTIL_TEST(test_now)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
