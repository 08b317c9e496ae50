/*
 * test_change.c: changes as the opener carries them out: what one request may
 * do with what it makes, descriptors, and random requests, none of which may
 * change anything outside of the role's root.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/changewire.h"
#include "base/fd.h"
#include "base/walkwire.h"
#include "opener/walk.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define REQUESTS	3000

static struct client		 client;
static struct changewire_result	 results[FDB_BATCH_MAX];

static void
permit(struct role *role, enum policy_action action, uint32_t ops,
    const char *name)
{
	const char	*why;

	assert_int_equal(role_add_rule(role, action, ops, util_path(name),
	    NULL, "test.conf", 1, &why), 0);
}

/*
 * dest, in which the role may do everything but in dest/no, and remove nothing
 * in dest/keep; and outside.
 */
static void
begin(void)
{
	struct role	*role = role_new("test", "test.conf", 1);

	assert_int_equal(mkdir(util_path("dest"), 0755), 0);
	assert_int_equal(mkdir(util_path("dest/no"), 0755), 0);
	assert_int_equal(mkdir(util_path("dest/a"), 0755), 0);
	assert_int_equal(mkdir(util_path("dest/keep"), 0755), 0);
	assert_int_equal(mkdir(util_path("outside"), 0755), 0);
	util_write_file(util_path("outside/file"), "outside");
	util_write_file(util_path("dest/no/file"), "denied");
	assert_int_equal(symlink("../outside", util_path("dest/out")), 0);
	assert_int_equal(symlink("../outside/file", util_path("dest/to")), 0);
	permit(role, POLICY_PERMIT, POLICY_OP_LIST | POLICY_OP_CREATE |
	    POLICY_OPS_RESTORING, "dest");
	permit(role, POLICY_DENY, POLICY_OP_ALL, "dest/no");
	permit(role, POLICY_DENY, POLICY_OP_REPLACE | POLICY_OP_REMOVE,
	    "dest/keep");
	client_start(&client, role, false);
	client.state.own_uid = geteuid();
}

static void
put(const struct changewire_item *it)
{
	changewire_put_item(&client.out, it, NULL);
	client.h.items++;
}

static struct changewire_item
item(enum changewire_kind kind, const char *name)
{
	struct changewire_item	 it;

	memset(&it, 0, sizeof(it));
	it.kind = kind;
	it.name = name;
	it.text = "";
	return it;
}

/* Send the request; take the descriptors of the reply.  How many there are. */
static size_t
call(int *fds)
{
	const char	*why;
	ssize_t		 len;
	size_t		 i;

	assert_int_equal(client_call(&client), 1);
	len = fdmsg_recv(client.sock, client.inbuf, sizeof(client.inbuf),
	    FDMSG_MAXFD, &client.msg);
	assert_true(len > 0);
	assert_int_equal(proto_parse(client.inbuf, (size_t)len,
	    client.msg.nfds, &client.reply, &client.in, &why), 0);
	assert_int_equal(client.reply.type, PROTO_CHANGED);
	assert_int_equal(client.reply.flags, 0);
	for (i = 0; i < client.reply.items; i++)
		changewire_get_result(&client.in, &results[i]);
	assert_int_equal(wire_get_end(&client.in), 0);
	for (i = 0; i < client.msg.nfds; i++)
		fds[i] = fdmsg_take(&client.msg, i);
	i = client.msg.nfds;
	client.msg.nfds = 0;
	return i;
}

/* dest/NAME, as a name beneath "/". */
static const char *
in_dest(const char *name)
{
	static char	 paths[4][PROTO_PATH_MAX];
	static int	 i;
	char		*p = paths[i++ % 4];

	(void)snprintf(p, PROTO_PATH_MAX, "%s/dest%s%s", util_dir() + 1,
	    name[0] != '\0' ? "/" : "", name);
	return p;
}

/*
 * What one request makes it cannot commit or abandon: the number of the
 * descriptor that the reply names could be another's by then.
 */
