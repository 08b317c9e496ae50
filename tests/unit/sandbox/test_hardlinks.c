/*
 * test_hardlinks.c: files with several names.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/hardlinks.h"
#include "tests/unit/util.h"

static struct fdb_stat
file(uint32_t dev, uint64_t ino, uint32_t nlink)
{
	struct fdb_stat	 st;

	memset(&st, 0, sizeof(st));
	st.dev_minor = dev;
	st.ino = ino;
	st.nlink = nlink;
	return st;
}

static void
test_links(void **state)
{
	struct fdb_stat	 one = file(1, 1, 1), two = file(1, 2, 3),
			 other = file(2, 2, 2);
	struct hardlinks	*ls;

	(void)state;
	assert_non_null(ls = hardlinks_new());
	assert_int_equal(hardlinks_add(ls, &one, "one"), 0);
	assert_null(hardlinks_find(ls, &one));
	assert_null(hardlinks_find(ls, &two));
	assert_int_equal(hardlinks_add(ls, &two, "two"), 0);
	assert_null(hardlinks_find(ls, &other));
	assert_int_equal(hardlinks_add(ls, &other, "other"), 0);
	assert_string_equal(hardlinks_find(ls, &two), "two");
	assert_string_equal(hardlinks_find(ls, &other), "other");
	assert_string_equal(hardlinks_find(ls, &two), "two");
	/* All names were found: the inode may belong to another file now. */
	assert_null(hardlinks_find(ls, &two));
	assert_null(hardlinks_find(ls, &other));
	hardlinks_free(ls);
}

static void
test_many(void **state)
{
	struct fdb_stat	 st;
	struct hardlinks	*ls;
	uint64_t	 i;

	(void)state;
	assert_non_null(ls = hardlinks_new());
	for (i = 0; i < 1000; i++) {
		st = file(1, i * 7919 % 1000, 2);
		assert_int_equal(hardlinks_add(ls, &st, "name"), 0);
	}
	for (i = 0; i < 1000; i += 2) {
		st = file(1, i, 2);
		assert_string_equal(hardlinks_find(ls, &st), "name");
	}
	hardlinks_free(ls);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_links),
		UTIL_TEST(test_many)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
