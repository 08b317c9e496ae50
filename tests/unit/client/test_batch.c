/*
 * test_batch.c: what the library sends: requests, in batches, as far as the
 * window allows.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

static struct fake	 fake;
static struct fdb_result got;

/* Take n results, whose cookies count from `first'; close descriptors. */
static void
take(int n, uint64_t first, enum fdb_kind kind)
{
	for (; n > 0; n--) {
		assert_int_equal(fdb_next(fake.s, &got), 1);
		assert_int_equal(got.kind, kind);
		assert_int_equal(got.error, 0);
		assert_int_equal(got.cookie, first++);
		fd_close(&got.fd);
	}
}

/* One item of the request that came last: base, access, name. */
static void
expect_item(uint32_t base, const char *name)
{
	char	 asked[PROTO_PATH_MAX];

	assert_int_equal(wire_get_u32(&fake.in), base);
	if (fake.h.type == PROTO_OPEN)
		assert_int_equal(wire_get_u8(&fake.in), FDB_READ);
	wire_get_str(&fake.in, asked, sizeof(asked));
	assert_string_equal(asked, name);
}

static void
expect_end(void)
{
	assert_int_equal(wire_get_end(&fake.in), 0);
}

/* Nothing is sent before a flush. */
static void
test_flush(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_flush(fake.s), 0);
	assert_int_equal(fake_request(&fake), 0);
	assert_int_equal(fdb_open_at(fake.s, 0, "/a", FDB_READ, 1), 0);
	assert_int_equal(fdb_open_at(fake.s, 0, "b/c", FDB_READ, 2), 0);
	assert_int_equal(fdb_outstanding(fake.s), 2);
	assert_int_equal(fake_request(&fake), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_OPEN);
	assert_int_equal(fake.h.items, 2);
	expect_item(0, "a");
	expect_item(0, "b/c");
	expect_end();
	assert_int_equal(fdb_flush(fake.s), 0);
	assert_int_equal(fake_request(&fake), 0);
	assert_int_equal(fdb_outstanding(fake.s), 2);
	fake_end(&fake);
}

/* Another type makes another request; a LIST is alone. */
static void
test_types(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_open_at(fake.s, 0, "/a", FDB_READ, 1), 0);
	assert_int_equal(fdb_stat_at(fake.s, 7, "", 2), 0);
	assert_int_equal(fdb_stat_at(fake.s, 0, "/", 3), 0);
	assert_int_equal(fdb_list_at(fake.s, 0, "/", 4), 0);
	assert_int_equal(fdb_list_at(fake.s, 9, "d", 5), 0);
	assert_int_equal(fdb_outstanding(fake.s), 5);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_OPEN);
	expect_item(0, "a");
	expect_end();
	fake_expect(&fake, PROTO_STAT);
	expect_item(7, "");
	expect_item(0, "");
	expect_end();
	fake_expect(&fake, PROTO_LIST);
	expect_item(0, "");
	expect_end();
	fake_expect(&fake, PROTO_LIST);
	expect_item(9, "d");
	expect_end();
	assert_int_equal(fake_request(&fake), 0);
	fake_end(&fake);
}

static void
expect_refused(int ret, int error)
{
	assert_int_equal(ret, -1);
	assert_int_equal(errno, error);
}

