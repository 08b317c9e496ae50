/*
 * test_report.c: counts, words, exit statuses, and what may be shown.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/report.h"
#include "controller/listing.h"
#include "tests/unit/util.h"

/* The exit status of a run with one report of each of these kinds. */
static int
status_of(enum report_kind a, enum report_kind b)
{
	struct tally	 t;

	memset(&t, 0, sizeof(t));
	tally_count(&t, a);
	tally_count(&t, b);
	return tally_status(&t);
}

static void
test_status(void **state)
{
	(void)state;
	assert_int_equal(status_of(REPORT_NOTE, REPORT_MEMBER), 0);
	assert_int_equal(status_of(REPORT_SKIPPED, REPORT_WARNING), 0);
	/* What policy leaves out beneath a path is no failure. */
	assert_int_equal(status_of(REPORT_DENIED, REPORT_NOTE), 0);
	assert_int_equal(status_of(REPORT_UNREADABLE, REPORT_NOTE), 3);
	assert_int_equal(status_of(REPORT_CHANGED, REPORT_NOTE), 4);
	assert_int_equal(status_of(REPORT_DENIED_NAMED, REPORT_NOTE), 5);
	assert_int_equal(status_of(REPORT_DIFFERENT, REPORT_NOTE), 6);
	assert_int_equal(status_of(REPORT_UNREADABLE, REPORT_CHANGED), 3);
	assert_int_equal(status_of(REPORT_DENIED_NAMED, REPORT_CHANGED), 5);
	assert_int_equal(status_of(REPORT_UNREADABLE, REPORT_DENIED_NAMED),
	    5);
}

static void
test_describe(void **state)
{
	struct buf	 b = { NULL, 0, 0 };
	struct tally	 t;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.files = 3;
	t.bytes = 10;
	tally_count(&t, REPORT_UNREADABLE);
	tally_count(&t, REPORT_CHANGED);
	tally_count(&t, REPORT_DENIED);
	tally_count(&t, REPORT_DENIED_NAMED);
	assert_int_equal(tally_describe(&b, &t, false, 0.125), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 unreadable, "
	    "1 changed, 2 denied, 0.12 seconds");
	buf_cut(&b, 0);
	tally_count(&t, REPORT_SKIPPED);
	assert_int_equal(tally_describe(&b, &t, false, 1), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 unreadable, "
	    "1 changed, 2 denied, 1 skipped, 1.00 seconds");
	buf_cut(&b, 0);
	tally_count(&t, REPORT_DIFFERENT);
	assert_int_equal(tally_describe(&b, &t, true, 1), 0);
	assert_string_equal(buf_str(&b),
	    "3 files, 10 bytes, 1 different, 1.00 seconds");
	buf_free(&b);
}

static void
test_classify(void **state)
{
	(void)state;
	assert_int_equal(report_classify(EACCES, FDB_REASON_POLICY, true,
	    false), REPORT_DENIED_NAMED);
	assert_int_equal(report_classify(EACCES, FDB_REASON_POLICY, false,
	    true), REPORT_DENIED);
	assert_int_equal(report_classify(EACCES, FDB_REASON_KERNEL, true,
	    true), REPORT_UNREADABLE);
	/* Never there, or there a moment ago. */
	assert_int_equal(report_classify(ENOENT, FDB_REASON_KERNEL, true,
	    false), REPORT_UNREADABLE);
	assert_int_equal(report_classify(ENOENT, FDB_REASON_KERNEL, false,
	    true), REPORT_CHANGED);
	assert_int_equal(report_classify(ELOOP, FDB_REASON_TYPE, false,
	    true), REPORT_CHANGED);
	assert_int_equal(report_classify(EMFILE, FDB_REASON_LIMIT, false,
	    true), REPORT_UNREADABLE);
}

static void
test_explain(void **state)
{
	struct buf	 b = { NULL, 0, 0 };
	struct refusal	 denied = {
		EACCES, FDB_REASON_POLICY, 0, "fdbroker.conf:6 \"keys\""
	};
	struct refusal	 refused = { EACCES, FDB_REASON_KERNEL, 0, "" };

	(void)state;
	assert_int_equal(report_explain(&b, &denied), 0);
	assert_string_equal(buf_str(&b),
	    "denied by policy (fdbroker.conf:6 \"keys\")");
	buf_cut(&b, 0);
	assert_int_equal(report_explain(&b, &refused), 0);
	assert_string_equal(buf_str(&b), strerror(EACCES));
	buf_cut(&b, 0);
	denied.id = 0x8f2c;
	assert_int_equal(report_explain(&b, &denied), 0);
	assert_string_equal(buf_str(&b),
	    "denied by policy (fdbroker.conf:6 \"keys\"), id 8f2c");
	buf_cut(&b, 0);
	refused.error = EXDEV;
	assert_int_equal(report_explain(&b, &refused), 0);
	assert_non_null(strstr(buf_str(&b), "another file system"));
	buf_free(&b);
}

static void
assert_vis(const char *s, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(report_vis(&b, s), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_vis(void **state)
{
	(void)state;
	assert_vis("", "");
	assert_vis("a b/c", "a b/c");
	assert_vis("a\nb\tc\\d", "a\\nb\\tc\\\\d");
	assert_vis("\033[31m", "\\033[31m");
	assert_vis("\177", "\\177");
	/* One-byte controls of ISO 8859, and bytes that are no character. */
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	assert_vis("\233" "31m", "\\23331m");
	assert_vis("\377", "\\377");
	assert_vis("\302\233", "\\302\\233");
	assert_vis("\303\251\303", "\303\251\\303");
	assert_non_null(setlocale(LC_CTYPE, "C"));
	assert_vis("\303\251", "\\303\\251");
}

static void
test_format(void **state)
{
	struct buf	 b = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(report_format(&b, "a\n", "b\n"), 0);
	assert_string_equal(buf_str(&b), "a\\n: b\\n");
	buf_cut(&b, 0);
	assert_int_equal(report_format(&b, "a", ""), 0);
	assert_string_equal(buf_str(&b), "a");
	buf_cut(&b, 0);
	assert_int_equal(report_format(&b, "", "b"), 0);
	assert_string_equal(buf_str(&b), "b");
	buf_free(&b);
}

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
		UTIL_TEST(test_status),
		UTIL_TEST(test_describe),
		UTIL_TEST(test_classify),
		UTIL_TEST(test_explain),
		UTIL_TEST(test_vis),
		UTIL_TEST(test_format),
		UTIL_TEST(test_listing)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
