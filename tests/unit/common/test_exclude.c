/*
 * test_exclude.c: what patterns mean for a path, and what is left of them for
 * the walk of that path.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/exclude.h"
#include "tests/unit/util.h"

static struct excludes	 excludes;

static void
add(const char *pattern)
{
	const char	*why;

	if (exclude_add(&excludes, pattern, pattern, true, &why) == -1)
		fail_msg("%s: %s", pattern, why);
}

/*
 * The patterns that are left for a path, each with a blank; NULL: the path is
 * excluded.
 */
static const char *
left(const char *request, const char *member, bool dir)
{
	static char		 text[4096];
	char			 r[1024], m[1024];
	struct path		 p = { m, r, m, dir, dir };
	const struct exclude	*hit = NULL;
	size_t			 i;
	int			 n;

	assert_true(strlcpy(r, request, sizeof(r)) < sizeof(r));
	assert_true(strlcpy(m, member, sizeof(m)) < sizeof(m));
	n = exclude_for(&excludes, &p, &hit);
	assert_true(n == 0 || n == 1);
	assert_true((n == 1) == (hit != NULL));
	text[0] = '\0';
	for (i = 0; i < excludes.nleft; i++) {
		(void)strlcat(text, excludes.left[i], sizeof(text));
		(void)strlcat(text, " ", sizeof(text));
	}
	return n == 1 ? NULL : text;
}

static void
test_left(void **state)
{
	static const struct {
		const char	*pattern, *request, *member, *left;
	} rows[] = {
		/* Names in the archive, at any depth. */
		{ ".cache", "/home", "home", ".cache " },
		{ ".cache/", "/home", "home", ".cache/ " },
		{ "*.o", "/", ".", "*.o " },
		{ "alice/.cache", "/home", "home", "alice/.cache " },
		{ "alice/.cache", "/home/alice", "alice",
		    "alice/.cache /.cache " },
		{ "alice/.cache", "/home/alice", "home/alice",
		    "alice/.cache /.cache " },
		{ "home/*/x/", "/home/bob", "home/bob", "home/*/x/ /x/ " },
		{ "a/a/b", "/a/a", "a/a", "a/a/b /a/b /b " },
		{ "a/**/b", "/a/c", "a/c", "a/**/b /**/b /b " },
		/* Not names above what is stored. */
		{ "home", "/home/alice", "alice", "home " },
		{ "home/alice", "/home/alice", ".", "home/alice " },
		/* The path itself, or what it is in. */
		{ "*.o", "/x/a.o", "x/a.o", NULL },
		{ ".cache", "/h/.cache/x", "h/.cache/x", NULL },
		{ ".cache/", "/h/.cache/x", "h/.cache/x", NULL },
		{ "a/**", "/a/b", "a/b", NULL },
		{ "a/**", "/a", "a", "a/** /** " },
		{ "**", "/a", "a", NULL },
		{ "**", "/", ".", "** " },
		/* Absolute ones. */
		{ "/home/a", "/", ".", "/home/a " },
		{ "/home/a", "/home", "home", "/a " },
		{ "/home/a/", "/home", "home", "/a/ " },
		{ "/home/a", "/home", ".", "/a " },
		{ "/home/a", "/home/b", "home/b", "" },
		{ "/home/a", "/home/a/b", "b", NULL },
		{ "/home/*/.c", "/home/b", "b", "/.c " },
		{ "/**/.c", "/home/b", "b", "/**/.c /.c " },
		{ "/home/**", "/home", "home", "/** " },
		{ "/home/**", "/home/x", "home/x", NULL },
		{ "/ho\\*me/x", "/ho*me", ".", "/x " },
		{ "/ho\\*me/x", "/hoxme", ".", "" }
	};
	const char	*got;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		add(rows[i].pattern);
		got = left(rows[i].request, rows[i].member, true);
		if ((got == NULL) != (rows[i].left == NULL) ||
		    (got != NULL && strcmp(got, rows[i].left) != 0))
			fail_msg("%s, %s: \"%s\"", rows[i].pattern,
			    rows[i].request, got != NULL ? got : "excluded");
		exclude_free(&excludes);
	}
}

