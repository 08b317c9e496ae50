/*
 * test_tokens.c: a token names a directory, not a path.  The directory is moved
 * or replaced while a session holds the token, and then used for each
 * operation; nothing but what is in that very directory may be opened.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define WRITE_ANEW	(FDB_WRITE | FDB_CREATE | FDB_TRUNCATE)
#define ALL_OPENS	(POLICY_OP_READ | POLICY_OP_WRITE | \
			    POLICY_OP_APPEND | POLICY_OP_CREATE)

static struct client	 client;
static struct answer	 got;
static uint32_t		 token;		/* of tree/dir */

static void
make_dir(const char *name)
{
	assert_int_equal(mkdir(util_path(name), 0755), 0);
}

static void
move(const char *from, const char *to)
{
	char	 path[PATH_MAX];

	(void)strlcpy(path, util_path(from), sizeof(path));
	assert_int_equal(rename(path, util_path(to)), 0);
}

static void
add_rule(struct role *role, uint32_t ops, const char *name)
{
	const char	*why;

	assert_int_equal(role_add_rule(role, POLICY_PERMIT, ops,
	    util_path(name), NULL, "/etc/test.conf", 1, &why), 0);
}

/*
 * Make tree/dir with a file and a directory, and tree/outside; a role that may
 * do everything beneath the directory `top'; a session that holds tree/dir.
 */
static void
begin(const char *top, uint32_t options, bool clone)
{
	struct role	*role;

	if (clone) {
		util_need_root();
		util_need(FEATURE_CLONES);
	}
	make_dir("tree");
	make_dir("tree/dir");
	make_dir("tree/dir/sub");
	make_dir("tree/outside");
	util_write_file(util_path("tree/dir/file"), "old");
	util_write_file(util_path("tree/dir/sub/file"), "old");
	util_write_file(util_path("tree/outside/file"), "outside");
	assert_int_equal(symlink("file", util_path("tree/dir/link")), 0);
	assert_int_equal(symlink("../outside/file",
	    util_path("tree/dir/up")), 0);
	{
		char	 path[PATH_MAX];

		(void)strlcpy(path, util_path("tree/dir/file"), sizeof(path));
		assert_int_equal(symlink(path, util_path("tree/dir/abs")), 0);
	}
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	add_rule(role, ALL_OPENS, top);
	role->options = options;
	client_start(&client, role, clone);
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	while (client_next(&client, &got))
		;
	token = client.token;
}

/* Put another directory at the path of the one that is held. */
static void
replace(void)
{
	move("tree/dir", "tree/moved");
	make_dir("tree/dir");
	make_dir("tree/dir/sub");
	util_write_file(util_path("tree/dir/file"), "new");
	util_write_file(util_path("tree/dir/sub/file"), "new");
	assert_int_equal(symlink("file", util_path("tree/dir/link")), 0);
}

static int
ask(const char *name, uint8_t access)
{
	int	 error;

	error = client_access(&client, token, name, access, &got);
	fd_close(&got.fd);
	return error;
}

/* What is read beneath the token. */
static void
expect_read(const char *name, const char *text)
{
	assert_int_equal(client_open(&client, token, name, &got), 0);
	assert_true(util_fd_reads(got.fd, text));
	fd_close(&got.fd);
}

static void
expect_text(const char *name, const char *text)
{
	int	 fd;

	assert_return_code(fd = open(util_path(name), O_RDONLY | O_CLOEXEC),
	    errno);
	assert_true(util_fd_reads(fd, text));
	close(fd);
}

/* Each access that writes is refused, and changes nothing. */
static void
expect_stale(void)
{
	static const uint8_t	 ways[] = {
		FDB_WRITE, FDB_APPEND, FDB_READ | FDB_WRITE,
		FDB_WRITE | FDB_TRUNCATE, WRITE_ANEW
	};
	size_t			 i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(ask("file", ways[i]), ESTALE);
		assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
		assert_string_equal(got.status.where,
		    "the directory is no longer at its path");
		assert_int_equal(ask("sub/file", ways[i]), ESTALE);
	}
	assert_int_equal(ask("made", WRITE_ANEW), ESTALE);
	assert_false(util_exists(util_path("tree/dir/made")));
	assert_false(util_exists(util_path("tree/moved/made")));
	assert_false(util_exists(util_path("tree/made")));
}

