/*
 * test_reply.c: what the library takes from an opener: answers, whole and in
 * parts, with room for their descriptors and without.
 */

#include "config.h"

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

#define MUTATIONS	100000

static struct fake	 f;
static struct fdb_result r;

static void
test_open(void **state)
{
	int	 fd;

	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 4);
	fake_reply(&f, PROTO_OPEN_REPLY);
	fake_put_open(&f, fake_null());
	fake_put_error(&f, EACCES, FDB_REASON_POLICY, "fdbroker.conf:3");
	fake_put_error(&f, ENOENT, FDB_REASON_KERNEL, "");
	fake_put_open(&f, fd = open(util_dir(), O_PATH | O_CLOEXEC));
	fd = dup(fd);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	assert_int_equal(r.st.mode, 0100644);
	assert_string_equal(r.where, "");
	fake_next(&f, &r, FDB_RESULT_OPEN, 1, EACCES);
	assert_int_equal(r.reason, FDB_REASON_POLICY);
	assert_string_equal(r.where, "fdbroker.conf:3");
	assert_int_equal(r.fd, -1);
	assert_int_equal(r.st.mode, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 2, ENOENT);
	assert_int_equal(r.reason, FDB_REASON_KERNEL);
	assert_int_equal(fdb_next(f.s, &r), 1);
	assert_true(util_same_file(r.fd, fd));
	close(r.fd);
	close(fd);
	assert_int_equal(fdb_next(f.s, &r), 0);
	fake_end(&f);
}

static void
test_stat(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_STAT, 3);
	fake_reply(&f, PROTO_STAT_REPLY);
	fake_put_stat(&f, UINT64_MAX, "");
	fake_put_stat(&f, 5, "../target\n");
	fake_put_error(&f, EINVAL, FDB_REASON_NAME, "");
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_STAT, 0, 0);
	assert_true(r.st.size == UINT64_MAX);
	assert_string_equal(r.link, "");
	fake_next(&f, &r, FDB_RESULT_STAT, 1, 0);
	assert_string_equal(r.link, "../target\n");
	fake_next(&f, &r, FDB_RESULT_STAT, 2, EINVAL);
	assert_string_equal(r.link, "");
	fake_end(&f);
}

/* A directory in three parts, the second of which is empty. */
static void
test_list(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_LIST, 1);
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, 0, 9, 0);
	fake_put_entry(&f, "one");
	fake_put_entry(&f, "...");
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_ENTRY, 0, 0);
	assert_string_equal(r.name, "one");
	fake_next(&f, &r, FDB_RESULT_ENTRY, 0, 0);
	assert_string_equal(r.name, "...");
	assert_int_equal(fdb_next(f.s, &r), 0);
	assert_int_equal(fdb_outstanding(f.s), 1);
	fake_expect(&f, PROTO_LIST);
	assert_int_equal(wire_get_u32(&f.in), 9);
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, 0, 9, 0);
	fake_send(&f, 0);
	assert_int_equal(fdb_next(f.s, &r), 0);
	fake_expect(&f, PROTO_LIST);
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, 0, 9, 1);
	fake_put_entry(&f, "\xff");
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_ENTRY, 0, 0);
	fake_next(&f, &r, FDB_RESULT_LIST, 0, 0);
	assert_int_equal(r.token, 9);
	assert_int_equal(fdb_outstanding(f.s), 0);
	assert_int_equal(fdb_next(f.s, &r), 0);
	assert_int_equal(fake_request(&f), 0);
	fake_end(&f);
}

/* Refused at once; and failed after some entries. */
static void
test_list_errors(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_LIST, 1);
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, ENOTDIR, 0, 1);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_LIST, 0, ENOTDIR);
	assert_int_equal(r.token, 0);
	fake_ask(&f, PROTO_LIST, 1);
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, EIO, 0, 1);
	fake_put_entry(&f, "one");
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_ENTRY, 0, 0);
	fake_next(&f, &r, FDB_RESULT_LIST, 0, EIO);
	assert_int_equal(fdb_next(f.s, &r), 0);
	fake_end(&f);
}

