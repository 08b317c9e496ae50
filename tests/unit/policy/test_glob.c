/*
 * test_glob.c: what patterns cover, which patterns are refused, and the keys of
 * patterns.  test_policy_random.c compares random patterns with a reference.
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

#include "policy/glob.h"

static struct glob *
compile(const char *pattern)
{
	struct glob	*g;
	const char	*why;

	if ((g = glob_compile(pattern, &why)) == NULL)
		fail_msg("\"%s\": %s", pattern, why);
	return g;
}

struct match {
	const char	*pattern, *path;
	bool		 covers, reaches;
};

static const struct match matches[] = {
	/* Without a wildcard: the path and everything beneath, by component. */
	{ "/",		"/",		true,	true },
	{ "/",		"/a",		true,	true },
	{ "/",		"/a/b/c",	true,	true },
	{ "/a/b",	"/a/b",		true,	true },
	{ "/a/b",	"/a/b/c",	true,	true },
	{ "/a/b",	"/a/bc",	false,	false },
	{ "/a/b",	"/a/b.c",	false,	false },
	{ "/a/b",	"/a",		false,	true },
	{ "/a/b",	"/",		false,	true },
	{ "/a/b",	"/b",		false,	false },
	{ "/a/b",	"/a/c/b",	false,	false },
	{ "/a/bc",	"/a/b",		false,	false },
	/* `*' stays within a component, may match nothing, matches dots. */
	{ "/a/*",	"/a/b",		true,	false },
	{ "/a/*",	"/a/.b",	true,	false },
	{ "/a/*",	"/a",		false,	true },
	{ "/a/*",	"/a/b/c",	false,	false },
	{ "/a/*/c",	"/a/b/c",	true,	false },
	{ "/a/*/c",	"/a/b",		false,	true },
	{ "/a/*/c",	"/a/b/b/c",	false,	false },
	{ "/a/*/c",	"/a/c",		false,	true },
	{ "/a/*.c",	"/a/.c",	true,	false },
	{ "/a/*.c",	"/a/b.c",	true,	false },
	{ "/a/*.c",	"/a/b.cc",	false,	false },
	{ "/a/*.c",	"/a/b.c.c",	true,	false },
	{ "/a/b*",	"/a/b",		true,	false },
	{ "/a/*b*c*",	"/a/xbycz",	true,	false },
	{ "/a/*b*c*",	"/a/xcyb",	false,	false },
	{ "/*/*",	"/a/b",		true,	false },
	{ "/*/*",	"/a",		false,	true },
	{ "/*",		"/",		false,	true },
	/* `?' is one byte. */
	{ "/a/?",	"/a/b",		true,	false },
	{ "/a/?",	"/a/bb",	false,	false },
	{ "/a/?",	"/a",		false,	true },
	{ "/a?b",	"/a/b",		false,	false },
	{ "/a/?*",	"/a/b",		true,	false },
	{ "/a/??",	"/a/\303\244",	true,	false },
	/* Sets. */
	{ "/[ab]",	"/a",		true,	false },
	{ "/[ab]",	"/c",		false,	false },
	{ "/[a-c]x",	"/bx",		true,	false },
	{ "/[a-c]x",	"/dx",		false,	false },
	{ "/[!a-c]",	"/d",		true,	false },
	{ "/[!a-c]",	"/b",		false,	false },
	{ "/[^a-c]",	"/b",		false,	false },
	{ "/[]a]",	"/]",		true,	false },
	{ "/[]a]",	"/a",		true,	false },
	{ "/[!]a]",	"/b",		true,	false },
	{ "/[!]a]",	"/]",		false,	false },
	{ "/[a-]",	"/-",		true,	false },
	{ "/[-a]",	"/-",		true,	false },
	{ "/[\\]]",	"/]",		true,	false },
	{ "/[a\\-c]",	"/b",		false,	false },
	{ "/[a\\-c]",	"/-",		true,	false },
	{ "/[*?]",	"/*",		true,	false },
	{ "/[*?]",	"/x",		false,	false },
	{ "/[\200-\377]",	"/\303",	true,	false },
	{ "/[\200-\377]",	"/a",		false,	false },
	{ "/*[0-9]",	"/ab12",	true,	false },
	{ "/*[0-9]",	"/12ab",	false,	false },
	/* A backslash makes the next character literal. */
	{ "/a\\*",	"/a*",		true,	true },
	{ "/a\\*",	"/ab",		false,	false },
	{ "/a\\*",	"/a*/b",	true,	true },
	{ "/\\?*",	"/?x",		true,	false },
	{ "/\\?*",	"/xx",		false,	false },
	{ "/\\[a]",	"/[a]",		true,	true },
	{ "/\\[a]",	"/a",		false,	false },
	{ "/a\\\\b",	"/a\\b",	true,	true },
	{ "/\\*\\*",	"/**",		true,	true },
	{ "/\\*\\*",	"/a",		false,	false },
	/* `**' matches any number of components, at the end at least one. */
	{ "/a/**",	"/a",		false,	true },
	{ "/a/**",	"/a/b",		true,	true },
	{ "/a/**",	"/a/b/c/d",	true,	true },
	{ "/a/**",	"/",		false,	true },
	{ "/a/**",	"/ab",		false,	false },
	{ "/a/**",	"/ab/c",	false,	false },
	{ "/a/**/**",	"/a",		false,	true },
	{ "/a/**/**",	"/a/b",		true,	true },
	{ "/**",	"/",		false,	true },
	{ "/**",	"/a",		true,	true },
	{ "/**",	"/a/b",		true,	true },
	{ "/**/b",	"/b",		true,	true },
	{ "/**/b",	"/a/b",		true,	true },
	{ "/**/b",	"/a/a/b",	true,	true },
	{ "/**/b",	"/a/b/c",	false,	true },
	{ "/**/b",	"/",		false,	true },
	{ "/a/**/c",	"/a/c",		true,	true },
	{ "/a/**/c",	"/a/b/c",	true,	true },
	{ "/a/**/c",	"/a/c/c",	true,	true },
	{ "/a/**/c",	"/a",		false,	true },
	{ "/a/**/c",	"/b/c",		false,	false },
	{ "/a/**/b/**/c",	"/a/b/c",		true,	true },
	{ "/a/**/b/**/c",	"/a/c/b/c",		true,	true },
	{ "/a/**/b/**/c",	"/a/x/b/y/b/z/c",	true,	true },
	{ "/a/**/b/**/c",	"/a/x/c",		false,	true },
	{ "/a/**/*/c",	"/a/c",		false,	true },
	{ "/a/**/*/c",	"/a/b/c",	true,	true },
	{ "/a/*/**",	"/a/b",		false,	true },
	{ "/a/*/**",	"/a/b/c",	true,	true },
	{ "**/*.key",	"/x.key",	true,	true },
	{ "**/*.key",	"/a/b/x.key",	true,	true },
	{ "**/*.key",	"/a/x.key/b",	false,	true },
	{ "**/*.key",	"/a/x.keys",	false,	true },
	/* No pattern covers a path that is not clean. */
	{ "/",		"",		false,	false },
	{ "/",		"a",		false,	false },
	{ "/",		"//",		false,	false },
	{ "/",		"/a/",		false,	false },
	{ "/",		"/a//b",	false,	false },
	{ "/",		"/a/./b",	false,	false },
	{ "/",		"/a/../b",	false,	false },
	{ "/",		"/.",		false,	false },
	{ "/",		"/..",		false,	false },
	{ "/",		"/...",		true,	true },
	{ "/a/*",	"/a/..",	false,	false },
};

