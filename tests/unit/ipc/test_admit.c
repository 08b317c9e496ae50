/*
 * test_admit.c: the record of a worker's request for a session.
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

#include "base/rolename.h"
#include "ipc/admit.h"
#include "tests/unit/util.h"

#define MUTATIONS	100000

static void
sample(struct admit *a)
{
	memset(a, 0, sizeof(*a));
	(void)strlcpy(a->role, "nightly", sizeof(a->role));
}

static size_t
encode(uint8_t *buf, size_t size, const struct admit *a)
{
	struct wire_out	 w;

	wire_out_init(&w, buf, size);
	admit_put(&w, a);
	assert_int_equal(wire_put_end(&w), 0);
	return w.len;
}

/* Decode; a record that is accepted must be the same when encoded again. */
static bool
decode(const uint8_t *buf, size_t len)
{
	uint8_t		 again[256];
	struct wire_in	 in;
	struct admit	 a;

	memset(&a, 0, sizeof(a));
	wire_in_init(&in, buf, len);
	admit_get(&in, &a);
	if (wire_get_end(&in) == -1)
		return false;
	assert_true(rolename_is_valid(a.role));
	assert_int_equal(encode(again, sizeof(again), &a), len);
	assert_memory_equal(again, buf, len);
	return true;
}

static void
test_record(void **state)
{
	uint8_t		 buf[256], *cut;
	struct wire_in	 in;
	struct admit	 a, b;
	size_t		 len, n;

	(void)state;
	sample(&a);
	memset(&b, 0, sizeof(b));
	len = encode(buf, sizeof(buf), &a);
	wire_in_init(&in, buf, len);
	admit_get(&in, &b);
	assert_int_equal(wire_get_end(&in), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	buf[len] = 0;
	for (n = 0; n <= len + 1; n++) {
		assert_true((cut = malloc(n)) != NULL || n == 0);
		if (n > 0)
			memcpy(cut, buf, n);
		assert_int_equal(decode(cut, n), n == len);
		free(cut);
	}
}

static bool
is_taken(const struct admit *a)
{
	uint8_t	 buf[256];

	return decode(buf, encode(buf, sizeof(buf), a));
}

static void
test_wrong_record(void **state)
{
	struct admit	 a;

	(void)state;
	sample(&a);
	assert_true(is_taken(&a));
	a.role[0] = '\0';
	assert_false(is_taken(&a));
	(void)strlcpy(a.role, "../etc", sizeof(a.role));
	assert_false(is_taken(&a));
}

static void
test_mutations(void **state)
{
	uint8_t		 whole[256], bad[256];
	struct admit	 a;
	size_t		 len, i, k, taken = 0;

	(void)state;
	sample(&a);
	len = encode(whole, sizeof(whole), &a);
	for (i = 0; i < MUTATIONS; i++) {
		memcpy(bad, whole, len);
		for (k = util_random(3); k < 3; k++)
			bad[util_random((uint32_t)len)] =
			    (uint8_t)util_random(256);
		taken += decode(bad, len);
	}
	assert_in_range(taken, 1, MUTATIONS - 1);
}

/* No name of a role has a byte that would need quoting. */
static void
test_role_names(void **state)
{
	char	 name[3] = "", longest[FDB_ROLE_MAX + 2];
	int	 i, k;

	(void)state;
	assert_false(rolename_is_valid(""));
	for (i = 1; i < 256; i++) {
		for (k = 0; k < 256; k++) {
			name[0] = (char)i;
			name[1] = (char)k;
			if (rolename_is_valid(name))
				assert_true(strpbrk(name, "/. \"\n%\\") ==
				    NULL);
		}
	}
	memset(longest, 'r', sizeof(longest));
	longest[FDB_ROLE_MAX + 1] = '\0';
	assert_false(rolename_is_valid(longest));
	longest[FDB_ROLE_MAX] = '\0';
	assert_true(rolename_is_valid(longest));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_record),
		UTIL_TEST(test_wrong_record),
		UTIL_TEST(test_mutations),
		UTIL_TEST(test_role_names)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