/* Two directories at once, each of two parts, and a file between them. */
static void
test_list_pipelined(void **state)
{
	int	 i, ends = 0, entries = 0, opens = 0;

	(void)state;
	fake_attach(&f, NULL);
	assert_int_equal(fdb_list_at(f.s, 0, "/a", 1), 0);
	assert_int_equal(fdb_open_at(f.s, 0, "/f", FDB_READ, 2), 0);
	assert_int_equal(fdb_list_at(f.s, 0, "/b", 3), 0);
	assert_int_equal(fdb_flush(f.s), 0);
	for (i = 0; i < 2; i++) {
		fake_expect(&f, PROTO_LIST);
		fake_reply(&f, PROTO_LIST_REPLY);
		fake_put_list(&f, 0, (uint32_t)i + 1, 0);
		fake_put_entry(&f, "one");
		fake_send(&f, 0);
		if (i == 0)
			fake_answer(&f);
	}
	while (fdb_outstanding(f.s) > 0) {
		while (fdb_next(f.s, &r) == 1) {
			assert_int_equal(r.error, 0);
			opens += r.kind == FDB_RESULT_OPEN;
			entries += r.kind == FDB_RESULT_ENTRY;
			ends += r.kind == FDB_RESULT_LIST;
			fd_close(&r.fd);
		}
		if (fdb_outstanding(f.s) > 0)
			fake_answer(&f);
	}
	assert_int_equal(opens, 1);
	assert_int_equal(entries, 2);
	assert_int_equal(ends, 2);
	fake_end(&f);
}

/* An answer in parts of every size. */
static void
test_parts(void **state)
{
	int	 i, left, n;

	(void)state;
	fake_attach(&f, NULL);
	for (n = 1; n < 40; n += 6) {
		fake_ask(&f, PROTO_OPEN, 40);
		for (left = 40; left > 0; left -= i) {
			fake_reply(&f, PROTO_OPEN_REPLY);
			for (i = 0; i < n && i < left; i++)
				fake_put_open(&f, fake_null());
			fake_send(&f, i < left ? PROTO_MORE : 0);
		}
		for (i = 0; i < 40; i++)
			fake_next(&f, &r, FDB_RESULT_OPEN, (uint64_t)i, 0);
		assert_int_equal(fdb_outstanding(f.s), 0);
	}
	fake_end(&f);
}

/* Receive with so much room for descriptors; results until there are none. */
static int
next_with_room(int room)
{
	int	 ret;

	util_limit_fds(room);
	ret = fdb_next(f.s, &r);
	util_unlimit_fds();
	return ret;
}

/* All items of a request whose descriptors did not fit fail, no other. */
static void
test_no_room(void **state)
{
	int	 i;

	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 3);
	fake_reply_open(&f, 3, 3);
	fake_send(&f, 0);
	fake_ask(&f, PROTO_OPEN, 2);
	fake_reply_open(&f, 2, 2);
	fake_send(&f, 0);
	assert_int_equal(next_with_room(2), 1);
	for (i = 0; i < 3; i++) {
		if (i > 0)
			assert_int_equal(fdb_next(f.s, &r), 1);
		assert_int_equal(r.kind, FDB_RESULT_OPEN);
		assert_int_equal(r.error, EMFILE);
		assert_int_equal(r.reason, FDB_REASON_LIMIT);
		assert_int_equal(r.fd, -1);
		assert_int_equal(r.cookie, i);
	}
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 1, 0);
	assert_int_equal(fdb_next(f.s, &r), 0);
	fake_ask(&f, PROTO_OPEN, 1);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_end(&f);
}

/*
 * An answer in three parts, of which some do not fit: the items of the parts
 * before are good, those from then on fail, and the session goes on.
 */
static void
parts_without_room(int first_lost, int second_lost)
{
	int	 i, part;

	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 6);
	for (part = 0; part < 3; part++) {
		fake_reply_open(&f, 2, 2);
		fake_send(&f, part < 2 ? PROTO_MORE : 0);
	}
	for (i = 0; i < 6; i++) {
		if (i / 2 == first_lost && i % 2 == 0)
			assert_int_equal(next_with_room(0), 1);
		else
			assert_int_equal(fdb_next(f.s, &r), 1);
		assert_int_equal(r.cookie, i);
		assert_int_equal(r.error, i / 2 < first_lost ? 0 : EMFILE);
		fd_close(&r.fd);
	}
	/* The other parts are received now, with or without room. */
	assert_int_equal(next_with_room(second_lost ? 0 : 2), 0);
	fake_ask(&f, PROTO_OPEN, 1);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	assert_int_equal(fdb_next(f.s, &r), 0);
	fake_end(&f);
}

static void
test_no_room_for_parts(void **state)
{
	int	 i;

	(void)state;
	for (i = 0; i < 6; i++)
		parts_without_room(i % 3, i / 3);
}

/* Two requests in a row, all parts of which are lost. */
static void
test_no_room_twice(void **state)
{
	int	 i, part;

	(void)state;
	fake_attach(&f, NULL);
	for (i = 0; i < 2; i++) {
		fake_ask(&f, PROTO_OPEN, 4);
		for (part = 0; part < 2; part++) {
			fake_reply_open(&f, 2, 2);
			fake_send(&f, part == 0 ? PROTO_MORE : 0);
		}
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(next_with_room(0), 1);
		assert_int_equal(r.error, EMFILE);
		assert_int_equal(r.cookie, i % 4);
	}
	assert_int_equal(next_with_room(0), 0);
	fake_ask(&f, PROTO_OPEN, 1);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_end(&f);
}

