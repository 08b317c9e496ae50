/*
 * test_paths.c: the names of paths in requests and in the archive.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/paths.h"
#include "tests/unit/util.h"

static char	 why[PATHS_WHY_MAX];

static void
test_clean(void **state)
{
	static const char *const pairs[][2] = {
		{ "a", "a" }, { "a/b", "a/b" }, { "a//b/", "a/b" },
		{ "./a/./b/.", "a/b" }, { ".", "." }, { "./", "." },
		{ "a/..", "." }, { "a/../b", "b" }, { "a/b/../..", "." },
		{ "/", "/" }, { "//", "/" }, { "/a/../..", "/" },
		{ "/../a", "/a" }, { "/a/./b//c/", "/a/b/c" },
		{ "...", "..." }, { "a/..b", "a/..b" }, { "..a/b", "..a/b" }
	};
	static const char *const bad[] = {
		"..", "../a", "a/../..", "a/../../b", "./.."
	};
	size_t	 i;
	char	*p;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		p = paths_clean(pairs[i][0]);
		assert_non_null(p);
		assert_string_equal(p, pairs[i][1]);
		free(p);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_null(paths_clean(bad[i]));
		assert_int_equal(errno, EINVAL);
	}
}

/* Add one path, and compare its names. */
static void
assert_path(const char *dir, const char *given, const char *request,
    const char *member)
{
	struct paths	 ps = { NULL, 0, 0, NULL };

	assert_int_equal(paths_add(&ps, dir, given, why), 0);
	assert_int_equal(ps.n, 1);
	assert_string_equal(ps.v[0].given, given);
	assert_string_equal(ps.v[0].request, request);
	assert_string_equal(ps.v[0].member, member);
	paths_free(&ps);
}

static void
test_add(void **state)
{
	struct paths	 ps = { NULL, 0, 0, NULL };

	(void)state;
	assert_path("/d", "a", "/d/a", "a");
	assert_path("/", "a/b/", "/a/b", "a/b");
	assert_path("/d", ".", "/d", ".");
	assert_path("/d", "a/..", "/d", ".");
	assert_path("/d", "/e/f", "/e/f", "e/f");
	assert_path("/d", "/", "/", ".");
	assert_path("/d", "a\n\xff", "/d/a\n\xff", "a\n\xff");
	assert_int_equal(paths_add(&ps, "/d", "../a", why), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(why, "../a: \"..\" leads out"));
	assert_int_equal(paths_add(&ps, "/d", "", why), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ps.n, 0);
}

/* Add a list of paths, which ends with NULL. */
static void
add_all(struct paths *ps, const char *const *names)
{
	memset(ps, 0, sizeof(*ps));
	for (; *names != NULL; names++)
		assert_int_equal(paths_add(ps, "/d", *names, why), 0);
}

static void
test_repeated(void **state)
{
	static const char *const names[] = {
		"b", "a", "./b", "a/", "/d/a", "b", NULL
	};
	struct paths	 ps;

	(void)state;
	/* a and /d/a are one file with two names: both are stored. */
	add_all(&ps, names);
	assert_int_equal(paths_check(&ps, why), 0);
	assert_int_equal(ps.n, 3);
	assert_string_equal(ps.v[0].member, "b");
	assert_string_equal(ps.v[1].member, "a");
	assert_string_equal(ps.v[2].member, "d/a");
	paths_free(&ps);
}

static void
test_collisions(void **state)
{
	static const char *const bad[][4] = {
		{ "a", "/a", NULL },
		{ "a", "/a/b", NULL },
		{ "/a", "a/b", NULL },
		{ ".", "/a", NULL },
		{ "a", "b", "/a/b/c", NULL }
	};
	static const char *const good[][5] = {
		{ "a", "/ab", "a/b", "a-b", NULL },
		{ ".", "a", "a/b/c", NULL },
		{ "/", "/a", "/d/b", NULL },
		{ "/d/a", "/d", NULL },
		{ "a!", "a/b", "a", "/c", NULL }
	};
	struct paths	 ps;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add_all(&ps, bad[i]);
		errno = 0;
		assert_int_equal(paths_check(&ps, why), -1);
		assert_int_equal(errno, EINVAL);
		assert_non_null(strstr(why, "would have the same names"));
		paths_free(&ps);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		add_all(&ps, good[i]);
		assert_int_equal(paths_check(&ps, why), 0);
		paths_free(&ps);
	}
}

static void
test_relate(void **state)
{
	static const char *const names[] = {
		"a", "a/b/c", "x/y", "a!", "a/b-", NULL
	};
	struct paths	 ps;

	(void)state;
	add_all(&ps, names);
	assert_int_equal(paths_check(&ps, why), 0);
	assert_int_equal(paths_relate(&ps, "a"), PATHS_IS);
	assert_int_equal(paths_relate(&ps, "a/b"), PATHS_ABOVE);
	assert_int_equal(paths_relate(&ps, "a/b/c"), PATHS_IS);
	assert_int_equal(paths_relate(&ps, "a/b/c/d"), PATHS_NONE);
	assert_int_equal(paths_relate(&ps, "a/b/d"), PATHS_NONE);
	assert_int_equal(paths_relate(&ps, "x"), PATHS_ABOVE);
	assert_int_equal(paths_relate(&ps, "xx"), PATHS_NONE);
	assert_int_equal(paths_relate(&ps, "."), PATHS_ABOVE);
	assert_int_equal(paths_relate(&ps, "z"), PATHS_NONE);
	paths_free(&ps);
}

static void
test_covers(void **state)
{
	(void)state;
	assert_true(paths_covers("a", "a"));
	assert_true(paths_covers("a", "a/b"));
	assert_false(paths_covers("a", "ab"));
	assert_false(paths_covers("a/b", "a"));
	assert_true(paths_covers(".", "a"));
	assert_true(paths_covers("/", "/a"));
	assert_true(paths_covers("/", "/"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_clean),
		UTIL_TEST(test_add),
		UTIL_TEST(test_repeated),
		UTIL_TEST(test_collisions),
		UTIL_TEST(test_relate),
		UTIL_TEST(test_covers)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
