/*
 * test_hardlinks.c: files with several names.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

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
	st.btime = st.mtime = st.ctime = 1000;
	return st;
}

static const char *
find(struct hardlinks *ls, const struct fdb_stat *st)
{
	return hardlinks_find(ls, st, "");
}

/*
 * Store a file, then find its inode as st.  True if that becomes a hard link;
 * if not, the second file is remembered, not the first.
 */
static bool
links_to(const struct fdb_stat *stored, const struct fdb_stat *st)
{
	struct hardlinks	*ls;
	bool			 linked;

	assert_non_null(ls = hardlinks_new(HARDLINKS_BYTES));
	assert_int_equal(hardlinks_add(ls, stored, "old", ""), 0);
	linked = find(ls, st) != NULL;
	if (!linked) {
		assert_null(find(ls, stored));
		assert_int_equal(hardlinks_add(ls, st, "new", ""), 0);
		assert_string_equal(find(ls, st), "new");
	}
	hardlinks_free(ls);
	return linked;
}

static void
test_links(void **state)
{
	struct fdb_stat	 one = file(1, 1, 1), two = file(1, 2, 3),
			 other = file(2, 2, 2);
	struct hardlinks	*ls;

	(void)state;
	assert_non_null(ls = hardlinks_new(HARDLINKS_BYTES));
	assert_int_equal(hardlinks_add(ls, &one, "one", ""), 0);
	assert_null(find(ls, &one));
	assert_null(find(ls, &two));
	assert_false(hardlinks_has(ls, &two));
	assert_int_equal(hardlinks_add(ls, &two, "two", ""), 0);
	assert_true(hardlinks_has(ls, &two));
	assert_null(find(ls, &other));
	assert_int_equal(hardlinks_add(ls, &other, "other", ""), 0);
	assert_string_equal(find(ls, &two), "two");
	assert_string_equal(find(ls, &other), "other");
	assert_string_equal(find(ls, &two), "two");
	/* All names were found: the inode may belong to another file now. */
	assert_false(hardlinks_has(ls, &two));
	assert_null(find(ls, &two));
	assert_null(find(ls, &other));
	hardlinks_free(ls);
}

static void
test_many(void **state)
{
	struct fdb_stat	 st;
	struct hardlinks	*ls;
	uint64_t	 i;

	(void)state;
	assert_non_null(ls = hardlinks_new(HARDLINKS_BYTES));
	for (i = 0; i < 1000; i++) {
		st = file(1, i * 7919 % 1000, 2);
		assert_int_equal(hardlinks_add(ls, &st, "name", ""), 0);
	}
	for (i = 0; i < 1000; i += 2) {
		st = file(1, i, 2);
		assert_string_equal(find(ls, &st), "name");
	}
	hardlinks_free(ls);
}

/* Files have different numbers, and those of forgotten ones come back. */
static void
test_numbers(void **state)
{
	const struct fdb_stat	 a = file(1, 1, 2), b = file(1, 2, 2),
				 c = file(1, 3, 2);
	struct hardlinks	*ls;

	(void)state;
	assert_non_null(ls = hardlinks_new(HARDLINKS_BYTES));
	assert_int_equal(hardlinks_number(ls), 1);
	assert_int_equal(hardlinks_add(ls, &a, "a", ""), 0);
	assert_int_equal(hardlinks_number(ls), 2);
	/* It is there already. */
	assert_int_equal(hardlinks_add(ls, &a, "a", ""), 0);
	assert_int_equal(hardlinks_number(ls), 2);
	assert_int_equal(hardlinks_add(ls, &b, "b", ""), 0);
	assert_string_equal(find(ls, &a), "a");
	assert_int_equal(hardlinks_found(ls), 1);
	assert_int_equal(hardlinks_number(ls), 1);
	assert_int_equal(hardlinks_add(ls, &c, "c", ""), 0);
	assert_int_equal(hardlinks_number(ls), 3);
	assert_string_equal(find(ls, &b), "b");
	assert_int_equal(hardlinks_found(ls), 2);
	assert_string_equal(find(ls, &c), "c");
	assert_int_equal(hardlinks_found(ls), 1);
	hardlinks_free(ls);
}

