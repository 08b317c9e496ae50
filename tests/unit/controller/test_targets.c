/*
 * test_targets.c: the roots that a private opener has for the paths of the
 * command line.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller/targets.h"
#include "opener/private.h"
#include "tests/unit/util.h"

static struct paths	 paths;

static void
add(const char *name)
{
	char	 why[PATHS_WHY_MAX];

	if (paths_add(&paths, util_dir(), name, why) == -1)
		fail_msg("%s", why);
}

/* How many roots there are, and that the last one is this. */
static void
expect(size_t wanted, const char *last)
{
	char	**roots;
	size_t	 n;

	assert_int_equal(targets_roots(&paths, &roots, &n), 0);
	assert_int_equal(n, wanted);
	assert_string_equal(roots[n - 1], last);
	targets_free_roots(roots, n);
	paths_free(&paths);
}

/* The files of one directory share it, so each may be a root. */
static void
test_files(void **state)
{
	char	 name[32], last[128];
	int	 i;

	(void)state;
	assert_int_equal(mkdir(util_path("a"), 0755), 0);
	for (i = 0; i < 2 * PRIVATE_ROOTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a/%d", i);
		util_write_file(util_path(name), "");
		add(name);
	}
	(void)strlcpy(last, util_path(name), sizeof(last));
	expect(2 * PRIVATE_ROOTS_MAX, last);
}

static void
test_directories(void **state)
{
	char	 name[32], last[128];
	int	 i, n;

	(void)state;
	assert_int_equal(mkdir(util_path("a"), 0755), 0);
	for (i = 0; i <= PRIVATE_ROOTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a/%d", i);
		assert_int_equal(mkdir(util_path(name), 0755), 0);
	}
	for (n = PRIVATE_ROOTS_MAX; n <= PRIVATE_ROOTS_MAX + 1; n++) {
		for (i = 0; i < n; i++) {
			(void)snprintf(name, sizeof(name), "a/%d", i);
			add(name);
		}
		(void)strlcpy(last, util_path(n == PRIVATE_ROOTS_MAX ? name :
		    "a"), sizeof(last));
		expect(n == PRIVATE_ROOTS_MAX ? (size_t)n : 1, last);
	}
}

/* A link, and what does not exist, have the directory above. */
static void
test_above(void **state)
{
	(void)state;
	assert_int_equal(mkdir(util_path("a"), 0755), 0);
	add("a");
	add("a/none/none");
	expect(2, util_path("a"));
}

/* Links are followed as far as the user can, as in patterns. */
static void
test_links(void **state)
{
	static char	 path[] = "link/none/a", same[] = "none/b";
	char		*given[] = { path, same };
	struct options	 o = { .paths = given, .npaths = 2 };
	char		 why[PATHS_WHY_MAX], want[1024];

	(void)state;
	assert_int_equal(symlink(util_dir(), util_path("link")), 0);
	if (targets_make(&paths, &o, util_dir(), false, why) == -1)
		fail_msg("%s", why);
	assert_int_equal(paths.n, 2);
	(void)strlcpy(want, util_path("none/a"), sizeof(want));
	assert_string_equal(paths.v[0].request, want);
	assert_string_equal(paths.v[0].member, "link/none/a");
	(void)strlcpy(want, util_path("none/b"), sizeof(want));
	assert_string_equal(paths.v[1].request, want);
	paths_free(&paths);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_files),
		UTIL_TEST(test_directories),
		UTIL_TEST(test_above),
		UTIL_TEST(test_links)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
