/*
 * test_channel.c: records between worker and controller.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "common/channel.h"
#include "tests/unit/util.h"

static struct channel		 worker;
static struct channel_record	 record;
static uint8_t			 buf[CHANNEL_MAX];
static int			 fds[2];

static void
begin(void)
{
	assert_int_equal(dgram_pair_seq(fds), 0);
	channel_init(&worker, fds[1]);
}

static void
end(void)
{
	close(fds[0]);
	close(fds[1]);
}

/* Receive a message from the worker.  Its length. */
static size_t
receive(void)
{
	struct fdmsg	 m;
	ssize_t		 n;

	n = fdmsg_recv(fds[0], buf, sizeof(buf), 0, &m);
	assert_true(n > 0);
	return (size_t)n;
}

/* Decode a message of one record; every shorter message is refused. */
static void
receive_record(void)
{
	struct wire_in	 in;
	size_t		 len = receive(), i;

	for (i = 0; i < len; i++) {
		wire_in_init(&in, buf, i);
		errno = 0;
		assert_int_equal(channel_get(&in, &record), -1);
		assert_int_equal(errno, EPROTO);
	}
	wire_in_init(&in, buf, len);
	assert_int_equal(channel_get(&in, &record), 0);
	assert_int_equal(in.left, 0);
}

static void
test_records(void **state)
{
	const struct channel_where where = { true, 2, 3, 4, UINT64_MAX };
	struct tally	 t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
			    14 };
	struct entry	 e;

	(void)state;
	begin();
	assert_int_equal(channel_put_address(&worker, CHANNEL_LOG, "/tmp/x"),
	    0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_ADDRESS);
	assert_int_equal(record.what, CHANNEL_LOG);
	assert_string_equal(record.name, "/tmp/x");
	assert_int_equal(channel_put_subtotal(&worker, "d", 7, UINT64_MAX), 0);
	assert_int_equal(channel_flush(&worker), 0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_SUBTOTAL);
	assert_string_equal(record.name, "d");
	assert_int_equal(record.members, 7);
	assert_true(record.bytes == UINT64_MAX);
	assert_int_equal(channel_put_where(&worker, &where, "w"), 0);
	assert_int_equal(channel_flush(&worker), 0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_WHERE);
	assert_string_equal(record.name, "w");
	assert_true(record.where.counting);
	assert_int_equal(record.where.members, 2);
	assert_int_equal(record.where.bytes, 3);
	assert_int_equal(record.where.done, 4);
	assert_true(record.where.total == UINT64_MAX);
	assert_int_equal(channel_put_confined(&worker, 3, 5), 0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_CONFINED);
	assert_int_equal(record.confined, 3);
	assert_int_equal(record.opener, 5);
	assert_int_equal(channel_put_report(&worker, REPORT_CHANGED, "n", "t"),
	    0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_REPORT);
	assert_int_equal(record.kind, REPORT_CHANGED);
	assert_string_equal(record.name, "n");
	assert_string_equal(record.detail, "t");
	assert_int_equal(channel_put_tally(&worker, CHANNEL_DONE, &t), 0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_DONE);
	assert_memory_equal(&record.tally, &t, sizeof(t));
	entry_init(&e, "name");
	e.hardlink = "hard";
	e.uname = "u";
	e.mtime = -1;
	e.size = UINT64_MAX;
	e.mtime_nsec = 5;
	e.flags = 6;
	e.sparse = e.has_digest = true;
	e.digest[31] = 7;
	e.xattrs = "a\0bc";
	e.xattrs_len = 5;
	assert_int_equal(channel_put_entry(&worker, &e), 0);
	assert_int_equal(channel_flush(&worker), 0);
	receive_record();
	assert_int_equal(record.type, CHANNEL_ENTRY);
	assert_string_equal(record.entry.name, "name");
	assert_string_equal(record.entry.hardlink, "hard");
	assert_string_equal(record.entry.link, "");
	assert_string_equal(record.entry.uname, "u");
	assert_true(record.entry.mtime == -1);
	assert_true(record.entry.size == UINT64_MAX);
	assert_int_equal(record.entry.mtime_nsec, 5);
	assert_int_equal(record.entry.flags, 6);
	assert_true(record.entry.sparse && record.entry.has_digest);
	assert_int_equal(record.entry.digest[31], 7);
	assert_int_equal(record.entry.xattrs_len, 5);
	assert_memory_equal(record.entry.xattrs, "a\0bc", 5);
	assert_false(record.entry.cut);
	end();
}

