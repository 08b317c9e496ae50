/*
 * test_walk_client.c: walks in the library: what it asks for, which records it
 * accepts in which order, when it grants credit, and what it hands out.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/walkwire.h"
#include "client/session.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

#define MUTATIONS	20000

static struct fake	 fake;
static struct fdb_result got;
static uint8_t		 value[FDB_XATTR_VALUE_MAX];

/* Ask for a walk, and receive the request. */
static void
ask(uint64_t cookie, uint32_t bytes, uint32_t fds)
{
	struct fdb_walk	 o = { .name = "/tree", .bytes = bytes, .fds = fds };

	assert_int_equal(fdb_walk(fake.s, &o, cookie), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_WALK);
}

static void
put_entry(const char *name, uint8_t flags, uint16_t xattrs, uint32_t error)
{
	struct proto_status	 st;
	struct fdb_stat		 fst;

	memset(&st, 0, sizeof(st));
	memset(&fst, 0, sizeof(fst));
	st.error = error;
	st.reason = error != 0 ? FDB_REASON_KERNEL : FDB_REASON_NONE;
	fst.mode = 0100644;
	fst.attributes = FDB_ATTR_NODUMP;
	walkwire_put_entry(&fake.out, name, flags, &st, &fst, "", xattrs);
	if (flags & FDB_ENTRY_FD)
		fake.fds[fake.reply.fds++] = fake_null();
}

static void
put_xattr(const char *name, uint32_t total, uint32_t offset, uint16_t n)
{
	struct proto_status	 st;

	memset(&st, 0, sizeof(st));
	walkwire_put_xattr(&fake.out, name, &st, total, offset,
	    value + offset, n);
}

/*
 * Put a record for each letter:
 *
 *	S, s	the start, entered, or not
 *	d, f, n, t	a directory, a file with or without descriptor, or with
 *		two attributes
 *	b	an entry with an error and a descriptor, which cannot be
 *	v, p, q, r	a value; the first or second piece of one; a wrong piece
 *	l, k, E, e	leave, skipped, the end, the end by an error
 *	?	no record
 */
static void
put(const char *script)
{
	struct proto_status	 ok, bad;
	struct fdb_stat		 fst;

	memset(&ok, 0, sizeof(ok));
	memset(&fst, 0, sizeof(fst));
	bad = ok;
	bad.error = EIO;
	bad.reason = FDB_REASON_KERNEL;
	for (; *script != '\0'; script++, fake.reply.items++) {
		switch (*script) {
		case 'S':
			put_entry("", FDB_ENTRY_ENTERED, 0, 0);
			break;
		case 's':
			put_entry("", 0, 0, 0);
			break;
		case 'd':
			put_entry("d", FDB_ENTRY_ENTERED, 0, 0);
			break;
		case 'f':
			put_entry("f", FDB_ENTRY_FD, 0, 0);
			break;
		case 'n':
			put_entry("n", 0, 0, 0);
			break;
		case 't':
			put_entry("t", FDB_ENTRY_FD, 2, 0);
			break;
		case 'b':
			put_entry("b", FDB_ENTRY_FD, 0, EIO);
			break;
		case 'v':
			put_xattr("user.v", 5, 0, 5);
			break;
		case 'p':
			put_xattr("user.p", 9, 0, 4);
			break;
		case 'q':
			put_xattr("user.p", 9, 4, 5);
			break;
		case 'r':
			put_xattr("user.p", 9, 5, 4);
			break;
		case 'l':
			walkwire_put_leave(&fake.out, &ok, &fst, 3);
			break;
		case 'k':
			walkwire_put_skipped(&fake.out, "k",
			    FDB_SKIP_EXCLUDED, &fst);
			break;
		case 'E':
			walkwire_put_end(&fake.out, &ok);
			break;
		case 'e':
			walkwire_put_end(&fake.out, &bad);
			break;
		default:
			wire_put_u8(&fake.out, 99);
		}
	}
}

/* Send the records in one message; MORE unless the last one is the end. */
static void
answer(const char *script, uint32_t id)
{
	size_t	 len = strlen(script);

	fake_reply(&fake, PROTO_WALK_REPLY);
	fake.reply.id = id;
	put(script);
	fake_send(&fake, len > 0 && (script[len - 1] == 'E' ||
	    script[len - 1] == 'e') ? 0 : PROTO_MORE);
}

