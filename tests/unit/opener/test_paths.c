/*
 * test_paths.c: the names that a hostile worker may send, against a tree with
 * every type of file; on plain directories and, as root, on read-only clones.
 *
 * It is built four times: with broker/opener/resolve.c and with resolve_walk.c,
 * and each of them also so that every directory is read to check names.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/rights.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

static struct client	 client;
static struct answer	 got;

static void
make_dir(const char *name)
{
	if (mkdir(util_path(name), 0755) == -1)
		fail_msg("%s: %s", util_path(name), strerror(errno));
}

/*
 *	tree/file	tree/hard	the same file
 *	tree/dir/file	tree/up -> ..	tree/loop -> loop
 *	tree/link -> file		tree/dirlink -> dir
 *	tree/abs -> /etc		tree/fifo, tree/socket
 *	tree/secret/file, denied	outside/file
 */
static void
make_tree(void)
{
	struct dgram	 d;

	make_dir("tree");
	make_dir("tree/dir");
	make_dir("tree/secret");
	make_dir("outside");
	util_write_file(util_path("tree/file"), "text");
	util_write_file(util_path("tree/dir/file"), "inner");
	util_write_file(util_path("tree/secret/file"), "secret");
	util_write_file(util_path("outside/file"), "outside");
	assert_int_equal(symlink("file", util_path("tree/link")), 0);
	assert_int_equal(symlink("dir", util_path("tree/dirlink")), 0);
	assert_int_equal(symlink("..", util_path("tree/up")), 0);
	assert_int_equal(symlink("loop", util_path("tree/loop")), 0);
	assert_int_equal(symlink("/etc", util_path("tree/abs")), 0);
	assert_int_equal(mkfifo(util_path("tree/fifo"), 0644), 0);
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, util_path("tree/socket"), 0666), 0);
	close(d.fd);
	if (geteuid() == 0) {
		assert_int_equal(mknod(util_path("tree/null"),
		    S_IFCHR | 0666, makedev(1, 3)), 0);
		assert_int_equal(mknod(util_path("tree/block"),
		    S_IFBLK | 0666, makedev(7, 200)), 0);
	}
	{
		char	 path[PATH_MAX];

		(void)strlcpy(path, util_path("tree/file"), sizeof(path));
		assert_int_equal(link(path, util_path("tree/hard")), 0);
	}
}

/* The state of a test that runs on a clone of the tree; others have none. */
static bool	 cloned = true;

#define ON_CLONE(f)	{ #f "_clone", f, util_setup, util_teardown, &cloned }

/* Run f on the tree as it is, or on a clone of it. */
static void
on_tree(void **state, void (*f)(bool), const char *const *rules)
{
	static const char *const usual[] = {
		"+tree", "-tree/secret", NULL
	};
	bool			 clone = *state != NULL;

	if (clone) {
		util_need_root();
		util_need(FEATURE_CLONES);
	}
	make_tree();
	client_start(&client, client_role(rules != NULL ? rules : usual),
	    clone);
	f(clone);
	client_end(&client);
}

/* A name beneath the tree's token; what the answers must be. */
struct name_case {
	const char	*name;
	int		 open, open_reason;	/* 0: a descriptor */
	int		 stat, list;
};

#define NAME	FDB_REASON_NAME
#define KERNEL	FDB_REASON_KERNEL
#define POLICY	FDB_REASON_POLICY
#define ANY	255