static void
test_arguments(void **state)
{
	static const char *const	 bad[] = {
		"//a", "/a/", "a/", "a//b", ".", "..", "/.", "/..", "a/../b",
		"a/./b", "//", "../a"
	};
	size_t				 i;

	(void)state;
	fake_attach(&fake, NULL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		expect_refused(fdb_open_at(fake.s, 0, bad[i], FDB_READ, 0),
		    EINVAL);
		expect_refused(fdb_stat_at(fake.s, 0, bad[i], 0), EINVAL);
		expect_refused(fdb_list_at(fake.s, 0, bad[i], 0), EINVAL);
		expect_refused(fdb_open_at(fake.s, 3, bad[i], FDB_READ, 0),
		    EINVAL);
	}
	/* Beneath a token there is no absolute name. */
	expect_refused(fdb_open_at(fake.s, 3, "/a", FDB_READ, 0), EINVAL);
	expect_refused(fdb_open_at(fake.s, 3, "", FDB_READ, 0), EINVAL);
	expect_refused(fdb_open_at(fake.s, 0, "/", FDB_READ, 0), EINVAL);
	expect_refused(fdb_open_at(fake.s, 0, "", FDB_READ, 0), EINVAL);
	/* This would ask for the next part of a directory. */
	expect_refused(fdb_list_at(fake.s, 3, "", 0), EINVAL);
	/* Access that makes no sense. */
	expect_refused(fdb_open_at(fake.s, 0, "/a", 0, 0), EINVAL);
	expect_refused(fdb_open_at(fake.s, 0, "/a", FDB_WRITE | FDB_APPEND, 0),
	    EINVAL);
	expect_refused(fdb_open_at(fake.s, 0, "/a", FDB_READ | FDB_TRUNCATE, 0),
	    EINVAL);
	expect_refused(fdb_open_at(fake.s, 0, "/a", FDB_READ | 0x80, 0),
	    EINVAL);
	expect_refused(fdb_open_at(fake.s, 0, "/a", 0x101, 0), EINVAL);
	expect_refused(fdb_forget(fake.s, FDB_TOKEN_ROOT), EINVAL);
	fake_end(&fake);
}

/* Which combinations of access make sense. */
static void
test_access(void **state)
{
	static const unsigned int	 good[] = {
		FDB_READ,
		FDB_WRITE,
		FDB_WRITE | FDB_TRUNCATE,
		FDB_WRITE | FDB_CREATE,
		FDB_WRITE | FDB_CREATE | FDB_TRUNCATE,
		FDB_WRITE | FDB_CREATE | FDB_EXCLUSIVE,
		FDB_WRITE | FDB_CREATE | FDB_EXCLUSIVE | FDB_TRUNCATE,
		FDB_APPEND,
		FDB_APPEND | FDB_CREATE,
		FDB_APPEND | FDB_CREATE | FDB_EXCLUSIVE
	};
	unsigned int			 access, given, without;
	bool				 expect;
	size_t				 i;

	(void)state;
	for (access = 0; access < 0x1000; access++) {
		/* Each of them may also ask to read, or to follow no link. */
		given = access & ~(unsigned int)FDB_NOFOLLOW;
		without = given & ~(unsigned int)FDB_READ;
		expect = false;
		for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
			if (given == good[i] || without == good[i])
				expect = true;
		if ((fdb_access_is_valid(access) != 0) != expect)
			fail_msg("%#x", access);
	}
	assert_false(fdb_access_is_valid(0x80000001U));
	assert_false(fdb_access_is_valid(UINT_MAX));
}

