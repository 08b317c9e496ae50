/*
 * test_hours.c: the hours of a day in which a role admits sessions.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/hours.h"

static uint64_t
value_of(const char *text)
{
	uint64_t	 value = 0;

	assert_int_equal(hours_parse(text, &value), 0);
	assert_true(value > 0 && value <= HOURS_MAX);
	return value;
}

/* How many minutes of the day are among the hours. */
static unsigned int
minutes_of(const char *text)
{
	uint64_t	 value = value_of(text);
	unsigned int	 i, n = 0;

	for (i = 0; i < HOURS_DAY; i++)
		n += hours_include(value, i);
	return n;
}

static void
test_parse(void **state)
{
	static const char *const bad[] = {
		"", "2", "22:00", "22:00-", "22-06", "22:00-6:00",
		"2:00-06:00", "22:00-06:00 ", " 22:00-06:00", "22:00-06:000",
		"22:60-06:00", "25:00-06:00", "22:00-24:01", "24:00-06:00",
		"22:00-22:00", "00:00-00:60", "22.00-06.00", "22:00+06:00",
		"2a:00-06:00", "-2:00-06:00", "22:00-06:0", "22:00:06:00"
	};
	uint64_t	 value;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hours_parse(bad[i], &value), -1);
	assert_true(value_of("23:59-24:00") == HOURS_MAX);
	assert_true(value_of("22:00-00:00") == value_of("22:00-24:00"));
}

static void
test_text(void **state)
{
	static const char *const same[] = {
		"22:00-06:00", "00:00-24:00", "00:00-00:01", "23:59-24:00",
		"08:30-17:05"
	};
	char		 text[HOURS_TEXT];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		hours_text(value_of(same[i]), text, sizeof(text));
		assert_string_equal(text, same[i]);
	}
}

static void
test_include(void **state)
{
	uint64_t	 night = value_of("22:00-06:00");
	uint64_t	 day = value_of("08:30-17:05");

	(void)state;
	assert_true(hours_include(night, 22 * 60));
	assert_true(hours_include(night, 0));
	assert_true(hours_include(night, 6 * 60 - 1));
	assert_false(hours_include(night, 6 * 60));
	assert_false(hours_include(night, 22 * 60 - 1));
	assert_false(hours_include(day, 8 * 60 + 29));
	assert_true(hours_include(day, 8 * 60 + 30));
	assert_true(hours_include(day, 17 * 60 + 4));
	assert_false(hours_include(day, 17 * 60 + 5));
	assert_int_equal(minutes_of("22:00-06:00"), 8 * 60);
	assert_int_equal(minutes_of("08:30-17:05"), 8 * 60 + 35);
	assert_int_equal(minutes_of("00:00-24:00"), HOURS_DAY);
	assert_int_equal(minutes_of("23:59-24:00"), 1);
	assert_int_equal(minutes_of("00:01-00:00"), HOURS_DAY - 1);
	/* Without the limit, always. */
	assert_true(hours_include(0, 0));
	assert_true(hours_include(0, HOURS_DAY - 1));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_include),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
