/*
 * test_wire.c: every getter and setter, short, exact and long.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/wire.h"
#include "tests/unit/util.h"

/* Bytes that a getter takes; it is told what to read from. */
struct getter {
	size_t	 len;
	void	(*get)(struct wire_in *);
};

static void
get_u8(struct wire_in *w)
{
	uint8_t	 v = wire_get_u8(w);

	assert_int_equal(v, w->failed ? 0 : 0xa5);
}

static void
get_u16(struct wire_in *w)
{
	uint16_t	 v = wire_get_u16(w);

	assert_int_equal(v, w->failed ? 0 : 0xa5a5);
}

static void
get_u32(struct wire_in *w)
{
	uint32_t	 v = wire_get_u32(w);

	assert_int_equal(v, w->failed ? 0 : 0xa5a5a5a5);
}

static void
get_u64(struct wire_in *w)
{
	uint64_t	 v = wire_get_u64(w);

	assert_true(v == (w->failed ? 0 : 0xa5a5a5a5a5a5a5a5ULL));
}

static void
get_i64(struct wire_in *w)
{
	int64_t	 v = wire_get_i64(w);

	assert_true(v == (w->failed ? 0 : -0x5a5a5a5a5a5a5a5bLL));
}

static void
get_bytes(struct wire_in *w)
{
	uint8_t	 b[5];

	memset(b, 1, sizeof(b));
	wire_get_bytes(w, b, sizeof(b));
	assert_int_equal(b[0], w->failed ? 0 : 0xa5);
	assert_int_equal(b[4], w->failed ? 0 : 0xa5);
}

static const struct getter getters[] = {
	{ 1, get_u8 },
	{ 2, get_u16 },
	{ 4, get_u32 },
	{ 8, get_u64 },
	{ 8, get_i64 },
	{ 5, get_bytes }
};

#define NGETTERS	(sizeof(getters) / sizeof(getters[0]))

