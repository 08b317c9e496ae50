/*
 * test_create.c: how small files are read: files that change meanwhile, whose
 * size lies, or that cannot be read; and how members fill slabs.
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

/*
 * Tests.
 */

static void
test_unchanged(void **state)
{
	static const uint64_t	 sizes[] = {
		0, 1, 4095, SMALL - 1, SMALL, SMALL + 1, SLAB_SIZE - 16,
		SLAB_SIZE - 15, SLAB_SIZE, 3 * SLAB_SIZE, 3 * SLAB_SIZE + 1
	};
	size_t			 i, j;

	(void)state;
	for (i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		feed_begin();
		feed_version(sizes[i / 2], sizes[i / 2]);
		fake.file.short_reads = i % 2 == 1;
		feed_store("f");
		feed_finish("");
		assert_int_equal(fake.nkept, 1);
		feed_contents(sizes[i / 2], 0, NEVER);
		assert_int_equal(fake.kept[0].e.mtime, 1000);
		assert_true(fake.kept[0].e.has_digest);
		feed_forget();
	}
	/* After what leaves little room, or none. */
	for (j = OWNERS; j < OWNERS + 10; j++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			feed_begin();
			feed_leave_room(j);
			feed_version(sizes[i], sizes[i]);
			feed_store("f");
			feed_finish("");
			assert_int_equal(fake.nkept, 2);
			feed_contents(sizes[i], 0, NEVER);
			feed_forget();
		}
	}
}

/* A small file that changes once: the new one is stored, with its time. */
static void
test_small_again(void **state)
{
	static const uint64_t	 sizes[][2] = {
		{ 1000, 1000 }, { 1000, 2000 }, { 2000, 1000 }, { 1000, 0 },
		{ 0, 1000 }, { 10, SMALL }, { SMALL, 10 }, { SMALL, SMALL },
		{ 10, SMALL + 1 }, { 10, ROOM - 1 }
	};
	size_t			 i;

	(void)state;
	for (i = 0; i < 4 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		feed_begin();
		if (i & 1)
			feed_leave_room((size_t)sizes[i / 4][0] + OWNERS + 20);
		feed_version(sizes[i / 4][0], sizes[i / 4][0]);
		feed_version(sizes[i / 4][1], sizes[i / 4][1]);
		fake.file.changes_late = (i & 2) != 0;
		feed_store("f");
		feed_finish("");
		feed_contents(sizes[i / 4][1], 1, NEVER);
		assert_int_equal(fake.kept[fake.nkept - 1].e.mtime, 2000);
		feed_forget();
	}
}

/* How often a file that changes each time is read: --retries. */
static void
test_retries(void **state)
{
	unsigned int	 i;

	(void)state;
	for (i = 0; i < STEPS; i++) {
		feed_begin();
		feed_version(1000, 1000);
		feed_version(1200, 1200);
		feed_version(1100, 1100);
		feed_version(1150, 1150);
		fake.options.retries = i;
		fake.file.changes_late = true;
		feed_store("f");
		/* The last version stays. */
		feed_finish(i + 1 < STEPS ?
		    "2 f: it changed while it was read\n" : "");
		assert_int_equal(fake.file.opened, i + 1);
		feed_forget();
	}
}

/* A file system in memory, or of another program: its reads may be short. */
static void
test_short_size(void **state)
{
	size_t	 chunk;

	(void)state;
	for (chunk = 1; chunk < 20; chunk++) {
		feed_begin();
		feed_version(5, 17);
		fake.file.chunk = chunk;
		fake.file.no_disk = true;
		feed_store("f");
		feed_finish("");
		feed_contents(17, 0, NEVER);
		feed_forget();
	}
}

static void
test_small_changes(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	/* Each time it is read: the last version is stored and reported. */
	feed_begin();
	feed_version(1000, 1000);
	feed_version(1200, 1200);
	feed_version(1100, 1100);
	feed_version(1150, 1150);
	fake.file.changes_late = true;
	feed_store("f");
	feed_finish("2 f: it changed while it was read\n");
	assert_int_equal(fake.file.opened, 3);
	feed_contents(1100, 2, NEVER);
	assert_int_equal(fake.kept[0].e.mtime, 3000);
	feed_forget();
	/* It becomes shorter each time, before it is read. */
	feed_begin();
	feed_version(1000, 900);
	feed_version(900, 800);
	feed_version(800, 700);
	feed_version(700, 600);
	fake.file.changes_late = true;
	feed_store("f");
	feed_finish("2 f: it became shorter while it was read; "
	    "stored with zeros from byte 700 on\n");
	feed_contents(800, 2, 700);
	feed_forget();
	/* Nothing but the ctime, which cannot be put back. */
	feed_begin();
	feed_version(1000, 1000);
	feed_version(1000, 1000);
	fake.file.versions[1].mtime = fake.file.versions[0].mtime;
	fake.file.changes_late = true;
	feed_store("f");
	feed_finish("");
	assert_int_equal(fake.file.opened, 2);
	feed_contents(1000, 1, NEVER);
	feed_forget();
	/* More than there is room for: what the first size says. */
	feed_begin();
	feed_version(1000, 1000);
	feed_version(ROOM, ROOM);
	fake.file.changes_late = true;
	feed_store("f");
	feed_finish("2 f: it changed while it was read\n");
	feed_contents(1000, READ_AHEAD, NEVER);
	feed_forget();
	/* Our own log may change. */
	feed_begin();
	feed_version(1000, 1000);
	feed_version(1001, 1001);
	feed_version(1002, 1002);
	feed_version(1003, 1003);
	fake.file.changes_late = true;
	st = feed_found();
	fake.job.log = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino };
	assert_int_equal(feed_store_stat("log", &st), 0);
	fake.job.log.known = false;
	feed_finish("");
	feed_contents(1002, 2, NEVER);
	feed_forget();
}