static void
check_writing(bool clone)
{
	begin("tree", 0, clone);
	assert_int_equal(ask("file", FDB_WRITE), 0);
	assert_int_equal(ask("sub/new", WRITE_ANEW), 0);
	assert_true(util_exists(util_path("tree/dir/sub/new")));
	replace();
	expect_stale();
	expect_text("tree/dir/file", "new");
	expect_text("tree/moved/file", "old");
	expect_read("file", "old");
	expect_read("sub/file", "old");
	/* Nothing is at its path, or a link, or a file. */
	move("tree/dir", "tree/away");
	expect_stale();
	assert_int_equal(symlink("moved", util_path("tree/dir")), 0);
	expect_stale();
	assert_int_equal(unlink(util_path("tree/dir")), 0);
	util_write_file(util_path("tree/dir"), "a file");
	expect_stale();
	assert_int_equal(unlink(util_path("tree/dir")), 0);
	/* It is back. */
	move("tree/moved", "tree/dir");
	assert_int_equal(ask("file", FDB_WRITE | FDB_TRUNCATE), 0);
	expect_text("tree/dir/file", "");
	client_end(&client);
}

static void
test_writing(void **state)
{
	(void)state;
	check_writing(false);
}

static void
test_writing_clone(void **state)
{
	(void)state;
	check_writing(true);
}

/* Where links are followed, a name without links stays in the directory. */
static void
test_follow(void **state)
{
	(void)state;
	begin("tree", POLICY_FOLLOW, false);
	expect_read("link", "old");
	expect_read("up", "outside");
	expect_read("abs", "old");
	replace();
	expect_read("file", "old");
	expect_read("link", "old");
	expect_read("sub/file", "old");
	expect_stale();
	/* Where it leads out of the directory, only a path could say. */
	assert_int_equal(ask("up", FDB_READ), ESTALE);
	assert_int_equal(ask("abs", FDB_READ), ESTALE);
	assert_int_equal(client_stat(&client, token, "file", &got), 0);
	assert_int_equal(got.st.size, 3);
	move("tree/dir", "tree/away");
	move("tree/moved", "tree/dir");
	expect_read("up", "outside");
	assert_int_equal(ask("up", FDB_WRITE | FDB_TRUNCATE), 0);
	expect_text("tree/outside/file", "");
	assert_int_equal(ask("link", FDB_WRITE | FDB_TRUNCATE), 0);
	expect_text("tree/dir/file", "");
	client_end(&client);
}

/*
 * A root lies beneath the directory of the token, and a link beneath it leads
 * out of the directory: what counts is the root above.
 */
static void
test_follow_nested(void **state)
{
	struct role	*role;

	(void)state;
	make_dir("tree");
	make_dir("tree/dir");
	make_dir("tree/dir/sub");
	make_dir("tree/outside");
	util_write_file(util_path("tree/outside/file"), "outside");
	assert_int_equal(symlink("../../outside/file",
	    util_path("tree/dir/sub/out")), 0);
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	add_rule(role, POLICY_OP_READ, "tree");
	add_rule(role, POLICY_OP_READ, "tree/dir/sub");
	/* With one-filesystem, the lower root is a root of its own. */
	role->options = POLICY_FOLLOW | POLICY_ONE_FILESYSTEM;
	client_start(&client, role, false);
	assert_int_equal(client.state.roots.n, 2);
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	while (client_next(&client, &got))
		;
	token = client.token;
	expect_read("sub/out", "outside");
	move("tree/dir", "tree/moved");
	assert_int_equal(ask("sub/out", FDB_READ), ESTALE);
	client_end(&client);
}

/* STAT and LIST beneath the token see that directory. */
static void
check_looks(uint32_t options)
{
	begin("tree", options, false);
	util_write_file(util_path("tree/dir/sub/only"), "");
	replace();
	assert_int_equal(client_stat(&client, token, "sub/only", &got), 0);
	assert_int_equal(client_list(&client, token, "sub"), 0);
	while (client_next(&client, &got) && strcmp(got.name, "only") != 0)
		;
	assert_string_equal(got.name, "only");
	while (client_next(&client, &got))
		;
	client_end(&client);
}

