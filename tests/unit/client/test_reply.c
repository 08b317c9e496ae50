/*
 * test_reply.c: replies that the library accepts: whole and in parts, with room
 * for their descriptors and without.
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

static struct fake	 fake;
static struct fdb_result got;

static void
test_open(void **state)
{
	int	 fd;

	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 4);
	fake_reply(&fake, PROTO_OPEN_REPLY);
	fake_put_open(&fake, fake_null());
	fake_put_error(&fake, EACCES, FDB_REASON_POLICY, "fdbroker.conf:3");
	fake_put_error(&fake, ENOENT, FDB_REASON_KERNEL, "");
	fake_put_open(&fake, fd = open(util_dir(), O_PATH | O_CLOEXEC));
	fd = dup(fd);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	assert_int_equal(got.st.mode, 0100644);
	assert_string_equal(got.where, "");
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, EACCES);
	assert_int_equal(got.reason, FDB_REASON_POLICY);
	assert_string_equal(got.where, "fdbroker.conf:3");
	assert_int_equal(got.fd, -1);
	assert_int_equal(got.st.mode, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 2, ENOENT);
	assert_int_equal(got.reason, FDB_REASON_KERNEL);
	assert_int_equal(fdb_next(fake.s, &got), 1);
	assert_true(util_same_file(got.fd, fd));
	close(got.fd);
	close(fd);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_end(&fake);
}

static void
test_stat(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_STAT, 3);
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, UINT64_MAX, "");
	fake_put_stat(&fake, 5, "../target\n");
	fake_put_error(&fake, EINVAL, FDB_REASON_NAME, "");
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_STAT, 0, 0);
	assert_true(got.st.size == UINT64_MAX);
	assert_string_equal(got.link, "");
	fake_next(&fake, &got, FDB_RESULT_STAT, 1, 0);
	assert_string_equal(got.link, "../target\n");
	fake_next(&fake, &got, FDB_RESULT_STAT, 2, EINVAL);
	assert_string_equal(got.link, "");
	fake_end(&fake);
}

/* A directory in three parts, the second of which is empty. */
static void
test_list(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_LIST, 1);
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 9, 0);
	fake_put_entry(&fake, "one");
	fake_put_entry(&fake, "...");
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_ENTRY, 0, 0);
	assert_string_equal(got.name, "one");
	fake_next(&fake, &got, FDB_RESULT_ENTRY, 0, 0);
	assert_string_equal(got.name, "...");
	assert_int_equal(fdb_next(fake.s, &got), 0);
	assert_int_equal(fdb_outstanding(fake.s), 1);
	fake_expect(&fake, PROTO_LIST);
	assert_int_equal(wire_get_u32(&fake.in), 9);
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 9, 0);
	fake_send(&fake, 0);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_expect(&fake, PROTO_LIST);
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 9, 1);
	fake_put_entry(&fake, "\xff");
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_ENTRY, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_LIST, 0, 0);
	assert_int_equal(got.token, 9);
	assert_int_equal(fdb_outstanding(fake.s), 0);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	assert_int_equal(fake_request(&fake), 0);
	fake_end(&fake);
}

/* Refused at once; and failed after some entries. */
static void
test_list_errors(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_LIST, 1);
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, ENOTDIR, 0, 1);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_LIST, 0, ENOTDIR);
	assert_int_equal(got.token, 0);
	fake_ask(&fake, PROTO_LIST, 1);
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, EIO, 0, 1);
	fake_put_entry(&fake, "one");
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_ENTRY, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_LIST, 0, EIO);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_end(&fake);
}