/* A size that lies is the same before and after. */
static void
test_small_lies(void **state)
{
	char	 want[128];
	int	 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		feed_begin();
		if (i == 1)
			feed_leave_room(OWNERS + 40);
		feed_version(0, 1000);
		feed_store("f");
		feed_finish("");
		feed_contents(1000, 0, NEVER);
		feed_forget();
		feed_begin();
		if (i == 1)
			feed_leave_room(OWNERS + 40);
		feed_version(10, ROOM - 1);
		feed_store("f");
		feed_finish("");
		feed_contents(ROOM - 1, 0, NEVER);
		feed_forget();
		/* The limit is always the same. */
		feed_begin();
		if (i == 1)
			feed_leave_room(OWNERS + 40);
		feed_version(10, 10 * SLAB_SIZE);
		feed_store("f");
		(void)snprintf(want, sizeof(want), "2 f: it holds more than "
		    "its size says; stored to byte %d\n", ROOM);
		feed_finish(want);
		feed_contents(ROOM, 0, NEVER);
		feed_forget();
		feed_begin();
		if (i == 1)
			feed_leave_room(OWNERS + 1020);
		feed_version(1000, 10);
		feed_store("f");
		feed_finish("2 f: it holds less than its size says; stored "
		    "with zeros from byte 10 on\n");
		feed_contents(1000, 0, 10);
		feed_forget();
	}
}

static void
test_small_errors(void **state)
{
	(void)state;
	feed_begin();
	feed_version(1000, 1000);
	fake.file.error_at = 5;
	feed_store("f");
	feed_finish("1 f: Input/output error; stored as zeros from byte 5 "
	    "on\n");
	feed_contents(1000, 0, 5);
	feed_forget();
	feed_begin();
	feed_version(1000, 1000);
	fake.file.error_at = 0;
	feed_store("f");
	feed_finish("1 f: Input/output error; stored as zeros from byte 0 "
	    "on\n");
	feed_contents(1000, 0, 0);
	feed_forget();
	/* When it is read again. */
	feed_begin();
	feed_version(1000, 1000);
	feed_version(2000, 2000);
	fake.file.error_at = 1500;
	fake.file.changes_late = true;
	feed_store("f");
	feed_finish("1 f: Input/output error; stored as zeros from byte "
	    "1500 on\n");
	feed_contents(2000, 1, 1500);
	feed_forget();
	feed_begin();
	feed_version(1000, 1000);
	fake.file.stat_errno = EIO;
	feed_store("f");
	feed_finish("1 f: cannot tell whether it changed: Input/output "
	    "error\n");
	feed_contents(1000, 0, NEVER);
	feed_forget();
}

/* Members, strings and contents fill slabs in all ways. */
static void
test_many(void **state)
{
	struct fdb_stat	 st;
	char		 name[64];
	uint32_t	 i, n = 5000, size;

	(void)state;
	feed_begin();
	for (i = 0; i < n; i++) {
		size = util_random(10) == 0 ? util_random(SMALL / 4) :
		    util_random(1000);
		fake.file.nversions = 0;
		feed_version(size, size);
		(void)snprintf(name, sizeof(name), "%u %.*s", i,
		    (int)util_random(20), "abcdefghijklmnopqrst");
		st = feed_found();
		if (i % 7 == 0)
			st.mode = S_IFDIR | 0755;
		if (i % 7 == 1)
			st.mode = S_IFLNK | 0777;
		if (i % 7 == 0)
			assert_int_equal(create_directory(fake.create, name,
			    &st), 0);
		else if (i % 7 == 1)
			assert_int_equal(create_special(fake.create, name, &st,
			    "to"), 0);
		else
			assert_int_equal(feed_store_stat(name, &st), 0);
	}
	feed_finish("");
	assert_int_equal(fake.nkept, n);
	for (i = 0; i < n; i++) {
		assert_true(fake.kept[i].complete);
		assert_int_equal(atoi(buf_str(&fake.kept[i].name)), i);
		assert_string_equal(buf_str(&fake.kept[i].link),
		    i % 7 == 1 ? "to" : "");
		assert_int_equal(fake.kept[i].contents.len,
		    fake.kept[i].e.size);
	}
	feed_forget();
}

