/*
 * test_newer.c: the dates and files of --newer.
 */

#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "controller/newer.h"
#include "tests/unit/util.h"

static char	 why[512];

static void
expect(const char *arg, int64_t sec, uint32_t nsec)
{
	int64_t		 s = 7;
	uint32_t	 n = 7;

	if (newer_parse(arg, &s, &n, why, sizeof(why)) == -1)
		fail_msg("%s", why);
	if (s != sec || n != nsec)
		fail_msg("%s: %lld.%u", arg, (long long)s, n);
}

static void
test_dates(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "EET-2", 1), 0);
	tzset();
	expect("1970-01-01", -7200, 0);
	expect("1970-01-01 02:00", 0, 0);
	expect("1970-01-01 01:59:59", -1, 0);
	expect("1970-01-01T02:00:01.25", 1, 250000000);
	expect("1970-01-01T00:00Z", 0, 0);
	expect("1970-01-01 00:00:00 Z", 0, 0);
	expect("1970-01-01 00:00 UTC", 0, 0);
	expect("1970-01-01T01:00+01:00", 0, 0);
	expect("1970-01-01T01:00:00 +0100", 0, 0);
	expect("1969-12-31T19:30-04:30", 0, 0);
	expect("1970-01-01T01:00+01", 0, 0);
	expect("1969-12-31T23:59:59Z", -1, 0);
	expect("2024-02-29T00:00:00.123456789123Z", 1709164800, 123456789);
	expect("2026-01-31T12:00:00,5Z", 1769860800, 500000000);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static void
test_seconds(void **state)
{
	(void)state;
	expect("@0", 0, 0);
	expect("@1700000000.5", 1700000000, 500000000);
	expect("@-1", -1, 0);
	expect("@-1.25", -2, 750000000);
	expect("@999999999999999999", 999999999999999999, 0);
}

static void
test_file(void **state)
{
	const struct timespec	 ts[2] = { { 5, 6 }, { 7, 8 } };

	(void)state;
	util_write_file(util_path("f"), "");
	assert_int_equal(utimensat(AT_FDCWD, util_path("f"), ts, 0), 0);
	expect(util_path("f"), 7, 8);
	assert_int_equal(newer_parse("./nonexistent", &(int64_t){ 0 },
	    &(uint32_t){ 0 }, why, sizeof(why)), -1);
	assert_string_equal(why,
	    "--newer ./nonexistent: No such file or directory");
}

static void
test_refused(void **state)
{
	static const char *const bad[] = {
		"", "x", "2026", "2026-01", "2026-01-", "2026-13-01",
		"2026-00-01", "2026-01-32", "2026-02-29", "2025-1-1",
		"26-01-01", "2026-01-01 ", "2026-01-01T", "2026-01-01T1",
		"2026-01-01T12", "2026-01-01T12:0", "2026-01-01T24:00",
		"2026-01-01T12:60", "2026-01-01T12:00:61",
		"2026-01-01T12:00:", "2026-01-01T12:00:00.",
		"2026-01-01T12:00z", "2026-01-01T12:00+1",
		"2026-01-01T12:00+01:", "2026-01-01T12:00+01:00x",
		"2026-01-01Z", "2026-01-01 12:00  Z", "@", "@-", "@1.",
		"@1x", "@ 1", "@+1", "@1000000000000000000", "yesterday"
	};
	int64_t		 sec;
	uint32_t	 nsec;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (newer_parse(bad[i], &sec, &nsec, why, sizeof(why)) == 0)
			fail_msg("\"%s\" is accepted", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_dates),
		UTIL_TEST(test_seconds),
		UTIL_TEST(test_file),
		UTIL_TEST(test_refused)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
