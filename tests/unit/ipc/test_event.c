/*
 * test_event.c: the record of one request: a client's path is encoded, and
 * what an opener sends is checked.
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

/* Offsets in a record; the texts follow six words, two bytes and the file. */
#define ERROR_AT	4
#define REASON_AT	8
#define POLICY_AT	9
#define TEXTS_AT	(6 * 4 + 2 + 4 + 8)

static struct event_record	 sent, got;

static void
sample(void)
{
	memset(&sent, 0, sizeof(sent));
	sent.op = POLICY_OP_READ;
	sent.error = EACCES;
	sent.reason = FDB_REASON_POLICY;
	sent.policy = POLICY_DENIED;
	sent.id = 0x2345001;
	sent.lost = 7;
	sent.generation = 0xfffffffe;
	sent.dev_major = 8;
	sent.dev_minor = 1;
	sent.ino = UINT64_MAX - 1;
	(void)strlcpy(sent.where, "fdbroker.conf:7 \"keys\"",
	    sizeof(sent.where));
	event_set_path(&sent, "/home/u/.ssh/id_rsa");
}

static size_t
encode(uint8_t *p, size_t size)
{
	struct wire_out	 w;

	wire_out_init(&w, p, size);
	event_put(&w, &sent);
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
	assert_int_equal(got.op, sent.op);
	assert_int_equal(got.error, sent.error);
	assert_int_equal(got.reason, sent.reason);
	assert_int_equal(got.policy, sent.policy);
	assert_int_equal(got.id, sent.id);
	assert_int_equal(got.lost, sent.lost);
	assert_int_equal(got.generation, sent.generation);
	assert_int_equal(got.dev_major, sent.dev_major);
	assert_int_equal(got.dev_minor, sent.dev_minor);
	assert_true(got.ino == sent.ino);
	assert_string_equal(got.where, sent.where);
	assert_string_equal(got.path, sent.path);
}

/* The largest record fits into a message from an opener. */
static void
test_largest(void **state)
{
	uint8_t	 p[IPC_MSG_MAX - PROTO_HEADER];

	(void)state;
	sample();
	memset(sent.where, 'w', sizeof(sent.where) - 1);
	memset(sent.path, 'p', sizeof(sent.path) - 1);
	sent.where[sizeof(sent.where) - 1] = '\0';
	sent.path[sizeof(sent.path) - 1] = '\0';
	assert_true(decode(p, encode(p, sizeof(p))));
	assert_string_equal(got.where, sent.where);
	assert_string_equal(got.path, sent.path);
}

/* How paths are encoded; NULL: unchanged. */
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
		event_set_path(&sent, cases[i].path);
		assert_string_equal(sent.path, cases[i].encoded != NULL ?
		    cases[i].encoded : cases[i].path);
		assert_true(decode(p, encode(p, sizeof(p))));
		assert_string_equal(got.path, sent.path);
	}
}

/* Every pair of bytes is printable when encoded, and the same when decoded. */
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
			event_set_path(&sent, path);
			for (i = 0; sent.path[i] != '\0'; i++)
				assert_in_range((unsigned char)sent.path[i],
				    0x20, 0x7e);
			assert_int_equal(strunvis(back, sent.path),
			    (int)strlen(path));
			assert_string_equal(back, path);
		}
	}
}

/* A long path is cut, and never within the code of one byte. */
static void
test_long(void **state)
{
	char	 path[PROTO_PATH_MAX], back[EVENT_PATH_MAX];
	size_t	 n;

	(void)state;
	memset(path, 'p', sizeof(path));
	for (n = EVENT_PATH_MAX - 2; n <= EVENT_PATH_MAX + 1; n++) {
		path[n] = '\0';
		event_set_path(&sent, path);
		assert_int_equal(strlen(sent.path), n < EVENT_PATH_MAX ? n :
		    EVENT_PATH_MAX - 1);
		path[n] = 'p';
	}
	path[sizeof(path) - 1] = '\0';
	event_set_path(&sent, path);
	assert_int_equal(strlen(sent.path), EVENT_PATH_MAX - 1);
	memset(path, '\xff', sizeof(path) - 1);
	for (n = 0; n < 5; n++) {
		event_set_path(&sent, path);
		assert_in_range(strlen(sent.path), EVENT_PATH_MAX - 4,
		    EVENT_PATH_MAX - 1);
		assert_true(strunvis(back, sent.path) > 0);
		assert_memory_equal(back, path, strlen(back));
		path[n] = 'p';
	}
}

