/*
 * test_open_ahead.c: a request that threads help with is answered as any other,
 * and opens nothing more.
 */

#include "config.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "tests/unit/client.h"
#include "tests/unit/lines.h"
#include "tests/unit/util.h"

#define FILES	60
#define RUN	10

static struct client	 client;

static const char *const	 rules[] = {
	"+tree", "-tree/file2*", "-tree/dir/denied", NULL
};

/* Files, of which some are denied, and what cannot be opened for reading. */
static void
plant(void)
{
	char	 name[64];
	int	 i;

	assert_return_code(mkdir(util_path("tree"), 0755), errno);
	assert_return_code(mkdir(util_path("tree/dir"), 0755), errno);
	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/file%d", i);
		util_write_file(util_path(name), "text");
		(void)snprintf(name, sizeof(name), "tree/dir/file%d", i);
		util_write_file(util_path(name), "text");
	}
	assert_return_code(mkdir(util_path("tree/dir/sub"), 0755), errno);
	for (i = 0; i < RUN; i++) {
		(void)snprintf(name, sizeof(name), "tree/dir/sub/file%d", i);
		util_write_file(util_path(name), "text");
	}
	assert_return_code(symlink("file0", util_path("tree/link")), errno);
	assert_return_code(symlink("dir", util_path("tree/way")), errno);
	assert_return_code(mkfifo(util_path("tree/fifo"), 0644), errno);
}

/* Names that follow each other, in one directory, or in none. */
static void
add_runs(uint32_t token, uint8_t access)
{
	static const char *const dirs[] = {
		"tree/dir", "tree/dir/sub", "tree/way", "tree/none",
		"tree/file0", "tree/dir/denied"
	};
	char	 name[64];
	size_t	 i, k;

	for (k = 0; k < sizeof(dirs) / sizeof(dirs[0]); k++) {
		for (i = 12; i < 12 + RUN; i++) {
			(void)snprintf(name, sizeof(name), "%s/file%zu",
			    dirs[k], i % 16);
			client_item_for(&client, 0, client_path(name), access);
		}
	}
	for (i = 0; i < RUN; i++) {
		(void)snprintf(name, sizeof(name), "sub/file%zu", i);
		client_item_for(&client, token, name, access);
	}
	client_item_for(&client, token, "sub/none", access);
	client_item_for(&client, token, "sub", access);
}

static void
add_all(uint32_t token, uint8_t access)
{
	static const char *const others[] = {
		"tree", "tree/dir", "tree/link", "tree/way/file1", "tree/fifo",
		"tree/none", "tree/dir/none", "tree/file0/x", "tree/dir/denied",
		"tree/../x", "other"
	};
	char	 name[64];
	size_t	 i;

	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/file%zu", i);
		client_item_for(&client, 0, client_path(name), access);
		(void)snprintf(name, sizeof(name), "file%zu", i);
		client_item_for(&client, token, name, access);
		if (i < sizeof(others) / sizeof(others[0]))
			client_item_for(&client, 0, client_path(others[i]),
			    access);
	}
	add_runs(token, access);
	/* A token that nobody holds, and names that nobody may ask for. */
	client_item_for(&client, 12345, "file1", access);
	client_item_for(&client, token, "a//b", access);
	client_item_for(&client, token, "fifo", access);
}

/* The token of the directory. */
static uint32_t
list_dir(void)
{
	struct answer	 a;

	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	while (client_next(&client, &a))
		;
	return client.token;
}

/* What is answered, but for the number of a refusal. */
static void
note_answers(struct lines *l)
{
	struct answer	 a;

	assert_int_equal(client_call(&client), 1);
	while (client_next(&client, &a)) {
		lines_add(l, "%u %u %s %s %llu", a.status.error,
		    a.status.reason, a.status.where,
		    a.fd != -1 ? "open" : "-",
		    a.fd != -1 ? (unsigned long long)a.st.ino : 0ULL);
		fd_close(&a.fd);
	}
}

static void
compare(const struct lines *one, const struct lines *other)
{
	size_t	 i;

	assert_int_equal(one->n, other->n);
	for (i = 0; i < one->n; i++)
		assert_string_equal(one->list[i], other->list[i]);
}

/* One request, without and with threads. */
static void
expect_alike(uint8_t access, bool clone)
{
	struct lines	 alone = { NULL, 0, 0 }, helped = { NULL, 0, 0 };
	unsigned int	 told;
	uint32_t	 token;

	client_start(&client, client_role(rules), clone);
	token = list_dir();
	told = client.ntold;
	client_begin(&client, PROTO_OPEN);
	add_all(token, access);
	note_answers(&alone);
	told = client.ntold - told;
	client.ntold = 0;
	client_threads(&client);
	client_begin(&client, PROTO_OPEN);
	add_all(token, access);
	note_answers(&helped);
	assert_int_equal(client.ntold, told);
	assert_true(alone.n > 2 * FILES);
	compare(&alone, &helped);
	client_end(&client);
	lines_free(&alone);
	lines_free(&helped);
}