/* The inode of a file that is gone belongs to another one. */
static void
test_reused_inode(void **state)
{
	const struct fdb_stat	 a = file(1, 1, 2);
	struct fdb_stat		 b;

	(void)state;
	b = a;
	assert_true(links_to(&a, &b));
	/* Only the times that the kernel sets differ. */
	b.ctime++;
	b.btime++;
	assert_false(links_to(&a, &b));
	b.btime = a.btime;
	b.btime_nsec++;
	assert_false(links_to(&a, &b));
	b = a;
	b.btime_nsec++;
	assert_false(links_to(&a, &b));
}

/* Names come and go while the run goes on. */
static void
test_names_change(void **state)
{
	const struct fdb_stat	 a = file(1, 1, 3);
	struct fdb_stat		 b = a;

	(void)state;
	b.ctime_nsec++;
	b.nlink = 4;
	assert_true(links_to(&a, &b));
	b.nlink = 2;
	assert_true(links_to(&a, &b));
	/* The names do not explain the new ctime. */
	b.nlink = a.nlink;
	assert_false(links_to(&a, &b));
}

/* The file system does not tell when a file was made. */
static void
test_no_btime(void **state)
{
	struct fdb_stat	 a = file(1, 1, 2), b;

	(void)state;
	a.btime = 0;
	a.btime_nsec = UINT32_MAX;
	b = a;
	assert_true(links_to(&a, &b));
	b.nlink = 3;
	b.ctime++;
	assert_false(links_to(&a, &b));
}

static void
test_changed(void **state)
{
	const struct fdb_stat	 a = file(1, 1, 2);
	struct fdb_stat		 b = a;

	(void)state;
	b.nlink = 3;
	b.ctime++;
	b.size = 1;
	assert_false(links_to(&a, &b));
	b.size = a.size;
	b.mtime_nsec++;
	assert_false(links_to(&a, &b));
	b.mtime_nsec = a.mtime_nsec;
	b.mode = 0640;
	assert_false(links_to(&a, &b));
	b.mode = a.mode;
	b.uid = 1;
	assert_false(links_to(&a, &b));
}

static void
test_target(void **state)
{
	struct fdb_stat	 a = file(1, 1, 3);
	struct hardlinks	*ls;

	(void)state;
	assert_non_null(ls = hardlinks_new(HARDLINKS_BYTES));
	assert_int_equal(hardlinks_add(ls, &a, "link", "here"), 0);
	assert_string_equal(hardlinks_find(ls, &a, "here"), "link");
	assert_null(hardlinks_find(ls, &a, "away"));
	hardlinks_free(ls);
}

/* A file that is made next could have the same times. */
static void
test_too_new(void **state)
{
	struct fdb_stat	 a = file(1, 1, 2);
	struct hardlinks	*ls;

	(void)state;
	assert_non_null(ls = hardlinks_new(HARDLINKS_BYTES));
	a.ctime = time(NULL) + 1000;
	assert_int_equal(hardlinks_add(ls, &a, "new", ""), 0);
	assert_null(find(ls, &a));
	hardlinks_free(ls);
}

/* The oldest make room for new ones. */
static void
test_bound(void **state)
{
	struct fdb_stat	 st;
	struct hardlinks	*ls;
	uint64_t	 i, found = 0;

	(void)state;
	assert_non_null(ls = hardlinks_new(10000));
	for (i = 0; i < 1000; i++) {
		st = file(1, i, 3);
		assert_int_equal(hardlinks_add(ls, &st, "name", ""), 0);
		assert_non_null(find(ls, &st));
	}
	for (i = 0; i < 1000; i++) {
		st = file(1, i, 4);
		if (find(ls, &st) != NULL)
			found++;
		else
			assert_int_equal(found, 0);
	}
	assert_in_range(found, 10, 100);
	hardlinks_free(ls);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_links),
		UTIL_TEST(test_many),
		UTIL_TEST(test_numbers),
		UTIL_TEST(test_reused_inode),
		UTIL_TEST(test_names_change),
		UTIL_TEST(test_no_btime),
		UTIL_TEST(test_changed),
		UTIL_TEST(test_target),
		UTIL_TEST(test_too_new),
		UTIL_TEST(test_bound)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
