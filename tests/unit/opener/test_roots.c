/*
 * test_roots.c: the roots that an opener opens, plain and as clones.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fdmsg.h"
#include "confine/confine.h"
#include "opener/resolve.h"
#include "opener/roots.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

static struct roots	 roots;
static char		 bad[PROTO_PATH_MAX];

/* Open the roots of a role with these rules.  0 or the errno. */
static int
open_roots(const char *const *rules, bool clone)
{
	struct role	*role = client_role(rules);
	int		 error;

	error = roots_open(&roots, role, clone, bad) == 0 ? 0 : errno;
	role_free(role);
	return error;
}

#define RULES(...)	((const char *const[]){ __VA_ARGS__, NULL })

static void
make_dir(const char *name)
{
	assert_int_equal(mkdir(util_path(name), 0755), 0);
}

/* Root i is the directory of this name. */
static void
expect_root(size_t i, const char *name)
{
	int	 fd;

	assert_true(i < roots.n);
	assert_string_equal(roots.list[i].path, util_path(name));
	assert_true(util_is_cloexec(roots.list[i].fd));
	assert_return_code(fd = open(util_path(name), O_PATH | O_CLOEXEC),
	    errno);
	if (roots.list[i].clone) {
		struct stat	 a, b;

		assert_int_equal(fstat(fd, &a), 0);
		assert_int_equal(fstat(roots.list[i].fd, &b), 0);
		assert_true(a.st_ino == b.st_ino);
	} else {
		assert_true(util_same_file(roots.list[i].fd, fd));
		assert_true(fcntl(roots.list[i].fd, F_GETFL) & O_PATH);
	}
	close(fd);
}

static void
test_directories(void **state)
{
	(void)state;
	make_dir("a");
	make_dir("a/b");
	make_dir("ab");
	assert_int_equal(open_roots(RULES("+a", "+ab", "+a/b", "-ab"),
	    false), 0);
	assert_int_equal(roots.n, 2);
	expect_root(0, "a");
	expect_root(1, "ab");
	roots_close(&roots);
	/* The root of a pattern is the part before its wildcard. */
	assert_int_equal(open_roots(RULES("+a/*/c", "+ab/**/*.log"), false),
	    0);
	assert_int_equal(roots.n, 2);
	expect_root(0, "a");
	expect_root(1, "ab");
	roots_close(&roots);
	/* Nothing is permitted. */
	assert_int_equal(open_roots(RULES("-a"), false), 0);
	assert_int_equal(roots.n, 0);
	roots_close(&roots);
	assert_int_equal(open_roots(RULES("+/"), false), 0);
	assert_int_equal(roots.n, 1);
	assert_string_equal(roots.list[0].path, "/");
	roots_close(&roots);
}

/* The root of a file is its directory, which the files share. */
static void
test_files(void **state)
{
	(void)state;
	make_dir("a");
	make_dir("a/b");
	util_write_file(util_path("a/file"), "");
	util_write_file(util_path("a/other"), "");
	assert_int_equal(mkfifo(util_path("a/fifo"), 0600), 0);
	assert_int_equal(open_roots(RULES("+a/file", "+a/other", "+a/fifo"),
	    false), 0);
	assert_int_equal(roots.n, 1);
	expect_root(0, "a");
	assert_int_equal(roots.nnamed, 3);
	assert_false(roots_are_many(&roots));
	roots_close(&roots);
	/* Not if their rights differ, nor with a directory there. */
	assert_int_equal(open_roots(RULES("+a/file", "+a/other", "+a/b",
	    "+a/none"), false), 0);
	assert_int_equal(roots.n, 2);
	expect_root(0, "a/b");
	expect_root(1, "a");
	assert_int_equal(roots.nnamed, 3);
	assert_true(roots_are_many(&roots));
	roots_close(&roots);
	assert_false(roots_are_many(&roots));
	assert_int_equal(open_roots(RULES("+/proc/version"), false), 0);
	assert_string_equal(roots.list[0].path, "/proc");
	roots_close(&roots);
}

static void
expect_fault(const char *const *rules, int error, const char *name)
{
	size_t	 fds = util_count_fds();

	assert_int_equal(open_roots(rules, false), error);
	assert_string_equal(bad, util_path(name));
	roots_close(&roots);
	assert_int_equal(util_count_fds(), fds);
}

/* A root that is missing, or has a link or a file in its path. */
static void
test_faults(void **state)
{
	(void)state;
	make_dir("a");
	make_dir("a/b");
	assert_int_equal(symlink("a", util_path("link")), 0);
	util_write_file(util_path("file"), "");
	expect_fault(RULES("+a", "+none/none"), ENOENT, "none");
	expect_fault(RULES("+a", "+link"), ELOOP, "link");
	expect_fault(RULES("+a", "+link/b"), ELOOP, "link/b");
	expect_fault(RULES("+a", "+file/b"), ENOTDIR, "file/b");
}