static void
test_same_request(void **state)
{
	struct changewire_item	 it;
	struct stat		 st;
	int			 fds[FDMSG_MAXFD];

	(void)state;
	begin();
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_CREATE, in_dest("f"));
	put(&it);
	it = item(CHANGEWIRE_COMMIT, in_dest("f"));
	it.pending = 1;
	put(&it);
	it = item(CHANGEWIRE_ABANDON, "");
	it.pending = 1;
	put(&it);
	it = item(CHANGEWIRE_MKDIR, in_dest("new/"));
	it.name = in_dest("new");
	put(&it);
	assert_int_equal(call(fds), 1);
	assert_int_equal(results[0].status.error, 0);
	assert_int_equal(results[0].number, 1);
	assert_int_equal(results[1].status.error, EBADF);
	assert_int_equal(results[2].status.error, EBADF);
	assert_int_equal(results[3].status.error, 0);
	assert_int_equal(fstat(fds[0], &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(fcntl(fds[0], F_GETFL) & O_ACCMODE, O_WRONLY);
	close(fds[0]);

	/* Later it can. */
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_COMMIT, in_dest("f"));
	it.pending = 1;
	put(&it);
	put(&it);
	assert_int_equal(call(fds), 0);
	assert_int_equal(results[0].status.error, 0);
	assert_int_equal(results[1].status.error, EBADF);
	assert_true(util_exists(util_path("dest/f")));
	client_end(&client);
}

/* Pending files and tokens share their limit, and leave nothing behind. */
static void
test_limit(void **state)
{
	struct changewire_item	 it;
	size_t			 i, n, before, tokens;
	int			 fds[FDMSG_MAXFD];

	(void)state;
	begin();
	before = util_count_fds();
	tokens = client.state.info.tokens;
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_MKDIR, in_dest("a"));
	it.flags = FDB_MKDIR_TOKEN;
	put(&it);
	for (i = 0; i < tokens + 4; i++) {
		it = item(CHANGEWIRE_CREATE, in_dest("a/f"));
		put(&it);
	}
	n = call(fds);
	assert_int_equal(n, tokens - 1);
	assert_true(results[0].number != 0);
	assert_false(results[0].made);
	for (i = 1; i < tokens; i++)
		assert_int_equal(results[i].status.error, 0);
	for (; i < tokens + 5; i++) {
		assert_int_equal(results[i].status.error, EMFILE);
		assert_int_equal(results[i].status.reason, FDB_REASON_LIMIT);
	}
	for (i = 0; i < n; i++)
		close(fds[i]);
	assert_int_equal(util_count_fds(), before + tokens);
	client_begin(&client, PROTO_CHANGE);
	for (i = 1; i < tokens; i++) {
		it = item(CHANGEWIRE_ABANDON, "");
		it.pending = results[i].number;
		put(&it);
	}
	assert_int_equal(call(fds), 0);
	client_begin(&client, PROTO_FORGET);
	client_token(&client, 1);
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(util_count_fds(), before);
	assert_false(util_exists(util_path("dest/a/f")));
	client_end(&client);
}

/* Reading by a token of MKDIR goes by the root for reading; walks do not. */
static void
test_token(void **state)
{
	static struct walkwire_record	 rec;
	struct walkwire_start		 start;
	struct changewire_item		 it;
	struct answer			 a;
	const char			*why;
	ssize_t				 len;
	int				 fds[FDMSG_MAXFD], n;

	(void)state;
	begin();
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_MKDIR, in_dest(""));
	it.flags = FDB_MKDIR_TOKEN;
	put(&it);
	assert_int_equal(call(fds), 0);
	assert_int_equal(results[0].number, 1);
	assert_int_equal(client_stat(&client, 1, "a", &a), 0);
	assert_true(S_ISDIR(a.st.mode));
	assert_int_equal(client_stat(&client, 1, "no/file", &a), EACCES);
	memset(&start, 0, sizeof(start));
	start.base = 1;
	start.bytes = 65536;
	start.fds = 16;
	client_begin(&client, PROTO_WALK);
	walkwire_put_start(&client.out, &start);
	client.h.items = 1;
	assert_int_equal(client_call(&client), 1);
	for (n = 0; n < 16 && client.state.walks != NULL; n++)
		assert_int_equal(walk_slice(&client.state), 0);
	len = fdmsg_recv(client.sock, client.inbuf, sizeof(client.inbuf),
	    FDMSG_MAXFD, &client.msg);
	assert_true(len > 0);
	assert_int_equal(proto_parse(client.inbuf, (size_t)len,
	    client.msg.nfds, &client.reply, &client.in, &why), 0);
	walkwire_get_record(&client.in, &rec);
	assert_int_equal(rec.kind, WALKWIRE_END);
	assert_int_equal(rec.status.error, EOPNOTSUPP);
	client_end(&client);
}

