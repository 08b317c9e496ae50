/*
 * test_open.c: OPEN to write and to create: each question that the policy is
 * asked before an open, after it, and after links were followed; and a file
 * whose open is refused stays as it was.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

#define WRITE_ANEW	(FDB_WRITE | FDB_CREATE | FDB_TRUNCATE)
#define WRITE_NEW	(FDB_WRITE | FDB_CREATE | FDB_EXCLUSIVE)

static struct client	 client;
static struct answer	 got;

static void
add_rule(struct role *role, enum policy_action action, uint32_t ops,
    const char *name, bool exclusive)
{
	struct rule_spec	 spec;
	const char		*why;

	memset(&spec, 0, sizeof(spec));
	policy_create_init(&spec.create);
	spec.action = action;
	spec.ops = ops;
	spec.pattern = util_path(name);
	spec.create.exclusive = exclusive;
	spec.file = "/etc/test.conf";
	spec.line = (int)role->nrules + 1;
	if (role_add(role, &spec, &why) == -1)
		fail_msg("%s: %s", name, why);
}

/*
 * Make tree/file, tree/hard (the same file) and tree/single, and a role that
 * may read, write, append and create beneath tree.
 */
static struct role *
make_tree(bool exclusive)
{
	char		 path[PATH_MAX];
	struct role	*role;

	assert_int_equal(mkdir(util_path("tree"), 0755), 0);
	util_write_file(util_path("tree/file"), "text");
	util_write_file(util_path("tree/single"), "text");
	(void)strlcpy(path, util_path("tree/file"), sizeof(path));
	assert_int_equal(link(path, util_path("tree/hard")), 0);
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	add_rule(role, POLICY_PERMIT, POLICY_OP_READ | POLICY_OP_WRITE |
	    POLICY_OP_APPEND | POLICY_OP_CREATE, "tree", exclusive);
	return role;
}

static int
ask(const char *name, uint8_t access)
{
	int	 error;

	error = client_access(&client, 0, client_path(name), access, &got);
	fd_close(&got.fd);
	return error;
}