/* The root of a path that does not exist is the directory above it. */
static void
test_not_there(void **state)
{
	(void)state;
	make_dir("a");
	make_dir("b");
	assert_int_equal(open_roots(RULES("+a", "+b/none"), false), 0);
	assert_int_equal(roots.n, 2);
	expect_root(0, "a");
	expect_root(1, "b");
	roots_close(&roots);
}

/* Named files of one directory; they need not exist. */
static void
test_too_many_names(void **state)
{
	struct role	*role = client_role(RULES("-x"));
	const char	*why;
	char		 name[32];
	size_t		 i;

	(void)state;
	make_dir("a");
	for (i = 0; i < POLICY_NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a/%zu", i);
		assert_int_equal(role_add_rule(role, POLICY_PERMIT,
		    POLICY_OP_READ, util_path(name), NULL, "test.conf", 1,
		    &why), 0);
	}
	assert_int_equal(roots_open(&roots, role, false, bad), 0);
	assert_int_equal(roots.n, 1);
	assert_int_equal(roots.nnamed, POLICY_NAMES_MAX);
	assert_true(roots_are_many(&roots));
	roots_close(&roots);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
	    util_path("a/more"), NULL, "test.conf", 1, &why), 0);
	assert_int_equal(roots_open(&roots, role, false, bad), -1);
	assert_int_equal(errno, E2BIG);
	roots_close(&roots);
	role_free(role);
}

/* Append a rule about what was a directory when it was configured. */
static void
add_directory(struct role *role, uint32_t ops, const char *name)
{
	struct rule_spec	 spec;
	const char		*why;

	memset(&spec, 0, sizeof(spec));
	policy_create_init(&spec.create);
	spec.action = POLICY_PERMIT;
	spec.ops = ops;
	spec.pattern = util_path(name);
	spec.directory = true;
	spec.file = "/etc/test.conf";
	assert_int_equal(role_add(role, &spec, &why), 0);
}

/* Open roots for reading, writing and creating beneath a/b. */
static int
open_directory(void)
{
	struct role	*role = client_role(RULES("-a"));
	int		 error;

	add_directory(role, POLICY_OP_READ | POLICY_OP_WRITE |
	    POLICY_OP_CREATE, "a/b");
	error = roots_open(&roots, role, false, bad) == 0 ? 0 : errno;
	role_free(role);
	return error;
}

static void
expect_gone(void)
{
	size_t	 i, fds = util_count_fds();

	assert_int_equal(open_directory(), 0);
	assert_int_equal(util_count_fds(), fds);
	assert_int_equal(roots.n, 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(roots.list[i].fd, -1);
		assert_string_equal(roots.list[i].path, util_path("a/b"));
	}
	assert_non_null(roots_find(&roots, util_path("a/b/x"),
	    POLICY_OP_READ));
	assert_null(roots_find(&roots, util_path("a/x"), POLICY_OP_READ));
	roots_close(&roots);
}

/*
 * What was a directory when the configuration was read is removed, or is not a
 * directory any more: the directory above it is not opened in its place.
 */
static void
test_gone(void **state)
{
	(void)state;
	make_dir("a");
	make_dir("a/b");
	assert_int_equal(open_directory(), 0);
	expect_root(0, "a/b");
	expect_root(1, "a/b");
	roots_close(&roots);
	assert_int_equal(rmdir(util_path("a/b")), 0);
	expect_gone();
	util_write_file(util_path("a/b"), "a file");
	expect_gone();
	assert_int_equal(unlink(util_path("a/b")), 0);
	assert_int_equal(mkfifo(util_path("a/b"), 0600), 0);
	expect_gone();
	assert_int_equal(unlink(util_path("a/b")), 0);
	/* A link is a fault, as always. */
	assert_int_equal(symlink(".", util_path("a/b")), 0);
	assert_int_equal(open_directory(), ELOOP);
	roots_close(&roots);
	assert_int_equal(unlink(util_path("a/b")), 0);
	/* Nor is anything further up. */
	assert_int_equal(rmdir(util_path("a")), 0);
	expect_gone();
	util_write_file(util_path("a"), "a file");
	expect_gone();
	assert_int_equal(unlink(util_path("a")), 0);
	/* Another directory is as good. */
	make_dir("a");
	make_dir("a/b");
	assert_int_equal(open_directory(), 0);
	expect_root(0, "a/b");
	roots_close(&roots);
}

