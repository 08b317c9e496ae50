/*
 * test_nameask.c: questions to the names process, its answers, and the message
 * that it gets at its start.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "ipc/nameask.h"
#include "ipc/namesetup.h"
#include "ipc/types.h"
#include "tests/unit/util.h"

#define MUTATIONS	100000

static size_t
encode(uint8_t *buf, size_t size, const struct nameask *q)
{
	struct wire_out	 w;

	wire_out_init(&w, buf, size);
	nameask_put(&w, q);
	assert_int_equal(wire_put_end(&w), 0);
	return w.len;
}

/* Decode; a question that is accepted is the same when encoded again. */
static bool
decode(const uint8_t *buf, size_t len)
{
	uint8_t		 again[512];
	struct wire_in	 in;
	struct nameask	 q;

	memset(&q, 0, sizeof(q));
	wire_in_init(&in, buf, len);
	nameask_get(&in, &q);
	if (wire_get_end(&in) == -1)
		return false;
	assert_true(q.kind >= NAMEASK_GROUPS && q.kind <= NAMEASK_GIDS);
	assert_int_equal(encode(again, sizeof(again), &q), len);
	assert_memory_equal(again, buf, len);
	return true;
}

static bool
is_accepted(uint8_t kind, uint32_t uid, const char *name)
{
	struct nameask	 q = { .id = 7, .kind = kind, .uid = uid };
	uint8_t		 buf[512];

	(void)strlcpy(q.name, name, sizeof(q.name));
	return decode(buf, encode(buf, sizeof(buf), &q));
}

static void
test_question(void **state)
{
	struct nameask	 q = { .id = 7, .kind = NAMEASK_USER };
	uint8_t		 buf[512];
	size_t		 len, i;

	(void)state;
	assert_true(is_accepted(NAMEASK_GROUPS, 1000, ""));
	assert_true(is_accepted(NAMEASK_GROUPS, 0, ""));
	assert_true(is_accepted(NAMEASK_USER, 0, "ann"));
	assert_true(is_accepted(NAMEASK_GROUP, 0, "staff"));
	assert_false(is_accepted(NAMEASK_GROUPS, 1000, "ann"));
	assert_false(is_accepted(NAMEASK_USER, 1000, "ann"));
	assert_false(is_accepted(NAMEASK_USER, 0, ""));
	assert_false(is_accepted(NAMEASK_GROUP, 0, ""));
	assert_false(is_accepted(0, 0, "ann"));
	assert_true(is_accepted(NAMEASK_UIDS, 0, ""));
	assert_true(is_accepted(NAMEASK_GIDS, 0, ""));
	assert_false(is_accepted(NAMEASK_UIDS, 1, ""));
	assert_false(is_accepted(NAMEASK_GIDS, 0, "staff"));
	assert_false(is_accepted(NAMEASK_GIDS + 1, 0, "ann"));
	assert_false(is_accepted(NAMEASK_GIDS + 1, 0, ""));
	assert_true(is_accepted(NAMEASK_PERSON, 1000, ""));
	assert_false(is_accepted(NAMEASK_PERSON, 1000, "ann"));
	/* The longest name; and it is refused whole if it is cut. */
	memset(q.name, 'a', sizeof(q.name) - 1);
	len = encode(buf, sizeof(buf), &q);
	assert_true(decode(buf, len));
	for (i = 0; i < len; i++)
		assert_false(decode(buf, i));
	assert_false(decode(buf, len + 1));
	for (i = 0; i < MUTATIONS; i++) {
		len = encode(buf, sizeof(buf), &q);
		buf[util_random((uint32_t)len)] ^=
		    (uint8_t)(1 + util_random(255));
		(void)decode(buf, len);
	}
}

static bool
decode_answer(const uint8_t *buf, size_t len, struct nameanswer *a)
{
	struct wire_in	 in;

	wire_in_init(&in, buf, len);
	nameask_get_answer(&in, a);
	return wire_get_end(&in) == 0;
}