/*
 * Where a directory may know a name by several spellings, and a rule tells them
 * apart, nothing is made or removed.
 */
static void
test_spelling(void **state)
{
	static const enum changewire_kind	 kinds[] = {
		CHANGEWIRE_CREATE, CHANGEWIRE_MKDIR, CHANGEWIRE_SYMLINK,
		CHANGEWIRE_REMOVE
	};
	struct changewire_item	 it;
	size_t			 i;
	int			 fds[FDMSG_MAXFD];

	(void)state;
	client_trusts_nothing = true;
	begin();
	client_trusts_nothing = false;
	client_begin(&client, PROTO_CHANGE);
	for (i = 0; i < 4; i++) {
		it = item(kinds[i], in_dest(kinds[i] == CHANGEWIRE_REMOVE ?
		    "to" : "NO"));
		if (kinds[i] == CHANGEWIRE_SYMLINK)
			it.text = "x";
		put(&it);
	}
	assert_int_equal(call(fds), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(results[i].status.error, EOPNOTSUPP);
	assert_false(util_exists(util_path("dest/NO")));
	assert_true(util_exists(util_path("dest/to")));
	client_end(&client);
}

/* PRESET of pending file 1, for a name; the result is results[0]. */
static void
preset(const char *name, unsigned int set, const char *attribute)
{
	const struct fdb_xattr	 x = { attribute, "value", 5 };
	struct changewire_item	 it = item(CHANGEWIRE_PRESET, in_dest(name));
	int			 fds[FDMSG_MAXFD];

	it.pending = 1;
	it.meta.set = (uint8_t)set;
	it.meta.mode = 0644;
	it.meta.nxattrs = set & FDB_META_XATTR ? 1 : 0;
	client_begin(&client, PROTO_CHANGE);
	changewire_put_item(&client.out, &it, &x);
	client.h.items = 1;
	assert_int_equal(call(fds), 0);
}

/* Attributes of a pending file, and nothing else, by the rules of its name. */
static void
test_preset(void **state)
{
	struct changewire_item	 it;
	char			 value[8];
	int			 fds[FDMSG_MAXFD];

	(void)state;
	begin();
	preset("f", FDB_META_XATTR, "user.x");
	assert_int_equal(results[0].status.error, EBADF);
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_CREATE, in_dest("f"));
	it.mode = 0600;
	put(&it);
	assert_int_equal(call(fds), 1);
	preset("f", FDB_META_MODE, "");
	assert_int_equal(results[0].status.error, EOPNOTSUPP);
	assert_int_equal(results[0].refused, FDB_META_MODE);
	preset("f", FDB_META_XATTR, "security.capability");
	assert_int_equal(results[0].status.error, EACCES);
	assert_int_equal(results[0].refused, FDB_META_XATTR);
	preset("f", FDB_META_XATTR, "trusted.x");
	assert_int_equal(results[0].status.error, EOPNOTSUPP);
	preset("no/f", FDB_META_XATTR, "user.x");
	assert_int_equal(results[0].status.error, EACCES);
	assert_int_equal(fgetxattr(fds[0], "user.x", value, 8), -1);
	preset("f", FDB_META_XATTR, "user.x");
	if (results[0].status.error == 0)
		assert_int_equal(fgetxattr(fds[0], "user.x", value, 8), 5);
	else
		assert_int_equal(results[0].status.error, EOPNOTSUPP);
	close(fds[0]);
	client_end(&client);
}

/* MKDIR of a directory that is there. */
static void
take_dir(const char *name, uint8_t flags)
{
	struct changewire_item	 it = item(CHANGEWIRE_MKDIR, in_dest(name));
	int			 fds[FDMSG_MAXFD];

	it.flags = flags;
	client_begin(&client, PROTO_CHANGE);
	put(&it);
	assert_int_equal(call(fds), 0);
	assert_int_equal(results[0].status.error, 0);
	assert_false(results[0].made);
}