/* Records are sent together; a text that is too long is cut. */
static void
test_batches(void **state)
{
	struct wire_in	 in;
	struct entry	 e;
	char		*text;
	size_t		 i, len, n = 0;

	(void)state;
	begin();
	assert_non_null(text = malloc(100001));
	memset(text, 'x', 100000);
	text[100000] = '\0';
	entry_init(&e, text);
	e.link = e.uname = e.gname = text;
	assert_int_equal(channel_put_entry(&worker, &e), 0);
	len = receive();
	wire_in_init(&in, buf, len);
	assert_int_equal(channel_get(&in, &record), 0);
	assert_int_equal(strlen(record.entry.name), CHANNEL_TEXT_MAX);
	assert_true(record.entry.cut);
	/* Of names of attributes only whole ones come. */
	entry_init(&e, "name");
	memset(text + 1000, 0, 1);
	e.xattrs = text;
	e.xattrs_len = 100001;
	assert_int_equal(channel_put_entry(&worker, &e), 0);
	assert_int_equal(channel_flush(&worker), 0);
	receive_record();
	assert_int_equal(record.entry.xattrs_len, 1001);
	assert_true(record.entry.cut);
	entry_init(&e, "short");
	for (i = 0; i < 100; i++)
		assert_int_equal(channel_put_entry(&worker, &e), 0);
	assert_int_equal(channel_flush(&worker), 0);
	assert_int_equal(channel_flush(&worker), 0);
	len = receive();
	wire_in_init(&in, buf, len);
	while (in.left > 0) {
		assert_int_equal(channel_get(&in, &record), 0);
		n++;
	}
	assert_int_equal(n, 100);
	free(text);
	end();
}

static void
test_garbage(void **state)
{
	struct wire_in	 in;
	size_t		 i, j, len;

	(void)state;
	for (i = 0; i < 20000; i++) {
		len = util_random(200);
		for (j = 0; j < len; j++)
			buf[j] = (uint8_t)util_random(i % 2 ? 256 : 12);
		wire_in_init(&in, buf, len);
		while (in.left > 0 && channel_get(&in, &record) == 0)
			;
	}
}

static int
answer(void *arg)
{
	struct pollfd	 pfd = { .fd = fds[0], .events = POLLIN };

	(void)arg;
	if (poll(&pfd, 1, -1) != 1)
		return 1;
	receive_record();
	if (record.type != CHANNEL_OWNER || record.owner != CHANNEL_GROUP ||
	    record.id != 42)
		return 1;
	return channel_answer_owner(fds[0], "wheel") == 0 ? 0 : 1;
}

static void
test_owner(void **state)
{
	char	 name[CHANNEL_OWNER_MAX];
	pid_t	 pid;

	(void)state;
	begin();
	pid = util_start(answer, NULL);
	assert_int_equal(channel_ask_owner(&worker, CHANNEL_GROUP, 42, name),
	    0);
	assert_string_equal(name, "wheel");
	assert_int_equal(util_wait(pid), 0);
	end();
}

static int
answer_id(void *arg)
{
	struct pollfd	 pfd = { .fd = fds[0], .events = POLLIN };
	bool		 known = *(const bool *)arg;

	if (poll(&pfd, 1, -1) != 1)
		return 1;
	receive_record();
	if (record.type != CHANNEL_ID || record.owner != CHANNEL_USER ||
	    strcmp(record.name, "alice") != 0)
		return 1;
	return channel_answer_id(fds[0], known, 4711) == 0 ? 0 : 1;
}

static void
test_id(void **state)
{
	bool	 known, want[] = { true, false };
	uint32_t id;
	size_t	 i;
	pid_t	 pid;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin();
		pid = util_start(answer_id, &want[i]);
		assert_int_equal(channel_ask_id(&worker, CHANNEL_USER, "alice",
		    &known, &id), 0);
		assert_int_equal(known, want[i]);
		assert_int_equal(id, known ? 4711 : 0);
		assert_int_equal(util_wait(pid), 0);
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_records),
		UTIL_TEST(test_batches),
		UTIL_TEST(test_garbage),
		UTIL_TEST(test_owner),
		UTIL_TEST(test_id)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