/* Two directories at once, each of two parts, and a file between them. */
static void
test_list_pipelined(void **state)
{
	int	 i, ends = 0, entries = 0, opens = 0;

	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_list_at(fake.s, 0, "/a", 1), 0);
	assert_int_equal(fdb_open_at(fake.s, 0, "/f", FDB_READ, 2), 0);
	assert_int_equal(fdb_list_at(fake.s, 0, "/b", 3), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	for (i = 0; i < 2; i++) {
		fake_expect(&fake, PROTO_LIST);
		fake_reply(&fake, PROTO_LIST_REPLY);
		fake_put_list(&fake, 0, (uint32_t)i + 1, 0);
		fake_put_entry(&fake, "one");
		fake_send(&fake, 0);
		if (i == 0)
			fake_answer(&fake);
	}
	while (fdb_outstanding(fake.s) > 0) {
		while (fdb_next(fake.s, &got) == 1) {
			assert_int_equal(got.error, 0);
			opens += got.kind == FDB_RESULT_OPEN;
			entries += got.kind == FDB_RESULT_ENTRY;
			ends += got.kind == FDB_RESULT_LIST;
			fd_close(&got.fd);
		}
		if (fdb_outstanding(fake.s) > 0)
			fake_answer(&fake);
	}
	assert_int_equal(opens, 1);
	assert_int_equal(entries, 2);
	assert_int_equal(ends, 2);
	fake_end(&fake);
}

/* An answer in parts of every size. */
static void
test_parts(void **state)
{
	int	 i, left, n;

	(void)state;
	fake_attach(&fake, NULL);
	for (n = 1; n < 40; n += 6) {
		fake_ask(&fake, PROTO_OPEN, 40);
		for (left = 40; left > 0; left -= i) {
			fake_reply(&fake, PROTO_OPEN_REPLY);
			for (i = 0; i < n && i < left; i++)
				fake_put_open(&fake, fake_null());
			fake_send(&fake, i < left ? PROTO_MORE : 0);
		}
		for (i = 0; i < 40; i++)
			fake_next(&fake, &got, FDB_RESULT_OPEN, (uint64_t)i, 0);
		assert_int_equal(fdb_outstanding(fake.s), 0);
	}
	fake_end(&fake);
}

/* The next result, with room for that many descriptors. */
static int
next_with_room(int room)
{
	int	 ret;

	util_limit_fds(room);
	ret = fdb_next(fake.s, &got);
	util_unlimit_fds();
	return ret;
}

/* If a request's descriptors do not fit, its items fail and no others. */
static void
test_no_room(void **state)
{
	int	 i;

	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 3);
	fake_reply_open(&fake, 3, 3);
	fake_send(&fake, 0);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, 0);
	assert_int_equal(next_with_room(2), 1);
	for (i = 0; i < 3; i++) {
		if (i > 0)
			assert_int_equal(fdb_next(fake.s, &got), 1);
		assert_int_equal(got.kind, FDB_RESULT_OPEN);
		assert_int_equal(got.error, EMFILE);
		assert_int_equal(got.reason, FDB_REASON_LIMIT);
		assert_int_equal(got.fd, -1);
		assert_int_equal(got.cookie, i);
	}
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, 0);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_ask(&fake, PROTO_OPEN, 1);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_end(&fake);
}

/*
 * A reply in three parts, some of which do not fit: the items of earlier parts
 * are good, the rest fail, and the session goes on.
 */
static void
parts_without_room(int first_lost, int second_lost)
{
	int	 i, part;

	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 6);
	for (part = 0; part < 3; part++) {
		fake_reply_open(&fake, 2, 2);
		fake_send(&fake, part < 2 ? PROTO_MORE : 0);
	}
	for (i = 0; i < 6; i++) {
		if (i / 2 == first_lost && i % 2 == 0)
			assert_int_equal(next_with_room(0), 1);
		else
			assert_int_equal(fdb_next(fake.s, &got), 1);
		assert_int_equal(got.cookie, i);
		assert_int_equal(got.error, i / 2 < first_lost ? 0 : EMFILE);
		fd_close(&got.fd);
	}
	/* The other parts are received now, with room or without. */
	assert_int_equal(next_with_room(second_lost ? 0 : 2), 0);
	fake_ask(&fake, PROTO_OPEN, 1);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	assert_int_equal(fdb_next(fake.s, &got), 0);
	fake_end(&fake);
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
	fake_attach(&fake, NULL);
	for (i = 0; i < 2; i++) {
		fake_ask(&fake, PROTO_OPEN, 4);
		for (part = 0; part < 2; part++) {
			fake_reply_open(&fake, 2, 2);
			fake_send(&fake, part == 0 ? PROTO_MORE : 0);
		}
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(next_with_room(0), 1);
		assert_int_equal(got.error, EMFILE);
		assert_int_equal(got.cookie, i % 4);
	}
	assert_int_equal(next_with_room(0), 0);
	fake_ask(&fake, PROTO_OPEN, 1);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_end(&fake);
}

