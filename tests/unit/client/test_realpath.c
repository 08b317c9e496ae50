/*
 * test_realpath.c: fdb_realpath() and fdb_stat() with an opener whose tree is a
 * table, and follows no link.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/fake.h"
#include "tests/unit/util.h"

static struct fake	 fake;

/* The objects; a link has a text, a directory a size of 0. */
static const struct {
	const char	*path;
	uint64_t	 size;
	const char	*link;
} tree[] = {
	{ "", 0, "" },
	{ "d", 0, "" },
	{ "d/f", 1, "" },
	{ "d/e", 0, "" },
	{ "d/e/f", 2, "" },
	{ "d/to-e", 0, "e" },
	{ "d/to-f", 0, "to-e/f" },
	{ "d/e/up", 0, "../to-f" },
	{ "d/absolute", 0, "/d/to-e/../f" },
	{ "d/top", 0, "/" },
	{ "d/loop", 0, "loop" },
	{ "d/long", 0, "to-e/./../to-e//f" },
	{ "d/none", 0, "nowhere" }
};
#define TREE	(sizeof(tree) / sizeof(tree[0]))

/* The entry that is exactly there; TREE if there is none. */
static size_t
find(const char *path, size_t len)
{
	size_t	 i;

	for (i = 0; i < TREE; i++)
		if (strlen(tree[i].path) == len &&
		    memcmp(tree[i].path, path, len) == 0)
			break;
	return i;
}

/* The error of a STAT, as an opener gives it. */
static uint32_t
error_of(const char *path)
{
	size_t	 i, at, len = strlen(path);

	for (at = 0; at < len; at++) {
		if (path[at] != '/')
			continue;
		i = find(path, at);
		if (i == TREE)
			return ENOENT;
		if (tree[i].link[0] != '\0')
			return ELOOP;
		if (tree[i].size > 0)
			return ENOTDIR;
	}
	return find(path, len) == TREE ? ENOENT : 0;
}

static void
put_object(size_t i)
{
	struct proto_status	 status;
	struct fdb_stat		 st;

	memset(&status, 0, sizeof(status));
	memset(&st, 0, sizeof(st));
	st.size = tree[i].size;
	st.mode = tree[i].link[0] != '\0' ? S_IFLNK | 0777 :
	    st.size > 0 ? S_IFREG | 0644 : S_IFDIR | 0755;
	proto_put_status(&fake.out, &status);
	proto_put_stat(&fake.out, &st);
	wire_put_str(&fake.out, tree[i].link);
	fake.reply.items++;
}

/* In a child: answer STATs until the session ends. */
static int
serve(void *arg)
{
	char	 path[PROTO_PATH_MAX];

	(void)arg;
	while (util_readable(fake.sock) && fake_request(&fake) == PROTO_STAT) {
		assert_int_equal(wire_get_u32(&fake.in), FDB_TOKEN_ROOT);
		wire_get_str(&fake.in, path, sizeof(path));
		fake_reply(&fake, PROTO_STAT_REPLY);
		fake.reply.id = fake.h.id;
		if (strncmp(path, "denied", 6) == 0)
			fake_put_error(&fake, EACCES, FDB_REASON_POLICY, "x");
		else if (error_of(path) != 0)
			fake_put_error(&fake, error_of(path),
			    FDB_REASON_KERNEL, "");
		else
			put_object(find(path, strlen(path)));
		fake_send(&fake, 0);
	}
	return 0;
}

static pid_t
begin(void)
{
	pid_t	 pid;

	fake_attach(&fake, NULL);
	pid = util_start(serve, NULL);
	fake_die(&fake);
	return pid;
}

static void
end(pid_t pid)
{
	fake_end(&fake);
	assert_int_equal(util_wait(pid), 0);
}

static void
expect_path(const char *path, const char *want)
{
	char	 got[FDB_PATH_MAX];

	assert_return_code(fdb_realpath(fake.s, path, got), errno);
	assert_string_equal(got, want);
}

static void
expect_error(const char *path, int error)
{
	char		 got[FDB_PATH_MAX] = "untouched";
	struct fdb_stat	 st;

	errno = 0;
	assert_int_equal(fdb_realpath(fake.s, path, got), -1);
	assert_int_equal(errno, error);
	assert_string_equal(got, "untouched");
	errno = 0;
	assert_int_equal(fdb_stat(fake.s, path, &st), -1);
	assert_int_equal(errno, error);
	assert_string_not_equal(fdb_session_error(fake.s), "");
}

static void
test_paths(void **state)
{
	pid_t	 pid = begin();

	(void)state;
	expect_path("/", "/");
	expect_path("//", "/");
	expect_path("/..", "/");
	expect_path("/d/f", "/d/f");
	expect_path("//d///f", "/d/f");
	expect_path("/d/./e/../f", "/d/f");
	expect_path("/d/e/", "/d/e");
	expect_path("/d/e/..", "/d");
	end(pid);
}

static void
test_links(void **state)
{
	pid_t	 pid = begin();

	(void)state;
	expect_path("/d/to-e", "/d/e");
	expect_path("/d/to-e/", "/d/e");
	expect_path("/d/to-e/f", "/d/e/f");
	expect_path("/d/to-f", "/d/e/f");
	expect_path("/d/to-e/up", "/d/e/f");
	expect_path("/d/to-e/../f", "/d/f");
	expect_path("/d/absolute", "/d/f");
	expect_path("/d/top", "/");
	expect_path("/d/top/d/top/d/f", "/d/f");
	expect_path("/d/long", "/d/e/f");
	end(pid);
}

static void
test_errors(void **state)
{
	char	 path[8192];
	pid_t	 pid = begin();

	(void)state;
	expect_error("d", EINVAL);
	expect_error("", EINVAL);
	expect_error("/d/none", ENOENT);
	expect_error("/nothing", ENOENT);
	expect_error("/d/loop", ELOOP);
	expect_error("/d/loop/x", ELOOP);
	expect_error("/d/f/", ENOTDIR);
	expect_error("/d/f/.", ENOTDIR);
	expect_error("/d/f/..", ENOTDIR);
	expect_error("/d/f/x", ENOTDIR);
	expect_error("/d/to-f/", ENOTDIR);
	expect_error("/denied", EACCES);
	assert_string_equal(fdb_session_refusal(fake.s)->where, "x");
	expect_error("d", EINVAL);
	assert_null(fdb_session_refusal(fake.s));
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	expect_error(path, ENAMETOOLONG);
	end(pid);
}

/* fdb_stat() describes what the links lead to. */
static void
test_stat(void **state)
{
	struct fdb_stat	 st;
	pid_t		 pid = begin();

	(void)state;
	assert_return_code(fdb_stat(fake.s, "/d/to-f", &st), errno);
	assert_int_equal(st.size, 2);
	assert_true(S_ISREG(st.mode));
	assert_return_code(fdb_stat(fake.s, "/d/to-e", &st), errno);
	assert_true(S_ISDIR(st.mode));
	assert_return_code(fdb_lstat(fake.s, "/d/to-e", &st), errno);
	assert_true(S_ISLNK(st.mode));
	end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UTIL_TEST(test_paths),
		UTIL_TEST(test_links),
		UTIL_TEST(test_errors),
		UTIL_TEST(test_stat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