/* Names at the limit of their length, and past it. */
static void
test_name_length(void **state)
{
	static char	 name[2 * PROTO_PATH_MAX];
	size_t		 i;

	(void)state;
	fake_attach(&fake, NULL);
	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 == 0 ? '/' : 'n';
	/* A slash and PROTO_PATH_MAX - 1 bytes, which end in a name. */
	name[PROTO_PATH_MAX] = '\0';
	name[PROTO_PATH_MAX - 1] = 'n';
	assert_int_equal(fdb_open_at(fake.s, 0, name, FDB_READ, 0), 0);
	assert_int_equal(fdb_open_at(fake.s, 3, name + 1, FDB_READ, 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_OPEN);
	expect_item(0, name + 1);
	expect_item(3, name + 1);
	expect_end();
	name[PROTO_PATH_MAX] = '/';
	name[PROTO_PATH_MAX + 1] = '\0';
	expect_refused(fdb_open_at(fake.s, 0, name, FDB_READ, 0), ENAMETOOLONG);
	expect_refused(fdb_stat_at(fake.s, 0, name, 0), ENAMETOOLONG);
	expect_refused(fdb_list_at(fake.s, 0, name, 0), ENAMETOOLONG);
	/* A component of 256 bytes. */
	memset(name, 'n', 256);
	name[256] = '\0';
	expect_refused(fdb_open_at(fake.s, 0, name, FDB_READ, 0), EINVAL);
	name[255] = '\0';
	assert_int_equal(fdb_open_at(fake.s, 0, name, FDB_READ, 0), 0);
	fake_end(&fake);
}

/* Batches of each size are sent and answered. */
static void
test_batches(void **state)
{
	int	 n, i;

	(void)state;
	fake_attach(&fake, NULL);
	for (n = 1; n <= FDB_BATCH_MAX; n++) {
		for (i = 0; i < n; i++)
			assert_int_equal(fdb_open_at(fake.s, 0, "/a", FDB_READ,
			    (uint64_t)i), 0);
		assert_int_equal(fdb_flush(fake.s), 0);
		fake_answer(&fake);
		assert_int_equal(fake.h.items, n);
		take(n, 0, FDB_RESULT_OPEN);
		assert_int_equal(fdb_outstanding(fake.s), 0);
		assert_int_equal(fdb_next(fake.s, &got), 0);
	}
	fake_end(&fake);
}

/* A request is no larger than the broker allows. */
static void
test_limits_of_a_batch(void **state)
{
	struct fdb_session_info	 info;
	char			 name[1024];
	int			 i;

	(void)state;
	fake_info(&info);
	info.batch = 3;
	fake_attach(&fake, &info);
	for (i = 0; i < 7; i++)
		assert_int_equal(fdb_stat_at(fake.s, 0, "/a", (uint64_t)i), 0);
	fake_answer(&fake);
	assert_int_equal(fake.h.items, 3);
	fake_answer(&fake);
	assert_int_equal(fake.h.items, 3);
	assert_int_equal(fake_request(&fake), 0);
	take(6, 0, FDB_RESULT_STAT);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_answer(&fake);
	assert_int_equal(fake.h.items, 1);
	take(1, 6, FDB_RESULT_STAT);
	fake_end(&fake);

	info.batch = FDB_BATCH_MAX;
	info.bytes = 8192;
	fake_attach(&fake, &info);
	memset(name, 'n', sizeof(name));
	name[200] = name[400] = name[600] = name[800] = '/';
	name[1000] = '\0';
	for (i = 0; i < 20; i++)
		assert_int_equal(fdb_stat_at(fake.s, 0, name, (uint64_t)i), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	for (i = 0; i < 20; i += fake.h.items) {
		fake_answer(&fake);
		assert_in_range(fake.h.items, 1, 8);
	}
	assert_int_equal(i, 20);
	take(20, 0, FDB_RESULT_STAT);
	fake_end(&fake);
}

/* No more requests are in flight than the broker allows. */
static void
test_window(void **state)
{
	struct fdb_session_info	 info;
	int			 i, n = 0;

	(void)state;
	fake_info(&info);
	info.window = 2;
	info.batch = 2;
	fake_attach(&fake, &info);
	while (fdb_open_at(fake.s, 0, "/a", FDB_READ, (uint64_t)n) == 0)
		assert_true(++n < 100);
	assert_int_equal(errno, EAGAIN);
	/* Two batches are in flight, one waits. */
	assert_int_equal(n, 6);
	assert_int_equal(fdb_outstanding(fake.s), 6);
	expect_refused(fdb_stat_at(fake.s, 0, "/a", 0), EAGAIN);
	expect_refused(fdb_list_at(fake.s, 0, "/a", 0), EAGAIN);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_answer(&fake);
	fake_answer(&fake);
	assert_int_equal(fake_request(&fake), 0);
	/* A batch leaves the window when all its results are taken. */
	take(1, 0, FDB_RESULT_OPEN);
	expect_refused(fdb_open_at(fake.s, 0, "/a", FDB_READ, 0), EAGAIN);
	take(1, 1, FDB_RESULT_OPEN);
	assert_int_equal(fdb_open_at(fake.s, 0, "/a", FDB_READ, 6), 0);
	fake_answer(&fake);
	take(4, 2, FDB_RESULT_OPEN);
	for (i = 0; fdb_outstanding(fake.s) > 0; i++) {
		assert_int_equal(fdb_flush(fake.s), 0);
		fake_answer(&fake);
		take(1, 6, FDB_RESULT_OPEN);
	}
	assert_int_equal(i, 1);
	fake_end(&fake);
}

/* The smallest and the largest window, through many turns. */
static void
test_window_turns(void **state)
{
	static const uint32_t	 windows[] = { 1, 2, 3, 64 };
	struct fdb_session_info	 info;
	uint64_t		 asked, taken;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		fake_info(&info);
		info.window = windows[i];
		info.batch = 1 + util_random(3);
		fake_attach(&fake, &info);
		asked = taken = 0;
		while (taken < 500) {
			if (asked < 500 && util_random(3) > 0) {
				if (fdb_open_at(fake.s, 0, "/a", FDB_READ,
				    asked) == 0)
					asked++;
				else
					assert_int_equal(errno, EAGAIN);
			} else if (fdb_next(fake.s, &got) == 1) {
				assert_true(got.cookie == taken++);
				close(got.fd);
			} else if (asked > taken) {
				fake_answer(&fake);
			}
		}
		assert_int_equal(fdb_outstanding(fake.s), 0);
		fake_end(&fake);
	}
}

static uint32_t
forgotten(void)
{
	uint32_t	 token = wire_get_u32(&fake.in);

	assert_false(fake.in.failed);
	return token;
}

/* FORGET comes after requests that use a token, and once for all tokens. */
static void
test_forget_after(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_open_at(fake.s, 5, "a", FDB_READ, 0), 0);
	assert_int_equal(fdb_forget(fake.s, 5), 0);
	assert_int_equal(fdb_forget(fake.s, 6), 0);
	assert_int_equal(fdb_outstanding(fake.s), 1);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_OPEN);
	fake_expect(&fake, PROTO_FORGET);
	assert_int_equal(fake.h.items, 2);
	assert_int_equal(forgotten(), 5);
	assert_int_equal(forgotten(), 6);
	expect_end();
	assert_int_equal(fdb_flush(fake.s), 0);
	assert_int_equal(fake_request(&fake), 0);
	fake_end(&fake);
}