/* Names take a quarter of a slab at most: with owners and NULs. */
static void
test_names(void **state)
{
	static char	 name[SLAB_SIZE];
	size_t		 most = SLAB_SIZE / 4 - 3 - OWNERS;
	struct fdb_stat	 st = { .mode = S_IFDIR | 0755, .nlink = 2 };

	(void)state;
	feed_begin();
	memset(name, 'n', most);
	feed_leave_room(100);
	feed_version(SMALL, SMALL);
	feed_store(name);
	assert_int_equal(create_directory(fake.create, name, &st), 0);
	name[most] = 'n';
	feed_store(name);
	assert_int_equal(create_directory(fake.create, name, &st), 0);
	feed_finish("1 nnnnnnnnnnnnnnnn: its name is too long to be stored\n"
	    "1 nnnnnnnnnnnnnnnn: its name is too long to be stored\n");
	assert_int_equal(fake.nkept, 3);
	assert_int_equal(fake.kept[1].name.len, most);
	assert_int_equal(fake.kept[1].contents.len, SMALL);
	feed_forget();
}

/* Another name is a link, but a damaged file is read again. */
static void
test_hardlinks(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	feed_begin();
	feed_version(1000, 1000);
	st = feed_found();
	st.nlink = 3;
	assert_int_equal(feed_store_stat("a", &st), 0);
	assert_int_equal(feed_store_stat("b", &st), 0);
	assert_int_equal(feed_store_stat("b", &st), 0);
	st.ino++;
	fake.file.error_at = 10;
	assert_int_equal(feed_store_stat("c", &st), 0);
	fake.file.error_at = NEVER;
	assert_int_equal(feed_store_stat("d", &st), 0);
	assert_int_equal(feed_store_stat("d", &st), 0);
	feed_finish("1 c: Input/output error; stored as zeros from byte 10 on\n"
	    "5 d: it was listed twice; stored once\n");
	assert_int_equal(fake.nkept, 5);
	assert_string_equal(buf_str(&fake.kept[1].hardlink), "a");
	assert_string_equal(buf_str(&fake.kept[2].hardlink), "a");
	assert_string_equal(buf_str(&fake.kept[3].hardlink), "");
	assert_string_equal(buf_str(&fake.kept[4].hardlink), "");
	feed_contents(1000, 0, NEVER);
	feed_forget();
}

/* What is not read is closed, too: util_teardown() counts. */
static void
test_left_out(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	feed_begin();
	feed_version(1000, 1000);
	st = feed_found();
	fake.job.output = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino };
	fake.job.previous = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino + 1 };
	assert_int_equal(feed_store_stat("out", &st), 0);
	st.ino++;
	assert_int_equal(feed_store_stat("old", &st), 0);
	fake.job.output.known = fake.job.previous.known = false;
	st.mode = S_IFSOCK;
	assert_int_equal(create_special(fake.create, "sock", &st, ""), 0);
	feed_finish("5 out: it is the archive itself\n"
	    "5 old: it is the archive that will be replaced\n"
	    "5 sock: sockets are not stored\n");
	assert_int_equal(fake.nkept, 0);
	feed_forget();
}

/* Writing fails: files end with -1 soon, small and large. */
static void
test_stage_fails(void **state)
{
	struct fdb_stat	 st;
	int		 i, large, ret;

	(void)state;
	for (large = 0; large < 2; large++) {
		feed_begin();
		fake.stage_fails = true;
		feed_version(large ? 100 * SLAB_SIZE : SMALL,
		    large ? 100 * SLAB_SIZE : SMALL);
		st = feed_found();
		for (i = 0, ret = 0; ret == 0 && i < 100; i++)
			ret = feed_store_stat("f", &st);
		assert_int_equal(ret, -1);
		assert_int_equal(create_finish(fake.create), -1);
		feed_forget();
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_unchanged),
		UTIL_TEST(test_small_again),
		UTIL_TEST(test_retries),
		UTIL_TEST(test_short_size),
		UTIL_TEST(test_small_changes),
		UTIL_TEST(test_small_lies),
		UTIL_TEST(test_small_errors),
		UTIL_TEST(test_many),
		UTIL_TEST(test_names),
		UTIL_TEST(test_hardlinks),
		UTIL_TEST(test_left_out),
		UTIL_TEST(test_stage_fails)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