static const struct name_case name_cases[] = {
	{ "file",	0, 0,			0, ENOTDIR },
	{ "hard",	0, 0,			0, ENOTDIR },
	{ "dir/file",	0, 0,			0, ENOTDIR },
	{ "dir",	EISDIR, FDB_REASON_TYPE, 0, 0 },
	{ "none",	ENOENT, KERNEL,		ENOENT, ENOENT },
	{ "none/a",	ENOENT, KERNEL,		ENOENT, ENOENT },
	{ "file/a",	ENOTDIR, KERNEL,	ENOTDIR, ENOTDIR },
	/* Links: none is followed, as the last component or before it. */
	{ "link",	ELOOP, ANY,		0, ENOTDIR },
	{ "loop",	ELOOP, ANY,		0, ENOTDIR },
	{ "dirlink",	ELOOP, ANY,		0, ENOTDIR },
	{ "dirlink/file", ELOOP, KERNEL,	ELOOP, ELOOP },
	{ "loop/file",	ELOOP, KERNEL,		ELOOP, ELOOP },
	{ "abs/passwd",	ELOOP, KERNEL,		ELOOP, ELOOP },
	{ "up/outside/file", ELOOP, KERNEL,	ELOOP, ELOOP },
	/* Not files. */
	{ "fifo",	EPERM, FDB_REASON_TYPE,	0, ENOTDIR },
	{ "socket",	ANY, FDB_REASON_TYPE,	0, ENOTDIR },
	/* Denied, whether it exists or not. */
	{ "secret",	EACCES, POLICY,		EACCES, EACCES },
	{ "secret/file", EACCES, POLICY,	EACCES, EACCES },
	{ "secret/none", EACCES, POLICY,	EACCES, EACCES },
	/* Not valid as names. */
	{ ".",		EINVAL, NAME,		EINVAL, EINVAL },
	{ "..",		EINVAL, NAME,		EINVAL, EINVAL },
	{ "../outside/file", EINVAL, NAME,	EINVAL, EINVAL },
	{ "dir/../file", EINVAL, NAME,		EINVAL, EINVAL },
	{ "dir/..",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "./file",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "dir/./file",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "/file",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "/etc/passwd", EINVAL, NAME,		EINVAL, EINVAL },
	{ "dir//file",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "dir/",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "file/",	EINVAL, NAME,		EINVAL, EINVAL },
	{ "/",		EINVAL, NAME,		EINVAL, EINVAL },
	{ "//",		EINVAL, NAME,		EINVAL, EINVAL },
	/* Valid, although strange. */
	{ "\n",		ENOENT, KERNEL,		ENOENT, ENOENT },
	{ "\xff\xfe",	ENOENT, KERNEL,		ENOENT, ENOENT },
	{ "...",	ENOENT, KERNEL,		ENOENT, ENOENT },
	{ "*",		ENOENT, KERNEL,		ENOENT, ENOENT },
	{ "fil?",	ENOENT, KERNEL,		ENOENT, ENOENT },
};

static void
name_check(const struct name_case *n, uint32_t base)
{
	int	 error;

	error = client_open(&client, base, n->name, &got);
	fd_close(&got.fd);
	if (n->open == ANY ? error == 0 : error != n->open)
		fail_msg("open \"%s\": %d, expected %d", n->name, error,
		    n->open);
	if (n->open_reason != ANY && got.status.reason != n->open_reason)
		fail_msg("open \"%s\": reason %d", n->name, got.status.reason);
	error = client_stat(&client, base, n->name, &got);
	if (error != n->stat)
		fail_msg("stat \"%s\": %d, expected %d", n->name, error,
		    n->stat);
	error = client_list(&client, base, n->name);
	if (error != n->list)
		fail_msg("list \"%s\": %d, expected %d", n->name, error,
		    n->list);
	fdmsg_close(&client.msg);
	if (error == 0) {
		client_begin(&client, PROTO_FORGET);
		client_token(&client, client.token);
		assert_int_equal(client_call(&client), 1);
	}
}

static void
names(bool clone)
{
	char		 path[PATH_MAX];
	size_t		 i;
	uint32_t	 tree;

	(void)clone;
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	tree = client.token;
	for (i = 0; i < sizeof(name_cases) / sizeof(name_cases[0]); i++) {
		struct name_case	 n = name_cases[i];

		name_check(&n, tree);
		/* The same with the path from "/". */
		(void)snprintf(path, sizeof(path), "%s/%s",
		    client_path("tree"), n.name);
		n.name = path;
		name_check(&n, 0);
	}
}

