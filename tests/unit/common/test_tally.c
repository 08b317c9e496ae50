/*
 * test_tally.c: the counts of a run and its exit status.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/tally.h"
#include "tests/unit/util.h"

/* The exit status of a run with two reports of these kinds. */
static int
status_if(enum report_kind a, enum report_kind b, bool denied_ok)
{
	struct tally	 t;

	memset(&t, 0, sizeof(t));
	tally_count(&t, a);
	tally_count(&t, b);
	return tally_status(&t, denied_ok);
}

static int
status_of(enum report_kind a, enum report_kind b)
{
	return status_if(a, b, false);
}

static void
test_status(void **state)
{
	(void)state;
	assert_int_equal(status_of(REPORT_NOTE, REPORT_MEMBER), 0);
	assert_int_equal(status_of(REPORT_SKIPPED, REPORT_WARNING), 0);
	assert_int_equal(status_of(REPORT_SKIPPED, REPORT_LOG), 0);
	assert_int_equal(status_of(REPORT_EXCLUDED, REPORT_EXCLUDED_NAMED),
	    0);
	assert_int_equal(status_of(REPORT_DENIED, REPORT_NOTE), 5);
	assert_int_equal(status_of(REPORT_UNCHANGED, REPORT_REMOVED), 0);
	assert_int_equal(status_of(REPORT_VANISHED, REPORT_NOTE), 4);
	/* The user may expect that beneath a path, but not of the path. */
	assert_int_equal(status_if(REPORT_DENIED, REPORT_NOTE, true), 0);
	assert_int_equal(status_if(REPORT_DENIED, REPORT_CHANGED, true), 4);
	assert_int_equal(status_if(REPORT_DENIED_NAMED, REPORT_NOTE, true),
	    5);
	/* Whether a rule or an option denied makes no difference. */
	assert_int_equal(status_of(REPORT_OPTION, REPORT_UNREADABLE), 5);
	assert_int_equal(status_if(REPORT_OPTION, REPORT_NOTE, true), 0);
	assert_int_equal(status_of(REPORT_OPTION_NAMED, REPORT_NOTE), 5);
	assert_int_equal(status_if(REPORT_OPTION_NAMED, REPORT_NOTE, true),
	    5);
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
test_hidden(void **state)
{
	struct tally	 t;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.hidden = 1;
	assert_int_equal(tally_status(&t, false), 5);
	assert_int_equal(tally_status(&t, true), 0);
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
	assert_int_equal(tally_describe(&b, &t, TALLY_STORED, 0.125), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 unreadable, "
	    "1 changed, 2 denied, 0.12 seconds");
	buf_cut(&b, 0);
	tally_count(&t, REPORT_SKIPPED);
	assert_int_equal(tally_describe(&b, &t, TALLY_STORED, 1), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 unreadable, "
	    "1 changed, 2 denied, 1 skipped, 1.00 seconds");
	buf_cut(&b, 0);
	tally_count(&t, REPORT_VANISHED);
	tally_count(&t, REPORT_EXCLUDED);
	tally_count(&t, REPORT_EXCLUDED_NAMED);
	t.hidden = 7;
	assert_int_equal(tally_describe(&b, &t, TALLY_STORED, 1), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 unreadable, "
	    "1 changed, 2 denied, 7 hidden, 1 vanished, 1 skipped, "
	    "2 excluded, 1.00 seconds");
	buf_cut(&b, 0);
	tally_count(&t, REPORT_UNCHANGED);
	tally_count(&t, REPORT_REMOVED);
	tally_count(&t, REPORT_OPTION);
	tally_count(&t, REPORT_OPTION_NAMED);
	tally_count(&t, REPORT_OPTION);
	assert_int_equal(t.denied_named, 2);
	assert_int_equal(tally_describe(&b, &t, TALLY_STORED, 1), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 unreadable, "
	    "1 changed, 2 denied, 3 denied by option, 7 hidden, 1 vanished, "
	    "1 skipped, 2 excluded, 1 unchanged, 1 removed, 1.00 seconds");
	buf_cut(&b, 0);
	tally_count(&t, REPORT_DIFFERENT);
	assert_int_equal(tally_describe(&b, &t, TALLY_WALKED, 1), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1 different, "
	    "1 unreadable, 1 changed, 2 denied, 3 denied by option, 7 hidden, "
	    "1 vanished, 1 skipped, 2 excluded, 1 unchanged, 1 removed, "
	    "1.00 seconds");
	buf_cut(&b, 0);
	assert_int_equal(tally_describe(&b, &t, TALLY_COMPARED, 1), 0);
	assert_string_equal(buf_str(&b),
	    "3 files, 10 bytes, 1 different, 1.00 seconds");
	buf_cut(&b, 0);
	assert_int_equal(tally_describe(&b, &t, TALLY_LISTED, 1), 0);
	assert_string_equal(buf_str(&b), "3 files, 10 bytes, 1.00 seconds");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_status),
		UTIL_TEST(test_hidden),
		UTIL_TEST(test_describe)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