static void
test_matches(void **state)
{
	const struct match	*m;
	struct glob		*g;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		m = &matches[i];
		g = compile(m->pattern);
		if (glob_covers(g, m->path) != m->covers)
			fail_msg("\"%s\" covers %s: expected %d", m->pattern,
			    m->path, m->covers);
		if (glob_reaches(g, m->path) != m->reaches)
			fail_msg("\"%s\" reaches %s: expected %d", m->pattern,
			    m->path, m->reaches);
		glob_free(g);
	}
}

static void
test_faults(void **state)
{
	static const struct {
		const char	*pattern, *why;
	} faults[] = {
		{ "",		"must begin with /" },
		{ "a",		"must begin with /" },
		{ "*/a",	"must begin with /" },
		{ "**",		"must begin with /" },
		{ "**a/b",	"must begin with /" },
		{ "./a",	"must begin with /" },
		{ "\\/a",	"must begin with /" },
		{ "//",		"component is empty" },
		{ "//a",	"component is empty" },
		{ "/a//b",	"component is empty" },
		{ "/a/",	"ends with a slash" },
		{ "/**/",	"ends with a slash" },
		{ "**/",	"ends with a slash" },
		{ "/.",		"\".\" or \"..\"" },
		{ "/..",	"\".\" or \"..\"" },
		{ "/a/./b",	"\".\" or \"..\"" },
		{ "/a/../b",	"\".\" or \"..\"" },
		{ "/\\.\\./b",	"\".\" or \"..\"" },
		{ "/*/..",	"\".\" or \"..\"" },
		{ "/a**",	"by itself" },
		{ "/**a",	"by itself" },
		{ "/***",	"by itself" },
		{ "/a/**.key",	"by itself" },
		{ "/[",		"no \"]\"" },
		{ "/[]",	"no \"]\"" },
		{ "/[!]",	"no \"]\"" },
		{ "/[a",	"no \"]\"" },
		{ "/[a/b]",	"no \"]\"" },
		{ "/[a-",	"no \"]\"" },
		{ "/[\\]",	"no \"]\"" },
		{ "/[a-\\",	"no \"]\"" },
		{ "/[b-a]",	"reversed" },
		{ "/[[:alpha:]]",	"class" },
		{ "/[[.a.]]",	"class" },
		{ "/[[=a=]]",	"class" },
		{ "/a\\",	"ends with a backslash" },
		{ "/a\\/b",	"ends with a backslash" },
		{ "/a\\n",	"letter or digit" },
		{ "/a\\0",	"letter or digit" },
	};
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		why = NULL;
		errno = 0;
		if (glob_compile(faults[i].pattern, &why) != NULL)
			fail_msg("\"%s\" was accepted", faults[i].pattern);
		assert_int_equal(errno, EINVAL);
		if (strstr(why, faults[i].why) == NULL)
			fail_msg("\"%s\": %s", faults[i].pattern, why);
	}
}

