/*
 * test_match.c: comparison of an archive with its manifest.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"
#include "sandbox/match.h"
#include "tests/unit/util.h"

static int
missing(void *arg, const char *name)
{
	return buf_printf(arg, "-%s;", name);
}

static int
unexpected(void *arg, const char *name)
{
	return buf_printf(arg, "+%s;", name);
}

static int
differs(void *arg, const char *name, const char *how)
{
	return buf_printf(arg, "!%s:%s;", name, how);
}

/*
 * Each word stands for a line: "a1" is the file a with size 1.  The functions
 * above write down the differences, which must be `want'.
 */
static void
assert_match(const char *archived, const char *recorded, const char *want)
{
	struct buf		 found = { NULL, 0, 0 };
	struct match_report	 report = {
		missing, unexpected, differs, &found
	};
	struct match		*m;
	char			 line[32];

	assert_non_null(m = match_new(&report));
	while (*archived != '\0' || *recorded != '\0') {
		if (*archived != '\0') {
			(void)snprintf(line, sizeof(line), "./%c size=%c",
			    archived[0], archived[1]);
			assert_int_equal(match_archived(m, line), 0);
			archived += archived[2] != '\0' ? 3 : 2;
		}
		if (*recorded != '\0') {
			(void)snprintf(line, sizeof(line), "./%c size=%c",
			    recorded[0], recorded[1]);
			assert_int_equal(match_recorded(m, line), 0);
			recorded += recorded[2] != '\0' ? 3 : 2;
		}
	}
	assert_int_equal(match_finish(m), 0);
	assert_string_equal(buf_str(&found), want);
	match_free(m);
	buf_free(&found);
}

static void
test_match(void **state)
{
	(void)state;
	assert_match("", "", "");
	assert_match("a1 b2 c3", "a1 b2 c3", "");
	assert_match("a1 b2 c3", "c3 b2 a1", "");
	assert_match("b2 c3", "a1 b2 c3", "-a;");
	assert_match("a1 c3", "a1 b2 c3", "-b;");
	assert_match("a1 b2 c3", "b2 c3", "+a;");
	assert_match("a1 x1 b2", "a1 b2", "+x;");
	assert_match("a1 b9 c3", "a1 b2 c3", "!b:size=9, not size=2;");
	assert_match("x1 y2", "a1 b2", "+x;+y;-a;-b;");
	assert_match("a1", "", "+a;");
	assert_match("", "a1", "-a;");
}

/* A name that occurs twice must be recorded twice, in the same order. */
static void
test_repeated(void **state)
{
	(void)state;
	assert_match("a1 a2", "a1 a2", "");
	assert_match("a1 a2", "a1", "+a;");
	assert_match("a1", "a1 a2", "-a;");
	assert_match("b1 a1 a2", "a1 a2 b1", "");
	assert_match("a2 a1", "a1 a2",
	    "!a:size=2, not size=1;!a:size=1, not size=2;");
}

static void
test_other_lines(void **state)
{
	struct buf		 found = { NULL, 0, 0 };
	struct match_report	 report = {
		missing, unexpected, differs, &found
	};
	struct match		*m;

	(void)state;
	assert_non_null(m = match_new(&report));
	assert_int_equal(match_archived(m, "#mtree"), 0);
	assert_int_equal(match_archived(m, ""), 0);
	assert_int_equal(match_recorded(m, "/set uid=0"), 0);
	/* A name that cannot be decoded is reported as it is. */
	assert_int_equal(match_recorded(m, "./\\9 size=1"), 0);
	assert_int_equal(match_finish(m), 0);
	assert_string_equal(buf_str(&found), "-./\\9 size=1;");
	match_free(m);
	buf_free(&found);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_match),
		UTIL_TEST(test_repeated),
		UTIL_TEST(test_other_lines)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
