/*
 * test_siphash.c: the keyed hash: the values of its specification, and hashes
 * of a name's beginnings.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/siphash.h"
#include "tests/unit/util.h"

/* The words of a key, or a hash, as this processor has these bytes. */
static uint64_t
word(const char *bytes)
{
	uint64_t	 v;

	memcpy(&v, bytes, sizeof(v));
	return v;
}

/* Bytes 0 to 15 are the key, and the same bytes are hashed. */
static void
test_values(void **state)
{
	static const char	 text[] = "\0\1\2\3\4\5\6\7"
				    "\10\11\12\13\14\15\16";
	struct siphash_key	 key;

	(void)state;
	key.words[0] = word("\0\1\2\3\4\5\6\7");
	key.words[1] = word("\10\11\12\13\14\15\16\17");
	if (key.words[0] != 0x0706050403020100U)
		util_skip("needs a little-endian machine");
	assert_true(siphash(&key, text, 0) == 0x726fdb47dd0e0e31U);
	assert_true(siphash(&key, text, 8) == 0x93f5f5799a932462U);
	assert_true(siphash(&key, text, 15) == 0xa129ca6149be45e5U);
}

static void
test_beginnings(void **state)
{
	static const char	 name[] = "a/long name/of/some components/here";
	struct siphash_state	 h;
	struct siphash_key	 key, other;
	size_t			 len;

	(void)state;
	siphash_choose(&key);
	siphash_choose(&other);
	siphash_begin(&h, &key, name);
	for (len = 0; len < sizeof(name); len++) {
		assert_true(siphash_next(&h, len) ==
		    siphash(&key, name, len));
		/* The same length once more. */
		assert_true(siphash_next(&h, len) ==
		    siphash(&key, name, len));
		assert_false(siphash(&other, name, len) ==
		    siphash(&key, name, len));
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_values),
		UTIL_TEST(test_beginnings)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