/* Above a directory that is gone is a root: it serves, with its own rights. */
static void
test_gone_nested(void **state)
{
	struct role	*role = client_role(RULES("+a"));

	(void)state;
	make_dir("a");
	add_directory(role, POLICY_OP_READ | POLICY_OP_SPECIAL, "a/b");
	assert_int_equal(roots_open(&roots, role, false, bad), 0);
	assert_int_equal(roots.n, 1);
	expect_root(0, "a");
	assert_int_equal(roots.list[0].rights,
	    POLICY_OP_READ | POLICY_OP_LIST);
	roots_close(&roots);
	role_free(role);
}

/* What confine_enter() is told. */
static void
expect_allowed(const struct confine_root *r, const char *path,
    unsigned int may)
{
	assert_string_equal(r->path, util_path(path));
	assert_int_equal(r->may, may);
}

static void
test_allowed(void **state)
{
	struct role		*role = client_role(RULES("+a/file", "+b"));
	struct confine_root	*list;
	const char		*why;
	size_t			 n;

	(void)state;
	make_dir("a");
	make_dir("b");
	util_write_file(util_path("a/file"), "");
	util_write_file(util_path("a/log"), "");
	util_write_file(util_path("b/log"), "");
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_APPEND,
	    util_path("a/log"), NULL, "test.conf", 1, &why), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_APPEND,
	    util_path("b/log"), NULL, "test.conf", 1, &why), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_CREATE,
	    util_path("b/new"), NULL, "test.conf", 1, &why), 0);
	assert_int_equal(roots_open(&roots, role, false, bad), 0);
	assert_non_null(list = roots_allowed(&roots, &n));
	assert_int_equal(n, 5);
	expect_allowed(&list[0], "a", RIGHTS_READ);
	expect_allowed(&list[1], "b", RIGHTS_READ);
	/* Opened to read and write through the root for writing. */
	expect_allowed(&list[2], "a", RIGHTS_WRITE | RIGHTS_READ);
	expect_allowed(&list[3], "b", RIGHTS_WRITE | RIGHTS_READ);
	expect_allowed(&list[4], "b", RIGHTS_CREATE | RIGHTS_READ);
	free(list);
	roots_close(&roots);
	role_free(role);
}

/* Beneath a root that is gone, each name is ENOENT, and nothing is made. */
static void
test_gone_names(void **state)
{
	static const char *const names[] = { "a/b", "a/b/file", "a/b/c/file" };
	struct role		*role = client_role(RULES("-a"));
	struct client		 client;
	struct answer		 got;
	size_t			 i;

	(void)state;
	make_dir("a");
	util_write_file(util_path("a/file"), "above");
	util_write_file(util_path("a/b"), "a file");
	add_directory(role, POLICY_OP_READ | POLICY_OP_WRITE |
	    POLICY_OP_CREATE, "a/b");
	client_start(&client, role, false);
	for (i = 0; i < 3; i++) {
		assert_int_equal(client_open(&client, 0,
		    client_path(names[i]), &got), ENOENT);
		assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
		assert_int_equal(client_access(&client, 0,
		    client_path(names[i]), FDB_WRITE | FDB_CREATE, &got),
		    ENOENT);
		assert_int_equal(client_stat(&client, 0,
		    client_path(names[i]), &got), ENOENT);
		assert_int_equal(client_list(&client, 0,
		    client_path(names[i])), ENOENT);
		while (client_next(&client, &got))
			;
	}
	assert_int_equal(client_open(&client, 0, client_path("a/file"), &got),
	    EACCES);
	client_end(&client);
}

static void
test_too_many(void **state)
{
	const char	*rules[POLICY_ROOTS_MAX + 2];
	char		*name;
	size_t		 i;

	(void)state;
	for (i = 0; i <= POLICY_ROOTS_MAX; i++) {
		assert_true(asprintf(&name, "+%zu", i) > 0);
		make_dir(name + 1);
		rules[i] = name;
	}
	rules[i] = NULL;
	assert_int_equal(open_roots(rules, false), E2BIG);
	roots_close(&roots);
	free((void *)(uintptr_t)rules[POLICY_ROOTS_MAX]);
	rules[POLICY_ROOTS_MAX] = NULL;
	assert_int_equal(open_roots(rules, false), 0);
	assert_int_equal(roots.n, POLICY_ROOTS_MAX);
	roots_close(&roots);
	for (i = 0; i < POLICY_ROOTS_MAX; i++)
		free((void *)(uintptr_t)rules[i]);
}

static void
test_no_room(void **state)
{
	struct role	*role = client_role(RULES("+a", "+b"));
	int		 room, error;

	(void)state;
	make_dir("a");
	make_dir("b");
	for (room = 0; room < 4; room++) {
		util_limit_fds(room);
		error = roots_open(&roots, role, false, bad) == -1 ? errno :
		    0;
		util_unlimit_fds();
		assert_int_equal(error, room < 2 ? EMFILE : 0);
		roots_close(&roots);
	}
	role_free(role);
}

