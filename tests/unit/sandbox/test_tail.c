/*
 * test_tail.c: what follows the last member of an archive, given in pieces of
 * every length, from a window that has slid by then.
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

#include "sandbox/tail.h"
#include "sandbox/window.h"
#include "tests/unit/util.h"

#define DATA_MAX	8192

static uint8_t	 data[DATA_MAX];

/* The verdict on the first len bytes of data, in pieces: NULL, or why. */
static const char *
judge(enum tail_format format, uint64_t members, size_t len, size_t piece)
{
	static char	 why[TAIL_WHY_MAX];
	struct tail	 t;
	size_t		 i, n;
	int		 ret = 0;

	tail_init(&t, format, 10240, members);
	for (i = 0; i < len && ret == 0; i += n) {
		n = len - i < piece ? len - i : piece;
		ret = tail_add(&t, data + i, n);
	}
	if (ret == 0)
		ret = tail_finish(&t);
	if (ret == -1)
		assert_int_equal(errno, EPROTO);
	(void)strlcpy(why, t.why, sizeof(why));
	tail_clear(&t);
	return ret == 0 ? NULL : why;
}

static void
assert_tail(enum tail_format format, uint64_t members, size_t len,
    const char *want)
{
	static const size_t	 pieces[] = { 1, 2, 3, 7, 45, 512, DATA_MAX };
	const char		*got;
	size_t			 i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		got = judge(format, members, len, pieces[i]);
		if (want == NULL)
			assert_null(got);
		else
			assert_string_equal(got, want);
	}
}

static void
test_tar(void **state)
{
	(void)state;
	memset(data, 0, sizeof(data));
	assert_tail(TAIL_TAR, 0, 1024, NULL);
	assert_tail(TAIL_TAR, 0, 5120, NULL);
	assert_tail(TAIL_TAR, 0, 0, "it is cut off at byte 10240: two records "
	    "of zeros must end it");
	assert_tail(TAIL_TAR, 0, 1023, "it is cut off at byte 11263: two "
	    "records of zeros must end it");
	assert_tail(TAIL_TAR, 0, 1025, "it is cut off at byte 11265: the last "
	    "record is not whole");
	data[2000] = 1;
	assert_tail(TAIL_TAR, 0, 4096,
	    "something follows its end, at byte 12240");
	memcpy(data + 2000, "name", 4);
	memcpy(data + 2000 + 257, "ustar", 5);
	assert_string_equal(judge(TAIL_TAR, 0, 4096, DATA_MAX),
	    "another archive follows its end, at byte 12240");
}

static void
test_zeros(void **state)
{
	(void)state;
	memset(data, 0, sizeof(data));
	assert_tail(TAIL_ZEROS, 0, 0, NULL);
	assert_tail(TAIL_ZEROS, 0, 3, NULL);
	data[2] = 0xff;
	assert_tail(TAIL_ZEROS, 0, 3,
	    "something follows its end, at byte 10242");
}

/* Append a record of zip: a signature and zeros.  Its place. */
static uint8_t *
add_record(size_t *len, const char *signature, size_t size)
{
	uint8_t	*p = data + *len;

	assert_true(size <= sizeof(data) - *len);
	memset(p, 0, size);
	memcpy(p, signature, 4);
	*len += size;
	return p;
}

/* A directory of three members and an end that says so. */
static size_t
make_directory(bool wide)
{
	size_t	 i, len = 0;
	uint8_t	*p;

	for (i = 0; i < 3; i++) {
		p = add_record(&len, "PK\1\2", 46 + 3 + 300 + 2);
		p[28] = 3;
		p[30] = 300 % 256;
		p[31] = 300 / 256;
		p[32] = 2;
	}
	p = add_record(&len, "PK\5\5", 6 + 4);
	p[4] = 4;
	if (wide) {
		p = add_record(&len, "PK\6\6", 56);
		p[4] = 44;
		p[32] = 3;
		(void)add_record(&len, "PK\6\7", 20);
	}
	p = add_record(&len, "PK\5\6", 22 + 5);
	p[10] = wide ? 0xff : 3;
	p[11] = wide ? 0xff : 0;
	p[20] = 5;
	return len;
}

static void
test_zip(void **state)
{
	size_t	 len, cut;

	(void)state;
	len = make_directory(true);
	assert_tail(TAIL_ZIP, 3, len, NULL);
	len = make_directory(false);
	assert_tail(TAIL_ZIP, 3, len, NULL);
	assert_tail(TAIL_ZIP, 4, len,
	    "its directory names 3 members, but there are 4");
	data[len - 27 + 10] = 2;
	assert_tail(TAIL_ZIP, 3, len,
	    "its directory has 3 members, but says 2");
	len = make_directory(false);
	for (cut = 0; cut < len; cut++)
		assert_non_null(judge(TAIL_ZIP, 3, cut, 64));
	data[len] = 'x';
	assert_non_null(judge(TAIL_ZIP, 3, len + 1, 64));
	data[0] = 'x';
	assert_tail(TAIL_ZIP, 3, len,
	    "its directory is damaged, at byte 10240");
	/* A record that claims to have more bytes than there are in memory. */
	len = make_directory(true);
	memset(data + 3 * 351 + 10 + 4, 0xff, 8);
	assert_non_null(judge(TAIL_ZIP, 3, len, 64));
}

/* What a window gives back is what went through it. */
static void
test_window(void **state)
{
	static uint8_t	 stream[64 * 1024], block[9000];
	struct window	 w;
	const uint8_t	*h, *b;
	size_t		 i, at, n, hlen, blen;

	(void)state;
	for (i = 0; i < sizeof(stream); i++)
		stream[i] = (uint8_t)util_random(256);
	memset(&w, 0, sizeof(w));
	assert_true(window_from(&w, 0, &h, &hlen, &b, &blen));
	assert_int_equal(hlen + blen, 0);
	for (i = 0; i < sizeof(stream); i += n) {
		n = util_random(3) == 0 ? util_random(sizeof(block)) :
		    util_random(700);
		if (n > sizeof(stream) - i)
			n = sizeof(stream) - i;
		window_slide(&w);
		memcpy(block, stream + i, n);
		window_set(&w, block, n);
		at = i + n < WINDOW_HISTORY ? 0 : i + n - WINDOW_HISTORY;
		for (; at <= i + n; at += 13) {
			assert_true(window_from(&w, at, &h, &hlen, &b, &blen));
			assert_int_equal(at + hlen + blen, i + n);
			assert_memory_equal(h, stream + at, hlen);
			assert_memory_equal(b, stream + at + hlen, blen);
		}
		assert_false(window_from(&w, i + n + 1, &h, &hlen, &b,
		    &blen));
		if (i > WINDOW_HISTORY)
			assert_false(window_from(&w, i - WINDOW_HISTORY - 1,
			    &h, &hlen, &b, &blen));
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_tar),
		UTIL_TEST(test_zeros),
		UTIL_TEST(test_zip),
		UTIL_TEST(test_window)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
