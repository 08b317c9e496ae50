/*
 * test_serve_limits.c: the opener's side of a session at its limits: full
 * batches, replies in parts, no room for a descriptor, the rate of opens, and
 * workers that do not read.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

static struct client	 client;
static struct answer	 got;

static void
start(void)
{
	client_start(&client, client_small_role(), false);
}

/* A batch of the greatest size, all of whose items succeed. */
static void
test_full_batch(void **state)
{
	int	 i, n = 0;

	(void)state;
	start();
	client_begin(&client, PROTO_OPEN);
	for (i = 0; i < FDB_BATCH_MAX; i++)
		client_item(&client, 0, client_path("tree/file"));
	assert_int_equal(client_call(&client), 1);
	while (client_next(&client, &got)) {
		assert_int_equal(got.status.error, 0);
		assert_true(util_fd_reads(got.fd, "text"));
		close(got.fd);
		n++;
	}
	assert_int_equal(n, FDB_BATCH_MAX);
	client_end(&client);
}

/* Ask for a name in `items' items, and count the answers and parts. */
static void
expect_parts(unsigned int type, const char *name, int items, int error,
    unsigned int min_parts)
{
	int	 n = 0;

	client_begin(&client, type);
	for (; items > 0; items--)
		client_item(&client, 0, name);
	assert_int_equal(client_call(&client), 1);
	while (client_next(&client, &got)) {
		assert_int_equal(got.status.error, error);
		fd_close(&got.fd);
		n++;
	}
	assert_int_equal(n, client.h.items);
	assert_true(client.parts >= min_parts);
}

/* Answers that do not fit into one message, for several sizes of message. */
static void
test_split_replies(void **state)
{
	static const uint32_t	 sizes[] = { 8192, 16384, PROTO_MAX };
	char			 label[POLICY_LABEL_MAX + 1];
	char			 file[200];
	struct role		*role;
	const char		*what;
	size_t			 i;

	(void)state;
	memset(label, 'l', sizeof(label));
	label[POLICY_LABEL_MAX] = '\0';
	memset(file, 'f', sizeof(file));
	file[sizeof(file) - 1] = '\0';
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		role = client_small_role();
		assert_int_equal(role_add_rule(role, POLICY_DENY,
		    POLICY_OP_ALL, util_path("tree/secret"), label, file, 3,
		    &what), 0);
		client_make(&client, role, false);
		client.state.info.bytes = sizes[i];
		client_attach(&client);
		expect_parts(PROTO_OPEN, client_path("tree/secret"),
		    FDB_BATCH_MAX, EACCES, 64000 / sizes[i] + 1);
		/* The text is as long as it can be. */
		expect_parts(PROTO_STAT, client_path("tree/secret"),
		    FDB_BATCH_MAX, EACCES, 64000 / sizes[i] + 1);
		expect_parts(PROTO_OPEN, client_path("tree/file"),
		    FDB_BATCH_MAX, 0, 28000 / sizes[i]);
		expect_parts(PROTO_STAT, client_path("tree/file"),
		    FDB_BATCH_MAX, 0, 28000 / sizes[i]);
		client_end(&client);
	}
}

/* Links of the greatest length: a small message holds only one. */
static void
test_split_links(void **state)
{
	static char	 target[PROTO_PATH_MAX];

	(void)state;
	memset(target, 't', PROTO_PATH_MAX - 1);
	client_make(&client, client_small_role(), false);
	client.state.info.bytes = 8192;
	client_attach(&client);
	assert_int_equal(symlink(target, util_path("tree/link")), 0);
	expect_parts(PROTO_STAT, client_path("tree/link"), 14, 0, 14);
	assert_int_equal(client_stat(&client, 0, client_path("tree/link"),
	    &got), 0);
	assert_string_equal(got.link, target);
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	client_end(&client);
}

/* The session holds as many directories as it may, and asks for another. */
static void
test_tokens_used_up(void **state)
{
	uint32_t	 i;
	size_t		 fds;

	(void)state;
	client_make(&client, client_small_role(), false);
	client.state.tokens.size = 3;
	client_attach(&client);
	for (i = 1; i <= 3; i++) {
		assert_int_equal(client_list(&client, 0, client_path("tree")),
		    0);
		assert_int_equal(client.token, i);
	}
	fds = util_count_fds();
	assert_int_equal(client_list(&client, 0, client_path("tree")), EMFILE);
	assert_int_equal(client.list.reason, FDB_REASON_LIMIT);
	assert_true(client.eof);
	assert_int_equal(util_count_fds(), fds);
	client_begin(&client, PROTO_FORGET);
	client_token(&client, 2);
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(util_count_fds(), fds - 1);
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	assert_int_equal(client.token, 2);
	client_end(&client);
}

