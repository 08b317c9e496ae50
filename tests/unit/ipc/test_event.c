/*
 * test_event.c: the record of one request: what a client named is encoded,
 * and what an opener says is checked.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vis.h>

#include <cmocka.h>

#include "ipc/event.h"
#include "ipc/msg.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

#define MUTATIONS	100000

/* Where the texts begin: after six words, a byte and what is opened. */
#define REASON_AT	8
#define TEXTS_AT	(6 * 4 + 1 + 4 + 8)

static struct event_record	 e, got;

static void
sample(void)
{
	memset(&e, 0, sizeof(e));
	e.op = POLICY_OP_READ;
	e.error = EACCES;
	e.reason = FDB_REASON_POLICY;
	e.id = 0x2345001;
	e.lost = 7;
	e.generation = 0xfffffffe;
	e.dev_major = 8;
	e.dev_minor = 1;
	e.ino = UINT64_MAX - 1;
	(void)strlcpy(e.where, "fdbroker.conf:7 \"keys\"", sizeof(e.where));
	event_set_path(&e, "/home/u/.ssh/id_rsa");
}

static size_t
encode(uint8_t *p, size_t size)
{
	struct wire_out	 w;

	wire_out_init(&w, p, size);
	event_put(&w, &e);
	assert_int_equal(wire_put_end(&w), 0);
	return w.len;
}

static bool
decode(const uint8_t *p, size_t len)
{
	struct wire_in	 in;

	memset(&got, 0x5a, sizeof(got));
	wire_in_init(&in, p, len);
	event_get(&in, &got);
	return wire_get_end(&in) == 0;
}

static void
test_round_trip(void **state)
{
	uint8_t	 p[2048];
	size_t	 len;

	(void)state;
	sample();
	len = encode(p, sizeof(p));
	assert_true(decode(p, len));
	assert_int_equal(got.op, e.op);
	assert_int_equal(got.error, e.error);
	assert_int_equal(got.reason, e.reason);
	assert_int_equal(got.id, e.id);
	assert_int_equal(got.lost, e.lost);
	assert_int_equal(got.generation, e.generation);
	assert_int_equal(got.dev_major, e.dev_major);
	assert_int_equal(got.dev_minor, e.dev_minor);
	assert_true(got.ino == e.ino);
	assert_string_equal(got.where, e.where);
	assert_string_equal(got.path, e.path);
}

/* The largest record fits into a message between processes of ours. */
static void
test_largest(void **state)
{
	uint8_t	 p[IPC_MSG_MAX - PROTO_HEADER];

	(void)state;
	sample();
	memset(e.where, 'w', sizeof(e.where) - 1);
	memset(e.path, 'p', sizeof(e.path) - 1);
	e.where[sizeof(e.where) - 1] = e.path[sizeof(e.path) - 1] = '\0';
	assert_true(decode(p, encode(p, sizeof(p))));
	assert_string_equal(got.where, e.where);
	assert_string_equal(got.path, e.path);
}

/* What a path is encoded as; NULL: as it is. */
static void
test_paths(void **state)
{
	static const struct {
		const char	*path, *encoded;
	} cases[] = {
		{ "", NULL },
		{ "/a b/c'd\"e", NULL },
		{ "/~!@#$%^&*()[]{}<>?;:|`", NULL },
		{ "/a\nb", "/a\\012b" },
		{ "/a\r\t\v\f\bb", "/a\\015\\011\\013\\014\\010b" },
		{ "/\033[2J", "/\\033[2J" },
		{ "/\x7f", "/\\177" },
		{ "/\xff\xfe", "/\\377\\376" },
		{ "/\x80" "1", "/\\2001" },
		{ "/\x01" "7", "/\\0017" },
		{ "/gr\xc3\xbc\xc3\x9f", "/gr\\303\\274\\303\\237" },
		{ "/a\\b", "/a\\\\b" },
		{ "/a\\012b", "/a\\\\012b" },
		{ "\\", "\\\\" },
	};
	uint8_t	 p[2048];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sample();
		event_set_path(&e, cases[i].path);
		assert_string_equal(e.path, cases[i].encoded != NULL ?
		    cases[i].encoded : cases[i].path);
		assert_true(decode(p, encode(p, sizeof(p))));
		assert_string_equal(got.path, e.path);
	}
}

