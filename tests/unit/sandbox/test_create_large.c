/*
 * test_create_large.c: how large files are read, which are stored while they
 * are read: files that change meanwhile, whose size lies, or that cannot be
 * read.
 *
 * Files and the last stage are those of tests/unit/feed.h.
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

#include <cmocka.h>

#include "sandbox/create.h"
#include "tests/unit/feed.h"
#include "tests/unit/util.h"

#define BIG	(5 * SLAB_SIZE / 2)

static void
test_large_once(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	/* Its size lies. */
	feed_begin();
	feed_version(BIG, 10);
	feed_store("f");
	feed_finish("2 f: it holds less than its size says; stored with zeros "
	    "from byte 10 on\n");
	feed_contents(BIG, 0, 10);
	feed_forget();
	feed_begin();
	feed_version(BIG, BIG + 1);
	feed_store("f");
	feed_finish("2 f: it holds more than its size says; stored to byte "
	    "2621440\n");
	feed_contents(BIG, 0, NEVER);
	feed_forget();
	/* It cannot be read. */
	feed_begin();
	feed_version(BIG, BIG);
	fake.file.error_at = SLAB_SIZE + 7;
	fake.file.short_reads = true;
	feed_store("f");
	feed_finish("1 f: Input/output error; stored as zeros from byte "
	    "1048583 on\n");
	feed_contents(BIG, 0, SLAB_SIZE + 7);
	feed_forget();
	feed_begin();
	feed_version(BIG, BIG);
	fake.file.stat_errno = EIO;
	feed_store("f");
	feed_finish("1 f: cannot tell whether it changed: Input/output "
	    "error\n");
	feed_forget();
	/* It is our own log. */
	feed_begin();
	feed_version(BIG, BIG);
	feed_version(BIG + 10, BIG + 10);
	fake.file.changes_late = true;
	st = feed_found();
	fake.job.log = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino };
	assert_int_equal(feed_store_stat("log", &st), 0);
	fake.job.log.known = false;
	feed_finish("");
	feed_forget();
}

/*
 * Files of more than SLAB_SIZE / 2 that change once, and then hold still: they
 * are stored once more.
 */
static void
test_large_again(void **state)
{
	static const uint64_t	 sizes[][3] = {	/* size, holds, then */
		{ BIG, BIG, BIG + 10 }, { BIG, BIG - 10, BIG - 10 },
		{ BIG, BIG, BIG }, { BIG, BIG, 10 }, { BIG, BIG, 0 },
		{ BIG, BIG, SMALL + 1 }, { SMALL + 1, SMALL + 1, BIG },
		{ SLAB_SIZE, SLAB_SIZE, 5 * SLAB_SIZE }
	};
	const uint64_t		*n;
	size_t			 i;

	(void)state;
	for (i = 0; i < 4 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i / 4];
		feed_begin();
		fake.file.short_reads = (i & 1) != 0;
		feed_version(n[0], n[1]);
		feed_version(n[2], n[2]);
		if (i & 2)
			fake.file.versions[1].mtime =
			    fake.file.versions[0].mtime;
		fake.file.changes_late = true;
		feed_store("f");
		feed_finish("");
		assert_int_equal(fake.nkept, 2);
		assert_true(fake.kept[0].superseded);
		feed_member(&fake.kept[0], n[0], 0, n[1]);
		assert_int_equal(fake.kept[0].e.mtime, 1000);
		assert_false(fake.kept[1].superseded);
		feed_contents(n[2], 1, NEVER);
		assert_string_equal(buf_str(&fake.kept[1].name), "f");
		assert_int_equal(fake.kept[1].e.mtime, i & 2 ? 1000 : 2000);
		assert_int_equal(fake.kept[1].e.ctime, 2000);
		feed_forget();
	}
}

/*
 * A file that changes each time it is read: it is read again, and stored once,
 * as long as no reading finds it unchanged.
 */
static void
test_large_always(void **state)
{
	unsigned int	 i;

	(void)state;
	for (i = 0; i < STEPS; i++) {
		feed_begin();
		feed_version(BIG, BIG);
		feed_version(BIG + 10, BIG + 10);
		feed_version(BIG + 20, BIG + 20);
		feed_version(BIG + 30, BIG + 30);
		fake.options.retries = i;
		fake.file.changes_late = true;
		feed_store("f");
		/* The last version stays: found with the last reading. */
		feed_finish(i + 1 < STEPS ?
		    "2 f: it changed while it was read\n" : "");
		assert_int_equal(fake.nkept, i + 1 < STEPS ? 1 : 2);
		assert_int_equal(fake.file.opened,
		    i + 1 < STEPS ? i + 1 : STEPS + 1);
		feed_member(&fake.kept[0], BIG, 0, NEVER);
		assert_true(fake.kept[0].superseded == (i + 1 == STEPS));
		feed_forget();
	}
}

/* It is not stored again, or not read. */
static void
test_large_fails(void **state)
{
	(void)state;
	feed_begin();
	feed_version(BIG, BIG - 10);
	feed_version(BIG - 10, BIG - 10);
	fake.file.changes_late = true;
	fake.options.retries = 0;
	feed_store("f");
	feed_finish("2 f: it became shorter while it was read; stored with "
	    "zeros from byte 2621430 on\n");
	feed_contents(BIG, 0, BIG - 10);
	assert_false(fake.kept[0].superseded);
	feed_forget();
	/* What was added cannot be read: the first version stays. */
	feed_begin();
	feed_version(BIG, BIG);
	feed_version(2 * BIG, 2 * BIG);
	fake.file.changes_late = true;
	fake.file.error_at = BIG + SLAB_SIZE;
	feed_store("f");
	feed_finish("2 f: it changed while it was read\n");
	assert_int_equal(fake.nkept, 1);
	feed_contents(BIG, 0, NEVER);
	feed_forget();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_large_once),
		UTIL_TEST(test_large_again),
		UTIL_TEST(test_large_always),
		UTIL_TEST(test_large_fails)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
