/*
 * test_serve_limits.c: the opener's side of a session: as much as there may
 * be, answers in parts, no room for what is asked for, and workers that do not
 * read.
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

#include "client.h"
#include "util.h"

static struct client	 c;
static struct answer	 a;

static void
start(void)
{
	client_start(&c, client_small_role(), false);
}

/* As many items as there may be: all of them good. */
static void
test_full_batch(void **state)
{
	int	 i, n = 0;

	(void)state;
	start();
	client_begin(&c, PROTO_OPEN);
	for (i = 0; i < FDB_BATCH_MAX; i++)
		client_item(&c, 0, client_path("tree/file"));
	assert_int_equal(client_call(&c), 1);
	while (client_next(&c, &a)) {
		assert_int_equal(a.status.error, 0);
		assert_true(util_fd_reads(a.fd, "text"));
		close(a.fd);
		n++;
	}
	assert_int_equal(n, FDB_BATCH_MAX);
	client_end(&c);
}

/* Send `items' requests for a name, and count the answers and parts. */
static void
expect_parts(unsigned int type, const char *name, int items, int error,
    unsigned int min_parts)
{
	int	 n = 0;

	client_begin(&c, type);
	for (; items > 0; items--)
		client_item(&c, 0, name);
	assert_int_equal(client_call(&c), 1);
	while (client_next(&c, &a)) {
		assert_int_equal(a.status.error, error);
		fdmsg_close_fds(&a.fd, 1);
		n++;
	}
	assert_int_equal(n, c.h.items);
	assert_true(c.parts >= min_parts);
}

/* Answers that do not fit into one message, of the sizes that there are. */
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
		client_make(&c, role, false);
		c.su.info.bytes = sizes[i];
		client_attach(&c);
		expect_parts(PROTO_OPEN, client_path("tree/secret"),
		    FDB_BATCH_MAX, EACCES, 64000 / sizes[i] + 1);
		/* The longest text is there, cut if it must be. */
		expect_parts(PROTO_STAT, client_path("tree/secret"),
		    FDB_BATCH_MAX, EACCES, 64000 / sizes[i] + 1);
		expect_parts(PROTO_OPEN, client_path("tree/file"),
		    FDB_BATCH_MAX, 0, 28000 / sizes[i]);
		expect_parts(PROTO_STAT, client_path("tree/file"),
		    FDB_BATCH_MAX, 0, 28000 / sizes[i]);
		client_end(&c);
	}
}

/* Links of the longest target, each of which takes half a small message. */
static void
test_split_links(void **state)
{
	static char	 target[PROTO_PATH_MAX];

	(void)state;
	memset(target, 't', PROTO_PATH_MAX - 1);
	client_make(&c, client_small_role(), false);
	c.su.info.bytes = 8192;
	client_attach(&c);
	assert_int_equal(symlink(target, util_path("tree/link")), 0);
	expect_parts(PROTO_STAT, client_path("tree/link"), 14, 0, 14);
	assert_int_equal(client_stat(&c, 0, client_path("tree/link"), &a), 0);
	assert_string_equal(a.link, target);
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	client_end(&c);
}

/* As many directories as may be held, and one more. */
static void
test_tokens_used_up(void **state)
{
	uint32_t	 i;
	size_t		 fds;

	(void)state;
	client_make(&c, client_small_role(), false);
	c.su.info.tokens = 3;
	client_attach(&c);
	for (i = 1; i <= 3; i++) {
		assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
		assert_int_equal(c.token, i);
	}
	fds = util_count_fds();
	assert_int_equal(client_list(&c, 0, client_path("tree")), EMFILE);
	assert_int_equal(c.list.reason, FDB_REASON_LIMIT);
	assert_true(c.eof);
	assert_int_equal(util_count_fds(), fds);
	client_begin(&c, PROTO_FORGET);
	client_token(&c, 2);
	assert_int_equal(client_call(&c), 1);
	assert_int_equal(util_count_fds(), fds - 1);
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	assert_int_equal(c.token, 2);
	client_end(&c);
}