/* Every byte there is: printable afterwards, and the same when decoded. */
static void
test_every_byte(void **state)
{
	char	 path[3], back[16];
	size_t	 i;
	int	 c, next;

	(void)state;
	path[2] = '\0';
	for (c = 1; c < 256; c++) {
		for (next = 0; next < 256; next++) {
			path[0] = (char)c;
			path[1] = (char)next;
			event_set_path(&e, path);
			for (i = 0; e.path[i] != '\0'; i++)
				assert_in_range((unsigned char)e.path[i],
				    0x20, 0x7e);
			assert_int_equal(strunvis(back, e.path),
			    (int)strlen(path));
			assert_string_equal(back, path);
		}
	}
}

/* What is too long is cut, and never within what one byte became. */
static void
test_long(void **state)
{
	char	 path[PROTO_PATH_MAX], back[EVENT_PATH_MAX];
	size_t	 n;

	(void)state;
	memset(path, 'p', sizeof(path));
	for (n = EVENT_PATH_MAX - 2; n <= EVENT_PATH_MAX + 1; n++) {
		path[n] = '\0';
		event_set_path(&e, path);
		assert_int_equal(strlen(e.path), n < EVENT_PATH_MAX ? n :
		    EVENT_PATH_MAX - 1);
		path[n] = 'p';
	}
	path[sizeof(path) - 1] = '\0';
	event_set_path(&e, path);
	assert_int_equal(strlen(e.path), EVENT_PATH_MAX - 1);
	memset(path, '\xff', sizeof(path) - 1);
	for (n = 0; n < 5; n++) {
		event_set_path(&e, path);
		assert_in_range(strlen(e.path), EVENT_PATH_MAX - 4,
		    EVENT_PATH_MAX - 1);
		assert_true(strunvis(back, e.path) > 0);
		assert_memory_equal(back, path, strlen(back));
		path[n] = 'p';
	}
}

/* The text of a rule is encoded once, however often it is passed on. */
static void
test_where(void **state)
{
	uint8_t	 p[2048];
	int	 i;

	(void)state;
	sample();
	event_set_where(&e, "a\nb\xff\\c");
	assert_true(decode(p, encode(p, sizeof(p))));
	assert_string_equal(got.where, "a\\012b\\377\\\\c");
	/* The supervisor passes on what it was told: it stays the same. */
	for (i = 0; i < 3; i++) {
		e = got;
		assert_true(decode(p, encode(p, sizeof(p))));
		assert_string_equal(got.where, "a\\012b\\377\\\\c");
	}
}

/* Put a text in the place of one of the two, whatever is in it. */
static bool
decode_texts(const char *where, size_t wlen, const char *path, size_t plen)
{
	static uint8_t	 head[2048], p[8192];
	struct wire_out	 w;

	(void)encode(head, sizeof(head));
	wire_out_init(&w, p, sizeof(p));
	wire_put_bytes(&w, head, TEXTS_AT);
	wire_put_u16(&w, (uint16_t)wlen);
	wire_put_bytes(&w, where, wlen);
	wire_put_u16(&w, (uint16_t)plen);
	wire_put_bytes(&w, path, plen);
	assert_int_equal(wire_put_end(&w), 0);
	return decode(p, w.len);
}

/* An opener that was taken over sends what it likes. */
static void
test_bad_texts(void **state)
{
	char	 text[EVENT_PATH_MAX + 1], one[3] = "a?";
	int	 c;

	(void)state;
	sample();
	assert_true(decode_texts("w", 1, "p", 1));
	assert_true(decode_texts("", 0, "", 0));
	for (c = 0; c < 256; c++) {
		one[1] = (char)c;
		assert_int_equal(decode_texts(one, 2, "p", 1),
		    c >= 0x20 && c <= 0x7e);
		assert_int_equal(decode_texts("w", 1, one, 2),
		    c >= 0x20 && c <= 0x7e);
	}
	memset(text, 't', sizeof(text));
	assert_true(decode_texts("w", 1, text, EVENT_PATH_MAX - 1));
	assert_false(decode_texts("w", 1, text, EVENT_PATH_MAX));
	assert_true(decode_texts(text, PROTO_TEXT_MAX - 1, "p", 1));
	assert_false(decode_texts(text, PROTO_TEXT_MAX, "p", 1));
}

static void
test_bad_reasons(void **state)
{
	uint8_t	 p[2048];
	size_t	 len;
	int	 reason;

	(void)state;
	sample();
	len = encode(p, sizeof(p));
	assert_int_equal(p[REASON_AT], FDB_REASON_POLICY);
	for (reason = 0; reason < 256; reason++) {
		p[REASON_AT] = (uint8_t)reason;
		assert_int_equal(decode(p, len), reason <= FDB_REASON_NAME);
	}
}

