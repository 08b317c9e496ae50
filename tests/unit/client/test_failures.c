/*
 * test_failures.c: after each call that fails, the session says why; and after
 * a refusal, who refused, and by which rule.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/fake.h"
#include "tests/unit/util.h"

static struct fake	 fake;
static char		 name_long[8192], value_long[FDB_XATTR_VALUE_MAX + 1];

/*
 * A call has failed with this errno, and the session says this.  What it says
 * is not left from the call before: each call here says something else.
 */
static void
says(int ret, int error, const char *text)
{
	assert_int_equal(ret, -1);
	assert_int_equal(errno, error);
	if (strstr(fdb_session_error(fake.s), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"",
		    fdb_session_error(fake.s), text);
}

/* Between two calls that say the same. */
static void
say_another(void)
{
	says(fdb_walk_cancel(fake.s, 99), ENOENT, "no walk has this cookie");
}

static void
test_names(void **state)
{
	struct fdb_walk	 walk = { .name = "a//b" };

	(void)state;
	fake_attach(&fake, NULL);
	assert_string_equal(fdb_session_error(fake.s), "");
	assert_null(fdb_session_refusal(fake.s));
	says(fdb_open_at(fake.s, 0, "a//b", FDB_READ, 0), EINVAL, "not clean");
	say_another();
	says(fdb_stat_at(fake.s, 0, "..", 0), EINVAL, "not clean");
	say_another();
	says(fdb_list_at(fake.s, 1, "", 0), EINVAL, "not clean");
	say_another();
	says(fdb_walk(fake.s, &walk, 0), EINVAL, "not clean");
	say_another();
	says(fdb_link_at(fake.s, 0, "a", 0, "..", FDB_OVER_REFUSE, 0), EINVAL,
	    "not clean");
	say_another();
	says(fdb_open(fake.s, "/a//b", O_RDONLY), EINVAL, "not clean");
	say_another();
	says(fdb_remove_at(fake.s, 0, "a/", 0, 0), EINVAL, "not clean");
	says(fdb_open_at(fake.s, 0, name_long, FDB_READ, 0), ENAMETOOLONG,
	    "name is too long");
	says(fdb_open_at(fake.s, 0, "a", 0, 0), EINVAL, "access");
	says(fdb_forget(fake.s, 0), EINVAL, "no token");
	says(fdb_open(fake.s, "a", O_RDONLY), EINVAL, "not absolute");
	says(fdb_open(fake.s, "/a", O_RDONLY | O_TRUNC), EINVAL, "flags");
	assert_null(fdb_session_refusal(fake.s));
	fake_end(&fake);
}

static void
test_windows(void **state)
{
	struct fdb_session_info	 info;
	struct fdb_stat		 st;
	struct fdb_walk		 walk = { .name = "/" };
	char			 path[FDB_PATH_MAX];
	int			 i;

	(void)state;
	fake_info(&info);
	info.window = info.batch = 1;
	fake_attach(&fake, &info);
	assert_int_equal(fdb_open_at(fake.s, 0, "a", FDB_READ, 0), 0);
	assert_int_equal(fdb_open_at(fake.s, 0, "a", FDB_READ, 0), 0);
	says(fdb_open_at(fake.s, 0, "a", FDB_READ, 0), EAGAIN,
	    "window is full");
	say_another();
	says(fdb_stat_at(fake.s, 0, "a", 0), EAGAIN, "window is full");
	says(fdb_open(fake.s, "/a", O_RDONLY), EBUSY, "outstanding");
	say_another();
	says(fdb_lstat(fake.s, "/a", &st), EBUSY, "outstanding");
	say_another();
	says(fdb_stat(fake.s, "/a", &st), EBUSY, "outstanding");
	say_another();
	says(fdb_realpath(fake.s, "/a", path), EBUSY, "outstanding");
	assert_int_equal(fdb_walk(fake.s, &walk, 1), 0);
	says(fdb_walk(fake.s, &walk, 2), EAGAIN, "window of walks");
	for (i = 1; i <= FDB_BATCH_MAX; i++)
		assert_int_equal(fdb_forget(fake.s, (uint32_t)i), 0);
	says(fdb_forget(fake.s, 300), EAGAIN, "tokens to forget");
	fake_end(&fake);
}

static void
test_walks(void **state)
{
	const char	*empty[] = { "" }, *slash[] = { "a/b" };
	const char	*many[64];
	struct fdb_walk	 walk = { .name = "/", .flags = ~0U };
	size_t		 i;

	(void)state;
	fake_attach(&fake, NULL);
	says(fdb_walk(fake.s, &walk, 0), EINVAL, "flags, the time");
	walk.flags = 0;
	walk.exclude = empty;
	walk.nexclude = 1;
	says(fdb_walk(fake.s, &walk, 0), EINVAL, "empty or too long");
	walk.nexclude = 0;
	walk.if_present = slash;
	walk.nif_present = 1;
	says(fdb_walk(fake.s, &walk, 0), EINVAL, "not one component");
	for (i = 0; i < 64; i++)
		many[i] = "tag";
	walk.if_present = many;
	walk.nif_present = 64;
	says(fdb_walk(fake.s, &walk, 0), E2BIG, "too many patterns");
	says(fdb_walk_cancel(fake.s, 0), ENOENT, "no walk has this cookie");
	fake_end(&fake);
}

static void
test_changes(void **state)
{
	struct fdb_xattr	 many[FDB_XATTRS_MAX + 1];
	struct fdb_meta		 m = { .set = ~0U, .xattrs = many };
	size_t			 i;

	(void)state;
	for (i = 0; i <= FDB_XATTRS_MAX; i++)
		many[i] = (struct fdb_xattr){ "user.x", value_long, 1000 };
	fake_attach(&fake, NULL);
	says(fdb_setmeta_at(fake.s, 0, "a", &m, 0), EINVAL, "metadata");
	m.set = FDB_META_XATTR;
	m.nxattrs = FDB_XATTRS_MAX + 1;
	says(fdb_setmeta_at(fake.s, 0, "a", &m, 0), E2BIG, "too many ext");
	m.nxattrs = FDB_XATTRS_MAX;
	says(fdb_setmeta_at(fake.s, 0, "a", &m, 0), E2BIG, "do not fit");
	many[1].length = sizeof(value_long);
	says(fdb_setmeta_at(fake.s, 0, "a", &m, 0), E2BIG, "value of an");
	many[0].name = "";
	says(fdb_setmeta_at(fake.s, 0, "a", &m, 0), EINVAL, "name of an");
	says(fdb_create_at(fake.s, 0, "a", 07777, 0), EINVAL, "a mode, a");
	says(fdb_mkdir_at(fake.s, 0, "a", ~0U, FDB_OVER_REFUSE, 0), EINVAL,
	    "no such flags");
	say_another();
	says(fdb_remove_at(fake.s, 0, "a", ~0U, 0), EINVAL, "no such flags");
	says(fdb_symlink_at(fake.s, 0, "a", "", FDB_OVER_REFUSE, NULL, 0),
	    EINVAL, "holds a text");
	says(fdb_symlink_at(fake.s, 0, "a", name_long, FDB_OVER_REFUSE, NULL,
	    0), ENAMETOOLONG, "text of the symbolic link");
	fake_end(&fake);
}

/* In a child: refuse one request. */
static int
deny_one(void *arg)
{
	(void)arg;
	assert_true(util_readable(fake.sock));
	fake_reply(&fake, fake_request(&fake) == PROTO_OPEN ?
	    PROTO_OPEN_REPLY : PROTO_STAT_REPLY);
	fake.reply.id = fake.h.id;
	fake_put_error(&fake, EACCES, FDB_REASON_POLICY, "conf:9 \"keys\"");
	fake_send(&fake, 0);
	return 0;
}

/* Let a child refuse one request, which is made by the caller. */
static pid_t
start_denying(void)
{
	pid_t	 pid;

	fake_attach(&fake, NULL);
	pid = util_start(deny_one, NULL);
	fake_die(&fake);
	return pid;
}

/* The refusal, and that a call which fails on this side takes it away. */
static void
expect_refusal(pid_t pid)
{
	const struct fdb_refusal	*why = fdb_session_refusal(fake.s);

	assert_non_null(why);
	assert_int_equal(why->error, EACCES);
	assert_int_equal(why->reason, FDB_REASON_POLICY);
	assert_string_equal(why->where, "conf:9 \"keys\"");
	assert_int_equal(util_wait(pid), 0);
	errno = 0;
	assert_int_equal(fdb_open(fake.s, "a", O_RDONLY), -1);
	assert_null(fdb_session_refusal(fake.s));
	fake_end(&fake);
}

static void
test_refusals(void **state)
{
	char		 path[FDB_PATH_MAX];
	struct fdb_stat	 st;
	pid_t		 pid;

	(void)state;
	pid = start_denying();
	says(fdb_open(fake.s, "/a", O_RDONLY), EACCES, "conf:9");
	expect_refusal(pid);
	pid = start_denying();
	says(fdb_lstat(fake.s, "/a", &st), EACCES, "conf:9");
	expect_refusal(pid);
	pid = start_denying();
	says(fdb_stat(fake.s, "/a", &st), EACCES, "conf:9");
	expect_refusal(pid);
	pid = start_denying();
	says(fdb_realpath(fake.s, "/a", path), EACCES, "conf:9");
	expect_refusal(pid);
}

/* Why a session ended stays, whatever is called then. */
static void
test_ended(void **state)
{
	struct fdb_result	 r;
	struct fdb_stat		 st;
	struct fdb_walk		 walk = { .name = "/" };
	char			 path[FDB_PATH_MAX];
	static const char	 text[] = "without a reason";

	(void)state;
	fake_attach(&fake, NULL);
	fake_die(&fake);
	says(fdb_wait(fake.s, &r, -1), EPIPE, text);
	says(fdb_next(fake.s, &r), EPIPE, text);
	says(fdb_flush(fake.s), EPIPE, text);
	says(fdb_open(fake.s, "/a", O_RDONLY), EPIPE, text);
	says(fdb_open_at(fake.s, 0, "a", 0, 0), EINVAL, text);
	says(fdb_lstat(fake.s, "/a", &st), EPIPE, text);
	says(fdb_stat(fake.s, "a", &st), EINVAL, text);
	says(fdb_realpath(fake.s, "/a", path), EPIPE, text);
	says(fdb_walk(fake.s, &walk, 0), EPIPE, text);
	says(fdb_walk_cancel(fake.s, 0), EPIPE, text);
	says(fdb_abandon(fake.s, 1, 0), EPIPE, text);
	says(fdb_remove_at(fake.s, 0, "a", 0, 0), EPIPE, text);
	says(fdb_forget(fake.s, 1), EPIPE, text);
	fake_end(&fake);
}

/* poll(2) fails if it gets more descriptors than the process may have. */
static void
test_wait(void **state)
{
	struct rlimit		 old, none;
	struct fdb_result	 r;
	int			 ret, error;

	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_stat_at(fake.s, 0, "a", 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	assert_return_code(getrlimit(RLIMIT_NOFILE, &old), errno);
	none = old;
	none.rlim_cur = 1;
	assert_return_code(setrlimit(RLIMIT_NOFILE, &none), errno);
	ret = fdb_wait(fake.s, &r, -1);
	error = errno;
	assert_return_code(setrlimit(RLIMIT_NOFILE, &old), errno);
	errno = error;
	says(ret, EINVAL, "cannot wait for the broker");
	fake_end(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UTIL_TEST(test_names),
		UTIL_TEST(test_windows),
		UTIL_TEST(test_walks),
		UTIL_TEST(test_changes),
		UTIL_TEST(test_refusals),
		UTIL_TEST(test_ended),
		UTIL_TEST(test_wait),
	};

	memset(name_long, 'x', sizeof(name_long) - 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
