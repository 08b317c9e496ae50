/*
 * test_paths.c: names, as a hostile worker gives them, against a tree of
 * everything that a file system can hold; on the directories as they are and,
 * as root, on read-only clones of them.
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

#include "client.h"
#include "dgram.h"
#include "util.h"

static struct client	 c;
static struct answer	 a;

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
	client_start(&c, client_role(rules != NULL ? rules : usual), clone);
	f(clone);
	client_end(&c);
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
	/* Links: none is followed, last or not. */
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
	/* Denied, there or not. */
	{ "secret",	EACCES, POLICY,		EACCES, EACCES },
	{ "secret/file", EACCES, POLICY,	EACCES, EACCES },
	{ "secret/none", EACCES, POLICY,	EACCES, EACCES },
	/* No names. */
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
	/* Names like any other. */
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

	error = client_open(&c, base, n->name, &a);
	fdmsg_close_fds(&a.fd, 1);
	if (n->open == ANY ? error == 0 : error != n->open)
		fail_msg("open \"%s\": %d, expected %d", n->name, error,
		    n->open);
	if (n->open_reason != ANY && a.status.reason != n->open_reason)
		fail_msg("open \"%s\": reason %d", n->name, a.status.reason);
	error = client_stat(&c, base, n->name, &a);
	if (error != n->stat)
		fail_msg("stat \"%s\": %d, expected %d", n->name, error,
		    n->stat);
	error = client_list(&c, base, n->name);
	if (error != n->list)
		fail_msg("list \"%s\": %d, expected %d", n->name, error,
		    n->list);
	fdmsg_close(&c.msg);
	if (error == 0) {
		client_begin(&c, PROTO_FORGET);
		client_token(&c, c.token);
		assert_int_equal(client_call(&c), 1);
	}
}

static void
names(bool clone)
{
	char		 path[PATH_MAX];
	size_t		 i;
	uint32_t	 tree;

	(void)clone;
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	tree = c.token;
	for (i = 0; i < sizeof(name_cases) / sizeof(name_cases[0]); i++) {
		struct name_case	 n = name_cases[i];

		name_check(&n, tree);
		/* The same from the top. */
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
		assert_int_not_equal(client_open(&c, 0, client_path(paths[i]),
		    &a), 0);
		if (!clone)
			assert_int_equal(a.status.reason, FDB_REASON_TYPE);
		assert_int_equal(client_stat(&c, 0, client_path(paths[i]),
		    &a), 0);
	}
	assert_true(S_ISBLK(a.st.mode));
	assert_int_equal(a.st.rdev_major, 7);
	assert_int_equal(a.st.rdev_minor, 200);
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
	assert_int_equal(client_open(&c, 0, client_path("tree/fifo"), &a),
	    EPERM);
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
	assert_int_equal(client_stat(&c, 0, client_path("tree/link"), &a), 0);
	assert_true(S_ISLNK(a.st.mode));
	assert_string_equal(a.link, "file");
	assert_int_equal(client_stat(&c, 0, client_path("tree/up"), &a), 0);
	assert_string_equal(a.link, "..");
	assert_int_equal(client_stat(&c, 0, client_path("tree/hard"), &a), 0);
	assert_int_equal(lstat(util_path("tree/file"), &st), 0);
	assert_int_equal(a.st.nlink, 2);
	assert_true(a.st.ino == st.st_ino);
	assert_int_equal(a.st.mode, st.st_mode);
	assert_int_equal(a.st.uid, st.st_uid);
	assert_int_equal(a.st.gid, st.st_gid);
	assert_true(a.st.size == (uint64_t)st.st_size);
	assert_true(a.st.mtime == st.st_mtim.tv_sec);
	assert_true(a.st.mtime_nsec == st.st_mtim.tv_nsec);
	assert_string_equal(a.link, "");
	assert_int_equal(client_stat(&c, 0, client_path("tree"), &a), 0);
	assert_true(S_ISDIR(a.st.mode));
	/* Above the roots there is nothing to see. */
	assert_int_equal(client_stat(&c, 0, "", &a), EACCES);
	assert_int_equal(client_stat(&c, 0, "tmp", &a), EACCES);
	assert_int_equal(client_list(&c, 0, ""), EACCES);
	assert_int_equal(client_list(&c, 0, "tmp"), EACCES);
}

