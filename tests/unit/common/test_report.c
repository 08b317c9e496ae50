/*
 * test_report.c: the words and the kinds of reports, and how text is encoded.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "common/report.h"
#include "tests/unit/util.h"

static void
test_classify(void **state)
{
	static const struct {
		int			 error;
		enum fdb_reason		 reason;
		const char		*where;
		bool			 named, seen;
		enum report_kind	 want;
	} cases[] = {
		{ EACCES, FDB_REASON_POLICY, "f:6 \"x\"", true, false,
		    REPORT_DENIED_NAMED },
		{ EACCES, FDB_REASON_POLICY, "f:6 \"x\"", false, true,
		    REPORT_DENIED },
		{ EACCES, FDB_REASON_POLICY,
		    "option single-link of role \"r\"", true, false,
		    REPORT_OPTION_NAMED },
		{ EXDEV, FDB_REASON_POLICY,
		    "option one-filesystem of role \"r\"", false, true,
		    REPORT_OPTION },
		/* A rule of a file with such a name. */
		{ EACCES, FDB_REASON_POLICY, "option single-link:7", false,
		    true, REPORT_DENIED },
		{ EACCES, FDB_REASON_POLICY, "option of role \"r\"", false,
		    true, REPORT_DENIED },
		{ EACCES, FDB_REASON_KERNEL, "", true, true,
		    REPORT_UNREADABLE },
		/* A file that never existed, and one that disappeared. */
		{ ENOENT, FDB_REASON_KERNEL, "", true, false,
		    REPORT_UNREADABLE },
		{ ENOENT, FDB_REASON_KERNEL, "", false, true,
		    REPORT_VANISHED },
		{ ELOOP, FDB_REASON_TYPE, "a link", false, true,
		    REPORT_CHANGED },
		{ EMFILE, FDB_REASON_LIMIT, "", false, true,
		    REPORT_UNREADABLE }
	};
	struct refusal	 r = { .id = 0 };
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r.error = cases[i].error;
		r.reason = cases[i].reason;
		r.where = cases[i].where;
		assert_int_equal(report_classify(&r, cases[i].named,
		    cases[i].seen), cases[i].want);
	}
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

/* A character of the locale, and its bytes as octal numbers. */
static void
spell(uint32_t c, char *raw, char *octal)
{
	mbstate_t	 state;
	size_t		 i, n;

	memset(&state, 0, sizeof(state));
	n = wcrtomb(raw, (wchar_t)c, &state);
	assert_true(n > 1 && n <= MB_CUR_MAX);
	raw[n] = '\0';
	for (i = 0; i < n; i++)
		(void)snprintf(octal + 4 * i, 5, "\\%03o",
		    (unsigned int)(unsigned char)raw[i]);
}

/* Whatever the locale says of them, these never reach a terminal. */
static void
test_vis_unsafe(void **state)
{
	static const struct {
		uint32_t	 first, last;
	} ranges[] = {
		/* Order of display. */
		{ 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x202a, 0x202e },
		{ 0x2066, 0x2069 },
		/* Invisible. */
		{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200d },
		{ 0x2060, 0x2065 }, { 0x206a, 0x206f }, { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
		/* Controls, separators, private use. */
		{ 0x0080, 0x009f }, { 0x2028, 0x2029 }, { 0xe000, 0xf8ff },
		{ 0xf0000, 0x10ffff }
	};
	char		 raw[MB_LEN_MAX + 1], octal[4 * MB_LEN_MAX + 1];
	size_t		 i;
	uint32_t	 c;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (c = ranges[i].first; c <= ranges[i].last; c++) {
			spell(c, raw, octal);
			assert_vis(raw, octal);
		}
	}
	assert_vis("cod\342\200\256gnp.exe", "cod\\342\\200\\256gnp.exe");
	assert_non_null(setlocale(LC_CTYPE, "C"));
}

/* The neighbours of these ranges are displayed. */
static void
test_vis_safe(void **state)
{
	static const uint32_t	 safe[] = {
		0x00a1, 0x00ac, 0x00ae, 0x034e, 0x0350, 0x061b, 0x115e,
		0x1161, 0x180a, 0x2010, 0x2027, 0x2030, 0x205e, 0x2070,
		0x3163, 0x3165, 0xf900, 0xfdfc, 0xfe10, 0xfefc, 0xff01,
		0xffa1, 0xfffc, 0xfffd, 0x1d172, 0x1d17b, 0x1f600, 0x20000
	};
	char	 raw[MB_LEN_MAX + 1], octal[4 * MB_LEN_MAX + 1];
	size_t	 i;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
		spell(safe[i], raw, octal);
#ifdef __STDC_ISO_10646__
		assert_vis(raw, raw);
#else
		assert_vis(raw, octal);
#endif
	}
	assert_non_null(setlocale(LC_CTYPE, "C"));
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
		UTIL_TEST(test_vis_unsafe),
		UTIL_TEST(test_vis_safe),
		UTIL_TEST(test_format)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
