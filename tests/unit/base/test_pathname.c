/*
 * test_pathname.c: which names a request may contain.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pathname.h"
#include "base/proto.h"
#include "tests/unit/util.h"

static const char *const clean[] = {
	"a", "a/b", "...", "..a", ".a", "a..", "a.", "a/...", "a/.b", " ",
	"\n", "\xff", "a\nb/\xff\xfe", "a/b/c/d/e/f", "-", "*", "\\", NULL
};

static const char *const dirty[] = {
	"", "/", "//", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/.",
	"a/..", "a/./b", "a/../b", "a/b/", "a/b//", "a//", "../", "./",
	"a/../../b", NULL
};

static void
test_clean(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; clean[i] != NULL; i++)
		if (!pathname_is_clean(clean[i]))
			fail_msg("\"%s\" is refused", clean[i]);
	for (i = 0; dirty[i] != NULL; i++)
		if (pathname_is_clean(dirty[i]))
			fail_msg("\"%s\" is taken", dirty[i]);
}

static void
test_component_length(void **state)
{
	char	 name[2 * NAME_MAX + 8];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[NAME_MAX] = '\0';
	assert_true(pathname_is_clean(name));
	name[NAME_MAX] = 'x';
	name[NAME_MAX + 1] = '\0';
	assert_false(pathname_is_clean(name));
	/* Each component has that limit, the first and the last. */
	name[NAME_MAX] = '/';
	name[NAME_MAX + 1] = 'x';
	name[NAME_MAX + 2] = '\0';
	assert_true(pathname_is_clean(name));
	memset(name, 'x', sizeof(name));
	name[1] = '/';
	name[2 + NAME_MAX] = '\0';
	assert_true(pathname_is_clean(name));
	name[2 + NAME_MAX] = 'x';
	name[2 + NAME_MAX + 1] = '\0';
	assert_false(pathname_is_clean(name));
}

/* Fill with components of one byte, to a string of len bytes. */
static void
fill(char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		name[i] = i % 2 == 0 ? 'x' : '/';
	if (len > 0)
		name[len - 1] = 'x';
	name[len] = '\0';
}

static void
test_length(void **state)
{
	static char	 name[2 * PROTO_PATH_MAX];

	(void)state;
	fill(name, PROTO_PATH_MAX - 1);
	assert_true(pathname_is_clean(name));
	fill(name, PROTO_PATH_MAX);
	name[PROTO_PATH_MAX - 1] = 'x';
	assert_false(pathname_is_clean(name));
	fill(name, sizeof(name) - 1);
	assert_false(pathname_is_clean(name));
}

static void
test_absolute(void **state)
{
	char	 path[PROTO_PATH_MAX];
	size_t	 i;

	(void)state;
	assert_true(pathname_is_absolute("/"));
	assert_false(pathname_is_absolute(""));
	assert_false(pathname_is_absolute("a"));
	for (i = 0; clean[i] != NULL; i++) {
		path[0] = '/';
		(void)strlcpy(path + 1, clean[i], sizeof(path) - 1);
		assert_true(pathname_is_absolute(path));
		assert_false(pathname_is_absolute(clean[i]));
	}
	for (i = 0; dirty[i] != NULL; i++) {
		path[0] = '/';
		(void)strlcpy(path + 1, dirty[i], sizeof(path) - 1);
		assert_int_equal(pathname_is_absolute(path),
		    dirty[i][0] == '\0');
	}
}

static void
test_beneath(void **state)
{
	(void)state;
	assert_true(pathname_is_beneath("/a/b", "/a"));
	assert_true(pathname_is_beneath("/a", "/a"));
	assert_true(pathname_is_beneath("/a/b/c", "/a/b"));
	assert_true(pathname_is_beneath("/", "/"));
	assert_true(pathname_is_beneath("/a", "/"));
	assert_false(pathname_is_beneath("/", "/a"));
	assert_false(pathname_is_beneath("/a", "/a/b"));
	assert_false(pathname_is_beneath("/ab", "/a"));
	assert_false(pathname_is_beneath("/a/bc", "/a/b"));
	assert_false(pathname_is_beneath("/b", "/a"));
}

static void
test_join(void **state)
{
	char	 dst[8];

	(void)state;
	assert_int_equal(pathname_join(dst, sizeof(dst), "/", "a"), 0);
	assert_string_equal(dst, "/a");
	assert_int_equal(pathname_join(dst, sizeof(dst), "/", ""), 0);
	assert_string_equal(dst, "/");
	assert_int_equal(pathname_join(dst, sizeof(dst), "/a", ""), 0);
	assert_string_equal(dst, "/a");
	assert_int_equal(pathname_join(dst, sizeof(dst), "/a/b", "c"), 0);
	assert_string_equal(dst, "/a/b/c");
	assert_int_equal(pathname_join(dst, sizeof(dst), "/abc", "de"), 0);
	assert_string_equal(dst, "/abc/de");
	errno = 0;
	assert_int_equal(pathname_join(dst, sizeof(dst), "/abc", "def"), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(pathname_join(dst, sizeof(dst), "/", "1234567"), -1);
	assert_int_equal(pathname_join(dst, sizeof(dst), "/1234567", ""), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_clean),
		UTIL_TEST(test_component_length),
		UTIL_TEST(test_length),
		UTIL_TEST(test_absolute),
		UTIL_TEST(test_beneath),
		UTIL_TEST(test_join)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