static void
test_looks(void **state)
{
	(void)state;
	check_looks(0);
}

static void
test_looks_follow(void **state)
{
	(void)state;
	check_looks(POLICY_FOLLOW);
}

/*
 * The root for an operation lies beneath the directory of the token.  The root
 * is what was there when the session began, so the token must still lead to it.
 */
static void
test_root_beneath(void **state)
{
	struct role	*role;

	(void)state;
	make_dir("tree");
	make_dir("tree/dir");
	make_dir("tree/dir/sub");
	util_write_file(util_path("tree/dir/sub/file"), "old");
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	add_rule(role, POLICY_OP_READ, "tree");
	add_rule(role, POLICY_OP_WRITE, "tree/dir/sub");
	client_start(&client, role, false);
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	while (client_next(&client, &got))
		;
	token = client.token;
	assert_int_equal(ask("sub/file", FDB_WRITE), 0);
	move("tree/dir/sub", "tree/dir/moved");
	make_dir("tree/dir/sub");
	util_write_file(util_path("tree/dir/sub/file"), "new");
	expect_read("sub/file", "new");
	assert_int_equal(ask("sub/file", FDB_WRITE | FDB_TRUNCATE), ESTALE);
	expect_text("tree/dir/sub/file", "new");
	expect_text("tree/dir/moved/file", "old");
	client_end(&client);
}

/*
 * The rules judge by the path at which the directory was listed, wherever it is
 * now: a move into a denied place takes nothing away, and a move into a
 * permitted one gives nothing.
 */
static void
test_judged_by_path(void **state)
{
	struct role	*role;
	const char	*why;

	(void)state;
	make_dir("tree");
	make_dir("tree/dir");
	make_dir("tree/denied");
	util_write_file(util_path("tree/dir/file"), "old");
	util_write_file(util_path("tree/dir/key"), "key");
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	add_rule(role, POLICY_OP_READ, "tree");
	assert_int_equal(role_add_rule(role, POLICY_DENY, POLICY_OP_ALL,
	    util_path("tree/denied"), NULL, "/f", 2, &why), 0);
	assert_int_equal(role_add_rule(role, POLICY_DENY, POLICY_OP_ALL,
	    util_path("tree/dir/key"), NULL, "/f", 3, &why), 0);
	client_start(&client, role, false);
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	while (client_next(&client, &got))
		;
	token = client.token;
	move("tree/dir", "tree/denied/dir");
	expect_read("file", "old");
	assert_int_equal(ask("key", FDB_READ), EACCES);
	move("tree/denied/dir", "tree/elsewhere");
	expect_read("file", "old");
	assert_int_equal(ask("key", FDB_READ), EACCES);
	client_end(&client);
}

/* On a clone on which no device opens: special needs another root. */
static void
test_special(void **state)
{
	struct role	*role;

	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	make_dir("tree");
	make_dir("tree/dir");
	make_dir("tree/dir/sub");
	assert_int_equal(mkfifo(util_path("tree/dir/sub/fifo"), 0600), 0);
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	add_rule(role, POLICY_OP_READ, "tree");
	add_rule(role, POLICY_OP_READ | POLICY_OP_SPECIAL, "tree/dir/sub");
	client_start(&client, role, true);
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	while (client_next(&client, &got))
		;
	token = client.token;
	assert_int_equal(ask("sub/fifo", FDB_READ), 0);
	move("tree/dir/sub", "tree/dir/moved");
	make_dir("tree/dir/sub");
	assert_int_equal(mkfifo(util_path("tree/dir/sub/fifo"), 0600), 0);
	assert_int_equal(ask("sub/fifo", FDB_READ), ESTALE);
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_writing),
		UTIL_TEST(test_writing_clone),
		UTIL_TEST(test_follow),
		UTIL_TEST(test_follow_nested),
		UTIL_TEST(test_looks),
		UTIL_TEST(test_looks_follow),
		UTIL_TEST(test_root_beneath),
		UTIL_TEST(test_judged_by_path),
		UTIL_TEST(test_special)
	};

#ifndef WITHOUT_OPENAT2
	util_program_needs(FEATURE_OPENAT2);
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