static void
test_stats(void **state)
{
	on_tree(state, stats, NULL);
}

/* A descriptor from a clone cannot be made into more than it is. */
static void
reopened(bool clone)
{
	char	 path[64];
	int	 fd;

	(void)clone;
	assert_int_equal(chmod(util_path("tree/file"), 0666), 0);
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", a.fd);
	assert_int_equal(fd = open(path, O_RDWR | O_CLOEXEC), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(fchmod(a.fd, 0600), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(futimens(a.fd, NULL), -1);
	assert_int_equal(errno, EROFS);
	close(a.fd);
}

static void
test_reopened(void **state)
{
	on_tree(state, reopened, NULL);
}

/* Long names: the longest there can be, and longer. */
static void
long_names(bool clone)
{
	static char	 name[PROTO_PATH_MAX];
	uint32_t	 tree;
	size_t		 i;

	(void)clone;
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	tree = c.token;
	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(client_open(&c, tree, name, &a), EINVAL);
	assert_int_equal(client_stat(&c, tree, name, &a), EINVAL);
	assert_int_equal(client_list(&c, tree, name), EINVAL);
	name[NAME_MAX] = '\0';
	assert_int_equal(client_open(&c, tree, name, &a), ENOENT);
	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 == 0 ? 'n' : '/';
	name[PROTO_PATH_MAX - 1] = '\0';
	/* With the path of the directory it is too long. */
	assert_int_equal(client_open(&c, tree, name, &a), ENAMETOOLONG);
	assert_int_equal(a.status.reason, FDB_REASON_NAME);
	assert_int_equal(client_stat(&c, tree, name, &a), ENAMETOOLONG);
	assert_int_equal(client_list(&c, tree, name), ENAMETOOLONG);
	assert_int_equal(client_open(&c, 0, name, &a), ENAMETOOLONG);
	name[PROTO_PATH_MAX - 3] = '\0';
	assert_int_equal(client_open(&c, 0, name, &a), EACCES);
	/* A directory in which a name might not be judged any more. */
	assert_int_equal(client_list(&c, 0, name), ENAMETOOLONG);
}

static void
test_long_names(void **state)
{
	on_tree(state, long_names, NULL);
}

/*
 * Beneath "pub" only what is called "show" may be seen, at one level down.
 * What else there is must not be told apart from what is not there.
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
		assert_int_equal(client_stat(&c, 0, client_path(paths[i]),
		    &a), EACCES);
		assert_int_equal(a.status.reason, FDB_REASON_POLICY);
		if (i == 0)
			first = a.status;
		assert_string_equal(a.status.where, first.where);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(client_list(&c, 0, client_path(paths[i])),
		    EACCES);
		assert_int_equal(c.list.reason, FDB_REASON_POLICY);
		if (i == 0)
			first = c.list;
		assert_string_equal(c.list.where, first.where);
	}
	/* The way to what may be seen is open. */
	assert_int_equal(client_stat(&c, 0, client_path("pub/dir"), &a), 0);
	assert_int_equal(client_list(&c, 0, client_path("pub/dir")), 0);
	assert_true(client_next(&c, &a));
	assert_string_equal(a.name, "show");
	assert_false(client_next(&c, &a));
	assert_int_equal(client_open(&c, 0, client_path("pub/dir/show"), &a),
	    0);
	close(a.fd);
	assert_int_equal(client_open(&c, 0, client_path("pub/dir/hide"), &a),
	    EACCES);
	assert_int_equal(client_list(&c, 0, client_path("pub")), 0);
	assert_true(client_next(&c, &a));
	assert_string_equal(a.name, "dir");
	assert_false(client_next(&c, &a));
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

/* Nor if links are followed: LIST tells as little of a way. */
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
	client_start(&c, role, false);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(client_list(&c, 0, client_path(paths[i])),
		    EACCES);
		assert_int_equal(c.list.reason, FDB_REASON_POLICY);
		if (i == 0)
			(void)strlcpy(where, c.list.where, sizeof(where));
		assert_string_equal(c.list.where, where);
	}
	assert_int_equal(client_list(&c, 0, client_path("pub/dir/sub")), 0);
	client_end(&c);
}