/* A slash, s repeated n times, and a tail.  The caller frees it. */
static char *
repeat(const char *s, size_t n, const char *tail)
{
	char	*p;
	size_t	 i, len = strlen(s), size = n * len + strlen(tail) + 2;

	assert_non_null(p = malloc(size));
	p[0] = '/';
	for (i = 0; i < n; i++)
		memcpy(p + 1 + i * len, s, len);
	memcpy(p + 1 + n * len, tail, strlen(tail) + 1);
	return p;
}

static void
check_covers(const char *pattern, const char *path, bool expected)
{
	struct glob	*g = compile(pattern);

	assert_int_equal(glob_covers(g, path), expected);
	glob_free(g);
}

static void
test_lengths(void **state)
{
	const char	*why;
	char		*p;

	(void)state;
	/* A component of 255 bytes, and of 256. */
	p = repeat("a", 255, "");
	check_covers(p, p, true);
	free(p);
	p = repeat("a", 256, "");
	assert_null(glob_compile(p, &why));
	assert_non_null(strstr(why, "255"));
	check_covers("/", p, false);
	free(p);

	/* A path of 4095 bytes, and of 4096. */
	p = repeat("a/", 2046, "bb");
	assert_int_equal(strlen(p), 4095);
	check_covers("/a", p, true);
	check_covers(p, p, true);
	free(p);
	p = repeat("a/", 2046, "bbb");
	assert_null(glob_compile(p, &why));
	assert_non_null(strstr(why, "4095"));
	check_covers("/", p, false);
	free(p);
	/* As many components as a path can have. */
	p = repeat("a/", 2046, "a");
	check_covers(p, p, true);
	check_covers("/**/a", p, true);
	free(p);
}

