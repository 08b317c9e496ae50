/*
 * test_json.c: JSON, for people and in lines; what becomes of bytes.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "tests/unit/util.h"

static char	 text[4096];
static size_t	 textlen, room;

static int
put(void *arg, const void *p, size_t len)
{
	assert_ptr_equal(arg, text);
	if (len > room - textlen)
		return -1;
	memcpy(text + textlen, p, len);
	textlen += len;
	text[textlen] = '\0';
	return 0;
}

static void
begin(struct json *j)
{
	textlen = 0;
	room = sizeof(text) - 1;
	json_init_lines(j, put, text);
	json_object(j, NULL);
}

static void
fill(struct json *j)
{
	json_object(j, NULL);
	json_string(j, "q\"", "a\"b\\c\n\033\177\303");
	json_number(j, "n", UINT64_MAX);
	json_array(j, "a");
	json_int(j, NULL, INT64_MIN);
	json_bool(j, NULL, true);
	json_end(j);
	json_object(j, "o");
	json_end(j);
	json_bytes(j, "b", "\377");
	json_end(j);
}

static void
test_people(void **state)
{
	struct json	 j;
	char		*got = NULL;
	size_t		 len;
	FILE		*f = open_memstream(&got, &len);

	(void)state;
	assert_non_null(f);
	json_init(&j, f);
	fill(&j);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(got,
	    "{\n  \"q\\\"\": \"a\\\"b\\\\c\\u000a\\u001b\\u007f\\\\303\","
	    "\n  \"n\": 18446744073709551615,\n  \"a\": [\n"
	    "    -9223372036854775808,\n    true\n  ],\n  \"o\": {},\n"
	    "  \"b\": \"\\ufffd\",\n  \"b_base64\": \"/w==\"\n}\n");
	free(got);
}

static void
test_lines(void **state)
{
	struct json	 j;

	(void)state;
	begin(&j);
	fill(&j);
	json_end(&j);
	assert_string_equal(text,
	    "{{\"q\\\"\": \"a\\\"b\\\\c\\u000a\\u001b\\u007f\\\\303\", "
	    "\"n\": 18446744073709551615, \"a\": [-9223372036854775808, "
	    "true], \"o\": {}, \"b\": \"\\ufffd\", \"b_base64\": \"/w==\"}}\n"
	    );
	assert_false(j.failed);
	/* Once bytes are lost, nothing more is written. */
	begin(&j);
	room = 5;
	fill(&j);
	assert_true(j.failed);
	assert_int_equal(textlen, 5);
}

static const struct {
	const char	*bytes, *want;
} strings[] = {
	{ "", "\"b\": \"\"" },
	{ "a/b c", "\"b\": \"a/b c\"" },
	{ "\n\033[31m\177\"\\",
	    "\"b\": \"\\u000a\\u001b[31m\\u007f\\\"\\\\\"" },
	/* Two, three and four bytes; what reorders text is escaped, too. */
	{ "\303\251", "\"b\": \"\\u00e9\"" },
	{ "\342\200\256", "\"b\": \"\\u202e\"" },
	{ "\360\237\230\200", "\"b\": \"\\ud83d\\ude00\"" },
	{ "\364\217\277\277", "\"b\": \"\\udbff\\udfff\"" },
	/* U+FFFD itself is a character. */
	{ "\357\277\275", "\"b\": \"\\ufffd\"" },
	{ "\377", "\"b\": \"\\ufffd\", \"b_base64\": \"/w==\"" },
	{ "a\377", "\"b\": \"a\\ufffd\", \"b_base64\": \"Yf8=\"" },
	{ "ab\377", "\"b\": \"ab\\ufffd\", \"b_base64\": \"YWL/\"" },
	{ "abc\377", "\"b\": \"abc\\ufffd\", \"b_base64\": \"YWJj/w==\"" },
	/* Cut off, too long, a surrogate, and beyond Unicode. */
	{ "\303", "\"b\": \"\\ufffd\", \"b_base64\": \"ww==\"" },
	{ "\303a", "\"b\": \"\\ufffda\", \"b_base64\": \"w2E=\"" },
	{ "\300\200", "\"b\": \"\\ufffd\\ufffd\", \"b_base64\": \"wIA=\"" },
	{ "\340\200\200", "\"b\": \"\\ufffd\\ufffd\\ufffd\", "
	    "\"b_base64\": \"4ICA\"" },
	{ "\355\240\200", "\"b\": \"\\ufffd\\ufffd\\ufffd\", "
	    "\"b_base64\": \"7aCA\"" },
	{ "\364\220\200\200", "\"b\": \"\\ufffd\\ufffd\\ufffd\\ufffd\", "
	    "\"b_base64\": \"9JCAgA==\"" }
};

static void
test_bytes(void **state)
{
	char		 want[256];
	struct json	 j;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		begin(&j);
		json_bytes(&j, "b", strings[i].bytes);
		json_bool(&j, "c", false);
		json_end(&j);
		(void)snprintf(want, sizeof(want), "{%s, \"c\": false}\n",
		    strings[i].want);
		assert_string_equal(text, want);
	}
}

/* Whatever the bytes are, what is written is printable ASCII. */
static void
test_random(void **state)
{
	char		 bytes[32];
	struct json	 j;
	size_t		 i, k, len;

	(void)state;
	for (i = 0; i < 20000; i++) {
		len = util_random(sizeof(bytes));
		for (k = 0; k < len; k++)
			bytes[k] = (char)(1 + util_random(255));
		bytes[len] = '\0';
		begin(&j);
		json_bytes(&j, "b", bytes);
		json_end(&j);
		assert_false(j.failed);
		for (k = 0; k + 1 < textlen; k++)
			assert_true(text[k] >= ' ' && text[k] <= '~');
		assert_int_equal(text[textlen - 1], '\n');
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_people),
		UTIL_TEST(test_lines),
		UTIL_TEST(test_bytes),
		UTIL_TEST(test_random)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