/* Descriptors that nobody asked for, and for which there is no room. */
static void
test_no_room_unasked(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	assert_int_equal(next_with_room(0), -1);
	assert_int_equal(errno, EPROTO);
	fake_end(&fake);

	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 1);
	fake_reply_open(&fake, 1, 1);
	fake.reply.id++;
	fake_send(&fake, 0);
	assert_int_equal(next_with_room(0), -1);
	assert_int_equal(errno, EPROTO);
	fake_end(&fake);
}

/*
 * The rest of a reply whose descriptors were lost is skipped; the reply to the
 * next request is not.
 */
static void
test_no_room_and_next(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, PROTO_MORE);
	fake_ask(&fake, PROTO_STAT, 1);
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 7, "");
	fake_send(&fake, 0);
	assert_int_equal(next_with_room(0), 1);
	assert_int_equal(got.error, EMFILE);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, EMFILE);
	fake_next(&fake, &got, FDB_RESULT_STAT, 0, 0);
	assert_true(got.st.size == 7);
	fake_end(&fake);
}

/* The session has the generation of the last reply. */
static void
test_generation(void **state)
{
	struct fdb_session_info	 info;

	(void)state;
	fake_info(&info);
	info.generation = 3;
	fake_attach(&fake, &info);
	assert_int_equal(fdb_session_info(fake.s)->generation, 3);
	fake_ask(&fake, PROTO_STAT, 1);
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 1, "");
	fake.reply.generation = 8;
	fake_send(&fake, 0);
	assert_int_equal(fdb_session_info(fake.s)->generation, 3);
	fake_next(&fake, &got, FDB_RESULT_STAT, 0, 0);
	assert_int_equal(fdb_session_info(fake.s)->generation, 8);
	/* One that answers nothing does not count. */
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 1, "");
	fake.reply.generation = 9;
	fake_send(&fake, 0);
	fake_over(&fake, EPROTO, "not asked for");
	assert_int_equal(fdb_session_info(fake.s)->generation, 8);
	fake_end(&fake);
}

/* Leaving in the middle of an answer closes what was not taken. */
static void
test_leave_in_a_reply(void **state)
{
	int	 n;

	(void)state;
	for (n = 0; n <= 5; n++) {
		fake_attach(&fake, NULL);
		fake_ask(&fake, PROTO_OPEN, 5);
		fake_reply_open(&fake, 5, 5);
		fake_send(&fake, 0);
		for (; n > 0 && fdb_outstanding(fake.s) > 5 - (size_t)n; )
			fake_next(&fake, &got, FDB_RESULT_OPEN,
			    5 - fdb_outstanding(fake.s), 0);
		fake_end(&fake);
	}
}

/* The end of the session in the middle of an answer closes it as well. */
static void
test_end_in_a_reply(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 3);
	fake_reply_open(&fake, 3, 3);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fd_close(&fake.sock);
	assert_int_equal(fdb_stat_at(fake.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_flush(fake.s), -1);
	assert_int_equal(errno, EPIPE);
	fake_over(&fake, EPIPE, "cannot send");
	fake_end(&fake);
}

/* fdb_wait() waits only while a result can come. */
static void
test_wait(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_wait(fake.s, &got, -1), 0);
	fake_ask(&fake, PROTO_OPEN, 1);
	assert_int_equal(fdb_wait(fake.s, &got, 0), 0);
	assert_int_equal(fdb_wait(fake.s, &got, 1), 0);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	assert_int_equal(fdb_wait(fake.s, &got, 0), 1);
	close(got.fd);
	/* It sends what is queued. */
	assert_int_equal(fdb_stat_at(fake.s, 0, "/a", 0), 0);
	assert_int_equal(fdb_wait(fake.s, &got, 0), 0);
	fake_answer(&fake);
	assert_int_equal(fdb_wait(fake.s, &got, -1), 1);
	fake_end(&fake);
}

/*
 * Go on in a child as the opener.  The child alone has the opener's end: if it
 * fails, the session ends, and the library does not wait for ever.
 */
static pid_t
start_opener(int (*f)(void *), void *arg)
{
	pid_t	 pid;

	fake_attach(&fake, NULL);
	pid = util_start(f, arg);
	fake_die(&fake);
	return pid;
}

