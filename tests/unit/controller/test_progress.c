/*
 * test_progress.c: when the line that shows how far a run is is due, and what
 * it says.
 */

#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controller/progress.h"
#include "sandbox/commands.h"
#include "tests/unit/util.h"

static struct options		 options;
static struct progress		 progress;
static struct channel_where	 where;

static void
begin(const char *command)
{
	memset(&options, 0, sizeof(options));
	memset(&where, 0, sizeof(where));
	options.command = commands_find(command);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	progress_init(&progress, &options, true, 0);
}

static void
take(const char *name, int64_t now)
{
	assert_int_equal(progress_take(&progress, &where, name, now), 0);
}

static void
assert_line(unsigned int columns, int64_t now, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(progress_line(&progress, &b, columns, now), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_mode(void **state)
{
	(void)state;
	begin("create");
	assert_int_equal(progress.how, PROGRESS_AUTO);
	progress_init(&progress, &options, false, 0);
	assert_int_equal(progress.how, PROGRESS_NEVER);
	assert_int_equal(progress_timeout(&progress, 1000000), -1);
	assert_int_equal(progress_interval(&progress), 0);
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	progress_init(&progress, &options, true, 0);
	assert_int_equal(progress.how, PROGRESS_NEVER);
	assert_int_equal(unsetenv("TERM"), 0);
	progress_init(&progress, &options, true, 0);
	assert_int_equal(progress.how, PROGRESS_NEVER);
	/* Its output is a list. */
	begin("list");
	assert_int_equal(progress.how, PROGRESS_NEVER);
	options.progress = PROGRESS_LINES;
	options.seconds = 7;
	progress_init(&progress, &options, false, 0);
	assert_int_equal(progress_timeout(&progress, 0), 7000);
	assert_int_equal(progress_timeout(&progress, 6999), 1);
	assert_int_equal(progress_timeout(&progress, 9000), 0);
}

/* Five times a second at most, and once if nothing is new. */
static void
test_timeout(void **state)
{
	(void)state;
	begin("create");
	assert_int_equal(progress_timeout(&progress, 0), 1000);
	take("a", 10);
	assert_int_equal(progress_timeout(&progress, 10), 190);
	assert_int_equal(progress_timeout(&progress, 200), 0);
	progress_clear(&progress);
}

static void
test_left(void **state)
{
	(void)state;
	begin("create");
	take("a", 0);
	where.done = 25;
	assert_int_equal(progress_left(&progress, 5000), -1);
	where.total = 100;
	take("a", 5000);
	assert_int_equal(progress_left(&progress, 999), -1);
	assert_int_equal(progress_left(&progress, 5000), 16);
	/* More than was counted, and numbers of a worker that lies. */
	where.done = 101;
	take("a", 5000);
	assert_int_equal(progress_left(&progress, 5000), -1);
	where.done = 1;
	where.total = UINT64_MAX;
	where.bytes = UINT64_MAX;
	take("a", 5000);
	assert_int_equal(progress_left(&progress, INT64_MAX / 2), -1);
	assert_line(200, 5000, "0 files, 16.0 EiB, 3.2 EiB/s, 0%: a");
	where.bytes = 1;
	take("a", 11000);
	take("a", 17000);
	where.bytes = 0;
	take("a", 18000);
	assert_line(200, 18000, "0 files, 0 bytes, 0 bytes/s, 0%: a");
	progress_clear(&progress);
}

static void
test_line(void **state)
{
	(void)state;
	begin("create");
	where.counting = true;
	where.members = 12345;
	where.bytes = 1023 * 1024;
	take("srv", 0);
	assert_line(80, 0, "counting: 12345 files, 1.0 MiB: srv");
	/* A pass begins anew. */
	where.counting = false;
	where.members = where.bytes = 0;
	where.total = 4 << 20;
	take("srv/a", 60000);
	where.members = 1;
	where.bytes = where.done = 1 << 20;
	take("srv/b", 62000);
	assert_line(80, 62000,
	    "1 files, 1.0 MiB, 512.0 KiB/s, 25%, 0:07 left: srv/b");
	where.done = 1000;
	take("srv/b", 62000);
	assert_line(80, 62000,
	    "1 files, 1.0 MiB, 512.0 KiB/s, 0%, 2:19:47 left: srv/b");
	progress_clear(&progress);
}

/* Never wider than the terminal, without its last column. */
static void
test_width(void **state)
{
	struct buf	 b = { NULL, 0, 0 };
	unsigned int	 columns;

	(void)state;
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	begin("create");
	take("dir/\033[31m/0123456789", 0);
	assert_line(200, 0, "0 files, 0 bytes, 0 bytes/s: "
	    "dir/\\033[31m/0123456789");
	assert_line(42, 0, "0 files, 0 bytes: dir/\\033[31m/0123456789");
	/* What is cut off of an escape is not shown in part. */
	assert_line(41, 0, "0 files, 0 bytes: ...\\033[31m/0123456789");
	assert_line(40, 0, "0 files, 0 bytes: ...[31m/0123456789");
	assert_line(26, 0, "0 files, 0 bytes");
	take("dir\342\200\256/\346\227\245\346\234\254\350\252\236", 0);
	assert_line(41, 0, "0 files, 0 bytes: dir\\342\\200\\256/"
	    "\346\227\245\346\234\254\350\252\236");
	assert_line(32, 0, "0 files, 0 bytes: .../\346\227\245\346\234\254"
	    "\350\252\236");
	assert_line(27, 0, "0 files, 0 bytes: ..."
	    "\346\234\254\350\252\236");
	take("dir/\033[31m/0123456789", 0);
	for (columns = 0; columns < 100; columns++) {
		buf_cut(&b, 0);
		assert_int_equal(progress_line(&progress, &b, columns, 0), 0);
		assert_true(b.len < columns || b.len == 0);
	}
	buf_free(&b);
	progress_clear(&progress);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_mode),
		UTIL_TEST(test_timeout),
		UTIL_TEST(test_left),
		UTIL_TEST(test_line),
		UTIL_TEST(test_width)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