/* A slash at the end restricts a pattern to directories. */
static void
test_directories(void **state)
{
	(void)state;
	add("x/");
	assert_true(excludes.dir_only);
	assert_null(left("/x", "x", true));
	assert_string_equal(left("/x", "x", false), "x/ ");
	assert_null(left("/x/y", "x/y", false));
	exclude_free(&excludes);
}

static void
test_used(void **state)
{
	(void)state;
	add("/a/b");
	add("/c");
	add("d");
	assert_string_equal(left("/a", "a", true), "/b d ");
	assert_true(excludes.v[0].used);
	assert_false(excludes.v[1].used);
	assert_null(left("/c/d", "c/d", true));
	assert_true(excludes.v[1].used);
	exclude_free(&excludes);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "//", "a//b", "a//", "//a", ".", "..", "a/..",
		"a/../b", "a/./b", "/..", "/.", "[", "a[", "a\\", "**a",
		"[z-a]", "[[:alpha:]]", "\\a", "a/**b"
	};
	char		 name[5000];
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = NULL;
		errno = 0;
		if (exclude_add(&excludes, bad[i], "x", true, &why) == 0)
			fail_msg("\"%s\" is accepted", bad[i]);
		assert_int_equal(errno, EINVAL);
		assert_non_null(why);
	}
	memset(name, '?', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(exclude_add(&excludes, name, "x", true, &why), -1);
	name[4092] = '\0';
	assert_int_equal(exclude_add(&excludes, name, "x", true, &why), -1);
	name[4091] = '\0';
	assert_int_equal(exclude_add(&excludes, name, "x", true, &why), 0);
	exclude_free(&excludes);
	for (i = 0; i < EXCLUDE_MAX; i++)
		add("a");
	assert_int_equal(exclude_add(&excludes, "a", "x", true, &why), -1);
	assert_int_equal(errno, E2BIG);
	exclude_free(&excludes);
	/* Freed twice, and never used. */
	exclude_free(&excludes);
}

/* Random components, few of them, so that they meet. */
static void
random_path(char *p, size_t size, bool pattern)
{
	static const char *const names[] = {
		"a", "b", "ab", "*", "?", "a*", "[ab]", "**", "**"
	};
	size_t	 i, n = 1 + util_random(4);

	p[0] = '\0';
	for (i = 0; i < n; i++) {
		(void)strlcat(p, "/", size);
		(void)strlcat(p, names[util_random(pattern ? 9 : 3)], size);
	}
}

/* Does the pattern of a walk match the path, or something above it? */
static bool
covers(const char *pattern, const char *path)
{
	char		 whole[256], above[256];
	const char	*why;
	struct glob	*g;
	bool		 found = false;
	size_t		 i;

	(void)snprintf(whole, sizeof(whole), "%s%s",
	    pattern[0] == '/' ? "" : "**/", pattern);
	assert_non_null(g = glob_compile(whole, &why));
	(void)strlcpy(above, path, sizeof(above));
	for (i = strlen(above); i > 0 && !found; i--) {
		if (above[i] != '\0' && above[i] != '/')
			continue;
		above[i] = '\0';
		found = glob_covers(g, above);
	}
	glob_free(g);
	return found;
}

/*
 * Whatever path is stored, the same files are left out: those that the whole
 * pattern matches, compared from the top.
 */
static void
test_random(void **state)
{
	char		 pattern[256], path[256], start[256];
	const char	*rest;
	bool		 whole, parts, anchored;
	size_t		 i, len;
	int		 n;

	(void)state;
	for (n = 0; n < 20000; n++) {
		random_path(pattern, sizeof(pattern), true);
		random_path(path, sizeof(path), false);
		anchored = util_random(2) == 0;
		add(pattern + !anchored);
		(void)strlcpy(start, path, sizeof(start));
		for (len = 1 + util_random((uint32_t)strlen(path));
		    path[len] != '\0' && path[len] != '/'; len++)
			;
		start[len] = '\0';
		rest = path + len;
		whole = covers(pattern + !anchored, path);
		parts = left(start, start + 1, true) == NULL;
		for (i = 0; !parts && rest[0] != '\0' && i < excludes.nleft;
		    i++)
			parts = covers(excludes.left[i], rest);
		if (whole != parts)
			fail_msg("%s, %s from %s: %d, %d", pattern +
			    !anchored, path, start, whole, parts);
		exclude_free(&excludes);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_left),
		UTIL_TEST(test_directories),
		UTIL_TEST(test_used),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_random)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
