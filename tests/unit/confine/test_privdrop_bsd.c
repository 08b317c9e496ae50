/*
 * test_privdrop_bsd.c: lib/confine/privdrop_bsd.c, compiled with stand-ins of
 * the calls that change ids: which calls it makes, in which order, and that it
 * notices when one gives anything back.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rights.h"
#include "confine/privdrop.h"
#include "tests/standin/ids.h"
#include "tests/standin/standin.h"
#include "tests/unit/util.h"

static const uint32_t	 gids[] = { 1001, 1002 };

/* A user, two groups, and a new root directory. */
static struct privdrop
user(void)
{
	struct privdrop	 pd = { .uid = 77, .gid = 88, .gids = gids,
	    .ngids = 2, .chroot_fd = 5 };

	memset(&standin_ids, 0, sizeof(standin_ids));
	standin_reset();
	return pd;
}

static int
drop(const struct privdrop *pd, const char **step)
{
	*step = "";
	return privdrop(pd, step);
}

static void
test_order(void **state)
{
	struct privdrop	 pd = user();
	const char	*step;

	(void)state;
	assert_int_equal(drop(&pd, &step), 0);
	assert_string_equal(standin_calls(),
	    "fchdir(5)\n"
	    "chroot(.)\n"
	    "chdir(/)\n"
	    "setgroups(3, 88 1001 1002)\n"
	    "setresgid(88, 88, 88)\n"
	    "setresuid(77, 77, 77)\n"
	    "getresuid()\n"
	    "getresgid()\n"
	    "setresuid(0, 0, 0)\n"
	    "setuid(0)\n"
	    "seteuid(0)\n"
	    "setresgid(0, 0, 0)\n"
	    "setgid(0)\n"
	    "setegid(0)\n"
	    "setgroups(0,)\n");
}

/* Neither a root directory nor groups of its own. */
static void
test_least(void **state)
{
	struct privdrop	 pd = user();
	const char	*step;

	(void)state;
	pd.ngids = 0;
	pd.chroot_fd = -1;
	assert_int_equal(drop(&pd, &step), 0);
	assert_true(strncmp(standin_calls(), "setgroups(1, 88)\n", 17) == 0);
}

static const char *
step_of(size_t nth)
{
	return nth <= 3 ? "chroot" : nth <= 6 ? "groups and ids" :
	    "verification of the drop";
}

/* If a call fails before the attempts to regain, the drop fails. */
static void
test_failures(void **state)
{
	struct privdrop	 pd;
	const char	*step;
	size_t		 i;

	(void)state;
	for (i = 1; i <= 8; i++) {
		pd = user();
		standin_fail(i, EPERM);
		assert_int_equal(drop(&pd, &step), -1);
		assert_int_equal(errno, EPERM);
		assert_int_equal(standin_count(), i);
		assert_string_equal(step, step_of(i));
	}
}

/* If anything can be regained, the drop fails. */
static void
test_leaks(void **state)
{
	static const char *const	 leaks[] = {
		"setresuid", "setuid", "seteuid", "setresgid", "setgid",
		"setegid", "setgroups"
	};
	struct privdrop			 pd;
	const char			*step;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++) {
		pd = user();
		standin_ids.leak = leaks[i];
		if (drop(&pd, &step) == 0)
			fail_msg("%s(0) was not noticed", leaks[i]);
		assert_int_equal(errno, EPERM);
		assert_string_equal(step, "verification of the drop");
	}
}

static void
expect_refused(const struct privdrop *pd, int error, const char *what)
{
	const char	*step;

	assert_int_equal(drop(pd, &step), -1);
	assert_int_equal(errno, error);
	assert_string_equal(step, what);
}

/* An impossible request is refused before anything is given up. */
static void
test_refused(void **state)
{
	static const uint32_t	 many[RIGHTS_GROUPS_MAX + 1];
	struct privdrop		 pd = user();

	(void)state;
	pd.uid = 0;
	expect_refused(&pd, EINVAL, "an unprivileged user");
	pd = user();
	pd.gid = 0;
	expect_refused(&pd, EINVAL, "an unprivileged user");
	pd = user();
	pd.caps = RIGHTS_CAP_DAC_READ_SEARCH;
	expect_refused(&pd, ENOTSUP, "this system has no capabilities, so "
	    "the role needs `as user'");
	assert_string_equal(standin_calls(), "");
	pd = user();
	pd.chroot_fd = -1;
	pd.gids = many;
	pd.ngids = RIGHTS_GROUPS_MAX + 1;
	expect_refused(&pd, EINVAL, "groups and ids");
	assert_string_equal(standin_calls(), "");
}

/* A process that keeps its user keeps its rights, and does not claim a drop. */
static void
test_self(void **state)
{
	const char	*step;
	bool		 dropped = true;

	(void)state;
	standin_reset();
	assert_int_equal(privdrop_self(0, &dropped, &step), 0);
	assert_false(dropped);
	assert_string_equal(standin_calls(), "");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_order),
		UTIL_TEST(test_least),
		UTIL_TEST(test_failures),
		UTIL_TEST(test_leaks),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_self)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