static void
test_names(void **state)
{
	on_tree(state, names, NULL);
}

static void
devices(bool clone)
{
	static const char *const	 paths[] = {
		"tree/null", "tree/block"
	};
	size_t				 i;

	for (i = 0; i < 2; i++) {
		assert_int_not_equal(client_open(&client, 0,
		    client_path(paths[i]), &got), 0);
		if (!clone)
			assert_int_equal(got.status.reason, FDB_REASON_TYPE);
		assert_int_equal(client_stat(&client, 0, client_path(paths[i]),
		    &got), 0);
	}
	assert_true(S_ISBLK(got.st.mode));
	assert_int_equal(got.st.rdev_major, 7);
	assert_int_equal(got.st.rdev_minor, 200);
}

static void
test_devices(void **state)
{
	util_need_root();
	on_tree(state, devices, NULL);
}

/*
 * Nobody who waits at a FIFO is woken by an opener that only looks.  On a
 * clone it is opened, then looked at.
 */
static void
fifo(bool clone)
{
	int	 fd;

	(void)clone;
	assert_return_code(fd = open(util_path("tree/fifo"),
	    O_RDONLY | O_NONBLOCK | O_CLOEXEC), errno);
	assert_int_equal(client_open(&client, 0, client_path("tree/fifo"),
	    &got), EPERM);
	close(fd);
}

static void
test_fifo(void **state)
{
	on_tree(state, fifo, NULL);
}

static void
stats(bool clone)
{
	struct stat	 st;

	(void)clone;
	assert_int_equal(client_stat(&client, 0, client_path("tree/link"),
	    &got), 0);
	assert_true(S_ISLNK(got.st.mode));
	assert_string_equal(got.link, "file");
	assert_int_equal(client_stat(&client, 0, client_path("tree/up"), &got),
	    0);
	assert_string_equal(got.link, "..");
	assert_int_equal(client_stat(&client, 0, client_path("tree/hard"),
	    &got), 0);
	assert_int_equal(lstat(util_path("tree/file"), &st), 0);
	assert_int_equal(got.st.nlink, 2);
	assert_true(got.st.ino == st.st_ino);
	assert_int_equal(got.st.mode, st.st_mode);
	assert_int_equal(got.st.uid, st.st_uid);
	assert_int_equal(got.st.gid, st.st_gid);
	assert_true(got.st.size == (uint64_t)st.st_size);
	assert_true(got.st.mtime == st.st_mtim.tv_sec);
	assert_true(got.st.mtime_nsec == st.st_mtim.tv_nsec);
	assert_string_equal(got.link, "");
	assert_int_equal(client_stat(&client, 0, client_path("tree"), &got), 0);
	assert_true(S_ISDIR(got.st.mode));
	/* Nothing above the roots can be seen. */
	assert_int_equal(client_stat(&client, 0, "", &got), EACCES);
	assert_int_equal(client_stat(&client, 0, "tmp", &got), EACCES);
	assert_int_equal(client_list(&client, 0, ""), EACCES);
	assert_int_equal(client_list(&client, 0, "tmp"), EACCES);
}

static void
test_stats(void **state)
{
	on_tree(state, stats, NULL);
}