static void
expect_denied(const char *name, uint8_t access, int error, const char *where)
{
	assert_int_equal(ask(name, access), error);
	assert_int_equal(got.status.reason, FDB_REASON_POLICY);
	assert_string_equal(got.status.where, where);
	assert_int_not_equal(got.status.id, 0);
	assert_int_equal(client.told.reason, FDB_REASON_POLICY);
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

/* Option single-link denies a file with several names. */
static void
test_several_links(void **state)
{
	static const char	 where[] = "option single-link of role "
				    "\"test\"";
	struct role		*role = make_tree(false);

	(void)state;
	role->options = POLICY_SINGLE_LINK;
	client_start(&client, role, false);
	expect_denied("tree/file", FDB_READ, EACCES, where);
	expect_denied("tree/hard", FDB_WRITE, EACCES, where);
	expect_denied("tree/hard", FDB_APPEND, EACCES, where);
	expect_denied("tree/file", WRITE_ANEW, EACCES, where);
	expect_text("tree/file", "text");
	assert_int_equal(ask("tree/single", FDB_READ), 0);
	assert_int_equal(ask("tree/single", FDB_WRITE), 0);
	client_end(&client);
}

/* Option owned-by-peer denies the file of another user. */
static void
test_not_peers(void **state)
{
	static const char	 where[] = "option owned-by-peer of role "
				    "\"test\"";
	struct role		*role = make_tree(false);

	(void)state;
	role->options = POLICY_OWNED_BY_PEER;
	client_make(&client, role, false);
	client.state.peer_uid = geteuid() + 1;
	client_attach(&client);
	expect_denied("tree/file", FDB_READ, EACCES, where);
	expect_denied("tree/file", FDB_WRITE | FDB_TRUNCATE, EACCES, where);
	expect_text("tree/file", "text");
	client.state.peer_uid = geteuid();
	assert_int_equal(ask("tree/file", FDB_READ), 0);
	client_end(&client);
}

/* The rules permit a FIFO; option regular-only denies it. */
static void
test_not_regular(void **state)
{
	struct role	*role = make_tree(false);

	(void)state;
	assert_int_equal(mkfifo(util_path("tree/fifo"), 0600), 0);
	add_rule(role, POLICY_PERMIT, POLICY_OP_SPECIAL, "tree/fifo", false);
	client_start(&client, role, false);
	assert_int_equal(ask("tree/fifo", FDB_READ), 0);
	role->options = POLICY_REGULAR_ONLY;
	expect_denied("tree/fifo", FDB_READ, EACCES,
	    "option regular-only of role \"test\"");
	client_end(&client);
}

/* FDB_EXCLUSIVE: a file that exists is not opened, and not truncated. */
static void
test_there_already(void **state)
{
	(void)state;
	client_start(&client, make_tree(false), false);
	assert_int_equal(ask("tree/file", WRITE_NEW | FDB_TRUNCATE), EEXIST);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	expect_text("tree/file", "text");
	assert_int_equal(ask("tree/new", WRITE_NEW), 0);
	assert_int_equal(ask("tree/new", WRITE_NEW), EEXIST);
	/* Without FDB_EXCLUSIVE, and with a rule that is not exclusive. */
	assert_int_equal(ask("tree/file", FDB_WRITE | FDB_CREATE), 0);
	expect_text("tree/file", "text");
	assert_int_equal(ask("tree/file", WRITE_ANEW), 0);
	assert_int_equal(got.st.size, 0);
	expect_text("tree/file", "");
	client_end(&client);
}

/*
 * FDB_EXCLUSIVE: whatever exists is the reason, of any type.  What fails on the
 * way to the name is not.
 */
static void
check_exclusive(uint32_t options)
{
	static const char *const	 there[] = {
		"tree/dir", "tree/link", "tree/todir", "tree/dangling",
		"tree/loop", "tree/fifo"
	};
	struct role			*role = make_tree(false);
	size_t				 i;

	assert_int_equal(mkdir(util_path("tree/dir"), 0755), 0);
	assert_int_equal(symlink("file", util_path("tree/link")), 0);
	assert_int_equal(symlink("dir", util_path("tree/todir")), 0);
	assert_int_equal(symlink("made", util_path("tree/dangling")), 0);
	assert_int_equal(symlink("loop", util_path("tree/loop")), 0);
	assert_int_equal(mkfifo(util_path("tree/fifo"), 0600), 0);
	role->options = options;
	client_start(&client, role, false);
	for (i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
		assert_int_equal(ask(there[i], WRITE_NEW), EEXIST);
		assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
		assert_int_equal(ask(there[i], FDB_APPEND | FDB_CREATE |
		    FDB_EXCLUSIVE), EEXIST);
	}
	assert_false(util_exists(util_path("tree/made")));
	assert_int_equal(ask("tree/loop/new", WRITE_NEW), ELOOP);
	assert_int_equal(ask("tree/file/new", WRITE_NEW), ENOTDIR);
	assert_int_equal(ask("tree/none/new", WRITE_NEW), ENOENT);
	/* Only the last component is not followed. */
	assert_int_equal(ask("tree/todir/new", WRITE_NEW),
	    options & POLICY_FOLLOW ? 0 : ELOOP);
	assert_int_equal(util_exists(util_path("tree/dir/new")),
	    (options & POLICY_FOLLOW) != 0);
	client_end(&client);
}

static void
test_exclusive_types(void **state)
{
	(void)state;
	check_exclusive(0);
}

static void
test_exclusive_follow(void **state)
{
	(void)state;
	check_exclusive(POLICY_FOLLOW);
}

/*
 * FDB_NOFOLLOW in a role with option follow: a link as the last component is
 * not followed, and nothing is created at its target.
 */
static void
test_nofollow(void **state)
{
	static const char *const	 links[] = {
		"tree/link", "tree/dangling", "tree/twice", "tree/out"
	};
	struct role			*role = make_tree(false);
	size_t				 i;

	(void)state;
	assert_int_equal(mkdir(util_path("tree/dir"), 0755), 0);
	util_write_file(util_path("tree/dir/file"), "text");
	assert_int_equal(symlink("file", util_path("tree/link")), 0);
	assert_int_equal(symlink("link", util_path("tree/twice")), 0);
	assert_int_equal(symlink("dir", util_path("tree/todir")), 0);
	assert_int_equal(symlink("made", util_path("tree/dangling")), 0);
	assert_int_equal(symlink("/etc/passwd", util_path("tree/out")), 0);
	role->options = POLICY_FOLLOW;
	client_start(&client, role, false);
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		assert_int_equal(ask(links[i], FDB_READ | FDB_NOFOLLOW),
		    ELOOP);
		assert_int_equal(ask(links[i], WRITE_ANEW | FDB_NOFOLLOW),
		    ELOOP);
	}
	assert_false(util_exists(util_path("tree/made")));
	expect_text("tree/file", "text");
	/* What is no link is opened, also through a link to a directory. */
	assert_int_equal(ask("tree/file", FDB_READ | FDB_NOFOLLOW), 0);
	assert_int_equal(ask("tree/todir/file", FDB_READ | FDB_NOFOLLOW), 0);
	assert_int_equal(ask("tree/new", WRITE_ANEW | FDB_NOFOLLOW), 0);
	/* Without it, the links are followed. */
	assert_int_equal(ask("tree/twice", FDB_READ), 0);
	assert_int_equal(ask("tree/dangling", WRITE_ANEW), 0);
	client_end(&client);
}