static void
end_opener(pid_t pid)
{
	assert_int_equal(util_wait(pid), 0);
	fake_end(&fake);
}

/* In a child: answer one request as it comes. */
static int
answer_one(void *arg)
{
	(void)arg;
	assert_true(util_readable(fake.sock));
	fake_answer(&fake);
	return 0;
}

/* In a child: refuse one OPEN, whose access is *arg. */
static int
expect_access(void *arg)
{
	const uint8_t	*access = arg;

	assert_true(util_readable(fake.sock));
	fake_expect(&fake, PROTO_OPEN);
	assert_int_equal(wire_get_u32(&fake.in), FDB_TOKEN_ROOT);
	assert_int_equal(wire_get_u8(&fake.in), *access);
	fake_reply(&fake, PROTO_OPEN_REPLY);
	fake.reply.id = fake.h.id;
	fake_put_error(&fake, ELOOP, FDB_REASON_KERNEL, "");
	fake_send(&fake, 0);
	return 0;
}

static int
deny_one(void *arg)
{
	assert_true(util_readable(fake.sock));
	fake_reply(&fake, fake_request(&fake) == PROTO_OPEN ? PROTO_OPEN_REPLY :
	    PROTO_STAT_REPLY);
	fake.reply.id = fake.h.id;
	fake_put_error(&fake, EACCES, arg == NULL ? FDB_REASON_POLICY :
	    FDB_REASON_KERNEL, "fdbroker.conf:9 \"keys\"");
	fake_send(&fake, 0);
	return 0;
}

static void
test_blocking(void **state)
{
	struct fdb_stat	 st;
	pid_t		 pid;
	int		 fd;

	(void)state;
	pid = start_opener(answer_one, NULL);
	assert_return_code(fd = fdb_open(fake.s, "/a", O_RDONLY), errno);
	assert_true(util_is_cloexec(fd));
	close(fd);
	end_opener(pid);
	pid = start_opener(answer_one, NULL);
	assert_return_code(fd = fdb_open(fake.s, "/a", O_RDONLY | O_CLOEXEC),
	    errno);
	close(fd);
	end_opener(pid);
	pid = start_opener(answer_one, NULL);
	assert_int_equal(fdb_lstat(fake.s, "/", &st), 0);
	assert_int_equal(st.mode, 0100644);
	end_opener(pid);

	pid = start_opener(deny_one, NULL);
	assert_int_equal(fdb_open(fake.s, "/a/b", O_RDONLY), -1);
	assert_int_equal(errno, EACCES);
	assert_string_equal(fdb_session_error(fake.s),
	    "/a/b: denied by policy (fdbroker.conf:9 \"keys\")");
	end_opener(pid);
	pid = start_opener(deny_one, &fake);
	assert_int_equal(fdb_lstat(fake.s, "/a/b", &st), -1);
	assert_int_equal(errno, EACCES);
	assert_string_equal(fdb_session_error(fake.s),
	    "/a/b: Permission denied (fdbroker.conf:9 \"keys\")");
	end_opener(pid);
}

/* What the flags of open(2) ask for. */
static void
test_blocking_flags(void **state)
{
	static const struct {
		int		 flags;
		uint8_t		 access;
	} cases[] = {
		{ O_RDONLY | O_APPEND | O_NOCTTY | O_NONBLOCK, FDB_READ },
		{ O_RDONLY | O_NOFOLLOW, FDB_READ | FDB_NOFOLLOW },
		{ O_WRONLY | O_CREAT | O_EXCL,
		  FDB_WRITE | FDB_CREATE | FDB_EXCLUSIVE },
		{ O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, FDB_READ |
		  FDB_WRITE | FDB_CREATE | FDB_TRUNCATE | FDB_NOFOLLOW },
		{ O_WRONLY | O_APPEND | O_NOFOLLOW, FDB_APPEND | FDB_NOFOLLOW }
	};
	uint8_t		 access;
	pid_t		 pid;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		access = cases[i].access;
		pid = start_opener(expect_access, &access);
		assert_int_equal(fdb_open(fake.s, "/a", cases[i].flags), -1);
		assert_int_equal(errno, ELOOP);
		end_opener(pid);
	}
}