static void
test_cut(void **state)
{
	uint8_t	 whole[2048], *cut;
	size_t	 len, n;

	(void)state;
	sample();
	len = encode(whole, sizeof(whole) - 1);
	whole[len] = 0;
	for (n = 0; n <= len + 1; n++) {
		assert_true((cut = malloc(n)) != NULL || n == 0);
		if (n > 0)
			memcpy(cut, whole, n);
		assert_int_equal(decode(cut, n), n == len);
		free(cut);
	}
}

/* Whatever is accepted is printable and can be named. */
static void
test_mutations(void **state)
{
	uint8_t	 whole[2048], bad[2048];
	size_t	 len, i, k, accepted = 0;

	(void)state;
	sample();
	len = encode(whole, sizeof(whole));
	for (i = 0; i < MUTATIONS; i++) {
		memcpy(bad, whole, len);
		for (k = util_random(4); k < 4; k++)
			bad[util_random((uint32_t)len)] =
			    (uint8_t)util_random(256);
		if (!decode(bad, len))
			continue;
		accepted++;
		for (k = 0; got.path[k] != '\0'; k++)
			assert_in_range((unsigned char)got.path[k], 0x20,
			    0x7e);
		for (k = 0; got.where[k] != '\0'; k++)
			assert_in_range((unsigned char)got.where[k], 0x20,
			    0x7e);
		assert_true(event_verdict(&got)[0] != '\0');
		assert_non_null(event_reason(&got));
		assert_non_null(event_op(&got));
	}
	assert_in_range(accepted, 1, MUTATIONS - 1);
}

static void
test_wanted(void **state)
{
	static const struct {
		uint8_t		 reason;
		uint32_t	 error;
		int		 denied;	/* in that mode */
	} cases[] = {
		{ FDB_REASON_NONE, 0, 0 },
		{ FDB_REASON_POLICY, EACCES, 1 },
		{ FDB_REASON_POLICY, ENOENT, 1 },
		{ FDB_REASON_KERNEL, EACCES, 1 },
		{ FDB_REASON_KERNEL, EIO, 1 },
		{ FDB_REASON_KERNEL, ENOENT, 0 },
		{ FDB_REASON_KERNEL, ENOTDIR, 0 },
		{ FDB_REASON_LIMIT, EMFILE, 1 },
		{ FDB_REASON_TYPE, EACCES, 1 },
		{ FDB_REASON_NAME, EINVAL, 1 },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e.reason = cases[i].reason;
		e.error = cases[i].error;
		assert_int_equal(event_is_wanted(&e, EVENT_NONE), 0);
		assert_int_equal(event_is_wanted(&e, EVENT_DENIED),
		    cases[i].denied);
		assert_int_equal(event_is_wanted(&e, EVENT_ALL), 1);
	}
}

static void
test_words(void **state)
{
	static const struct {
		const char	*reason, *verdict;
	} words[] = {
		[FDB_REASON_NONE] = { "", "permitted" },
		[FDB_REASON_POLICY] = { "policy", "denied" },
		[FDB_REASON_KERNEL] = { "kernel", "refused" },
		[FDB_REASON_LIMIT] = { "limit", "limited" },
		[FDB_REASON_TYPE] = { "type", "denied" },
		[FDB_REASON_NAME] = { "name", "denied" },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		e.reason = (uint8_t)i;
		assert_string_equal(event_reason(&e), words[i].reason);
		assert_string_equal(event_verdict(&e), words[i].verdict);
	}
	e.reason = UINT8_MAX;
	assert_string_equal(event_reason(&e), "");
	assert_string_equal(event_verdict(&e), "");
	e.op = POLICY_OP_READ;
	assert_string_equal(event_op(&e), "read");
	e.op = POLICY_OP_LIST;
	assert_string_equal(event_op(&e), "list");
	e.op = 0;
	assert_string_equal(event_op(&e), "unknown");
	e.op = POLICY_OP_READ | POLICY_OP_LIST;
	assert_string_equal(event_op(&e), "unknown");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_round_trip),
		UTIL_TEST(test_largest),
		UTIL_TEST(test_paths),
		UTIL_TEST(test_every_byte),
		UTIL_TEST(test_long),
		UTIL_TEST(test_where),
		UTIL_TEST(test_bad_texts),
		UTIL_TEST(test_bad_reasons),
		UTIL_TEST(test_cut),
		UTIL_TEST(test_mutations),
		UTIL_TEST(test_wanted),
		UTIL_TEST(test_words)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