/*
 * Temporary names go, of whatever is no directory, and nothing else does; but
 * neither where the role may not remove, nor while a session has one there.
 */
static void
test_sweep(void **state)
{
	static const char *const	 stay[] = {
		"dest/a/.fdbroker.0123456789abcdef", "dest/a/.fdbroker.1",
		"dest/a/.fdbroker.0123456789abcdeF",
		"dest/a/.fdbroker.00000000000000001",
		"dest/keep/.fdbroker.0000000000000001",
		"outside/.fdbroker.0000000000000001"
	};
	char				 name[64];
	size_t				 i, fds;
	int				 other;

	(void)state;
	begin();
	fds = util_count_fds();
	assert_int_equal(mkdir(util_path(stay[0]), 0700), 0);
	for (i = 1; i < sizeof(stay) / sizeof(stay[0]); i++)
		util_write_file(util_path(stay[i]), "stays");
	/* More than are removed at once. */
	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name),
		    "dest/a/.fdbroker.%016zx", i + 16);
		util_write_file(util_path(name), "goes");
	}
	assert_int_equal(symlink("../../outside/file",
	    util_path("dest/a/.fdbroker.0000000000000001")), 0);
	assert_int_equal(mkfifo(util_path("dest/a/.fdbroker.0000000000000002"),
	    0600), 0);
	take_dir("a", 0);
	assert_true(util_exists(util_path(name)));
	other = open(util_path("dest/a"), O_RDONLY | O_CLOEXEC);
	assert_true(other != -1);
	assert_int_equal(flock(other, LOCK_SH), 0);
	take_dir("a", FDB_MKDIR_SWEEP);
	assert_true(util_exists(util_path(name)));
	close(other);
	take_dir("a", FDB_MKDIR_SWEEP);
	take_dir("keep", FDB_MKDIR_SWEEP);
	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name),
		    "dest/a/.fdbroker.%016zx", i + 16);
		assert_false(util_exists(util_path(name)));
	}
	assert_false(util_exists(
	    util_path("dest/a/.fdbroker.0000000000000001")));
	assert_false(util_exists(
	    util_path("dest/a/.fdbroker.0000000000000002")));
	for (i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		assert_true(util_exists(util_path(stay[i])));
	assert_true(util_exists(util_path("outside/file")));
	assert_int_equal(util_count_fds(), fds);
	client_end(&client);
}

/* A file that waits for its name, and one that is replaced meanwhile. */
static void
test_sweep_held(void **state)
{
	struct changewire_item	 it;
	int			 fds[FDMSG_MAXFD];

	(void)state;
	begin();
	client.state.way = MAKEAT_NO_WAY;
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_CREATE, in_dest("a/f"));
	put(&it);
	assert_int_equal(call(fds), 1);
	assert_int_equal(results[0].status.error, 0);
	close(fds[0]);
	util_write_file(util_path("dest/a/.fdbroker.0000000000000001"), "x");
	take_dir("a", FDB_MKDIR_SWEEP);
	assert_true(util_exists(
	    util_path("dest/a/.fdbroker.0000000000000001")));
	client_begin(&client, PROTO_CHANGE);
	it = item(CHANGEWIRE_COMMIT, in_dest("a/f"));
	it.pending = 1;
	put(&it);
	it = item(CHANGEWIRE_SYMLINK, in_dest("a/f"));
	it.text = "x";
	it.over = FDB_OVER_REPLACE;
	put(&it);
	assert_int_equal(call(fds), 0);
	assert_int_equal(results[0].status.error, 0);
	assert_int_equal(results[1].status.error, 0);
	/* Nobody holds the directory any more. */
	take_dir("a", FDB_MKDIR_SWEEP);
	assert_false(util_exists(
	    util_path("dest/a/.fdbroker.0000000000000001")));
	assert_true(util_exists(util_path("dest/a/f")));
	client_end(&client);
}