/* A descriptor from a clone cannot be reopened for more rights. */
static void
reopened(bool clone)
{
	char	 path[64];
	int	 fd;

	(void)clone;
	assert_int_equal(chmod(util_path("tree/file"), 0666), 0);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", got.fd);
	assert_int_equal(fd = open(path, O_RDWR | O_CLOEXEC), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(fchmod(got.fd, 0600), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(futimens(got.fd, NULL), -1);
	assert_int_equal(errno, EROFS);
	close(got.fd);
}

static void
test_reopened(void **state)
{
	on_tree(state, reopened, NULL);
}

/* Names of the greatest length, and longer. */
static void
long_names(bool clone)
{
	static char	 name[PROTO_PATH_MAX];
	uint32_t	 tree;
	size_t		 i;

	(void)clone;
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	tree = client.token;
	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(client_open(&client, tree, name, &got), EINVAL);
	assert_int_equal(client_stat(&client, tree, name, &got), EINVAL);
	assert_int_equal(client_list(&client, tree, name), EINVAL);
	name[NAME_MAX] = '\0';
	assert_int_equal(client_open(&client, tree, name, &got), ENOENT);
	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 == 0 ? 'n' : '/';
	name[PROTO_PATH_MAX - 1] = '\0';
	/* It is too long together with the path of the directory. */
	assert_int_equal(client_open(&client, tree, name, &got), ENAMETOOLONG);
	assert_int_equal(got.status.reason, FDB_REASON_NAME);
	assert_int_equal(client_stat(&client, tree, name, &got), ENAMETOOLONG);
	assert_int_equal(client_list(&client, tree, name), ENAMETOOLONG);
	assert_int_equal(client_open(&client, 0, name, &got), ENAMETOOLONG);
	name[PROTO_PATH_MAX - 3] = '\0';
	assert_int_equal(client_open(&client, 0, name, &got), EACCES);
	/* A directory in which a name could be too long to judge. */
	assert_int_equal(client_list(&client, 0, name), ENAMETOOLONG);
}

static void
test_long_names(void **state)
{
	on_tree(state, long_names, NULL);
}

/*
 * Beneath "pub" only names "show", one directory further down, are permitted.
 * For everything else, the answer must not tell whether it exists.
 */
static void
no_oracle(bool clone)
{
	static const char *const	 paths[] = {
		"pub/file", "pub/link", "pub/none", "pub/fifo"
	};
	struct proto_status		 first;
	size_t				 i;

	(void)clone;
	for (i = 0; i < 4; i++) {
		assert_int_equal(client_stat(&client, 0, client_path(paths[i]),
		    &got), EACCES);
		assert_int_equal(got.status.reason, FDB_REASON_POLICY);
		if (i == 0)
			first = got.status;
		assert_string_equal(got.status.where, first.where);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(client_list(&client, 0, client_path(paths[i])),
		    EACCES);
		assert_int_equal(client.list.reason, FDB_REASON_POLICY);
		if (i == 0)
			first = client.list;
		assert_string_equal(client.list.where, first.where);
	}
	/* The directory on the way is shown. */
	assert_int_equal(client_stat(&client, 0, client_path("pub/dir"), &got),
	    0);
	assert_int_equal(client_list(&client, 0, client_path("pub/dir")), 0);
	assert_true(client_next(&client, &got));
	assert_string_equal(got.name, "show");
	assert_false(client_next(&client, &got));
	assert_int_equal(client_open(&client, 0, client_path("pub/dir/show"),
	    &got), 0);
	close(got.fd);
	assert_int_equal(client_open(&client, 0, client_path("pub/dir/hide"),
	    &got), EACCES);
	assert_int_equal(client_list(&client, 0, client_path("pub")), 0);
	assert_true(client_next(&client, &got));
	assert_string_equal(got.name, "dir");
	assert_false(client_next(&client, &got));
}

static void
test_no_oracle(void **state)
{
	static const char *const	 rules[] = { "+pub/*/show", NULL };

	make_dir("pub");
	make_dir("pub/dir");
	util_write_file(util_path("pub/dir/show"), "");
	util_write_file(util_path("pub/dir/hide"), "");
	util_write_file(util_path("pub/file"), "");
	assert_int_equal(symlink("dir", util_path("pub/link")), 0);
	assert_int_equal(mkfifo(util_path("pub/fifo"), 0600), 0);
	on_tree(state, no_oracle, rules);
}

/* The same for LIST in a role that follows links. */
static void
test_no_oracle_of_links(void **state)
{
	static const char *const	 rules[] = { "+pub/*/*/show", NULL };
	static const char *const	 paths[] = { "pub/dir/none",
					    "pub/none/sub", "pub/file/sub",
					    "pub/loop/sub" };
	struct role			*role = client_role(rules);
	char				 where[PROTO_TEXT_MAX] = "";
	size_t				 i;

	(void)state;
	make_dir("pub");
	make_dir("pub/dir");
	make_dir("pub/dir/sub");
	util_write_file(util_path("pub/file"), "");
	assert_int_equal(symlink("loop", util_path("pub/loop")), 0);
	role->options = POLICY_FOLLOW;
	client_start(&client, role, false);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(client_list(&client, 0, client_path(paths[i])),
		    EACCES);
		assert_int_equal(client.list.reason, FDB_REASON_POLICY);
		if (i == 0)
			(void)strlcpy(where, client.list.where, sizeof(where));
		assert_string_equal(client.list.where, where);
	}
	assert_int_equal(client_list(&client, 0, client_path("pub/dir/sub")),
	    0);
	client_end(&client);
}

/* A rule for one file permits that name, whatever file has it. */
static void
one_file(bool clone)
{
	char	 path[PATH_MAX];

	(void)clone;
	assert_int_equal(client_open(&client, 0, client_path("one/file"), &got),
	    0);
	assert_true(util_fd_reads(got.fd, "text"));
	close(got.fd);
	assert_int_equal(client_open(&client, 0, client_path("one/other"),
	    &got), EACCES);
	assert_int_equal(client_open(&client, 0, client_path("one"), &got),
	    EACCES);
	(void)strlcpy(path, util_path("one/new"), sizeof(path));
	util_write_file(path, "new");
	assert_int_equal(rename(path, util_path("one/file")), 0);
	assert_int_equal(client_open(&client, 0, client_path("one/file"), &got),
	    0);
	assert_true(util_fd_reads(got.fd, "new"));
	close(got.fd);
	assert_int_equal(unlink(util_path("one/file")), 0);
	assert_int_equal(client_open(&client, 0, client_path("one/file"), &got),
	    ENOENT);
	assert_int_equal(symlink("other", util_path("one/file")), 0);
	assert_int_equal(client_open(&client, 0, client_path("one/file"), &got),
	    ELOOP);
	assert_int_equal(unlink(util_path("one/file")), 0);
	util_write_file(util_path("one/file"), "text");
}

static void
test_one_file(void **state)
{
	static const char *const	 rules[] = { "+one/file", NULL };

	make_dir("one");
	util_write_file(util_path("one/file"), "text");
	util_write_file(util_path("one/other"), "text");
	on_tree(state, one_file, rules);
}

/* A held directory that is removed; a file that is replaced. */
static void
changes(bool clone)
{
	uint32_t	 held;

	make_dir("tree/gone");
	assert_int_equal(client_list(&client, 0, client_path("tree/gone")), 0);
	held = client.token;
	assert_int_equal(rmdir(util_path("tree/gone")), 0);
	assert_int_equal(client_open(&client, held, "file", &got), ENOENT);
	assert_int_equal(client_list(&client, 0, client_path("tree/gone")),
	    ENOENT);
	/* A new directory of the same name is not the held one. */
	make_dir("tree/gone");
	util_write_file(util_path("tree/gone/file"), "");
	assert_int_equal(client_open(&client, held, "file", &got), ENOENT);
	assert_int_equal(unlink(util_path("tree/gone/file")), 0);
	assert_int_equal(rmdir(util_path("tree/gone")), 0);
	/* The file is replaced by a link out of the tree. */
	util_write_file(util_path("tree/turn"), "");
	assert_int_equal(client_open(&client, 0, client_path("tree/turn"),
	    &got), 0);
	close(got.fd);
	assert_int_equal(unlink(util_path("tree/turn")), 0);
	assert_int_equal(symlink("../outside/file", util_path("tree/turn")),
	    0);
	assert_int_equal(client_open(&client, 0, client_path("tree/turn"),
	    &got), ELOOP);
	assert_int_equal(unlink(util_path("tree/turn")), 0);
	(void)clone;
}

static void
test_changes(void **state)
{
	on_tree(state, changes, NULL);
}

/* In a child that may not read some files: the kernel says so, for each. */
static int
unreadable(void *arg)
{
	static const char *const	 rules[] = { "+tree", NULL };
	struct role			*role = client_role(rules);

	(void)arg;
	client_make(&client, role, false);
	if (geteuid() == 0 && util_become(UTIL_NOBODY) == -1)
		return 1;
	client_attach(&client);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), EACCES);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")),
	    EACCES);
	assert_int_equal(client.list.reason, FDB_REASON_KERNEL);
	assert_int_equal(client_stat(&client, 0, client_path("tree/file"),
	    &got), 0);
	client_end(&client);
	return 0;
}