/* A copy that ends where its memory does, so that a read past it is seen. */
static uint8_t *
exact(const void *p, size_t len)
{
	uint8_t	*copy = malloc(len);

	assert_true(copy != NULL || len == 0);
	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

static void
test_getters(void **state)
{
	uint8_t		 all[16], *buf;
	struct wire_in	 w;
	size_t		 i, len;

	(void)state;
	memset(all, 0xa5, sizeof(all));
	for (i = 0; i < NGETTERS; i++) {
		for (len = 0; len <= getters[i].len + 1; len++) {
			buf = exact(all, len);
			wire_in_init(&w, buf, len);
			getters[i].get(&w);
			assert_int_equal(w.failed, len < getters[i].len);
			errno = 0;
			if (len == getters[i].len) {
				assert_int_equal(wire_get_end(&w), 0);
			} else {
				assert_int_equal(wire_get_end(&w), -1);
				assert_int_equal(errno, EPROTO);
			}
			free(buf);
		}
	}
}

/* After a fault nothing is taken any more, and the values are 0. */
static void
test_fault_sticks(void **state)
{
	uint8_t		 buf[32];
	char		 s[8] = "before";
	struct wire_in	 w;

	(void)state;
	memset(buf, 0xa5, sizeof(buf));
	wire_in_init(&w, buf, sizeof(buf));
	(void)wire_get_u8(&w);
	wire_get_fail(&w);
	assert_int_equal(wire_get_u8(&w), 0);
	assert_int_equal(wire_get_u16(&w), 0);
	assert_int_equal(wire_get_u32(&w), 0);
	assert_true(wire_get_u64(&w) == 0);
	assert_true(wire_get_i64(&w) == 0);
	assert_int_equal(wire_get_str(&w, s, sizeof(s)), 0);
	assert_string_equal(s, "");
	assert_int_equal(w.left, sizeof(buf) - 1);
	assert_int_equal(wire_get_end(&w), -1);

	/* A fault at the end counts, too. */
	wire_in_init(&w, buf, 1);
	(void)wire_get_u8(&w);
	assert_int_equal(wire_get_end(&w), 0);
	(void)wire_get_u8(&w);
	assert_int_equal(wire_get_end(&w), -1);
}

/* An empty message: without a buffer, too. */
static void
test_empty(void **state)
{
	struct wire_in	 w;
	uint8_t		 none[1];

	(void)state;
	wire_in_init(&w, NULL, 0);
	assert_int_equal(wire_get_end(&w), 0);
	wire_get_bytes(&w, none, 0);
	assert_int_equal(wire_get_end(&w), 0);
	assert_int_equal(wire_get_u8(&w), 0);
	assert_int_equal(wire_get_end(&w), -1);
}

/* Put a string of n bytes by hand, with `claim' as its length. */
static uint8_t *
raw_string(const char *bytes, size_t n, uint16_t claim, size_t *len)
{
	uint8_t	*buf = malloc(sizeof(claim) + n);

	assert_non_null(buf);
	memcpy(buf, &claim, sizeof(claim));
	if (n > 0)
		memcpy(buf + sizeof(claim), bytes, n);
	*len = sizeof(claim) + n;
	return buf;
}

/* A string: its bytes, its claimed length, the room, the result. */
struct string_case {
	const char	*bytes;
	size_t		 n;
	uint16_t	 claim;
	size_t		 room;
	bool		 good;
};

static const struct string_case string_cases[] = {
	{ "",		0, 0,		1, true },
	{ "a",		1, 1,		2, true },
	{ "a",		1, 1,		1, false },	/* no room for NUL */
	{ "abc",	3, 3,		4, true },
	{ "abc",	3, 3,		3, false },
	{ "abc",	3, 2,		8, false },	/* one left over */
	{ "abc",	3, 4,		8, false },	/* one too few */
	{ "abc",	3, UINT16_MAX,	8, false },
	{ "",		0, 1,		8, false },
	{ "a\0b",	3, 3,		8, false },
	{ "\0",		1, 1,		8, false },
	{ "ab\0",	3, 3,		8, false },
	{ "\xff\n/",	3, 3,		4, true },
};

static void
test_strings(void **state)
{
	const struct string_case	*c;
	struct wire_in			 w;
	uint8_t				*buf;
	size_t				 i, len, n;
	char				*dst;

	(void)state;
	for (i = 0; i < sizeof(string_cases) / sizeof(string_cases[0]); i++) {
		c = &string_cases[i];
		buf = raw_string(c->bytes, c->n, c->claim, &len);
		assert_non_null(dst = malloc(c->room));
		memset(dst, 'x', c->room);
		wire_in_init(&w, buf, len);
		n = wire_get_str(&w, dst, c->room);
		assert_int_equal(wire_get_end(&w), c->good ? 0 : -1);
		assert_int_equal(n, strlen(dst));
		if (c->good)
			assert_memory_equal(dst, c->bytes, c->n);
		else if (w.failed)
			assert_string_equal(dst, "");
		free(dst);
		free(buf);
	}
}

/* A string whose length is cut: one byte, or none, of the two. */
static void
test_string_length_cut(void **state)
{
	uint8_t		*buf, one = 1;
	struct wire_in	 w;
	char		 dst[4];

	(void)state;
	buf = exact(&one, 1);
	wire_in_init(&w, buf, 1);
	assert_int_equal(wire_get_str(&w, dst, sizeof(dst)), 0);
	assert_string_equal(dst, "");
	assert_int_equal(wire_get_end(&w), -1);
	free(buf);
	wire_in_init(&w, NULL, 0);
	assert_int_equal(wire_get_str(&w, dst, sizeof(dst)), 0);
	assert_int_equal(wire_get_end(&w), -1);
}

/* The longest string that a message can have; and a byte more. */
static void
test_string_longest(void **state)
{
	static char	 text[UINT16_MAX + 2], back[UINT16_MAX + 1];
	static uint8_t	 buf[UINT16_MAX + 8];
	struct wire_out	 out;
	struct wire_in	 in;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	wire_out_init(&out, buf, sizeof(buf));
	wire_put_str(&out, text);
	assert_int_equal(wire_put_end(&out), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(out.len, 0);

	text[UINT16_MAX] = '\0';
	wire_out_init(&out, buf, sizeof(buf));
	wire_put_str(&out, text);
	assert_int_equal(wire_put_end(&out), 0);
	wire_in_init(&in, buf, out.len);
	assert_int_equal(wire_get_str(&in, back, sizeof(back)), UINT16_MAX);
	assert_int_equal(wire_get_end(&in), 0);
	assert_string_equal(back, text);
}

static void
put_all(struct wire_out *w)
{
	wire_put_u8(w, 0x12);
	wire_put_u16(w, 0x3456);
	wire_put_u32(w, 0x789abcde);
	wire_put_u64(w, 0x0123456789abcdefULL);
	wire_put_i64(w, INT64_MIN);
	wire_put_bytes(w, "bytes", 5);
	wire_put_bytes(w, NULL, 0);
	wire_put_str(w, "string");
	wire_put_str(w, "");
}

#define ALL_LEN	(1 + 2 + 4 + 8 + 8 + 5 + 2 + 6 + 2)

static void
get_all(struct wire_in *w)
{
	uint8_t	 bytes[5];
	char	 s[8];

	assert_int_equal(wire_get_u8(w), 0x12);
	assert_int_equal(wire_get_u16(w), 0x3456);
	assert_int_equal(wire_get_u32(w), 0x789abcde);
	assert_true(wire_get_u64(w) == 0x0123456789abcdefULL);
	assert_true(wire_get_i64(w) == INT64_MIN);
	wire_get_bytes(w, bytes, sizeof(bytes));
	assert_memory_equal(bytes, "bytes", 5);
	assert_int_equal(wire_get_str(w, s, sizeof(s)), 6);
	assert_string_equal(s, "string");
	assert_int_equal(wire_get_str(w, s, sizeof(s)), 0);
	assert_string_equal(s, "");
}

/* A buffer of each size: a string fits or fails, and never overflows. */
static void
test_put(void **state)
{
	struct wire_out	 out;
	struct wire_in	 in;
	uint8_t		*buf;
	size_t		 size;

	(void)state;
	for (size = 0; size <= ALL_LEN + 1; size++) {
		buf = malloc(size);
		wire_out_init(&out, buf, size);
		put_all(&out);
		assert_true(out.len <= size);
		errno = 0;
		if (size < ALL_LEN) {
			assert_int_equal(wire_put_end(&out), -1);
			assert_int_equal(errno, EMSGSIZE);
		} else {
			assert_int_equal(wire_put_end(&out), 0);
			assert_int_equal(out.len, ALL_LEN);
			wire_in_init(&in, buf, out.len);
			get_all(&in);
			assert_int_equal(wire_get_end(&in), 0);
		}
		free(buf);
	}
}

/* After a field that does not fit nothing else is put. */
static void
test_put_fault_sticks(void **state)
{
	struct wire_out	 w;
	uint8_t		 buf[4];

	(void)state;
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u64(&w, 1);
	wire_put_u8(&w, 1);
	wire_put_bytes(&w, NULL, 0);
	assert_int_equal(w.len, 0);
	assert_int_equal(wire_put_end(&w), -1);
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_bytes(&w, buf, SIZE_MAX);
	assert_int_equal(wire_put_end(&w), -1);
}

/* Byte order is the machine's: one value, byte by byte. */
static void
test_native_order(void **state)
{
	struct wire_out	 w;
	uint32_t	 v = 0x01020304;
	uint8_t		 buf[4];

	(void)state;
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, v);
	assert_memory_equal(buf, &v, sizeof(v));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_getters),
		UTIL_TEST(test_fault_sticks),
		UTIL_TEST(test_empty),
		UTIL_TEST(test_strings),
		UTIL_TEST(test_string_length_cut),
		UTIL_TEST(test_string_longest),
		UTIL_TEST(test_put),
		UTIL_TEST(test_put_fault_sticks),
		UTIL_TEST(test_native_order)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