/* What the request says. */
static void
test_request(void **state)
{
	static const char *const exclude[] = { "*.o", "/a/b/" };
	static const char *const names[] = { ".nobackup" };
	struct fdb_walk		 o = {
		.base = 3, .name = "a/b", .flags = FDB_WALK_SINCE |
		FDB_WALK_XATTR, .since = 77, .since_nsec = 5,
		.exclude = exclude, .nexclude = 2,
		.if_present = names, .nif_present = 1
	};
	struct walkwire_start	 st;
	enum walkwire_text	 kind;
	char			 text[PROTO_PATH_MAX];

	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_walk(fake.s, &o, 1), 0);
	assert_int_equal(fdb_outstanding(fake.s), 1);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_WALK);
	assert_int_equal(fake.h.items, 4);
	assert_int_equal(fake.h.flags, 0);
	walkwire_get_start(&fake.in, &st);
	assert_int_equal(st.base, 3);
	assert_string_equal(st.name, "a/b");
	assert_int_equal(st.flags, o.flags);
	assert_int_equal(st.since, 77);
	assert_int_equal(st.since_nsec, 5);
	assert_int_equal(st.bytes, 1048576);
	assert_int_equal(st.fds, 512);
	walkwire_get_text(&fake.in, &kind, text);
	assert_string_equal(text, "*.o");
	assert_int_equal(kind, WALKWIRE_EXCLUDE);
	walkwire_get_text(&fake.in, &kind, text);
	walkwire_get_text(&fake.in, &kind, text);
	assert_int_equal(kind, WALKWIRE_IF_PRESENT);
	assert_string_equal(text, ".nobackup");
	assert_int_equal(wire_get_end(&fake.in), 0);
	fake_end(&fake);
}

static void
refuse(const struct fdb_walk *o, int error)
{
	errno = 0;
	assert_int_equal(fdb_walk(fake.s, o, 1), -1);
	assert_int_equal(errno, error);
	assert_int_equal(fdb_outstanding(fake.s), 0);
}

/* What no broker would take is not sent; what is long takes many messages. */
static void
test_options(void **state)
{
	static const char	*many[20000];
	static char		 text[4096];
	struct fdb_session_info	 info;
	struct fdb_walk		 o = { .name = "/a" }, bad;
	size_t			 i, items = 0;
	unsigned int		 messages = 0;

	(void)state;
	fake_info(&info);
	info.bytes = 8192;
	fake_attach(&fake, &info);
	bad = o, bad.flags = FDB_WALK_ALL + 1;
	refuse(&bad, EINVAL);
	bad = o, bad.name = "/a/../b";
	refuse(&bad, EINVAL);
	bad = o, bad.since_nsec = 1000000000;
	refuse(&bad, EINVAL);
	bad = o, bad.bytes = 65535;
	refuse(&bad, EINVAL);
	for (i = 0; i < 20000; i++)
		many[i] = "a";
	bad = o, bad.exclude = many, bad.nexclude = 16385;
	refuse(&bad, E2BIG);
	bad = o, bad.if_present = many, bad.nif_present = 33;
	refuse(&bad, E2BIG);
	memset(text, 'x', sizeof(text) - 1);
	many[0] = text;
	bad = o, bad.if_present = many, bad.nif_present = 1;
	refuse(&bad, EINVAL);
	for (i = 0; i < 300; i++)
		many[i] = text;
	bad = o, bad.exclude = many, bad.nexclude = 300;
	refuse(&bad, E2BIG);
	many[0] = "";
	bad.nexclude = 1;
	refuse(&bad, EINVAL);
	many[0] = text;
	bad.nexclude = 100;
	assert_int_equal(fdb_walk(fake.s, &bad, 1), 0);
	do {
		assert_int_equal(fdb_flush(fake.s), 0);
		fake_expect(&fake, PROTO_WALK);
		items += fake.h.items;
		messages++;
	} while (fake.h.flags & PROTO_MORE);
	assert_int_equal(items, 101);
	assert_int_equal(messages, 100);
	fake_end(&fake);
}