static void
test_unreadable(void **state)
{
	(void)state;
	make_tree();
	assert_int_equal(chmod(util_path("tree/file"), 0), 0);
	assert_int_equal(chmod(util_path("tree/dir"), 0), 0);
	assert_int_equal(util_run(unreadable, NULL), 0);
	assert_int_equal(chmod(util_path("tree/dir"), 0755), 0);
}

/* In a child: a directory on the way that the kernel refuses to enter. */
static int
shut_way(void *arg)
{
	static const char *const	 rules[] = { "+way/*/*/show", NULL };
	struct role			*role = client_role(rules);

	(void)arg;
	role->options = POLICY_FOLLOW;
	client_make(&client, role, false);
	if (geteuid() == 0 && util_become(UTIL_NOBODY) == -1)
		return 1;
	client_attach(&client);
	assert_int_equal(client_open(&client, 0, client_path("way/shut/x/show"),
	    &got), EACCES);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	client_end(&client);
	return 0;
}

static void
test_shut_way(void **state)
{
	(void)state;
	make_dir("way");
	make_dir("way/shut");
	assert_int_equal(chmod(util_path("way/shut"), 0), 0);
	assert_int_equal(util_run(shut_way, NULL), 0);
	assert_int_equal(chmod(util_path("way/shut"), 0755), 0);
}