/* These patterns would take very long if matching were recursive. */
static void
test_effort(void **state)
{
	struct glob	*g;
	char		*p, *path;

	(void)state;
	p = repeat("a*", 100, "c");
	path = repeat("a", 254, "b");
	check_covers(p, path, false);
	free(path);
	free(p);

	p = repeat("**/a/", 800, "**/c");
	path = repeat("a/", 2040, "b");
	g = compile(p);
	assert_false(glob_covers(g, path));
	assert_true(glob_reaches(g, path));
	glob_free(g);
	free(path);
	free(p);
}

static void
test_literal(void **state)
{
	static const struct {
		const char	*pattern, *literal;
		bool		 wild;
	} cases[] = {
		{ "/",			"/",		false },
		{ "/a",			"/a",		false },
		{ "/a/b",		"/a/b",		false },
		{ "/a\\*/b",		"/a*/b",	false },
		{ "/a/b*",		"/a",		true },
		{ "/a/b/*/c",		"/a/b",		true },
		{ "/a/b/**",		"/a/b",		true },
		{ "/a\\[b/[c]/d",	"/a[b",		true },
		{ "/*",			"/",		true },
		{ "**/*.key",		"/",		true },
	};
	struct glob	*g;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		g = compile(cases[i].pattern);
		assert_string_equal(glob_literal(g), cases[i].literal);
		assert_int_equal(glob_is_wild(g), cases[i].wild);
		glob_free(g);
	}
}

