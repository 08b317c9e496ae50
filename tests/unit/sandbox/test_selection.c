/*
 * test_selection.c: which members paths and patterns choose.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/selection.h"
#include "tests/unit/util.h"

/* True if a single path chooses the name. */
static bool
chooses(const char *path, const char *name)
{
	char			*copy = strdup(path), *paths[] = { copy };
	struct selection	*s = selection_new(paths, 1);
	bool			 chosen;

	assert_non_null(s);
	assert_int_equal(selection_covers(s, name),
	    chosen = selection_member(s, name));
	/* What chose nothing is told. */
	assert_int_equal(selection_unused(s, 0) == NULL, chosen);
	assert_null(selection_unused(s, 1));
	selection_free(s);
	free(copy);
	return chosen;
}

struct row {
	const char	*path, *name;
	bool		 chosen;
};

static void
choose_rows(const struct row *rows, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (chooses(rows[i].path, rows[i].name) != rows[i].chosen)
			fail_msg("%s, %s", rows[i].path, rows[i].name);
}

static void
test_paths(void **state)
{
	static const struct row	 rows[] = {
		{ "a", "a", true }, { "a", "a/b/c", true },
		{ "a", "ab", false }, { "a", "b/a", false },
		{ "a/", "a/b", true }, { "/a", "a", true },
		{ "//a//b/", "a/b", true }, { "./a", "a", true },
		{ ".", "a/b", true }, { "/", "a", true }, { "", "a", true },
		{ "../a", "a", false }, { "a/../b", "b", true },
		{ "a/b", "a", false }
	};

	(void)state;
	choose_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_patterns(void **state)
{
	static const struct row	 rows[] = {
		{ "*.c", "a.c", true }, { "*.c", "d/e/a.c", true },
		{ "*.c", "a.cc", false }, { "*.c", "a.c/below", true },
		{ "/*.c", "a.c", true }, { "/*.c", "d/a.c", false },
		{ "/*/a", "d/a", true }, { "/*/a", "d/e/a", false },
		{ "/**/a", "a", true }, { "/**/a", "d/e/a", true },
		{ "/**/a", "d/e/ab", false }, { "/a/**", "a", false },
		{ "/a/**", "a/b", true }, { "/a/**/b", "a/b", true },
		{ "/a/**/b/**/c", "a/x/b/y/z/c", true },
		{ "/a/**/b/**/c", "a/x/y/c", false },
		{ "a?c", "abc", true }, { "a?c", "ac", false },
		{ "a?c", "a/c", false }, { "*", "x", true },
		{ "a*b*c", "a-b-b-c", true }, { "a*b*c", "a-c-b", false },
		{ "[a-c]x", "bx", true }, { "[a-c]x", "dx", false },
		{ "[!a-c]x", "dx", true }, { "[^a-c]x", "ax", false },
		{ "[]]x", "]x", true }, { "[a\\]]x", "]x", true },
		{ "[a-]x", "-x", true }, { "[x", "[x", true },
		{ "\\*", "*", true }, { "\\*", "a", false },
		{ "a\\", "a\\", true }, { "*/", "a", true },
		{ "**", "a/b", true }, { "d*/x", "q/dd/x", true }
	};

	(void)state;
	choose_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Many wildcards do not make a match take for ever. */
static void
test_slow(void **state)
{
	char	 name[4096], pattern[4096] = "/";
	size_t	 i;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < 500; i++)
		(void)strlcat(pattern, "*a", sizeof(pattern));
	(void)strlcat(pattern, "b", sizeof(pattern));
	assert_false(chooses(pattern, name));
	for (i = 1; i < sizeof(name) - 1; i += 2)
		name[i] = '/';
	(void)strlcpy(pattern, "/", sizeof(pattern));
	for (i = 0; i < 500; i++)
		(void)strlcat(pattern, "**/a/", sizeof(pattern));
	(void)strlcat(pattern, "b*", sizeof(pattern));
	assert_false(chooses(pattern, name));
}

static void
test_several(void **state)
{
	char			 one[] = "a", two[] = "b*", three[] = "none";
	char			*paths[] = { one, two, three };
	struct selection	*s;

	(void)state;
	assert_non_null(s = selection_new(NULL, 0));
	assert_true(selection_member(s, "anything"));
	assert_null(selection_unused(s, 0));
	selection_free(s);
	assert_non_null(s = selection_new(paths, 3));
	assert_true(selection_member(s, "x/bc"));
	/* A look does not count. */
	assert_true(selection_covers(s, "a/x"));
	assert_false(selection_member(s, "c"));
	assert_string_equal(selection_unused(s, 0), "a");
	assert_string_equal(selection_unused(s, 1), "none");
	assert_null(selection_unused(s, 2));
	selection_free(s);
	selection_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_paths),
		UTIL_TEST(test_patterns),
		UTIL_TEST(test_slow),
		UTIL_TEST(test_several)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