static void
test_alike(void **state)
{
	static const uint8_t	 accesses[] = {
		FDB_READ, FDB_READ | FDB_NOFOLLOW, FDB_WRITE
	};
	size_t			 i;

	(void)state;
	plant();
	for (i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		expect_alike(accesses[i], false);
		client_trusts_nothing = true;
		expect_alike(accesses[i], false);
		client_trusts_nothing = false;
	}
}

/* With clones, which need rights that not everybody has. */
static void
test_alike_clone(void **state)
{
	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	plant();
	expect_alike(FDB_READ, true);
}

/* What the policy denies is not opened. */
static void
test_unopened(void **state)
{
	union {
		struct inotify_event	 event;
		char			 bytes[65536];
	}			 buf;
	const struct inotify_event *e;
	struct lines		 l = { NULL, 0, 0 };
	size_t			 opened = 0;
	char			*p;
	ssize_t			 n;
	int			 fd;

	(void)state;
	plant();
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	assert_return_code(fd, errno);
	assert_return_code(inotify_add_watch(fd, util_path("tree"), IN_OPEN),
	    errno);
	client_start(&client, client_role(rules), false);
	client_threads(&client);
	client_begin(&client, PROTO_OPEN);
	add_all(0, FDB_READ);
	note_answers(&l);
	client_end(&client);
	while ((n = read(fd, &buf, sizeof(buf))) > 0)
		for (p = buf.bytes; p < buf.bytes + n;
		    p += sizeof(*e) + e->len) {
			e = (const void *)p;
			opened += e->len > 0;
			if (e->len > 0 && strncmp(e->name, "file2", 5) == 0)
				fail_msg("%s was opened", e->name);
		}
	assert_true(opened >= FILES / 2);
	fd_close(&fd);
	lines_free(&l);
}

/* A file is made before the same request reads it. */
static void
test_order(void **state)
{
	struct answer	 a;
	struct role	*role;
	char		 name[64];
	const char	*what;
	int		 i;

	(void)state;
	plant();
	role = client_role(rules);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ |
	    POLICY_OP_WRITE | POLICY_OP_CREATE, util_path("tree"), NULL,
	    "/etc/test.conf", 9, &what), 0);
	client_start(&client, role, false);
	client_threads(&client);
	client_begin(&client, PROTO_OPEN);
	client_item_for(&client, 0, client_path("tree/new"),
	    FDB_WRITE | FDB_CREATE);
	client_item_for(&client, 0, client_path("tree/new"), FDB_READ);
	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/file%d", i);
		client_item_for(&client, 0, client_path(name), FDB_READ);
	}
	assert_int_equal(client_call(&client), 1);
	for (i = 0; i < 2; i++) {
		assert_true(client_next(&client, &a));
		assert_int_equal(a.status.error, 0);
		fd_close(&a.fd);
	}
	while (client_next(&client, &a))
		fd_close(&a.fd);
	client_end(&client);
}

/* Ask for all files with few descriptors.  How many were opened. */
static int
open_with_few(void)
{
	struct answer	 a;
	char		 name[64];
	int		 i, n = 0;

	client_begin(&client, PROTO_OPEN);
	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/dir/file%d", i);
		client_item_for(&client, 0, client_path(name), FDB_READ);
	}
	util_limit_fds(20);
	assert_int_equal(client_call(&client), 1);
	util_unlimit_fds();
	for (i = 0; client_next(&client, &a); i++) {
		if (a.fd == -1) {
			assert_int_equal(a.status.error, EMFILE);
			continue;
		}
		/* None after one that was not. */
		assert_int_equal(n, i);
		n++;
		fd_close(&a.fd);
	}
	assert_int_equal(i, FILES);
	return n;
}

/* If there are too few descriptors, the first files are opened. */
static void
test_few_descriptors(void **state)
{
	int	 alone, i;

	(void)state;
	plant();
	client_start(&client, client_role(rules), false);
	alone = open_with_few();
	assert_true(alone > 0 && alone < FILES);
	client_threads(&client);
	for (i = 0; i < 100; i++)
		assert_true(open_with_few() >= alone);
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_alike),
		UTIL_TEST(test_alike_clone),
		UTIL_TEST(test_unopened),
		UTIL_TEST(test_order),
		UTIL_TEST(test_few_descriptors)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