/* Descriptors that were not asked for, and cannot even be received. */
static void
test_no_room_unasked(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	assert_int_equal(next_with_room(0), -1);
	assert_int_equal(errno, EPROTO);
	fake_end(&f);

	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 1);
	fake_reply_open(&f, 1, 1);
	f.reply.id++;
	fake_send(&f, 0);
	assert_int_equal(next_with_room(0), -1);
	assert_int_equal(errno, EPROTO);
	fake_end(&f);
}

/* Leaving in the middle of an answer closes what was not taken. */
static void
test_leave_in_a_reply(void **state)
{
	int	 n;

	(void)state;
	for (n = 0; n <= 5; n++) {
		fake_attach(&f, NULL);
		fake_ask(&f, PROTO_OPEN, 5);
		fake_reply_open(&f, 5, 5);
		fake_send(&f, 0);
		for (; n > 0 && fdb_outstanding(f.s) > 5 - (size_t)n; )
			fake_next(&f, &r, FDB_RESULT_OPEN,
			    5 - fdb_outstanding(f.s), 0);
		fake_end(&f);
	}
}

/* The end of the session in the middle of an answer closes it as well. */
static void
test_end_in_a_reply(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 3);
	fake_reply_open(&f, 3, 3);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fd_close(&f.sock);
	assert_int_equal(fdb_stat_at(f.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_flush(f.s), -1);
	assert_int_equal(errno, EPIPE);
	fake_over(&f, EPIPE, "cannot send");
	fake_end(&f);
}

/* Nothing is waited for that is not there or not to come. */
static void
test_wait(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	assert_int_equal(fdb_wait(f.s, &r, -1), 0);
	fake_ask(&f, PROTO_OPEN, 1);
	assert_int_equal(fdb_wait(f.s, &r, 0), 0);
	assert_int_equal(fdb_wait(f.s, &r, 1), 0);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	assert_int_equal(fdb_wait(f.s, &r, 0), 1);
	close(r.fd);
	/* It sends what is queued. */
	assert_int_equal(fdb_stat_at(f.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_wait(f.s, &r, 0), 0);
	fake_answer(&f);
	assert_int_equal(fdb_wait(f.s, &r, -1), 1);
	fake_end(&f);
}

/* In a child: answer one request as it comes. */
static int
answer_one(void *arg)
{
	(void)arg;
	assert_true(util_readable(f.sock));
	fake_answer(&f);
	return 0;
}

static int
deny_one(void *arg)
{
	assert_true(util_readable(f.sock));
	fake_reply(&f, fake_request(&f) == PROTO_OPEN ? PROTO_OPEN_REPLY :
	    PROTO_STAT_REPLY);
	f.reply.id = f.h.id;
	fake_put_error(&f, EACCES, arg == NULL ? FDB_REASON_POLICY :
	    FDB_REASON_KERNEL, "fdbroker.conf:9 \"keys\"");
	fake_send(&f, 0);
	return 0;
}

static void
test_blocking(void **state)
{
	struct fdb_stat	 st;
	pid_t		 pid;
	int		 fd;

	(void)state;
	fake_attach(&f, NULL);
	pid = util_start(answer_one, NULL);
	assert_return_code(fd = fdb_open(f.s, "/a", O_RDONLY), errno);
	assert_true(util_is_cloexec(fd));
	close(fd);
	assert_int_equal(util_wait(pid), 0);
	pid = util_start(answer_one, NULL);
	assert_return_code(fd = fdb_open(f.s, "/a", O_RDONLY | O_CLOEXEC),
	    errno);
	close(fd);
	assert_int_equal(util_wait(pid), 0);
	pid = util_start(answer_one, NULL);
	assert_int_equal(fdb_lstat(f.s, "/", &st), 0);
	assert_int_equal(st.mode, 0100644);
	assert_int_equal(util_wait(pid), 0);

	pid = util_start(deny_one, NULL);
	assert_int_equal(fdb_open(f.s, "/a/b", O_RDONLY), -1);
	assert_int_equal(errno, EACCES);
	assert_string_equal(fdb_session_error(f.s),
	    "/a/b: denied by policy (fdbroker.conf:9 \"keys\")");
	assert_int_equal(util_wait(pid), 0);
	pid = util_start(deny_one, &f);
	assert_int_equal(fdb_lstat(f.s, "/a/b", &st), -1);
	assert_int_equal(errno, EACCES);
	assert_string_equal(fdb_session_error(f.s), "/a/b: Permission denied");
	assert_int_equal(util_wait(pid), 0);
	fake_end(&f);
}

static void
test_blocking_faults(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	fake_attach(&f, NULL);
	assert_int_equal(fdb_open(f.s, "/a", O_WRONLY | O_EXCL), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "/a", O_RDWR | O_APPEND | O_TRUNC),
	    -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "/a", O_WRONLY | O_SYNC), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "/a", O_TMPFILE | O_RDWR), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "/a", O_RDONLY | O_TRUNC), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "/a", O_RDONLY | O_CREAT), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "/a", O_PATH), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "a", O_RDONLY), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(f.s, "", O_RDONLY), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_lstat(f.s, "a", &st), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_outstanding(f.s), 0);
	assert_int_equal(fdb_open_at(f.s, 0, "/a", FDB_READ, 0), 0);
	assert_int_equal(fdb_open(f.s, "/b", O_RDONLY), -1);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(fdb_lstat(f.s, "/b", &st), -1);
	assert_int_equal(errno, EBUSY);
	fake_end(&f);
}

