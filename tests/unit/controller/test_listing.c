/*
 * test_listing.c: the line that lists a member of an archive.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "controller/listing.h"
#include "tests/unit/util.h"

static void
assert_listing(const struct entry *e, bool verbose, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(listing_format(&b, e, verbose), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_listing(void **state)
{
	struct entry	 e;

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	entry_init(&e, "a\nb");
	e.mode = S_IFREG | 0644;
	e.uname = "root";
	e.gid = 7;
	e.size = 123;
	assert_listing(&e, false, "a\\nb\n");
	assert_listing(&e, true,
	    "-rw-r--r-- root/7          123 1970-01-01 00:00 a\\nb\n");
	e.mode = S_IFLNK | 0777;
	e.link = "t";
	assert_listing(&e, true,
	    "lrwxrwxrwx root/7          123 1970-01-01 00:00 a\\nb -> t\n");
	e.mode = S_IFBLK | 0600;
	e.link = "";
	e.rdev_major = 7;
	assert_listing(&e, true,
	    "brw------- root/7          7,0 1970-01-01 00:00 a\\nb\n");
	e.mode = 0644;
	e.size = 0;
	e.hardlink = "x";
	assert_listing(&e, true, "hrw-r--r-- root/7            0 "
	    "1970-01-01 00:00 a\\nb link to x\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_listing)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
