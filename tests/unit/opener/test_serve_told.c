/*
 * test_serve_told.c: the opener's side of a session: the records of requests
 * for the audit, and a new role during the session.
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

static void
expect_told(unsigned int n, uint32_t op, const char *name)
{
	char	 path[PROTO_PATH_MAX + 1];

	assert_int_equal(client.ntold, n);
	assert_int_equal(client.told.op, op);
	assert_int_equal(client.told.error, got.status.error);
	assert_int_equal(client.told.reason, got.status.reason);
	assert_int_equal(client.told.id, got.status.id);
	assert_int_equal(client.told.generation, 77);
	assert_string_equal(client.told.where, got.status.where);
	(void)snprintf(path, sizeof(path), "/%s", client_path(name));
	assert_string_equal(client.told.path, path);
}

/* A refusal is recorded in every mode, so that it can be explained. */
static void
test_refusals_told(void **state)
{
	uint32_t	 first;
	uint8_t		 mode;

	(void)state;
	for (mode = AUDITMODE_NONE; mode <= AUDITMODE_DENIED; mode++) {
		client_make(&client, client_small_role(), false);
		client.state.audit = mode;
		client.state.info.id = 0x12345;
		client.state.info.generation = 77;
		client_attach(&client);
		assert_int_equal(client_open(&client, 0,
		    client_path("tree/file"), &got), 0);
		close(got.fd);
		assert_int_equal(got.status.id, 0);
		/* A name that does not exist is no refusal. */
		assert_int_equal(client_open(&client, 0, client_path("tree/no"),
		    &got), ENOENT);
		assert_int_equal(got.status.id, 0);
		assert_int_equal(client_open(&client, 0,
		    client_path("tree/file/x"), &got), ENOTDIR);
		assert_int_equal(client.ntold, 0);

		assert_int_equal(client_open(&client, 0,
		    client_path("tree/secret"), &got), EACCES);
		expect_told(1, POLICY_OP_READ, "tree/secret");
		first = got.status.id;
		assert_int_equal(first, 0x2345001);
		assert_int_equal(client.told.ino, 0);
		assert_int_equal(client_stat(&client, 0,
		    client_path("tree/secret"), &got), EACCES);
		expect_told(2, POLICY_OP_LIST, "tree/secret");
		assert_int_equal(got.status.id, first + 1);
		assert_int_equal(client_list(&client, 0,
		    client_path("tree/secret")), EACCES);
		assert_int_equal(client.ntold, 3);
		assert_int_equal(client.told.op, POLICY_OP_LIST);
		assert_int_equal(client.told.id, client.list.id);
		assert_int_equal(client.list.id, first + 2);
		assert_false(client_next(&client, &got));
		/* An invalid name. */
		assert_int_equal(client_open(&client, 0, "../x\n", &got),
		    EINVAL);
		assert_int_equal(client.ntold, 4);
		assert_int_equal(client.told.reason, FDB_REASON_NAME);
		assert_string_equal(client.told.path, "../x\\012");
		client_end(&client);
	}
}

/* Mode all: every request is recorded, with the file that was opened. */
static void
test_all_told(void **state)
{
	(void)state;
	client_make(&client, client_small_role(), false);
	client.state.audit = AUDITMODE_ALL;
	client.state.info.generation = 77;
	client_attach(&client);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	close(got.fd);
	expect_told(1, POLICY_OP_READ, "tree/file");
	assert_true(client.told.ino == got.st.ino && got.st.ino != 0);
	assert_int_equal(client.told.dev_major, got.st.dev_major);
	assert_int_equal(client.told.dev_minor, got.st.dev_minor);
	assert_int_equal(client_stat(&client, 0, client_path("tree/file"),
	    &got), 0);
	expect_told(2, POLICY_OP_LIST, "tree/file");
	assert_true(client.told.ino == got.st.ino);
	assert_int_equal(client_open(&client, 0, client_path("tree/no"), &got),
	    ENOENT);
	expect_told(3, POLICY_OP_READ, "tree/no");
	assert_int_equal(client.told.ino, 0);
	client_end(&client);
}

/* Records that could not be sent are counted in the next one. */
static void
test_lost_told(void **state)
{
	int	 i;

	(void)state;
	start();
	client.deaf = true;
	for (i = 0; i < 3; i++) {
		assert_int_equal(client_open(&client, 0,
		    client_path("tree/secret"), &got), EACCES);
		assert_int_not_equal(got.status.id, 0);
	}
	assert_int_equal(client.state.lost, 3);
	client.deaf = false;
	assert_int_equal(client_open(&client, 0, client_path("tree/secret"),
	    &got), EACCES);
	assert_int_equal(client.ntold, 1);
	assert_int_equal(client.told.lost, 3);
	assert_int_equal(client_open(&client, 0, client_path("tree/secret"),
	    &got), EACCES);
	assert_int_equal(client.told.lost, 0);
	client_end(&client);
}

/* A new role applies to the next request; the reply has its generation. */
static void
test_new_role(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };

	(void)state;
	start();
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	close(got.fd);
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	while (client_next(&client, &got))
		;
	state_set_role(&client.state, client_role(none), 0x100000005,
	    client.state.audit);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), EACCES);
	assert_int_equal(client.reply.generation, 5);
	/* It applies to the directories that are held, too. */
	assert_int_equal(client_open(&client, client.token, "file", &got),
	    EACCES);
	assert_int_equal(client_stat(&client, client.token, "file", &got),
	    EACCES);
	client_end(&client);
}

/* List the first part of a directory that has more. */
static void
start_long_list(void)
{
	char	 name[32];
	int	 i;

	client_make(&client, client_small_role(), false);
	client.state.info.bytes = 8192;
	client_attach(&client);
	for (i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "tree/%d", i);
		util_write_file(util_path(name), "");
	}
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	while (client_next(&client, &got))
		;
	assert_false(client.eof);
}

/* A new role denies a directory that is being listed. */
static void
test_new_role_in_list(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };
	uint32_t			 token;

	(void)state;
	start_long_list();
	token = client.token;
	assert_int_equal(client_list(&client, token, ""), 0);
	while (client_next(&client, &got))
		;
	assert_false(client.eof);
	assert_int_equal(client.token, token);
	state_set_role(&client.state, client_role(none), 0,
	    client.state.audit);
	assert_int_equal(client_list(&client, token, ""), EACCES);
	assert_int_equal(client.list.reason, FDB_REASON_POLICY);
	assert_true(client.eof);
	assert_int_equal(client.left, 0);
	assert_false(client_next(&client, &got));
	/* It is no longer held. */
	assert_int_equal(client_stat(&client, token, "0", &got), EBADF);
	client_end(&client);
}

/* That refusal is recorded, and has a number. */
static void
test_new_role_in_list_told(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };

	(void)state;
	start_long_list();
	state_set_role(&client.state, client_role(none), 0,
	    client.state.audit);
	assert_int_equal(client_list(&client, client.token, ""), EACCES);
	assert_false(client_next(&client, &got));
	assert_int_not_equal(client.list.id, 0);
	assert_int_equal(client.ntold, 1);
	assert_int_equal(client.told.id, client.list.id);
	client_end(&client);
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