/* No descriptors are left in the opener: items fail, the session goes on. */
static void
test_no_room(void **state)
{
	(void)state;
	start();
	client_begin(&c, PROTO_OPEN);
	client_item(&c, 0, client_path("tree/file"));
	client_send(&c);
	util_limit_fds(0);
	assert_int_equal(serve_one(&c.sv), 1);
	util_unlimit_fds();
	assert_true(client_next(&c, &a));
	assert_int_equal(a.status.error, EMFILE);
	assert_int_equal(a.status.reason, FDB_REASON_KERNEL);
	assert_false(client_next(&c, &a));
	client_begin(&c, PROTO_LIST);
	client_item(&c, 0, client_path("tree"));
	client_send(&c);
	util_limit_fds(0);
	assert_int_equal(serve_one(&c.sv), 1);
	util_unlimit_fds();
	assert_false(client_next(&c, &a));
	assert_int_equal(c.list.error, EMFILE);
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	close(a.fd);
	client_end(&c);
}

/* The worker is gone: no message says so, and nobody is told or logs it. */
static void
test_worker_gone(void **state)
{
	(void)state;
	start();
	client_begin(&c, PROTO_OPEN);
	client_item(&c, 0, client_path("tree/file"));
	client_send(&c);
	fdmsg_close_fds(&c.sock, 1);
	errno = 0;
	assert_int_equal(serve_one(&c.sv), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_string_equal(util_logged(), "");
	client_end(&c);
}

/* Pauses that the opener made; after so many there is no limit any more. */
static struct {
	int	 n, last, free_after;
} pauses;

static int
lift_limit(void *arg, int ms)
{
	(void)arg;
	pauses.last = ms;
	if (++pauses.n == pauses.free_after)
		c.su.opens = 0;
	return pauses.n > 100000000 ? -1 : 0;
}

static void
start_limited(uint64_t of_role, uint32_t share)
{
	start();
	c.sv.pause = lift_limit;
	c.su.role->limits[LIMIT_OPENS] = of_role;
	c.su.opens = share;
	memset(&pauses, 0, sizeof(pauses));
	pauses.free_after = 1;
}

static int
open_some(int n)
{
	client_begin(&c, PROTO_OPEN);
	while (n-- > 0)
		client_item(&c, 0, client_path("tree/none"));
	return client_call(&c);
}

/*
 * The smaller of the role's rate and the share of the user's counts, and a
 * share that changes counts while it is waited for.
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
	/* So long would take five, and it looks again sooner than that. */
	assert_in_range(pauses.last, 1, 1000);
	client_end(&c);

	start_limited(1000000, 5);
	assert_int_equal(open_some(10), 1);
	assert_true(pauses.n >= 1);
	client_end(&c);

	start_limited(5, 1000000);
	pauses.free_after = 0;
	c.sv.opens_at = 1;
	c.sv.opens_left = 0;
	assert_int_equal(open_some(5), 1);
	assert_int_equal(pauses.n, 0);
	assert_int_equal(c.sv.opens_left, 0);
	client_end(&c);
}

/* A worker that does not read: the opener waits for it, or gives up. */
static void
test_worker_slow(void **state)
{
	int	 size = 1, i, n;

	(void)state;
	start();
	assert_int_equal(setsockopt(c.su.sock, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)), 0);
	c.reads_late = true;
	for (n = 0; n < 30; n++) {
		client_begin(&c, PROTO_OPEN);
		for (i = 0; i < 8; i++)
			client_item(&c, 0, client_path("tree/file"));
		assert_int_equal(client_call(&c), 1);
	}
	assert_true(c.waits > 10);
	c.reads_late = false;
	c.waits = 0;
	for (n = 0; n < 30; n++) {
		client_begin(&c, PROTO_OPEN);
		client_item(&c, 0, client_path("tree/file"));
		if (client_call(&c) == -1)
			break;
	}
	assert_true(n < 30);
	assert_int_equal(c.waits, 1);
	client_end(&c);
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