static void
test_blocking_faults(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_open(fake.s, "/a", O_WRONLY | O_EXCL), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "/a", O_RDWR | O_APPEND | O_TRUNC),
	    -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "/a", O_WRONLY | O_SYNC), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "/a", O_TMPFILE | O_RDWR), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "/a", O_RDONLY | O_TRUNC), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "/a", O_RDONLY | O_CREAT), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "/a", O_PATH), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "a", O_RDONLY), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_open(fake.s, "", O_RDONLY), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_lstat(fake.s, "a", &st), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdb_outstanding(fake.s), 0);
	assert_int_equal(fdb_open_at(fake.s, 0, "/a", FDB_READ, 0), 0);
	assert_int_equal(fdb_open(fake.s, "/b", O_RDONLY), -1);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(fdb_lstat(fake.s, "/b", &st), -1);
	assert_int_equal(errno, EBUSY);
	fake_end(&fake);
}

/* A good answer of each type, to be changed. */
static void
good_answer(unsigned int request)
{
	if (request == PROTO_OPEN) {
		fake_reply_open(&fake, 2, 2);
		fake_put_error(&fake, EACCES, FDB_REASON_POLICY, "conf:3");
	} else if (request == PROTO_STAT) {
		fake_reply(&fake, PROTO_STAT_REPLY);
		fake_put_stat(&fake, 1, "target");
		fake_put_stat(&fake, 1, "");
		fake_put_error(&fake, EACCES, FDB_REASON_POLICY, "conf:3");
	} else {
		fake_reply(&fake, PROTO_LIST_REPLY);
		fake_put_list(&fake, 0, 1, 1);
		fake_put_entry(&fake, "one");
		fake_put_entry(&fake, "two");
	}
}

/* Change or cut a finished message; its new length. */
static size_t
mutate(size_t len)
{
	uint32_t	 claim;
	uint32_t	 i;

	for (i = util_random(4); i < 4; i++)
		fake.outbuf[util_random((uint32_t)len)] =
		    (uint8_t)util_random(256);
	if (util_random(4) == 0) {
		len = PROTO_HEADER +
		    util_random((uint32_t)len - PROTO_HEADER + 1);
		claim = (uint32_t)len;
		memcpy(fake.outbuf + 16, &claim, sizeof(claim));
	}
	return len;
}

/* Each result is consistent.  True if the session goes on. */
static bool
survives(void)
{
	int	 n;

	while ((n = fdb_next(fake.s, &got)) == 1) {
		assert_in_range(got.kind, FDB_RESULT_OPEN, FDB_RESULT_LIST);
		assert_int_equal(got.error == 0, got.reason == FDB_REASON_NONE);
		assert_int_equal(got.fd != -1,
		    got.kind == FDB_RESULT_OPEN && got.error == 0);
		assert_true(strlen(got.name) <= NAME_MAX);
		assert_null(strchr(got.name, '/'));
		assert_true(strlen(got.link) < PROTO_PATH_MAX);
		fd_close(&got.fd);
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
	fake_attach(&fake, NULL);
	fds = util_count_fds();
	for (i = 0; i < MUTATIONS; i++) {
		type = types[i % 3];
		fake_ask(&fake, type, type == PROTO_LIST ? 1 : 3);
		good_answer(type);
		assert_true((len = proto_finish(&fake.out, &fake.reply)) > 0);
		len = mutate(len);
		assert_int_equal(fdmsg_send(fake.sock, fake.outbuf, len,
		    fake.fds, fake.reply.fds), 0);
		fd_close_all(fake.fds, fake.reply.fds);
		fake.reply.fds = 0;
		if (survives() && fdb_outstanding(fake.s) == 0) {
			lived++;
			continue;
		}
		if (i % 64 == 0)
			assert_int_equal(util_count_fds(), fds);
		fake_end(&fake);
		fake_attach(&fake, NULL);
	}
	fake_end(&fake);
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
		UTIL_TEST(test_no_room_and_next),
		UTIL_TEST(test_generation),
		UTIL_TEST(test_leave_in_a_reply),
		UTIL_TEST(test_end_in_a_reply),
		UTIL_TEST(test_wait),
		UTIL_TEST(test_blocking),
		UTIL_TEST(test_blocking_flags),
		UTIL_TEST(test_blocking_faults),
		UTIL_TEST(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