static void
test_split(void **state)
{
	static struct glob_path	 gp;
	const char		*name;
	size_t			 len;

	(void)state;
	assert_true(glob_path_split(&gp, "/"));
	assert_int_equal(gp.depth, 0);
	assert_true(glob_path_split(&gp, "/ab/c"));
	assert_int_equal(gp.depth, 2);
	name = glob_path_name(&gp, 0, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(name, "ab", 2);
	name = glob_path_name(&gp, 1, &len);
	assert_int_equal(len, 1);
	assert_memory_equal(name, "c", 1);
	glob_free(NULL);
}

/*
 * Compare the keys of a pattern, as "text@place" with "-" before a place that
 * counts from the end.  "^" marks a BEGIN and "$" an END; a DOT begins with a
 * dot.
 */
static void
check_keys(const char *pattern, const char *expected)
{
	static const char *const	 marks[] = { "^", "$", "", "" };
	struct glob			*g = compile(pattern);
	struct glob_key			 key;
	char				 keys[128] = "";
	size_t				 i, len = 0;
	int				 kind;

	for (i = 0; i < glob_parts(g); i++) {
		for (kind = 0; kind < GLOB_KEY_KINDS; kind++) {
			if (!glob_key(g, i, (enum glob_key_kind)kind, &key))
				continue;
			len += (size_t)snprintf(keys + len, sizeof(keys) - len,
			    "%s%s%.*s@%s%zu", len > 0 ? " " : "", marks[kind],
			    (int)key.len, key.text, key.back ? "-" : "",
			    key.at);
			assert_int_equal(key.kind, kind);
			if (kind == GLOB_KEY_DOT)
				assert_int_equal(key.text[0], '.');
		}
	}
	assert_string_equal(keys, expected);
	glob_free(g);
}

static void
test_keys(void **state)
{
	(void)state;
	check_keys("/a/*/b", "a@0 b@2");
	check_keys("/a/**/b/c", "a@0 b@-1 c@-0");
	check_keys("/**/b/**", "");
	check_keys("/**/b*/**", "");
	check_keys("/*/x/**/*.key", "x@1 .key@-0");
	check_keys("/*.tar.gz/[.]x/*[a.]/*\\.k/.*/?.*",
	    "$.tar.gz@0 .gz@0 $x@1 .k@3 ^.@4");
	check_keys("/*/*.", ".@1");
	check_keys("/ab*/a?b/*ab/a[x]b", "^ab@0 ^a@1 $b@1 $ab@2 ^a@3 $b@3");
	check_keys("/**/a.*b.c/**", "");
	check_keys("/**/a.*b.c", "^a.@-0 $b.c@-0 .c@-0");
	/* A key ends at a backslash, whatever comes after that. */
	check_keys("/a\\*b*c\\*d", "^a@0 $d@0");
	check_keys("/\\*a*b\\[", "");
	/* The bytes of a set are not a part of a key. */
	check_keys("/[ab].x/a[.b]", ".x@0 ^a@1");
	check_keys("/a]b*]c", "^a]b@0 $c@0");
}

/* Compare the text that a path has at the place of a key; NULL: none. */
static void
check_text(const char *path, enum glob_key_kind kind, bool back, size_t at,
    size_t len, size_t depth, const char *expected)
{
	static struct glob_path	 gp;
	struct glob_key		 key = { kind, back, at, NULL, len };
	const char		*text;
	size_t			 n;

	assert_true(glob_path_split(&gp, path));
	if (expected == NULL) {
		assert_false(glob_path_key(&gp, depth, &key, &text, &n));
		return;
	}
	assert_true(glob_path_key(&gp, depth, &key, &text, &n));
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(text, expected, n);
}

static void
test_path_keys(void **state)
{
	static const char	 path[] = "/a.b/c.d.e/f";

	(void)state;
	check_text(path, GLOB_KEY_NAME, false, 1, 0, 3, "c.d.e");
	check_text(path, GLOB_KEY_NAME, false, 1, 0, 1, NULL);
	check_text(path, GLOB_KEY_NAME, true, 1, 0, 2, "a.b");
	check_text(path, GLOB_KEY_DOT, true, 1, 0, 3, ".e");
	check_text(path, GLOB_KEY_DOT, true, 0, 0, 3, NULL);
	check_text(path, GLOB_KEY_BEGIN, false, 1, 2, 3, "c.");
	check_text(path, GLOB_KEY_BEGIN, false, 1, 5, 3, "c.d.e");
	check_text(path, GLOB_KEY_BEGIN, false, 1, 6, 3, NULL);
	check_text(path, GLOB_KEY_END, true, 0, 1, 2, "e");
	check_text(path, GLOB_KEY_END, true, 0, 5, 2, "c.d.e");
	check_text(path, GLOB_KEY_END, true, 0, 6, 2, NULL);
	check_text(path, GLOB_KEY_END, true, 2, 1, 2, NULL);
}

static void
test_quote(void **state)
{
	static const char	 path[] = "/a*b/[c]?\\d/\"e";
	struct glob		*g;
	char			 pattern[64];

	(void)state;
	assert_int_equal(glob_quote(pattern, sizeof(pattern), path), 0);
	g = compile(pattern);
	assert_false(glob_is_wild(g));
	assert_string_equal(glob_literal(g), path);
	glob_free(g);
	errno = 0;
	assert_int_equal(glob_quote(pattern, 5, "/a*b"), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void
test_beneath(void **state)
{
	static const struct {
		const char	*pattern;
		bool		 beneath;
	} cases[] = {
		{ "/",		false },
		{ "/**",	true },
		{ "/a/**",	true },
		{ "/a/*/**",	false },
		{ "/a/**/**",	false },
		{ "/a/**/b",	false },
		{ "/a",		false },
	};
	struct glob	*g;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		g = compile(cases[i].pattern);
		assert_int_equal(glob_is_beneath(g), cases[i].beneath);
		glob_free(g);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_effort),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_path_keys),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_beneath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