/* In a child without CAP_CHOWN: create a file for another user. */
static int
cannot_give(void *arg)
{
	const char	*path = util_path("made"), *what;
	struct role	*role;
	struct stat	 st;

	(void)arg;
	if (geteuid() == 0 && util_become(UTIL_NOBODY) == -1)
		return 1;
	assert_non_null(role = role_new("test", "test.conf", 1));
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_WRITE |
	    POLICY_OP_CREATE, path, NULL, "test.conf", 1, &what), 0);
	client_make(&client, role, false);
	client.state.caps = RIGHTS_CAP_CHOWN;
	client.state.peer_uid = client.state.peer_gid = geteuid() + 1;
	client_attach(&client);
	assert_int_equal(client_access(&client, 0, client_path("made"),
	    FDB_WRITE | FDB_CREATE, &got), EPERM);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	assert_string_equal(got.status.where,
	    "created, and left empty: its owner could not be set");
	assert_int_equal(got.fd, -1);
	assert_string_equal(client.told.where, got.status.where);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_uid, geteuid());
	client_end(&client);
	assert_int_equal(unlink(path), 0);
	return 0;
}

/* A file that cannot be given to its owner stays, and the answer says so. */
static void
test_cannot_give(void **state)
{
	(void)state;
	assert_int_equal(chmod(util_dir(), 0777), 0);
	assert_int_equal(util_run(cannot_give, NULL), 0);
}

#define CROSSED		"option one-filesystem of role \"test\""

/* The option denied it, or, if nothing is crossed, it succeeded. */
static void
check_crossed(const struct proto_status *st, int error, bool crossed)
{
	assert_int_equal(error, crossed ? EXDEV : 0);
	assert_int_equal(st->error, error);
	assert_int_equal(st->reason, crossed ? FDB_REASON_POLICY :
	    FDB_REASON_NONE);
	assert_string_equal(st->where, crossed ? CROSSED : "");
}