/* A rule for one file shows that file, whatever is put in its place. */
static void
one_file(bool clone)
{
	char	 path[PATH_MAX];

	(void)clone;
	assert_int_equal(client_open(&c, 0, client_path("one/file"), &a), 0);
	assert_true(util_fd_reads(a.fd, "text"));
	close(a.fd);
	assert_int_equal(client_open(&c, 0, client_path("one/other"), &a),
	    EACCES);
	assert_int_equal(client_open(&c, 0, client_path("one"), &a), EACCES);
	(void)strlcpy(path, util_path("one/new"), sizeof(path));
	util_write_file(path, "new");
	assert_int_equal(rename(path, util_path("one/file")), 0);
	assert_int_equal(client_open(&c, 0, client_path("one/file"), &a), 0);
	assert_true(util_fd_reads(a.fd, "new"));
	close(a.fd);
	assert_int_equal(unlink(util_path("one/file")), 0);
	assert_int_equal(client_open(&c, 0, client_path("one/file"), &a),
	    ENOENT);
	assert_int_equal(symlink("other", util_path("one/file")), 0);
	assert_int_equal(client_open(&c, 0, client_path("one/file"), &a),
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

/* A directory that is held, removed; a file that is another by now. */
static void
changes(bool clone)
{
	uint32_t	 held;

	make_dir("tree/gone");
	assert_int_equal(client_list(&c, 0, client_path("tree/gone")), 0);
	held = c.token;
	assert_int_equal(rmdir(util_path("tree/gone")), 0);
	assert_int_equal(client_open(&c, held, "file", &a), ENOENT);
	assert_int_equal(client_list(&c, 0, client_path("tree/gone")),
	    ENOENT);
	/* The other of the same name is not the one that is held. */
	make_dir("tree/gone");
	util_write_file(util_path("tree/gone/file"), "");
	assert_int_equal(client_open(&c, held, "file", &a), ENOENT);
	assert_int_equal(unlink(util_path("tree/gone/file")), 0);
	assert_int_equal(rmdir(util_path("tree/gone")), 0);
	/* A file that has become a link out of the tree. */
	util_write_file(util_path("tree/turn"), "");
	assert_int_equal(client_open(&c, 0, client_path("tree/turn"), &a), 0);
	close(a.fd);
	assert_int_equal(unlink(util_path("tree/turn")), 0);
	assert_int_equal(symlink("../outside/file", util_path("tree/turn")),
	    0);
	assert_int_equal(client_open(&c, 0, client_path("tree/turn"), &a),
	    ELOOP);
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
	client_make(&c, role, false);
	if (geteuid() == 0 && util_become(UTIL_NOBODY) == -1)
		return 1;
	client_attach(&c);
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a),
	    EACCES);
	assert_int_equal(a.status.reason, FDB_REASON_KERNEL);
	assert_int_equal(client_list(&c, 0, client_path("tree/dir")), EACCES);
	assert_int_equal(c.list.reason, FDB_REASON_KERNEL);
	assert_int_equal(client_stat(&c, 0, client_path("tree/file"), &a), 0);
	client_end(&c);
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

/* In a child: what the kernel refuses on the way is not the policy's doing. */
static int
shut_way(void *arg)
{
	static const char *const	 rules[] = { "+way/*/*/show", NULL };
	struct role			*role = client_role(rules);

	(void)arg;
	role->options = POLICY_FOLLOW;
	client_make(&c, role, false);
	if (geteuid() == 0 && util_become(UTIL_NOBODY) == -1)
		return 1;
	client_attach(&c);
	assert_int_equal(client_open(&c, 0, client_path("way/shut/x/show"),
	    &a), EACCES);
	assert_int_equal(a.status.reason, FDB_REASON_KERNEL);
	client_end(&c);
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

/* In a child that may not give files away: it is to make one for another. */
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
	client_make(&c, role, false);
	c.su.caps = POLICY_CAP_CHOWN;
	c.su.peer_uid = c.su.peer_gid = geteuid() + 1;
	client_attach(&c);
	client_begin(&c, PROTO_OPEN);
	wire_put_u32(&c.out, 0);
	wire_put_u8(&c.out, FDB_WRITE | FDB_CREATE);
	wire_put_str(&c.out, client_path("made"));
	c.h.items++;
	assert_int_equal(client_call(&c), 1);
	assert_true(client_next(&c, &a));
	assert_int_equal(a.status.error, EPERM);
	assert_int_equal(a.status.reason, FDB_REASON_KERNEL);
	assert_string_equal(a.status.where,
	    "made, and stays, empty: its owner could not be set");
	assert_int_equal(a.fd, -1);
	assert_string_equal(c.told.where, a.status.where);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_uid, geteuid());
	assert_false(client_next(&c, &a));
	client_end(&c);
	assert_int_equal(unlink(path), 0);
	return 0;
}

