/*
 * test_serve_told.c: the opener's side of a session: what is told of requests
 * to who records them, and a role that becomes another.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
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

static void
expect_told(unsigned int n, uint32_t op, const char *name)
{
	char	 path[PROTO_PATH_MAX + 1];

	assert_int_equal(c.ntold, n);
	assert_int_equal(c.told.op, op);
	assert_int_equal(c.told.error, a.status.error);
	assert_int_equal(c.told.reason, a.status.reason);
	assert_int_equal(c.told.id, a.status.id);
	assert_int_equal(c.told.generation, 77);
	assert_string_equal(c.told.where, a.status.where);
	(void)snprintf(path, sizeof(path), "/%s", client_path(name));
	assert_string_equal(c.told.path, path);
}

/* A refusal is told whatever the mode: it can be explained by its number. */
static void
test_refusals_told(void **state)
{
	uint32_t	 first;
	uint8_t		 mode;

	(void)state;
	for (mode = EVENT_NONE; mode <= EVENT_DENIED; mode++) {
		client_make(&c, client_small_role(), false);
		c.su.audit = mode;
		c.su.info.id = 0x12345;
		c.su.info.generation = 77;
		client_attach(&c);
		assert_int_equal(client_open(&c, 0, client_path("tree/file"),
		    &a), 0);
		close(a.fd);
		assert_int_equal(a.status.id, 0);
		/* That a name is not there is no refusal. */
		assert_int_equal(client_open(&c, 0, client_path("tree/no"),
		    &a), ENOENT);
		assert_int_equal(a.status.id, 0);
		assert_int_equal(client_open(&c, 0,
		    client_path("tree/file/x"), &a), ENOTDIR);
		assert_int_equal(c.ntold, 0);

		assert_int_equal(client_open(&c, 0,
		    client_path("tree/secret"), &a), EACCES);
		expect_told(1, POLICY_OP_READ, "tree/secret");
		first = a.status.id;
		assert_int_equal(first, 0x2345001);
		assert_int_equal(c.told.ino, 0);
		assert_int_equal(client_stat(&c, 0,
		    client_path("tree/secret"), &a), EACCES);
		expect_told(2, POLICY_OP_LIST, "tree/secret");
		assert_int_equal(a.status.id, first + 1);
		assert_int_equal(client_list(&c, 0,
		    client_path("tree/secret")), EACCES);
		assert_int_equal(c.ntold, 3);
		assert_int_equal(c.told.op, POLICY_OP_LIST);
		assert_int_equal(c.told.id, c.list.id);
		assert_int_equal(c.list.id, first + 2);
		assert_false(client_next(&c, &a));
		/* What is no name at all. */
		assert_int_equal(client_open(&c, 0, "../x\n", &a), EINVAL);
		assert_int_equal(c.ntold, 4);
		assert_int_equal(c.told.reason, FDB_REASON_NAME);
		assert_string_equal(c.told.path, "../x\\012");
		client_end(&c);
	}
}

/* All is told: what was opened is named by what it is. */
static void
test_all_told(void **state)
{
	(void)state;
	client_make(&c, client_small_role(), false);
	c.su.audit = EVENT_ALL;
	c.su.info.generation = 77;
	client_attach(&c);
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	close(a.fd);
	expect_told(1, POLICY_OP_READ, "tree/file");
	assert_true(c.told.ino == a.st.ino && a.st.ino != 0);
	assert_int_equal(c.told.dev_major, a.st.dev_major);
	assert_int_equal(c.told.dev_minor, a.st.dev_minor);
	assert_int_equal(client_stat(&c, 0, client_path("tree/file"), &a), 0);
	expect_told(2, POLICY_OP_LIST, "tree/file");
	assert_true(c.told.ino == a.st.ino);
	assert_int_equal(client_open(&c, 0, client_path("tree/no"), &a),
	    ENOENT);
	expect_told(3, POLICY_OP_READ, "tree/no");
	assert_int_equal(c.told.ino, 0);
	client_end(&c);
}

/* Records that could not be told are counted in the next that can. */
static void
test_lost_told(void **state)
{
	int	 i;

	(void)state;
	start();
	c.deaf = true;
	for (i = 0; i < 3; i++) {
		assert_int_equal(client_open(&c, 0,
		    client_path("tree/secret"), &a), EACCES);
		assert_int_not_equal(a.status.id, 0);
	}
	assert_int_equal(c.sv.lost, 3);
	c.deaf = false;
	assert_int_equal(client_open(&c, 0, client_path("tree/secret"), &a),
	    EACCES);
	assert_int_equal(c.ntold, 1);
	assert_int_equal(c.told.lost, 3);
	assert_int_equal(client_open(&c, 0, client_path("tree/secret"), &a),
	    EACCES);
	assert_int_equal(c.told.lost, 0);
	client_end(&c);
}

/* The role is another from one request to the next; a reply says which. */
static void
test_new_role(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };

	(void)state;
	start();
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	close(a.fd);
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	while (client_next(&c, &a))
		;
	role_free(c.su.role);
	c.su.role = client_role(none);
	c.su.info.generation = 0x100000005;
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a),
	    EACCES);
	assert_int_equal(c.reply.generation, 5);
	/* A directory that is held gives nothing any more either. */
	assert_int_equal(client_open(&c, c.token, "file", &a), EACCES);
	assert_int_equal(client_stat(&c, c.token, "file", &a), EACCES);
	client_end(&c);
}

/* Have the first part of a directory, and more to come. */
static void
start_long_list(void)
{
	char	 name[32];
	int	 i;

	client_make(&c, client_small_role(), false);
	c.su.info.bytes = 8192;
	client_attach(&c);
	for (i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "tree/%d", i);
		util_write_file(util_path(name), "");
	}
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	while (client_next(&c, &a))
		;
	assert_false(c.eof);
}

/* It becomes another in the middle of a directory: no more of it is listed. */
static void
test_new_role_in_list(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };
	uint32_t			 token;

	(void)state;
	start_long_list();
	token = c.token;
	assert_int_equal(client_list(&c, token, ""), 0);
	while (client_next(&c, &a))
		;
	assert_false(c.eof);
	assert_int_equal(c.token, token);
	role_free(c.su.role);
	c.su.role = client_role(none);
	assert_int_equal(client_list(&c, token, ""), EACCES);
	assert_int_equal(c.list.reason, FDB_REASON_POLICY);
	assert_true(c.eof);
	assert_int_equal(c.left, 0);
	assert_false(client_next(&c, &a));
	/* It is held no more. */
	assert_int_equal(client_stat(&c, token, "0", &a), EBADF);
	client_end(&c);
}

/* That refusal has a number as any other. */
static void
test_new_role_in_list_told(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };

	(void)state;
	start_long_list();
	role_free(c.su.role);
	c.su.role = client_role(none);
	assert_int_equal(client_list(&c, c.token, ""), EACCES);
	assert_false(client_next(&c, &a));
	assert_int_not_equal(c.list.id, 0);
	assert_int_equal(c.ntold, 1);
	assert_int_equal(c.told.id, c.list.id);
	client_end(&c);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_refusals_told),
		UTIL_TEST(test_all_told),
		UTIL_TEST(test_lost_told),
		UTIL_TEST(test_new_role),
		UTIL_TEST(test_new_role_in_list),
		UTIL_TEST(test_new_role_in_list_told)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
