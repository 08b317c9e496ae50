/*
 * test_shutout.c: who is shut out, and for how long.
 */

#include "config.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/shutout.h"
#include "tests/unit/util.h"

static struct shutout	 shut;
static int		 changes;

static void
count(void *arg)
{
	(void)arg;
	changes++;
}

static void
test_shutout(void **state)
{
	struct event_base	*base;
	int64_t			 now;
	uint32_t		 uid;

	(void)state;
	changes = 0;
	shut.changed = count;
	assert_non_null(base = event_base_new());
	assert_int_equal(shutout_init(&shut, base), 0);
	assert_false(shutout_has(&shut, 7));
	assert_false(shutout_add(&shut, 0));
	assert_true(shutout_add(&shut, 7));
	assert_false(shutout_add(&shut, 7));
	assert_true(shutout_has(&shut, 7));
	for (uid = 100; uid < 100 + SHUTOUT_MAX - 1; uid++)
		assert_true(shutout_add(&shut, uid));
	assert_false(shutout_add(&shut, uid));
	assert_true(event_pending(shut.timer, EV_TIMEOUT, NULL));
	/* Not yet; the first; all. */
	now = clock_ms();
	shutout_expire(&shut, now);
	assert_int_equal(shut.n, SHUTOUT_MAX);
	assert_int_equal(changes, 0);
	shut.uids[0].until = now;
	shutout_expire(&shut, now);
	assert_int_equal(changes, 1);
	assert_false(shutout_has(&shut, 7));
	assert_true(shutout_has(&shut, uid - 1));
	assert_true(shutout_add(&shut, 7));
	shutout_expire(&shut, clock_ms() + SHUTOUT_SECONDS * 1000);
	assert_int_equal(changes, 2);
	assert_int_equal(shut.n, 0);
	/* By the timer. */
	assert_true(shutout_add(&shut, 7));
	shut.uids[0].until = 0;
	event_active(shut.timer, EV_TIMEOUT, 0);
	(void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(changes, 3);
	assert_int_equal(shut.n, 0);
	shutout_stop(&shut);
	assert_false(shutout_add(&shut, 7));
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_shutout)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