static void
test_answer(void **state)
{
	static struct nameanswer	 a, b;
	static uint8_t			 buf[NAMEASK_ANSWER_BYTES];
	struct wire_out			 w;
	size_t				 i;

	(void)state;
	nameask_answer_init(&a, 9);
	a.uid = 1000;
	a.gid = 100;
	memset(a.name, 'n', sizeof(a.name) - 1);
	memset(a.home, 'h', sizeof(a.home) - 1);
	for (i = 0; i < NAMEASK_GIDS_MAX; i++)
		a.gids[i] = (uint32_t)i * 3;
	wire_out_init(&w, buf, sizeof(buf));
	nameask_put_answer(&w, &a, a.gids, NAMEASK_GIDS_MAX);
	assert_int_equal(wire_put_end(&w), 0);
	assert_true(decode_answer(buf, w.len, &b));
	assert_int_equal(b.id, 9);
	assert_int_equal(b.uid, 1000);
	assert_int_equal(b.gid, 100);
	assert_string_equal(b.name, a.name);
	assert_string_equal(b.home, a.home);
	assert_false(b.more);
	assert_int_equal(b.ngids, NAMEASK_GIDS_MAX);
	assert_memory_equal(a.gids, b.gids, sizeof(a.gids));
	for (i = 0; i < w.len; i += 1 + i / 64)
		assert_false(decode_answer(buf, i, &b));
	assert_false(decode_answer(buf, w.len + 1, &b));
	/* more is 0 or 1; there are no more groups than fit. */
	buf[16] = 2;
	assert_false(decode_answer(buf, w.len, &b));
	buf[16] = 1;
	assert_true(decode_answer(buf, w.len, &b));
	assert_true(b.more);
	wire_out_init(&w, buf, sizeof(buf));
	nameask_put_answer(&w, &a, a.gids, NAMEASK_GIDS_MAX);
	buf[17] = 0xff;
	buf[18] = 0xff;
	assert_false(decode_answer(buf, sizeof(buf), &b));
	assert_int_equal(b.ngids, 0);
	/* A failure has no groups, and nothing follows it. */
	a.error = EIO;
	a.name[0] = a.home[0] = '\0';
	wire_out_init(&w, buf, sizeof(buf));
	nameask_put_answer(&w, &a, a.gids, 0);
	assert_true(decode_answer(buf, w.len, &b));
	assert_int_equal(b.error, EIO);
	a.more = true;
	wire_out_init(&w, buf, sizeof(buf));
	nameask_put_answer(&w, &a, a.gids, 0);
	assert_false(decode_answer(buf, w.len, &b));
	a.more = false;
	wire_out_init(&w, buf, sizeof(buf));
	nameask_put_answer(&w, &a, a.gids, 1);
	assert_false(decode_answer(buf, w.len, &b));
	a.home[0] = '/';
	wire_out_init(&w, buf, sizeof(buf));
	nameask_put_answer(&w, &a, a.gids, 0);
	assert_false(decode_answer(buf, w.len, &b));
}

/* u8, u32, u32. */
#define BODY	9

static void
refuse(int channel[2], uint16_t type, const uint8_t *body, size_t len)
{
	struct util_header	 h = { .type = type, .items = 1 };
	struct namesetup	 got;
	uint8_t			 buf[PROTO_HEADER + 64];
	size_t			 n;

	n = util_message(buf, sizeof(buf), &h, body, len);
	assert_int_equal(fdmsg_send(channel[0], buf, n, NULL, 0), 0);
	assert_int_equal(namesetup_recv(channel[1], &got), -1);
}

static void
test_setup(void **state)
{
	static const uint8_t	 good[BODY + 1], odd[BODY] = { 0x04 };
	struct namesetup	 sent = { .uid = 123, .gid = 456,
				    .verbose = true }, got;
	int			 channel[2];
	size_t			 len;

	(void)state;
	assert_return_code(dgram_pair_seq(channel), errno);
	assert_int_equal(namesetup_send(channel[0], &sent), 0);
	assert_int_equal(namesetup_recv(channel[1], &got), 0);
	assert_int_equal(got.uid, 123);
	assert_int_equal(got.gid, 456);
	assert_true(got.verbose);
	assert_false(got.optional);
	for (len = 0; len < BODY; len++)
		refuse(channel, IPC_NAMES, good, len);
	refuse(channel, IPC_NAMES, good, BODY + 1);
	refuse(channel, IPC_NAMES, odd, BODY);
	refuse(channel, IPC_LISTENER, good, BODY);
	fd_close(&channel[0]);
	assert_int_equal(namesetup_recv(channel[1], &got), -1);
	assert_int_equal(errno, EPIPE);
	fd_close(&channel[1]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_question),
		UTIL_TEST(test_answer),
		UTIL_TEST(test_setup)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
