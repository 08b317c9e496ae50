/*
 * test_place.c: where members go, and what is known of their names.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/place.h"
#include "sandbox/seen.h"
#include "tests/unit/util.h"

static void
test_names(void **state)
{
	static const struct {
		const char	*member;
		size_t		 strip;
		enum place	 result;
		const char	*name;
	} rows[] = {
		{ "a", 0, PLACE_OK, "a" },
		{ "a/b", 0, PLACE_OK, "a/b" },
		{ "/a/b", 0, PLACE_OK, "a/b" },
		{ "///a//./b/", 0, PLACE_OK, "a/b" },
		{ "./a", 0, PLACE_OK, "a" },
		{ ".", 0, PLACE_OK, "." },
		{ "/", 0, PLACE_OK, "." },
		{ "./.", 0, PLACE_OK, "." },
		{ "...", 0, PLACE_OK, "..." },
		{ "..a/b..", 0, PLACE_OK, "..a/b.." },
		{ "", 0, PLACE_REFUSED, "" },
		{ "..", 0, PLACE_REFUSED, "" },
		{ "../a", 0, PLACE_REFUSED, "" },
		{ "a/..", 0, PLACE_REFUSED, "" },
		{ "a/../b", 0, PLACE_REFUSED, "" },
		{ "/..", 0, PLACE_REFUSED, "" },
		{ "a/b/c", 1, PLACE_OK, "b/c" },
		{ "/./a/b/c", 2, PLACE_OK, "c" },
		{ "a/b", 2, PLACE_NOWHERE, "" },
		{ ".", 1, PLACE_NOWHERE, "" },
		/* What is stripped is judged, too. */
		{ "../a", 1, PLACE_REFUSED, "" },
		{ "a/../b", 2, PLACE_REFUSED, "" }
	};
	struct buf	 b = { NULL, 0, 0 };
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (place_name(&b, rows[i].member, rows[i].strip, &why) !=
		    rows[i].result)
			fail_msg("%s", rows[i].member);
		if (rows[i].result == PLACE_OK)
			assert_string_equal(buf_str(&b), rows[i].name);
		else if (rows[i].result == PLACE_REFUSED)
			assert_true(why[0] != '\0');
	}
	buf_free(&b);
	assert_int_equal(place_parent("a"), 0);
	assert_int_equal(place_parent("a/b"), 1);
	assert_int_equal(place_parent("ab/c/d"), 4);
}

static uint64_t
hash(const struct seen *s, size_t i)
{
	char	 name[32];
	int	 n = snprintf(name, sizeof(name), "name %zu", i);

	return seen_hash(s, name, (size_t)n);
}

/* More names than the table has at first keep their states. */
static void
test_seen(void **state)
{
	enum { NAMES = 20000 };
	struct seen	*s;
	size_t		 i;

	(void)state;
	assert_non_null(s = seen_new());
	for (i = 0; i < NAMES; i++) {
		assert_int_equal(seen_get(s, hash(s, i)), SEEN_NOT);
		seen_put(s, hash(s, i), (enum seen_state)(i % 6));
	}
	for (i = 0; i < NAMES; i++)
		assert_int_equal(seen_get(s, hash(s, i)), i % 6);
	assert_int_equal(seen_get(s, hash(s, NAMES)), SEEN_NOT);
	assert_false(seen_is_full(s));
	seen_put(s, hash(s, 1), SEEN_DIR_MADE);
	assert_int_equal(seen_get(s, hash(s, 1)), SEEN_DIR_MADE);
	seen_put(s, hash(s, 1), SEEN_NOT);
	assert_int_equal(seen_get(s, hash(s, 1)), SEEN_NOT);
	assert_true(seen_is_dir(SEEN_DIR_ASKED));
	assert_false(seen_is_dir(SEEN_KEPT));
	seen_free(s);
	seen_free(NULL);
}

/* Two tables give a name different hashes: no archive can know them. */
static void
test_key(void **state)
{
	struct seen	*a, *b;
	size_t		 i, equal = 0;

	(void)state;
	assert_non_null(a = seen_new());
	assert_non_null(b = seen_new());
	for (i = 0; i < 100; i++) {
		equal += hash(a, i) == hash(b, i);
		assert_int_equal(hash(a, i), hash(a, i));
		assert_int_equal(hash(a, i) & 7, 0);
	}
	assert_int_equal(equal, 0);
	/* A prefix, and a NUL, make another name. */
	assert_true(seen_hash(a, "abcdefgh", 8) != seen_hash(a, "abcdefg", 7));
	assert_true(seen_hash(a, "a\0", 2) != seen_hash(a, "a", 1));
	seen_free(a);
	seen_free(b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_names),
		UTIL_TEST(test_seen),
		UTIL_TEST(test_key)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