/*
 * An exclusive rule permits nothing on a file that exists, whether or not the
 * worker asks for FDB_EXCLUSIVE.
 */
static void
test_exclusive_rule(void **state)
{
	static const char	 where[] =
				    "it exists, and the rule says exclusive";
	static const uint8_t	 ways[] = {
		FDB_WRITE, FDB_APPEND, FDB_READ | FDB_WRITE,
		FDB_WRITE | FDB_CREATE, FDB_APPEND | FDB_CREATE,
		FDB_WRITE | FDB_TRUNCATE, WRITE_ANEW, FDB_READ
	};
	struct role		*role = make_tree(true);
	size_t			 i;

	(void)state;
	client_start(&client, role, false);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		expect_denied("tree/file", ways[i], EEXIST, where);
	expect_text("tree/file", "text");
	/* It is still listed, and the worker's own wish comes first. */
	assert_int_equal(client_stat(&client, 0, client_path("tree/file"),
	    &got), 0);
	assert_int_equal(ask("tree/file", WRITE_NEW), EEXIST);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	/* The same worker may not open the file that it has created. */
	assert_int_equal(ask("tree/new", FDB_READ | FDB_WRITE | FDB_CREATE),
	    0);
	expect_denied("tree/new", FDB_WRITE | FDB_CREATE, EEXIST, where);
	expect_denied("tree/new", FDB_READ, EEXIST, where);
	/* What another rule permits to read is read. */
	add_rule(role, POLICY_PERMIT, POLICY_OP_READ, "tree/file", false);
	assert_int_equal(ask("tree/file", FDB_READ), 0);
	expect_denied("tree/file", FDB_READ | FDB_WRITE, EEXIST, where);
	/* Another rule about writing does not lift the one about creating. */
	add_rule(role, POLICY_PERMIT, POLICY_OP_WRITE, "tree/file", false);
	expect_denied("tree/file", FDB_WRITE, EEXIST, where);
	client_end(&client);
}

/*
 * A link leads to a name at which a file may be created, but not written.  The
 * file does not exist, so there is no object to judge: only the question after
 * the links denies it.
 */
static void
test_link_to_denied(void **state)
{
	struct role	*role = make_tree(false);

	(void)state;
	add_rule(role, POLICY_DENY, POLICY_OP_WRITE, "tree/denied", false);
	assert_int_equal(symlink("denied", util_path("tree/link")), 0);
	assert_int_equal(symlink("other", util_path("tree/fine")), 0);
	role->options = POLICY_FOLLOW;
	client_start(&client, role, false);
	expect_denied("tree/link", FDB_WRITE | FDB_CREATE, EACCES,
	    "test.conf:2");
	assert_false(util_exists(util_path("tree/denied")));
	expect_denied("tree/denied", FDB_WRITE | FDB_CREATE, EACCES,
	    "test.conf:2");
	assert_false(util_exists(util_path("tree/denied")));
	/* If the policy permits the target of the link, it is created. */
	assert_int_equal(ask("tree/fine", FDB_WRITE | FDB_CREATE), 0);
	assert_true(util_exists(util_path("tree/other")));
	client_end(&client);
}