/* Results of walks, of which each is whole, and of others between them. */
static void
test_results(void **state)
{
	uint32_t	 first, second;

	(void)state;
	memset(value, 'v', sizeof(value));
	fake_attach(&fake, NULL);
	ask(1, 0, 0);
	first = fake.h.id;
	ask(2, 0, 0);
	second = fake.h.id;
	fake_ask(&fake, PROTO_STAT, 1);
	assert_int_equal(fdb_outstanding(fake.s), 3);
	answer("Stvp", first);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	assert_string_equal(got.name, "");
	assert_int_equal(got.flags, FDB_ENTRY_ENTERED);
	assert_int_equal(got.st.attributes, FDB_ATTR_NODUMP);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	assert_int_equal(got.xattrs, 2);
	assert_true(got.fd != -1);
	fake_next(&fake, &got, FDB_RESULT_WALK_XATTR, 1, 0);
	assert_string_equal(got.name, "user.v");
	assert_int_equal(got.length, 5);
	/* A value in two messages, and the reply to a STAT between them. */
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 7, "");
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_STAT, 0, 0);
	answer("qklE", first);
	fake_next(&fake, &got, FDB_RESULT_WALK_XATTR, 1, 0);
	assert_int_equal(got.length, 9);
	assert_memory_equal(got.value, value, 9);
	fake_next(&fake, &got, FDB_RESULT_WALK_SKIPPED, 1, 0);
	assert_int_equal(got.skip, FDB_SKIP_EXCLUDED);
	fake_next(&fake, &got, FDB_RESULT_WALK_LEAVE, 1, 0);
	assert_int_equal(got.hidden, 3);
	assert_int_equal(fdb_outstanding(fake.s), 2);
	fake_next(&fake, &got, FDB_RESULT_WALK, 1, 0);
	assert_int_equal(fdb_outstanding(fake.s), 1);
	answer("e", second);
	fake_next(&fake, &got, FDB_RESULT_WALK, 2, EIO);
	assert_int_equal(fdb_outstanding(fake.s), 0);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_end(&fake);
}

/* Records that have no place, or are no records, end the session. */
static void
test_wrong(void **state)
{
	static const struct {
		const char	*good, *bad, *text;
	} cases[] = {
		{ "", "n", "no place" },
		{ "", "l", "no place" },
		{ "", "k", "no place" },
		{ "", "v", "no place" },
		{ "", "SE", "no place" },
		{ "", "sn", "no place" },
		{ "", "sl", "no place" },
		{ "", "SS", "no place" },
		{ "S", "lk", "no place" },
		{ "S", "ln", "no place" },
		{ "S", "tn", "no place" },
		{ "S", "tvE", "no place" },
		{ "S", "tvl", "no place" },
		{ "S", "tvvv", "no place" },
		{ "St", "q", "no place" },
		{ "Stp", "v", "no place" },
		{ "Stp", "p", "no place" },
		{ "Stp", "r", "no place" },
		{ "S", "lEn", "no place" },
		{ "S", "lEE", "no place" },
		{ "S", "b", "cannot be decoded" },
		{ "S", "?", "cannot be decoded" }
	};
	size_t	 i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_attach(&fake, NULL);
		ask(1, 0, 0);
		if (cases[i].good[0] != '\0')
			answer(cases[i].good, fake.h.id);
		for (k = 0; cases[i].good[k] != '\0'; k++)
			if (strchr("pqr", cases[i].good[k]) == NULL)
				fake_next(&fake, &got, cases[i].good[k] == 'v'
				    ? FDB_RESULT_WALK_XATTR :
				    FDB_RESULT_WALK_ENTRY, 1, 0);
		answer(cases[i].bad, fake.h.id);
		fake_over(&fake, EPROTO, cases[i].text);
		assert_int_equal(fdb_walk_cancel(fake.s, 1), -1);
		assert_int_equal(errno, EPIPE);
		fake_end(&fake);
	}
}

/* The header is wrong, or does not fit the records. */
static void
test_wrong_header(void **state)
{
	static const char	*text[] = {
		"not asked for", "without its end", "without its end",
		"number of descriptors", "number of descriptors",
		"cannot be decoded", "not asked for"
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		fake_attach(&fake, NULL);
		if (i < 6)
			ask(1, 0, 0);
		fake_reply(&fake, PROTO_WALK_REPLY);
		put(i == 2 ? "SlE" : "Sf");
		if (i == 0)
			fake.reply.id++;
		if (i == 3)
			fd_close(&fake.fds[--fake.reply.fds]);
		if (i == 4)
			fake.fds[fake.reply.fds++] = fake_null();
		if (i == 5)
			wire_put_u8(&fake.out, 0);
		fake_send(&fake, i == 1 ? 0 : PROTO_MORE);
		fake_over(&fake, EPROTO, text[i]);
		fake_end(&fake);
	}
}

