/*
 * test_bucket.c: a token bucket starts full, refills at its rate, and never
 * holds more than its size.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bucket.h"
#include "tests/unit/util.h"

#define NOW	INT64_C(1000000)

static void
test_starts_full(void **state)
{
	struct bucket	 b = { 0 };
	int		 i;

	(void)state;
	bucket_refill(&b, NOW, 10, 3);
	for (i = 0; i < 3; i++)
		assert_true(bucket_take(&b, 1));
	assert_false(bucket_take(&b, 1));
}

static void
test_refills(void **state)
{
	struct bucket	 b = { 0 };

	(void)state;
	bucket_refill(&b, NOW, 10, 3);
	assert_true(bucket_take(&b, 3));
	bucket_refill(&b, NOW + 99, 10, 3);
	assert_false(bucket_take(&b, 1));
	bucket_refill(&b, NOW + 100, 10, 3);
	assert_true(bucket_take(&b, 1));
	assert_false(bucket_take(&b, 1));
}

/* Permits are taken all or none. */
static void
test_takes_all_or_none(void **state)
{
	struct bucket	 b = { 0 };

	(void)state;
	bucket_refill(&b, NOW, 1, 3);
	assert_false(bucket_take(&b, 4));
	assert_true(bucket_take(&b, 3));
}

/* A long time fills it, however long, and not beyond its size. */
static void
test_never_overflows(void **state)
{
	static const int64_t	 times[] = { 10 * 1000, 1000000, INT64_MAX };
	struct bucket		 b;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		memset(&b, 0, sizeof(b));
		bucket_refill(&b, 1, 1000000, 1000000);
		bucket_borrow(&b, 2000000);
		bucket_refill(&b, times[i], 1000000, 1000000);
		assert_true(bucket_take(&b, 1000000));
		assert_false(bucket_take(&b, 1));
	}
}

/* A clock that stands or goes back gives nothing. */
static void
test_clock_goes_back(void **state)
{
	struct bucket	 b = { 0 };

	(void)state;
	bucket_refill(&b, NOW, 10, 3);
	assert_true(bucket_take(&b, 3));
	bucket_refill(&b, NOW, 10, 3);
	assert_false(bucket_take(&b, 1));
	bucket_refill(&b, NOW - 5000, 10, 3);
	assert_false(bucket_take(&b, 1));
}

static void
test_debt(void **state)
{
	struct bucket	 b = { 0 };

	(void)state;
	bucket_refill(&b, NOW, 10, 10);
	bucket_borrow(&b, 10);
	assert_int_equal(bucket_wait(&b, 10), 0);
	bucket_borrow(&b, 5);
	/* A debt of 5 permits at 10 a second, and a millisecond more. */
	assert_int_equal(bucket_wait(&b, 10), 501);
	bucket_refill(&b, NOW + 501, 10, 10);
	assert_int_equal(bucket_wait(&b, 10), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_full),
		cmocka_unit_test(test_refills),
		cmocka_unit_test(test_takes_all_or_none),
		cmocka_unit_test(test_never_overflows),
		cmocka_unit_test(test_clock_goes_back),
		cmocka_unit_test(test_debt)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