/* Ask for things beneath a mount point; one: the option is set. */
static void
ask_mounted(bool one)
{
	int	 error;

	error = client_open(&client, 0, client_path("tree/dir/other"), &got);
	check_crossed(&got.status, error, one);
	fd_close(&got.fd);
	error = client_stat(&client, 0, client_path("tree/dir/other"), &got);
	check_crossed(&got.status, error, one);
	error = client_stat(&client, 0, client_path("tree/dir"), &got);
	check_crossed(&got.status, error, one);
	error = client_list(&client, 0, client_path("tree/dir"));
	check_crossed(&client.list, error, one);
	fdmsg_close(&client.msg);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	close(got.fd);
}

static void
ask_mounted_links(bool one)
{
	int	 error;

	error = client_open(&client, 0, client_path("tree/inward"), &got);
	check_crossed(&got.status, error, one);
	fd_close(&got.fd);
	error = client_list(&client, 0, client_path("tree/indir"));
	check_crossed(&client.list, error, one);
	fdmsg_close(&client.msg);
	/* A link that leads out of the root is refused by the kernel. */
	assert_int_equal(client_open(&client, 0, client_path("tree/outward"),
	    &got), EXDEV);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	assert_string_equal(got.status.where, "leads out of the role's root");
}

/* In a child with mounts of its own: the tree has another file system. */
static int
mounted(void *arg)
{
	static const char *const all[] = { "+tree", NULL };
	static const char *const way[] = { "+tree/file", "+tree/d*/other",
				    NULL };
	const bool		*one = arg;
	struct role		*role;
	int			 i;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", util_path("tree/dir"), "tmpfs", 0, NULL) == -1 ||
	    symlink("dir/other", util_path("tree/inward")) == -1 ||
	    symlink("dir", util_path("tree/indir")) == -1 ||
	    symlink("../..", util_path("tree/outward")) == -1)
		return 1;
	util_write_file(util_path("tree/dir/other"), "text");
	for (i = 0; i < 6; i++) {
		role = client_role(i < 4 ? all : way);
		role->options = (*one ? POLICY_ONE_FILESYSTEM : 0) |
		    (i / 2 == 1 ? POLICY_FOLLOW : 0);
		client_start(&client, role, i % 2 == 1);
		ask_mounted(*one);
		if (i / 2 == 1)
			ask_mounted_links(*one);
		client_end(&client);
	}
	return unlink(util_path("tree/inward")) == -1 ||
	    unlink(util_path("tree/indir")) == -1 ||
	    unlink(util_path("tree/outward")) == -1;
}

static void
test_mounts(void **state)
{
	bool	 one = true;

	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	util_need(FEATURE_MNTNS);
	make_tree();
	assert_int_equal(util_run(mounted, &one), 0);
	one = false;
	assert_int_equal(util_run(mounted, &one), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_names),
		ON_CLONE(test_names),
		UTIL_TEST(test_devices),
		ON_CLONE(test_devices),
		UTIL_TEST(test_fifo),
		UTIL_TEST(test_stats),
		ON_CLONE(test_stats),
		ON_CLONE(test_reopened),
		UTIL_TEST(test_long_names),
		ON_CLONE(test_long_names),
		UTIL_TEST(test_no_oracle),
		ON_CLONE(test_no_oracle),
		UTIL_TEST(test_no_oracle_of_links),
		UTIL_TEST(test_one_file),
		ON_CLONE(test_one_file),
		UTIL_TEST(test_changes),
		ON_CLONE(test_changes),
		UTIL_TEST(test_unreadable),
		UTIL_TEST(test_shut_way),
		UTIL_TEST(test_cannot_give),
		UTIL_TEST(test_mounts)
	};

#ifndef WITHOUT_OPENAT2
	util_program_needs(FEATURE_OPENAT2);
#endif
#ifdef READ_NAMES
	client_trusts_nothing = true;
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