/* The place of a rule is encoded once, however often it is passed on. */
static void
test_where(void **state)
{
	uint8_t	 p[2048];
	int	 i;

	(void)state;
	sample();
	event_set_where(&sent, "a\nb\xff\\c");
	assert_true(decode(p, encode(p, sizeof(p))));
	assert_string_equal(got.where, "a\\012b\\377\\\\c");
	/* The supervisor passes it on as it came. */
	for (i = 0; i < 3; i++) {
		sent = got;
		assert_true(decode(p, encode(p, sizeof(p))));
		assert_string_equal(got.where, "a\\012b\\377\\\\c");
	}
}

/* Decode a record with any bytes as its two texts. */
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

/* An opener that was taken over can send any bytes. */
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

/* Is this combination of error and reasons allowed in a record? */
static bool
is_valid(uint32_t error, int reason, int policy)
{
	switch (reason) {
	case FDB_REASON_NONE:
		return error == 0 && policy == POLICY_PERMITTED;
	case FDB_REASON_POLICY:
		return error != 0 && policy > POLICY_PERMITTED &&
		    policy < POLICY_REASONS;
	case FDB_REASON_TYPE:
		return error != 0 && (policy == POLICY_PERMITTED ||
		    policy == POLICY_NOT_SPECIAL);
	default:
		return error != 0 && policy == POLICY_PERMITTED &&
		    reason <= FDB_REASON_NAME;
	}
}

/* Unknown reasons, and reasons that contradict each other, are refused. */
static void
test_bad_reasons(void **state)
{
	static const uint32_t	 errors[] = { 0, EACCES };
	uint8_t			 p[2048];
	size_t			 len, i;
	int			 reason, policy;

	(void)state;
	sample();
	len = encode(p, sizeof(p));
	assert_int_equal(p[ERROR_AT], EACCES);
	assert_int_equal(p[REASON_AT], FDB_REASON_POLICY);
	assert_int_equal(p[POLICY_AT], POLICY_DENIED);
	for (i = 0; i < 2; i++) {
		p[ERROR_AT] = (uint8_t)errors[i];
		for (reason = 0; reason < 256; reason++) {
			for (policy = 0; policy < 256; policy++) {
				p[REASON_AT] = (uint8_t)reason;
				p[POLICY_AT] = (uint8_t)policy;
				assert_int_equal(decode(p, len),
				    is_valid(errors[i], reason, policy));
			}
		}
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

/* A record that is accepted is printable, and its numbers have names. */
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
		assert_int_equal(event_policy(&got)[0] != '\0',
		    got.reason == FDB_REASON_POLICY);
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
		sent.reason = cases[i].reason;
		sent.error = cases[i].error;
		assert_int_equal(event_is_wanted(&sent, AUDITMODE_NONE), 0);
		assert_int_equal(event_is_wanted(&sent, AUDITMODE_DENIED),
		    cases[i].denied);
		assert_int_equal(event_is_wanted(&sent, AUDITMODE_ALL), 1);
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
		sent.reason = (uint8_t)i;
		assert_string_equal(event_reason(&sent), words[i].reason);
		assert_string_equal(event_verdict(&sent), words[i].verdict);
	}
	sent.reason = UINT8_MAX;
	assert_string_equal(event_reason(&sent), "");
	assert_string_equal(event_verdict(&sent), "");
	sent.op = POLICY_OP_READ;
	assert_string_equal(event_op(&sent), "read");
	sent.op = POLICY_OP_LIST;
	assert_string_equal(event_op(&sent), "list");
	sent.op = 0;
	assert_string_equal(event_op(&sent), "unknown");
	sent.op = POLICY_OP_READ | POLICY_OP_LIST;
	assert_string_equal(event_op(&sent), "unknown");
	sent.policy = POLICY_PERMITTED;
	assert_string_equal(event_policy(&sent), "");
	sent.policy = POLICY_REASONS;
	assert_string_equal(event_policy(&sent), "");
	for (i = POLICY_PERMITTED + 1; i < POLICY_REASONS; i++) {
		sent.policy = (uint8_t)i;
		assert_string_equal(event_policy(&sent),
		    policy_reason_name((enum policy_reason)i));
	}
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