/* A clone is read-only, nosuid, nodev and noexec, and follows no link. */
static void
test_clone(void **state)
{
	struct statvfs	 vfs;
	int		 fd;

	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	make_dir("a");
	util_write_file(util_path("a/file"), "");
	assert_int_equal(symlink("file", util_path("a/link")), 0);
	assert_int_equal(open_roots(RULES("+a"), true), 0);
	assert_true(roots.list[0].clone);
	expect_root(0, "a");
	assert_int_equal(fstatvfs(roots.list[0].fd, &vfs), 0);
	assert_true(vfs.f_flag & ST_RDONLY);
	assert_true(vfs.f_flag & ST_NOSUID);
	assert_true(vfs.f_flag & ST_NODEV);
	assert_true(vfs.f_flag & ST_NOEXEC);
	fd = openat(roots.list[0].fd, "file", O_RDWR | O_CLOEXEC);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EROFS);
	fd = openat(roots.list[0].fd, "link", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, ELOOP);
	/* There is no way up from it. */
	assert_return_code(fd = openat(roots.list[0].fd, "..", O_PATH |
	    O_CLOEXEC), errno);
	assert_true(util_same_file(fd, roots.list[0].fd));
	close(fd);
	roots_close(&roots);
}

/*
 * In a child with mounts of its own: a mount beneath a root is cloned with it,
 * with the same attributes; a later mount does not show in the clone.
 */
static int
clone_mounts(void *arg)
{
	struct statvfs	 vfs;
	int		 fd;

	(void)arg;
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", util_path("a"), "tmpfs", 0, NULL) == -1 ||
	    mount("none", util_path("a"), NULL, MS_SHARED, NULL) == -1)
		return 1;
	make_dir("a/old");
	make_dir("a/new");
	if (mount("none", util_path("a/old"), "tmpfs", 0, NULL) == -1)
		return 2;
	util_write_file(util_path("a/old/file"), "");
	assert_int_equal(open_roots(RULES("+a"), true), 0);
	if (mount("none", util_path("a/new"), "tmpfs", 0, NULL) == -1)
		return 3;
	util_write_file(util_path("a/new/file"), "");
	fd = openat(roots.list[0].fd, "old/file", O_RDONLY);
	assert_return_code(fd, errno);
	assert_int_equal(fstatvfs(fd, &vfs), 0);
	assert_true(vfs.f_flag & ST_RDONLY);
	assert_true(vfs.f_flag & ST_NODEV);
	assert_int_equal(openat(roots.list[0].fd, "new/file", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
	/* A mount over the root does not change the clone. */
	if (mount("none", util_path("a"), "tmpfs", 0, NULL) == -1)
		return 4;
	fd = openat(roots.list[0].fd, "old/file", O_RDONLY);
	assert_return_code(fd, errno);
	roots_close(&roots);
	return 0;
}

static void
test_clone_mounts(void **state)
{
	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	util_need(FEATURE_MNTNS);
	make_dir("a");
	assert_int_equal(util_run(clone_mounts, NULL), 0);
}

/* A root that is renamed, and then removed, after it was opened. */
static void
test_held(void **state)
{
	struct resolve_at	 at = { .clone = false };
	struct fdb_stat		 st;
	bool			 type;
	char			 path[PROTO_PATH_MAX];
	int			 fd;

	(void)state;
	make_dir("a");
	util_write_file(util_path("a/file"), "held");
	assert_int_equal(open_roots(RULES("+a"), false), 0);
	at.dirfd = roots.list[0].fd;
	(void)strlcpy(path, util_path("a"), sizeof(path));
	assert_int_equal(rename(path, util_path("b")), 0);
	make_dir("a");
	util_write_file(util_path("a/file"), "other");
	assert_return_code(fd = resolve_open(&at, "file", O_RDONLY, false, &st,
	    &type), errno);
	assert_true(util_fd_reads(fd, "held"));
	close(fd);
	assert_int_equal(unlink(util_path("b/file")), 0);
	assert_int_equal(rmdir(util_path("b")), 0);
	assert_int_equal(resolve_open(&at, "file", O_RDONLY, false, &st,
	    &type), -1);
	assert_int_equal(errno, ENOENT);
	roots_close(&roots);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_directories),
		UTIL_TEST(test_files),
		UTIL_TEST(test_faults),
		UTIL_TEST(test_not_there),
		UTIL_TEST(test_gone),
		UTIL_TEST(test_gone_nested),
		UTIL_TEST(test_gone_names),
		UTIL_TEST(test_too_many),
		UTIL_TEST(test_too_many_names),
		UTIL_TEST(test_allowed),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_clone),
		UTIL_TEST(test_clone_mounts),
		UTIL_TEST(test_held)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