/* The opener is at RLIMIT_NOFILE: items fail, and the session goes on. */
static void
test_no_room(void **state)
{
	(void)state;
	start();
	client_begin(&client, PROTO_OPEN);
	client_item(&client, 0, client_path("tree/file"));
	client_send(&client);
	util_limit_fds(0);
	assert_int_equal(serve_one(&client.sv), 1);
	util_unlimit_fds();
	assert_true(client_next(&client, &got));
	assert_int_equal(got.status.error, EMFILE);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	assert_false(client_next(&client, &got));
	client_begin(&client, PROTO_LIST);
	client_item(&client, 0, client_path("tree"));
	client_send(&client);
	util_limit_fds(0);
	assert_int_equal(serve_one(&client.sv), 1);
	util_unlimit_fds();
	assert_false(client_next(&client, &got));
	assert_int_equal(client.list.error, EMFILE);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	close(got.fd);
	client_end(&client);
}

/* The worker is gone: that is not logged. */
static void
test_worker_gone(void **state)
{
	(void)state;
	start();
	client_begin(&client, PROTO_OPEN);
	client_item(&client, 0, client_path("tree/file"));
	client_send(&client);
	fd_close(&client.sock);
	errno = 0;
	assert_int_equal(serve_one(&client.sv), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_string_equal(util_logged(), "");
	client_end(&client);
}

/* The pauses so far; after free_after of them the limit is lifted. */
static struct {
	int	 n, last, free_after;
} pauses;

static int
lift_limit(void *arg, int ms)
{
	(void)arg;
	pauses.last = ms;
	if (++pauses.n == pauses.free_after)
		client.state.opens = 0;
	return pauses.n > 100000000 ? -1 : 0;
}

static void
start_limited(uint64_t of_role, uint32_t share)
{
	start();
	client.state.calls.pause = lift_limit;
	client.state.role->limits[LIMIT_OPENS] = of_role;
	client.state.opens = share;
	memset(&pauses, 0, sizeof(pauses));
	pauses.free_after = 1;
}

static int
open_some(int n)
{
	client_begin(&client, PROTO_OPEN);
	while (n-- > 0)
		client_item(&client, 0, client_path("tree/none"));
	return client_call(&client);
}

/*
 * The smaller of the role's rate and the session's share applies; a share that
 * changes during a pause applies at once.
 */
static void
test_share(void **state)
{
	(void)state;
	start_limited(0, 5);
	assert_int_equal(open_some(5), 1);
	assert_int_equal(pauses.n, 0);
	assert_int_equal(open_some(5), 1);
	assert_int_equal(pauses.n, 1);
	/* Five opens take a second; the rate is looked at by then. */
	assert_in_range(pauses.last, 1, 1000);
	client_end(&client);

	start_limited(1000000, 5);
	assert_int_equal(open_some(10), 1);
	assert_true(pauses.n >= 1);
	client_end(&client);

	start_limited(5, 1000000);
	pauses.free_after = 0;
	client.state.bucket.at_ms = 1;
	client.state.bucket.left = 0;
	assert_int_equal(open_some(5), 1);
	assert_int_equal(pauses.n, 0);
	assert_int_equal(client.state.bucket.left, 0);
	client_end(&client);
}

/* A worker that does not read: the opener waits for it, or gives up. */
static void
test_worker_slow(void **state)
{
	int	 size = 1, i, n;

	(void)state;
	start();
	assert_int_equal(setsockopt(client.state.sock, SOL_SOCKET, SO_SNDBUF,
	    &size, sizeof(size)), 0);
	client.reads_late = true;
	for (n = 0; n < 30; n++) {
		client_begin(&client, PROTO_OPEN);
		for (i = 0; i < 8; i++)
			client_item(&client, 0, client_path("tree/file"));
		assert_int_equal(client_call(&client), 1);
	}
	assert_true(client.waits > 10);
	client.reads_late = false;
	client.waits = 0;
	for (n = 0; n < 30; n++) {
		client_begin(&client, PROTO_OPEN);
		client_item(&client, 0, client_path("tree/file"));
		if (client_call(&client) == -1)
			break;
	}
	assert_true(n < 30);
	assert_int_equal(client.waits, 1);
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_full_batch),
		UTIL_TEST(test_split_replies),
		UTIL_TEST(test_split_links),
		UTIL_TEST(test_tokens_used_up),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_worker_gone),
		UTIL_TEST(test_share),
		UTIL_TEST(test_worker_slow)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
