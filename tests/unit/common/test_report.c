/*
 * test_report.c: the words and the kinds of reports, and how text is encoded.
 */

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/report.h"
#include "tests/unit/util.h"

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
	/* A file that never existed, and one that disappeared. */
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
	/* Control characters of ISO 8859, and bytes that are no character. */
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

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_classify),
		UTIL_TEST(test_explain),
		UTIL_TEST(test_vis),
		UTIL_TEST(test_format)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
