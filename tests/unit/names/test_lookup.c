/*
 * test_lookup.c: the name service, as far as every machine has the same.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "names/lookup.h"
#include "tests/unit/util.h"

static void
test_names(void **state)
{
	uint32_t	 uid = 1, gid = 1;

	(void)state;
	assert_int_equal(lookup_user("root", &uid, &gid), 0);
	assert_int_equal(uid, 0);
	uid = 1;
	assert_int_equal(lookup_user("0", &uid, &gid), 0);
	assert_int_equal(uid, 0);
	gid = 1;
	assert_int_equal(lookup_group("0", &gid), 0);
	assert_int_equal(gid, 0);
	errno = 0;
	assert_int_equal(lookup_user("no such", &uid, &gid), -1);
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_int_equal(lookup_group("no such", &gid), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(lookup_user("", &uid, &gid), -1);
	assert_int_equal(lookup_user("4294967295", &uid, &gid), -1);
}

/* The login group is told apart from those of the group database. */
static void
test_groups(void **state)
{
	struct passwd	*pw = getpwuid(0);
	uint32_t	 gid = 1, *gids = NULL;
	size_t		 i, n = 1;

	(void)state;
	assert_non_null(pw);
	assert_int_equal(lookup_groups(0, &gid, &gids, &n), 0);
	assert_int_equal(gid, pw->pw_gid);
	for (i = 0; i < n; i++)
		assert_true(gids[i] != UINT32_MAX);
	free(gids);
	errno = 0;
	assert_int_equal(lookup_groups(4000000001, &gid, &gids, &n), -1);
	assert_int_equal(errno, ENOENT);
}

/* Root is listed, and what is not there is not. */
static void
test_numbers(void **state)
{
	const struct passwd	*pw = getpwnam("nobody");
	uint32_t		 nobody = pw != NULL ? pw->pw_uid : 0;
	struct idset		 set;
	int			 i;

	(void)state;
	/* Each list a second time, from its beginning. */
	for (i = 0; i < 4; i++) {
		assert_int_equal(lookup_numbers(i & 1, &set), 0);
		assert_true(idset_has(&set, 0));
		assert_true((i & 1) || idset_has(&set, nobody));
		assert_false(idset_has(&set, 4000000001));
		idset_free(&set);
	}
}

static void
test_person(void **state)
{
	const struct passwd	*pw = getpwuid(0);
	char			 name[LOOKUP_NAME_MAX], home[LOOKUP_HOME_MAX];

	(void)state;
	assert_non_null(pw);
	assert_int_equal(lookup_person(0, name, home), 0);
	assert_string_equal(name, pw->pw_name);
	assert_string_equal(home, pw->pw_dir);
	errno = 0;
	assert_int_equal(lookup_person(4000000001, name, home), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_names),
		UTIL_TEST(test_groups),
		UTIL_TEST(test_numbers),
		UTIL_TEST(test_person)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