/* A good answer of each type, to be changed. */
static void
good_answer(unsigned int request)
{
	if (request == PROTO_OPEN) {
		fake_reply_open(&f, 2, 2);
		fake_put_error(&f, EACCES, FDB_REASON_POLICY, "conf:3");
	} else if (request == PROTO_STAT) {
		fake_reply(&f, PROTO_STAT_REPLY);
		fake_put_stat(&f, 1, "target");
		fake_put_stat(&f, 1, "");
		fake_put_error(&f, EACCES, FDB_REASON_POLICY, "conf:3");
	} else {
		fake_reply(&f, PROTO_LIST_REPLY);
		fake_put_list(&f, 0, 1, 1);
		fake_put_entry(&f, "one");
		fake_put_entry(&f, "two");
	}
}

/* Change or cut a finished message; its new length. */
static size_t
mutate(size_t len)
{
	uint32_t	 claim;
	uint32_t	 i;

	for (i = util_random(4); i < 4; i++)
		f.outbuf[util_random((uint32_t)len)] =
		    (uint8_t)util_random(256);
	if (util_random(4) == 0) {
		len = PROTO_HEADER +
		    util_random((uint32_t)len - PROTO_HEADER + 1);
		claim = (uint32_t)len;
		memcpy(f.outbuf + 16, &claim, sizeof(claim));
	}
	return len;
}

/* Results that come of it are good ones; then it goes on, or is over. */
static bool
survives(void)
{
	int	 n;

	while ((n = fdb_next(f.s, &r)) == 1) {
		assert_in_range(r.kind, FDB_RESULT_OPEN, FDB_RESULT_LIST);
		assert_int_equal(r.error == 0, r.reason == FDB_REASON_NONE);
		assert_int_equal(r.fd != -1,
		    r.kind == FDB_RESULT_OPEN && r.error == 0);
		assert_true(strlen(r.name) <= NAME_MAX);
		assert_null(strchr(r.name, '/'));
		assert_true(strlen(r.link) < PROTO_PATH_MAX);
		fd_close(&r.fd);
	}
	return n == 0;
}

static void
test_mutations(void **state)
{
	static const unsigned int	 types[] = {
		PROTO_OPEN, PROTO_STAT, PROTO_LIST
	};
	size_t				 len, fds;
	int				 i, lived = 0;
	unsigned int			 type;

	(void)state;
	fake_attach(&f, NULL);
	fds = util_count_fds();
	for (i = 0; i < MUTATIONS; i++) {
		type = types[i % 3];
		fake_ask(&f, type, type == PROTO_LIST ? 1 : 3);
		good_answer(type);
		assert_true((len = proto_finish(&f.out, &f.reply)) > 0);
		len = mutate(len);
		assert_int_equal(fdmsg_send(f.sock, f.outbuf, len, f.fds,
		    f.reply.fds), 0);
		fd_close_all(f.fds, f.reply.fds);
		f.reply.fds = 0;
		if (survives() && fdb_outstanding(f.s) == 0) {
			lived++;
			continue;
		}
		if (i % 64 == 0)
			assert_int_equal(util_count_fds(), fds);
		fake_end(&f);
		fake_attach(&f, NULL);
	}
	fake_end(&f);
	assert_in_range(lived, MUTATIONS / 100, MUTATIONS - 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_open),
		UTIL_TEST(test_stat),
		UTIL_TEST(test_list),
		UTIL_TEST(test_list_errors),
		UTIL_TEST(test_list_pipelined),
		UTIL_TEST(test_parts),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_no_room_for_parts),
		UTIL_TEST(test_no_room_twice),
		UTIL_TEST(test_no_room_unasked),
		UTIL_TEST(test_leave_in_a_reply),
		UTIL_TEST(test_end_in_a_reply),
		UTIL_TEST(test_wait),
		UTIL_TEST(test_blocking),
		UTIL_TEST(test_blocking_faults),
		UTIL_TEST(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
