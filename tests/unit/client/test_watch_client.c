/*
 * test_watch_client.c: watches in the library: what it asks for, what it
 * accepts, when it grants credit, and what it keeps meanwhile.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "client/session.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

#define MUTATIONS	20000

static struct fake	 fake;
static struct fdb_result got;

/* Watch, and receive the request.  Its number. */
static uint32_t
ask(uint64_t cookie)
{
	char	 name[PROTO_PATH_MAX];

	assert_int_equal(fdb_watch(fake.s, "/a/b", FDB_READ,
	    FDB_WATCH_WRITTEN, cookie), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_WATCH);
	assert_int_equal(wire_get_u8(&fake.in), FDB_READ);
	assert_int_equal(wire_get_u8(&fake.in), FDB_WATCH_WRITTEN);
	wire_get_str(&fake.in, name, sizeof(name));
	assert_int_equal(wire_get_end(&fake.in), 0);
	assert_string_equal(name, "a/b");
	return fake.h.id;
}

/* Tell of a watch: a file, or an error. */
static void
tell(uint32_t id, uint32_t error, uint32_t flags)
{
	fake_reply(&fake, PROTO_WATCHED);
	fake.reply.id = id;
	if (error == 0)
		fake_put_open(&fake, fake_null());
	else
		fake_put_error(&fake, error, FDB_REASON_KERNEL, "x");
	fake_send(&fake, flags);
}

static void
expect_credit(uint32_t id)
{
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_expect(&fake, PROTO_CREDIT);
	assert_int_equal(fake.h.id, id);
	assert_int_equal(wire_get_u32(&fake.in), 0);
	assert_int_equal(wire_get_u32(&fake.in), 1);
	assert_int_equal(wire_get_end(&fake.in), 0);
}

static void
test_results(void **state)
{
	uint32_t	 id;

	(void)state;
	fake_attach(&fake, NULL);
	id = ask(5);
	assert_int_equal(fdb_outstanding(fake.s), 0);
	assert_int_equal(fdb_wait(fake.s, &got, 1), 0);
	assert_int_equal(fake_request(&fake), 0);
	tell(id, 0, PROTO_MORE);
	assert_int_equal(fdb_wait(fake.s, &got, -1), 1);
	assert_int_equal(got.kind, FDB_RESULT_WATCHED);
	assert_int_equal(got.cookie, 5);
	assert_string_equal(got.name, "a/b");
	assert_int_equal(got.st.size, 1);
	close(got.fd);
	/* No credit before the result is taken. */
	assert_int_equal(fake_request(&fake), 0);
	expect_credit(id);
	tell(id, ENOENT, PROTO_MORE);
	fake_next(&fake, &got, FDB_RESULT_WATCHED, 5, ENOENT);
	expect_credit(id);
	assert_int_equal(fdb_watch_cancel(fake.s, 4), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fdb_watch_cancel(fake.s, 5), 0);
	fake_expect(&fake, PROTO_CANCEL);
	assert_int_equal(fake.h.id, id);
	/* One that was on its way, and the end. */
	tell(id, 0, PROTO_MORE);
	fake_next(&fake, &got, FDB_RESULT_WATCHED, 5, 0);
	tell(id, ECANCELED, 0);
	fake_next(&fake, &got, FDB_RESULT_WATCH, 5, ECANCELED);
	assert_string_equal(got.name, "a/b");
	assert_int_equal(fdb_watch_cancel(fake.s, 5), -1);
	assert_int_equal(fdb_wait(fake.s, &got, -1), 0);
	fake_end(&fake);
}

/* Answer a STAT of this number. */
static void
answer_early(uint32_t id)
{
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake.reply.id = id;
	fake_put_stat(&fake, 1, "");
	fake_send(&fake, 0);
}

/* What comes while the caller waits for something else is kept. */
static void
test_kept(void **state)
{
	struct pollfd	 fds[FDB_POLLFDS];
	struct fdb_stat	 st;
	uint32_t	 id;
	int		 fd;

	(void)state;
	fake_attach(&fake, NULL);
	id = ask(5);
	/* The answer is there before the question, whose number is known. */
	tell(id, 0, PROTO_MORE);
	answer_early(id + 1);
	assert_int_equal(fdb_lstat(fake.s, "/x", &st), 0);
	fake_expect(&fake, PROTO_STAT);
	/* The socket has nothing more, but poll(2) returns at once. */
	fdb_session_pollfds(fake.s, fds);
	assert_int_equal(poll(fds, FDB_POLLFDS, -1), 1);
	assert_int_equal(fds[0].revents, POLLOUT);
	assert_int_equal(fdb_next(fake.s, &got), 1);
	assert_int_equal(got.kind, FDB_RESULT_WATCHED);
	close(got.fd);
	fdb_session_pollfds(fake.s, fds);
	assert_int_equal(fds[0].events, POLLIN);
	expect_credit(id);
	/* A broker that dies takes nothing away that came before. */
	tell(id, 0, PROTO_MORE);
	fake_die(&fake);
	fake_next(&fake, &got, FDB_RESULT_WATCHED, 5, 0);
	errno = 0;
	assert_int_equal(fdb_next(fake.s, &got), -1);
	assert_int_equal(errno, EPIPE);
	fd = fdb_watch(fake.s, "/a", FDB_READ, 0, 0);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EPIPE);
	fake_end(&fake);
	/* A result that nobody takes is closed. */
	fake_attach(&fake, NULL);
	id = ask(5);
	tell(id, 0, PROTO_MORE);
	answer_early(id + 1);
	assert_int_equal(fdb_lstat(fake.s, "/x", &st), 0);
	fake_end(&fake);
}

