/*
 * test_floodlog.c: some lines a minute for each uid, and then a count.
 */

#include "config.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "daemon/floodlog.h"
#include "tests/unit/util.h"

static struct floodlog		 flood;
static struct event_base	*base;
static size_t			 lines;
static char			 last[1024];

static void
count_line(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	lines++;
	(void)strlcpy(last, text, sizeof(last));
}

static void
begin(void)
{
	assert_non_null(base = event_base_new());
	assert_int_equal(floodlog_init(&flood, base), 0);
	log_set_sink(count_line, NULL);
	lines = 0;
}

static void
end(void)
{
	floodlog_end(&flood);
	log_set_sink(NULL, NULL);
	event_base_free(base);
}

static void
test_flood(void **state)
{
	int	 i;

	(void)state;
	begin();
	for (i = 0; i < 1000; i++)
		floodlog_warn(&flood, 7, "uid 7: number %d", i);
	assert_int_equal(lines, FLOODLOG_LINES);
	/* Another uid is not affected. */
	floodlog_warn(&flood, 8, "uid 8: once");
	assert_int_equal(lines, FLOODLOG_LINES + 1);
	assert_true(evtimer_pending(flood.timer, NULL));
	floodlog_turn(&flood);
	assert_int_equal(lines, FLOODLOG_LINES + 2);
	assert_string_equal(last, "uid 7: 995 more like this in a minute, "
	    "the last: uid 7: number 999");
	/* A new minute. */
	floodlog_turn(&flood);
	assert_int_equal(lines, FLOODLOG_LINES + 2);
	floodlog_warn(&flood, 7, "again");
	assert_string_equal(last, "again");
	end();
}

/* More uids than are remembered: their lines are counted together. */
static void
test_many_uids(void **state)
{
	uint32_t	 uid;

	(void)state;
	begin();
	for (uid = 0; uid < 10 * FLOODLOG_UIDS; uid++)
		floodlog_warn(&flood, uid, "a line");
	assert_int_equal(lines, FLOODLOG_UIDS);
	floodlog_turn(&flood);
	assert_int_equal(lines, FLOODLOG_UIDS + 1);
	assert_string_equal(last,
	    "576 more like this of other uids in a minute");
	/* What is left out last is logged at the end. */
	for (uid = 0; uid < FLOODLOG_LINES + 1; uid++)
		floodlog_warn(&flood, 1, "a line");
	end();
	assert_string_equal(last, "uid 1: 1 more like this in a minute, "
	    "the last: a line");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_flood),
		UTIL_TEST(test_many_uids)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
