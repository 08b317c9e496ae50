/*
 * test_pending.c: places for connections that say nothing.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "daemon/pending.h"
#include "tests/unit/util.h"

static struct pending		 pending;
static struct event_base	*base;
static uint32_t			 last_uid, drops, heards;

static void
heard(void *arg, int fd, uint32_t uid, int32_t pid)
{
	(void)arg;
	assert_int_equal(pid, (int32_t)uid + 1);
	last_uid = uid;
	heards++;
	fd_close(&fd);
}

static void
dropped(void *arg, uint32_t uid, int32_t pid, const char *why)
{
	(void)arg;
	assert_int_equal(pid, (int32_t)uid + 1);
	assert_string_equal(why, "too many silent connections");
	last_uid = uid;
	drops++;
}

static void
begin(void)
{
	memset(&pending, 0, sizeof(pending));
	assert_non_null(base = event_base_new());
	pending.base = base;
	pending.heard = heard;
	pending.dropped = dropped;
	last_uid = drops = heards = 0;
}

static void
end(void)
{
	pending_close(&pending);
	event_base_free(base);
}

/* Add a connection; the client's end. */
static int
add(uint32_t uid)
{
	int	 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	pending_add(&pending, p[0], uid, (int32_t)uid + 1);
	return p[1];
}

static bool
is_open(int fd)
{
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1;
}

/* One uid loses its own oldest, and nobody else's. */
static void
test_one_uid(void **state)
{
	int	 fds[PENDING_PER_UID + 3], other, i;

	(void)state;
	begin();
	other = add(2);
	for (i = 0; i < PENDING_PER_UID + 3; i++)
		fds[i] = add(1);
	assert_int_equal(drops, 3);
	assert_int_equal(last_uid, 1);
	for (i = 0; i < PENDING_PER_UID + 3; i++)
		assert_int_equal(is_open(fds[i]), i >= 3);
	assert_true(is_open(other));
	fd_close_all(fds, PENDING_PER_UID + 3);
	fd_close(&other);
	end();
}

/* All places are taken: who has the most loses, the oldest first. */
static void
test_full(void **state)
{
	int	 fds[PENDING_MAX], greedy, extra, n = 0;

	(void)state;
	begin();
	fds[n++] = add(900);
	greedy = n;
	fds[n++] = add(901);
	fds[n++] = add(901);
	while (n < PENDING_MAX) {
		fds[n] = add(1000 + (uint32_t)n);
		n++;
	}
	assert_int_equal(drops, 0);
	extra = add(5000);
	assert_int_equal(drops, 1);
	assert_int_equal(last_uid, 901);
	assert_false(is_open(fds[greedy]));
	assert_true(is_open(fds[greedy + 1]));
	fd_close(&extra);
	/* All have one: the oldest of all. */
	assert_true(is_open(fds[0]));
	extra = add(5001);
	assert_int_equal(drops, 2);
	assert_int_equal(last_uid, 900);
	assert_false(is_open(fds[0]));
	fd_close(&extra);
	fd_close_all(fds, PENDING_MAX);
	end();
}

/* Who says something, or ends, gives its place back. */
static void
test_heard(void **state)
{
	int	 one, other;

	(void)state;
	begin();
	one = add(3);
	other = add(4);
	assert_true(is_open(one));
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	assert_int_equal(heards, 1);
	assert_int_equal(last_uid, 3);
	fd_close(&other);
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	assert_int_equal(heards, 2);
	assert_int_equal(last_uid, 4);
	assert_int_equal(drops, 0);
	fd_close(&one);
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_one_uid),
		UTIL_TEST(test_full),
		UTIL_TEST(test_heard)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