/* A random item, about names in dest, in what is denied, and outside. */
static struct changewire_item
random_item(void)
{
	static const char *const	 names[] = {
		"a", "b", "a/c", "a/d", "b/e", "out", "out/file", "out/new",
		"to", "no", "no/file", "no/new", "", "../outside/file",
		"../outside/new", "a/../../outside/new", ".", "a/"
	};
	static const char *const	 texts[] = {
		"../outside", "/", "../outside/file", "a", ".."
	};
	static const uint32_t		 types[] = { S_IFIFO, S_IFSOCK,
					    S_IFCHR, S_IFBLK };
	struct changewire_item		 it;

	it = item((enum changewire_kind)(1 +
	    util_random(CHANGEWIRE_KINDS - 1)), in_dest(names[util_random(
	    sizeof(names) / sizeof(names[0]))]));
	it.over = (enum fdb_over)util_random(3);
	it.pending = util_random(18);
	if (util_random(8) == 0)
		it.base = util_random(4);
	if (it.kind == CHANGEWIRE_MKDIR)
		it.flags = (uint8_t)util_random(FDB_MKDIR_ALL + 1);
	if (it.kind == CHANGEWIRE_REMOVE)
		it.flags = (uint8_t)util_random(2);
	if (it.kind == CHANGEWIRE_SYMLINK)
		it.text = texts[util_random(5)];
	if (it.kind == CHANGEWIRE_LINK)
		it.text = in_dest(names[util_random(sizeof(names) /
		    sizeof(names[0]))]);
	if (it.kind == CHANGEWIRE_MKNOD)
		it.mode = types[util_random(4)] | 0600;
	if (it.kind == CHANGEWIRE_COMMIT || it.kind == CHANGEWIRE_SETMETA) {
		it.meta.set = (uint8_t)util_random(FDB_META_XATTR);
		it.meta.set &= (uint8_t)~FDB_META_OWNER;
		it.meta.mode = 0700 | util_random(07777);
		it.meta.mtime = util_random(100);
	}
	return it;
}

static void
check_untouched(const char *name, const char *text, const struct stat *before)
{
	struct stat	 st;
	int		 fd;

	assert_int_equal(lstat(util_path(name), &st), 0);
	assert_true(st.st_ino == before->st_ino &&
	    st.st_mode == before->st_mode && st.st_uid == before->st_uid &&
	    st.st_nlink == before->st_nlink &&
	    st.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	    st.st_ctim.tv_nsec == before->st_ctim.tv_nsec);
	if (text == NULL)
		return;
	fd = open(util_path(name), O_RDONLY | O_CLOEXEC);
	assert_true(fd != -1 && util_fd_reads(fd, text));
	close(fd);
}

static void
test_random(void **state)
{
	static const struct {
		const char	*name, *text;
	} kept[] = {
		{ "outside", NULL }, { "outside/file", "outside" },
		{ "dest/no", NULL }, { "dest/no/file", "denied" }
	};
	struct changewire_item	 it;
	struct stat		 before[4], st;
	size_t			 i, k, n, ok = 0;
	int			 fds[FDMSG_MAXFD];

	(void)state;
	begin();
	for (i = 0; i < 4; i++)
		assert_int_equal(lstat(util_path(kept[i].name), &before[i]),
		    0);
	for (i = 0; i < REQUESTS; i++) {
		client_begin(&client, PROTO_CHANGE);
		for (k = 1 + util_random(8); k > 0; k--) {
			it = random_item();
			put(&it);
		}
		n = call(fds);
		for (k = 0; k < n; k++) {
			/* Only regular files, never a directory. */
			assert_int_equal(fstat(fds[k], &st), 0);
			assert_true(S_ISREG(st.st_mode));
			assert_int_equal(fcntl(fds[k], F_GETFL) & O_ACCMODE,
			    O_WRONLY);
			close(fds[k]);
		}
		for (k = 0; k < client.reply.items; k++)
			ok += results[k].status.error == 0;
	}
	for (i = 0; i < 4; i++)
		check_untouched(kept[i].name, kept[i].text, &before[i]);
	print_message("# %zu changes succeeded\n", ok);
	assert_true(ok > REQUESTS / 6);
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_same_request),
		UTIL_TEST(test_limit),
		UTIL_TEST(test_token),
		UTIL_TEST(test_spelling),
		UTIL_TEST(test_preset),
		UTIL_TEST(test_sweep),
		UTIL_TEST(test_sweep_held),
		UTIL_TEST(test_random)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