/* Watch a file in the test's directory for opens. */
static int
watch_opens(const char *name)
{
	int	 watch;

	assert_return_code(watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
	    errno);
	assert_return_code(inotify_add_watch(watch, util_path(name), IN_OPEN),
	    errno);
	return watch;
}

/* Was it opened since the last look? */
static bool
was_opened(int watch)
{
	char	 event[sizeof(struct inotify_event) + NAME_MAX + 1];

	return read(watch, event, sizeof(event)) > 0;
}

/*
 * A root with a rule for special files has a clone on which devices open.  What
 * that rule does not cover is never opened there, not even for a moment: a FIFO
 * stands for a device, whose open may have an effect.
 */
static void
test_never_opened(void **state)
{
	struct role	*role;
	int		 watch;

	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	role = make_tree(false);
	assert_int_equal(mkfifo(util_path("tree/fifo"), 0600), 0);
	assert_int_equal(mkfifo(util_path("tree/fine"), 0600), 0);
	add_rule(role, POLICY_PERMIT, POLICY_OP_SPECIAL, "tree/fine", false);
	watch = watch_opens("tree/fifo");
	client_start(&client, role, true);
	assert_int_equal(ask("tree/fifo", FDB_READ), EPERM);
	assert_int_equal(got.status.reason, FDB_REASON_TYPE);
	assert_string_equal(got.status.where, "a FIFO");
	assert_int_equal(ask("tree/fifo", FDB_WRITE), EPERM);
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	while (client_next(&client, &got))
		;
	assert_int_equal(client_open(&client, client.token, "fifo", &got),
	    EPERM);
	assert_false(was_opened(watch));
	assert_int_equal(ask("tree/fine", FDB_READ), 0);
	assert_int_equal(client_open(&client, client.token, "fine", &got), 0);
	fd_close(&got.fd);
	close(watch);
	client_end(&client);
}

/*
 * The name of a link is covered by a rule for special files, the FIFO to which
 * it leads is not: the FIFO is never opened.
 */
static void
test_link_to_special(void **state)
{
	struct role	*role = make_tree(false);
	int		 watch;

	(void)state;
	assert_int_equal(mkfifo(util_path("tree/fifo"), 0600), 0);
	assert_int_equal(symlink("fifo", util_path("tree/link")), 0);
	add_rule(role, POLICY_PERMIT, POLICY_OP_SPECIAL, "tree/lin?", false);
	role->options = POLICY_FOLLOW;
	watch = watch_opens("tree/fifo");
	client_start(&client, role, false);
	assert_int_equal(ask("tree/link", FDB_READ), EPERM);
	assert_int_equal(got.status.reason, FDB_REASON_TYPE);
	assert_false(was_opened(watch));
	add_rule(role, POLICY_PERMIT, POLICY_OP_SPECIAL, "tree/fifo", false);
	assert_int_equal(ask("tree/link", FDB_READ), 0);
	assert_true(was_opened(watch));
	close(watch);
	client_end(&client);
}

/* A file that does not exist and may not be created. */
static void
test_not_made(void **state)
{
	struct role	*role = make_tree(false);

	(void)state;
	add_rule(role, POLICY_DENY, POLICY_OP_CREATE, "tree/new", false);
	client_start(&client, role, false);
	expect_denied("tree/new", FDB_WRITE | FDB_CREATE, EACCES,
	    "test.conf:2");
	assert_int_equal(ask("tree/new", FDB_WRITE), ENOENT);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	assert_false(util_exists(util_path("tree/new")));
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_several_links),
		UTIL_TEST(test_not_peers),
		UTIL_TEST(test_not_regular),
		UTIL_TEST(test_there_already),
		UTIL_TEST(test_exclusive_types),
		UTIL_TEST(test_exclusive_follow),
		UTIL_TEST(test_nofollow),
		UTIL_TEST(test_exclusive_rule),
		UTIL_TEST(test_link_to_denied),
		UTIL_TEST(test_never_opened),
		UTIL_TEST(test_link_to_special),
		UTIL_TEST(test_not_made)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