static void
test_lost(void **state)
{
	uint32_t	 id;

	(void)state;
	fake_attach(&fake, NULL);
	id = ask(5);
	tell(id, 0, PROTO_MORE);
	util_limit_fds(0);
	fake_next(&fake, &got, FDB_RESULT_WATCHED, 5, EMFILE);
	assert_int_equal(got.fd, -1);
	util_unlimit_fds();
	expect_credit(id);
	fake_end(&fake);
}

static void
test_arguments(void **state)
{
	char	 longest[PROTO_PATH_MAX + 1];
	int	 i;

	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_watch(fake.s, "/a", FDB_WRITE | FDB_CREATE, 0, 0),
	    -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_watch(fake.s, "/a", 0, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_watch(fake.s, "/a", FDB_READ, 2, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_watch(fake.s, "a", FDB_READ, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(fdb_session_error(fake.s),
	    "the path is not absolute");
	assert_int_equal(fdb_watch(fake.s, "/a/../b", FDB_READ, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	memset(longest, 'x', sizeof(longest));
	longest[PROTO_PATH_MAX] = '\0';
	assert_int_equal(fdb_watch(fake.s, longest, FDB_READ, 0, 0), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	for (i = 0; i < FDB_WATCH_MAX; i++)
		assert_int_equal(fdb_watch(fake.s, "/a", FDB_READ, 0, 0), 0);
	assert_int_equal(fdb_watch(fake.s, "/a", FDB_READ, 0, 0), -1);
	assert_int_equal(errno, EMFILE);
	fake_end(&fake);
}

/* What a broker must not say. */
static void
test_wrong(void **state)
{
	static const char	 asked[] = "a watch that was not asked for";
	static const char	 number[] = "wrong number of descriptors";
	struct fdb_stat		 st;
	uint32_t		 id;
	int			 i;

	(void)state;
	for (i = 0; i < 7; i++) {
		fake_attach(&fake, NULL);
		id = ask(5);
		switch (i) {
		case 0:		/* of another one */
			tell(id + 1, 0, PROTO_MORE);
			fake_over(&fake, EPROTO, asked);
			break;
		case 1:		/* without credit */
			tell(id, 0, PROTO_MORE);
			tell(id, ENOENT, PROTO_MORE);
			assert_int_equal(fdb_lstat(fake.s, "/x", &st), -1);
			assert_int_equal(errno, EPROTO);
			/* What came before is the caller's. */
			fake_next(&fake, &got, FDB_RESULT_WATCHED, 5, 0);
			fake_over(&fake, EPIPE, asked);
			break;
		case 2:		/* after the end */
			tell(id, ECANCELED, 0);
			tell(id, ECANCELED, 0);
			fake_next(&fake, &got, FDB_RESULT_WATCH, 5, ECANCELED);
			fake_over(&fake, EPROTO, asked);
			break;
		case 3:		/* the end with a file */
			tell(id, 0, 0);
			fake_over(&fake, EPROTO, number);
			break;
		case 4:		/* a file without a descriptor */
			fake_reply(&fake, PROTO_WATCHED);
			fake_put_open(&fake, fake_null());
			close(fake.fds[--fake.reply.fds]);
			fake_send(&fake, PROTO_MORE);
			fake_over(&fake, EPROTO, number);
			break;
		case 5:		/* an error with one */
			fake_reply(&fake, PROTO_WATCHED);
			fake_put_error(&fake, EIO, FDB_REASON_KERNEL, "");
			fake.fds[fake.reply.fds++] = fake_null();
			fake_send(&fake, PROTO_MORE);
			fake_over(&fake, EPROTO, number);
			break;
		default:	/* too long */
			fake_reply(&fake, PROTO_WATCHED);
			fake_put_error(&fake, EIO, FDB_REASON_KERNEL, "");
			wire_put_u8(&fake.out, 0);
			fake_send(&fake, PROTO_MORE);
			fake_over(&fake, EPROTO, "cannot be decoded");
		}
		fake_end(&fake);
	}
}

/* Bytes that are wrong end the session, or are a result; nothing leaks. */
static void
test_mutations(void **state)
{
	uint32_t	 claim, k;
	size_t		 len;
	int		 i, over = 0;

	(void)state;
	for (i = 0; i < MUTATIONS; i++) {
		fake_attach(&fake, NULL);
		(void)ask(5);
		fake_reply(&fake, PROTO_WATCHED);
		if (i % 2 == 0)
			fake_put_open(&fake, fake_null());
		else
			fake_put_error(&fake, ENOENT, FDB_REASON_KERNEL, "x");
		fake.reply.flags = PROTO_MORE;
		len = proto_finish(&fake.out, &fake.reply);
		assert_true(len > 0);
		for (k = util_random(4); k < 4; k++)
			fake.outbuf[util_random((uint32_t)len)] =
			    (uint8_t)util_random(256);
		if (util_random(4) == 0) {
			len = PROTO_HEADER + util_random((uint32_t)len -
			    PROTO_HEADER + 1);
			claim = (uint32_t)len;
			memcpy(fake.outbuf + PROTO_LENGTH_AT, &claim,
			    sizeof(claim));
		}
		assert_int_equal(fdmsg_send(fake.sock, fake.outbuf, len,
		    fake.fds, fake.reply.fds), 0);
		fd_close_all(fake.fds, fake.reply.fds);
		if (fdb_next(fake.s, &got) == 1)
			fd_close(&got.fd);
		else
			over++;
		fake_end(&fake);
	}
	assert_in_range(over, MUTATIONS / 100, MUTATIONS - 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_results),
		UTIL_TEST(test_kept),
		UTIL_TEST(test_lost),
		UTIL_TEST(test_arguments),
		UTIL_TEST(test_wrong),
		UTIL_TEST(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