/* Credit comes back when results are taken, and not for each message. */
static void
test_credit(void **state)
{
	uint32_t	 id;
	int		 i, granted = 0;

	(void)state;
	fake_attach(&fake, NULL);
	ask(1, 0, 4);
	id = fake.h.id;
	answer("S", id);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	for (i = 0; i < 8; i++) {
		answer("f", id);
		assert_int_equal(fake_request(&fake), 0);
		fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
		assert_int_equal(fdb_next(fake.s, &got), 0);
		if (fake_request(&fake) == PROTO_CREDIT) {
			assert_int_equal(fake.h.id, id);
			assert_true(wire_get_u32(&fake.in) > 100);
			assert_int_equal(wire_get_u32(&fake.in), 2);
			granted++;
		}
	}
	assert_int_equal(granted, 4);
	answer("lE", id);
	fake_next(&fake, &got, FDB_RESULT_WALK_LEAVE, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK, 1, 0);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	assert_int_equal(fake_request(&fake), 0);
	fake_end(&fake);
}

static void
test_cancel(void **state)
{
	struct fdb_walk	 o = { .name = "/a" };
	uint32_t	 id;
	int		 i;

	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_walk_cancel(fake.s, 1), -1);
	assert_int_equal(errno, ENOENT);
	ask(1, 0, 0);
	id = fake.h.id;
	for (i = 1; i < 4; i++)
		ask((uint64_t)i + 1, 0, 0);
	assert_int_equal(fdb_walk(fake.s, &o, 9), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fdb_walk_cancel(fake.s, 1), 0);
	fake_expect(&fake, PROTO_CANCEL);
	assert_int_equal(fake.h.id, id);
	/* In the middle of a directory, and of a value. */
	answer("Stp", id);
	answer("e", id);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK, 1, EIO);
	assert_int_equal(fdb_walk_cancel(fake.s, 1), -1);
	assert_int_equal(errno, ENOENT);
	fake_end(&fake);
}

/* The descriptors of a message are lost: its records are not. */
static void
test_lost(void **state)
{
	uint32_t	 id;

	(void)state;
	fake_attach(&fake, NULL);
	ask(1, 0, 0);
	id = fake.h.id;
	answer("Sffnd", id);
	util_limit_fds(1);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, EMFILE);
	assert_int_equal(got.reason, FDB_REASON_LIMIT);
	assert_int_equal(got.flags, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, EMFILE);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	util_unlimit_fds();
	answer("fllE", id);
	fake_next(&fake, &got, FDB_RESULT_WALK_ENTRY, 1, 0);
	assert_true(got.fd != -1);
	fake_next(&fake, &got, FDB_RESULT_WALK_LEAVE, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK_LEAVE, 1, 0);
	fake_next(&fake, &got, FDB_RESULT_WALK, 1, 0);
	fake_end(&fake);
}

/* Any bytes: nothing is read that is not there, and no descriptor stays. */
static void
test_mutations(void **state)
{
	size_t	 len;
	uint32_t claim, k;
	int	 i, n, over = 0;

	(void)state;
	for (i = 0; i < MUTATIONS; i++) {
		fake_attach(&fake, NULL);
		ask(1, 0, 0);
		fake_reply(&fake, PROTO_WALK_REPLY);
		put("Stvpqkdfl");
		assert_true((len = proto_finish(&fake.out, &fake.reply)) > 0);
		for (k = util_random(4); k < 4; k++)
			fake.outbuf[PROTO_HEADER + util_random((uint32_t)len -
			    PROTO_HEADER)] = (uint8_t)util_random(256);
		if (util_random(4) == 0) {
			len = PROTO_HEADER + util_random((uint32_t)len -
			    PROTO_HEADER);
			claim = (uint32_t)len;
			memcpy(fake.outbuf + PROTO_LENGTH_AT, &claim,
			    sizeof(claim));
		}
		fake.outbuf[20] = PROTO_MORE;
		(void)fdmsg_send(fake.sock, fake.outbuf, len, fake.fds,
		    fake.reply.fds);
		while ((n = fdb_next(fake.s, &got)) == 1)
			fd_close(&got.fd);
		over += n == -1;
		fake_end(&fake);
	}
	assert_in_range(over, MUTATIONS / 10, MUTATIONS - 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_request),
		UTIL_TEST(test_options),
		UTIL_TEST(test_results),
		UTIL_TEST(test_wrong),
		UTIL_TEST(test_wrong_header),
		UTIL_TEST(test_credit),
		UTIL_TEST(test_cancel),
		UTIL_TEST(test_lost),
		UTIL_TEST(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