/* What was made and could not be given away stays, and it is said. */
static void
test_cannot_give(void **state)
{
	(void)state;
	assert_int_equal(chmod(util_dir(), 0777), 0);
	assert_int_equal(util_run(cannot_give, NULL), 0);
}

#define CROSSED		"option one-filesystem of role \"test\""

/* The answer is the option's, or there is no fault. */
static void
check_crossed(const struct proto_status *st, int error, bool crossed)
{
	assert_int_equal(error, crossed ? EXDEV : 0);
	assert_int_equal(st->error, error);
	assert_int_equal(st->reason, crossed ? FDB_REASON_POLICY :
	    FDB_REASON_NONE);
	assert_string_equal(st->where, crossed ? CROSSED : "");
}

/* A mount point, a way to something, links; one: the option is set. */
static void
ask_mounted(bool one)
{
	int	 error;

	error = client_open(&c, 0, client_path("tree/dir/other"), &a);
	check_crossed(&a.status, error, one);
	fdmsg_close_fds(&a.fd, 1);
	error = client_stat(&c, 0, client_path("tree/dir/other"), &a);
	check_crossed(&a.status, error, one);
	error = client_stat(&c, 0, client_path("tree/dir"), &a);
	check_crossed(&a.status, error, one);
	error = client_list(&c, 0, client_path("tree/dir"));
	check_crossed(&c.list, error, one);
	fdmsg_close(&c.msg);
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	close(a.fd);
}

static void
ask_mounted_links(bool one)
{
	int	 error;

	error = client_open(&c, 0, client_path("tree/inward"), &a);
	check_crossed(&a.status, error, one);
	fdmsg_close_fds(&a.fd, 1);
	error = client_list(&c, 0, client_path("tree/indir"));
	check_crossed(&c.list, error, one);
	fdmsg_close(&c.msg);
	/* What leads out of the root is nothing of the option. */
	assert_int_equal(client_open(&c, 0, client_path("tree/outward"), &a),
	    EXDEV);
	assert_int_equal(a.status.reason, FDB_REASON_KERNEL);
	assert_string_equal(a.status.where, "");
}

/* In a child with mounts of its own: another file system in the tree. */
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
		client_start(&c, role, i % 2 == 1);
		ask_mounted(*one);
		if (i / 2 == 1)
			ask_mounted_links(*one);
		client_end(&c);
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
	return cmocka_run_group_tests(tests, NULL, NULL);
}