/* FORGET comes before LIST, which may need the room. */
static void
test_forget_before_list(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_forget(fake.s, 5), 0);
	assert_int_equal(fdb_list_at(fake.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_FORGET);
	fake_expect(&fake, PROTO_LIST);
	/* The same with something in between. */
	assert_int_equal(fdb_stat_at(fake.s, 5, "a", 0), 0);
	assert_int_equal(fdb_forget(fake.s, 5), 0);
	assert_int_equal(fdb_list_at(fake.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_STAT);
	fake_expect(&fake, PROTO_FORGET);
	fake_expect(&fake, PROTO_LIST);
	fake_end(&fake);
}

static void
test_forget_many(void **state)
{
	uint32_t	 token, next = 1;

	(void)state;
	fake_attach(&fake, NULL);
	for (token = 1; token <= 600; token++)
		assert_int_equal(fdb_forget(fake.s, token), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	while (fake_request(&fake) == PROTO_FORGET)
		while (fake.in.left > 0)
			assert_int_equal(forgotten(), next++);
	assert_int_equal(next, 601);
	/* Nothing is outstanding, so nothing is waited for. */
	assert_int_equal(fdb_wait(fake.s, &got, -1), 0);
	fake_end(&fake);
}

/* FORGET waits behind a full window; too many tokens are refused. */
static void
test_forget_waits(void **state)
{
	struct fdb_session_info	 info;
	uint32_t		 token;

	(void)state;
	fake_info(&info);
	info.window = 1;
	fake_attach(&fake, &info);
	assert_int_equal(fdb_stat_at(fake.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	assert_int_equal(fdb_open_at(fake.s, 5, "a", FDB_READ, 1), 0);
	for (token = 5; fdb_forget(fake.s, token) == 0; token++)
		assert_true(token < 1000);
	assert_int_equal(errno, EAGAIN);
	fake_answer(&fake);
	assert_int_equal(fake_request(&fake), 0);
	take(1, 0, FDB_RESULT_STAT);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_answer(&fake);
	fake_expect(&fake, PROTO_FORGET);
	assert_int_equal(fake.h.items, token - 5);
	take(1, 1, FDB_RESULT_OPEN);
	fake_end(&fake);
}

/* The socket is full: the rest is sent when it has room again. */
static void
test_socket_full(void **state)
{
	struct fdb_session_info	 info;
	struct pollfd		 pfds[FDB_POLLFDS];
	char			 name[256];
	uint64_t		 asked = 0, taken = 0;
	int			 size = 1;

	(void)state;
	fake_info(&info);
	info.window = 64;
	info.batch = 8;
	fake_attach(&fake, &info);
	fdb_session_pollfds(fake.s, pfds);
	assert_int_equal(setsockopt(pfds[0].fd, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)), 0);
	memset(name, 'n', sizeof(name));
	name[250] = '\0';
	while (fdb_stat_at(fake.s, 0, name, asked) == 0)
		assert_true(++asked < 64 * 8);
	assert_int_equal(errno, EAGAIN);
	fdb_session_pollfds(fake.s, pfds);
	assert_int_equal(pfds[0].events, POLLIN | POLLOUT);
	assert_int_equal(poll(pfds, FDB_POLLFDS, 0), 0);
	while (taken < asked) {
		fake_answer(&fake);
		assert_int_equal(fdb_next(fake.s, &got), 1);
		do
			assert_true(got.cookie == taken++);
		while (fdb_next(fake.s, &got) == 1);
	}
	fdb_session_pollfds(fake.s, pfds);
	assert_int_equal(pfds[0].events, POLLIN);
	fake_end(&fake);
}

/*
 * The socket is full, so the next part of a directory cannot be requested yet;
 * but what has arrived is handed out, or both ends would wait.
 */
static void
test_socket_full_in_a_list(void **state)
{
	struct fdb_session_info	 info;
	struct pollfd		 pfds[FDB_POLLFDS];
	char			 name[256];
	uint64_t		 asked = 1;
	int			 size = 1;

	(void)state;
	fake_info(&info);
	info.window = 64;
	info.batch = 8;
	fake_attach(&fake, &info);
	assert_int_equal(fdb_list_at(fake.s, 0, "/d", 0), 0);
	assert_int_equal(fdb_stat_at(fake.s, 0, "/a", 1), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_LIST);
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 3, 0);
	fake_put_entry(&fake, "one");
	fake_send(&fake, 0);
	fake_answer(&fake);
	/* The worker sends until its socket is full. */
	fdb_session_pollfds(fake.s, pfds);
	assert_int_equal(setsockopt(pfds[0].fd, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)), 0);
	memset(name, 'n', sizeof(name));
	name[250] = '\0';
	while (fdb_stat_at(fake.s, 0, name, asked + 1) == 0)
		assert_true(++asked < 64 * 8);
	take(1, 0, FDB_RESULT_ENTRY);
	take(1, 1, FDB_RESULT_STAT);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	/* The opener reads: the rest comes, and the end of the directory. */
	while (fdb_outstanding(fake.s) > 0) {
		fake_answer(&fake);
		while (fdb_next(fake.s, &got) == 1)
			assert_int_equal(got.error, 0);
	}
	fake_end(&fake);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_flush),
		UTIL_TEST(test_types),
		UTIL_TEST(test_arguments),
		UTIL_TEST(test_access),
		UTIL_TEST(test_name_length),
		UTIL_TEST(test_batches),
		UTIL_TEST(test_limits_of_a_batch),
		UTIL_TEST(test_window),
		UTIL_TEST(test_window_turns),
		UTIL_TEST(test_forget_after),
		UTIL_TEST(test_forget_before_list),
		UTIL_TEST(test_forget_many),
		UTIL_TEST(test_forget_waits),
		UTIL_TEST(test_socket_full),
		UTIL_TEST(test_socket_full_in_a_list)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
