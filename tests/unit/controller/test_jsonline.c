/*
 * test_jsonline.c: the objects of --json.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fdbroker_types.h"
#include "controller/jsonline.h"
#include "tests/unit/util.h"

#define HEAD	"{\"message_type\": \"member\", \"name\": "
#define ZEROS	"0000000000000000000000000000000000000000000000000000000000"

static void
assert_member(const struct entry *e, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(jsonline_member(&b, e), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_member(void **state)
{
	static const char	 names[] = "user.a\0user.\377";
	struct entry		 e;

	(void)state;
	entry_init(&e, "a\n\377");
	e.mode = S_IFREG | 04644;
	e.uid = UINT32_MAX;
	e.uname = "r\033t";
	e.size = UINT64_MAX;
	e.mtime = INT64_MIN;
	e.mtime_nsec = 999999999;
	e.has_digest = true;
	e.digest[30] = 0xab;
	e.flags = FDB_ATTR_NODUMP | FDB_ATTR_IMMUTABLE;
	e.xattrs = names;
	e.xattrs_len = sizeof(names);
	assert_member(&e, HEAD "\"a\\u000a\\ufffd\", "
	    "\"name_base64\": \"YQr/\", \"type\": \"file\", "
	    "\"mode\": \"4644\", \"uid\": 4294967295, \"gid\": 0, "
	    "\"uname\": \"r\\u001bt\", \"size\": 18446744073709551615, "
	    "\"mtime\": -9223372036854775808, \"mtime_nsec\": 999999999, "
	    "\"sha256\": \"" ZEROS "00ab00\", \"flags\": [\"schg\", "
	    "\"nodump\"], \"xattrs\": [{\"name\": \"user.a\"}, "
	    "{\"name\": \"user.\\ufffd\", "
	    "\"name_base64\": \"dXNlci7/\"}]}\n");
	entry_init(&e, "l");
	e.mode = S_IFLNK | 0777;
	e.link = "t";
	e.cut = true;
	assert_member(&e, HEAD "\"l\", \"type\": \"symlink\", "
	    "\"mode\": \"0777\", \"uid\": 0, \"gid\": 0, \"size\": 0, "
	    "\"mtime\": 0, \"mtime_nsec\": 0, \"link\": \"t\", "
	    "\"truncated\": true}\n");
	entry_init(&e, "h");
	e.mode = S_IFCHR | 0600;
	e.rdev_major = 1;
	e.rdev_minor = UINT32_MAX;
	assert_member(&e, HEAD "\"h\", \"type\": \"chardev\", "
	    "\"mode\": \"0600\", \"uid\": 0, \"gid\": 0, \"size\": 0, "
	    "\"mtime\": 0, \"mtime_nsec\": 0, "
	    "\"device\": [1, 4294967295]}\n");
	entry_init(&e, "h");
	e.mode = S_IFREG;
	e.hardlink = "f";
	e.sparse = true;
	assert_member(&e, HEAD "\"h\", \"type\": \"hardlink\", "
	    "\"mode\": \"0000\", \"uid\": 0, \"gid\": 0, \"size\": 0, "
	    "\"mtime\": 0, \"mtime_nsec\": 0, \"link\": \"f\", "
	    "\"sparse\": true}\n");
}

static void
assert_report(enum report_kind kind, const char *name, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(jsonline_report(&b, kind, name, "t"), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_reports(void **state)
{
	(void)state;
	assert_report(REPORT_MISSING, "n", "{\"message_type\": \"difference\", "
	    "\"difference\": \"missing\", \"name\": \"n\", "
	    "\"text\": \"t\"}\n");
	assert_report(REPORT_MANIFEST, "n", "{\"message_type\": "
	    "\"difference\", \"difference\": \"manifest\", \"name\": \"n\", "
	    "\"text\": \"t\"}\n");
	assert_report(REPORT_FATAL, "", "{\"message_type\": \"error\", "
	    "\"text\": \"t\"}\n");
	assert_report(REPORT_NOTE, "n", "");
	assert_report(REPORT_MEMBER, "n", "");
}

/* What a run that stores says. */
static void
test_create(void **state)
{
	struct channel_where	 where = { .members = 1, .bytes = 2 };
	struct tally		 t = {
		.files = 3, .bytes = 10, .vanished = 1, .excluded = 2,
		.by_option = 3
	};
	struct jsonline_run	 run = {
		"create", NULL, NULL, TALLY_STORED, &t, 1.5, 4, true, NULL
	};
	struct buf		 b = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(jsonline_progress(&b, &where, "", 0.25, -1), 0);
	where.counting = true;
	where.done = 2;
	where.total = 4;
	assert_int_equal(jsonline_progress(&b, &where, "\033", 3, 7), 0);
	assert_int_equal(jsonline_subtotal(&b, "d", 1, 2), 0);
	assert_int_equal(jsonline_report(&b, REPORT_VANISHED, "n", "t"), 0);
	assert_int_equal(jsonline_report(&b, REPORT_OPTION, "n", "t"), 0);
	assert_int_equal(jsonline_report(&b, REPORT_OPTION_NAMED, "n", "t"),
	    0);
	assert_int_equal(jsonline_report(&b, REPORT_UNCHANGED, "n", "t"), 0);
	assert_int_equal(jsonline_summary(&b, &run), 0);
	assert_string_equal(buf_str(&b), "{\"message_type\": \"progress\", "
	    "\"members\": 1, \"bytes\": 2, \"seconds\": 0.25}\n"
	    "{\"message_type\": \"progress\", \"counting\": true, "
	    "\"members\": 1, \"bytes\": 2, \"done\": 2, \"total\": 4, "
	    "\"left\": 7, \"name\": \"\\u001b\", \"seconds\": 3.00}\n"
	    "{\"message_type\": \"subtotal\", \"name\": \"d\", "
	    "\"members\": 1, \"bytes\": 2}\n"
	    "{\"message_type\": \"problem\", \"problem\": \"vanished\", "
	    "\"name\": \"n\", \"text\": \"t\"}\n"
	    "{\"message_type\": \"problem\", "
	    "\"problem\": \"denied_by_option\", "
	    "\"name\": \"n\", \"text\": \"t\"}\n"
	    "{\"message_type\": \"problem\", "
	    "\"problem\": \"denied_by_option\", "
	    "\"name\": \"n\", \"text\": \"t\"}\n"
	    "{\"message_type\": \"unchanged\", "
	    "\"name\": \"n\", \"text\": \"t\"}\n"
	    "{\"message_type\": \"summary\", \"command\": \"create\", "
	    "\"dry_run\": true, \"members\": 3, \"bytes\": 10, "
	    "\"unreadable\": 0, \"changed\": 0, \"vanished\": 1, "
	    "\"denied\": 0, \"denied_by_option\": 3, \"hidden\": 0, "
	    "\"skipped\": 0, \"excluded\": 2, \"unchanged\": 0, "
	    "\"removed\": 0, \"seconds\": 1.50, \"status\": 4}\n");
	buf_free(&b);
}

/* What extract did, and counts. */
static void
test_restored(void **state)
{
	struct tally		 t = {
		.files = 3, .bytes = 10, .unreadable = 1, .removed = 2
	};
	struct jsonline_run	 run = {
		"extract", "a", "there", TALLY_RESTORED, &t, 1.5, 3, false,
		NULL
	};
	struct buf		 b = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(jsonline_change(&b, "removed", "n", "t"), 0);
	assert_int_equal(jsonline_summary(&b, &run), 0);
	assert_string_equal(buf_str(&b), "{\"message_type\": \"change\", "
	    "\"change\": \"removed\", \"name\": \"n\", "
	    "\"text\": \"t\"}\n"
	    "{\"message_type\": \"summary\", \"command\": \"extract\", "
	    "\"archive\": \"a\", \"host\": \"there\", "
	    "\"members\": 3, \"bytes\": 10, "
	    "\"different\": 0, \"unreadable\": 1, \"changed\": 0, "
	    "\"denied\": 0, \"removed\": 2, \"seconds\": 1.50, "
	    "\"status\": 3}\n");
	buf_free(&b);
}

static void
test_summary(void **state)
{
	struct tally		 t = {
		.files = 3, .bytes = 10, .different = 2
	};
	struct jsonline_run	 run = {
		"verify", "a\377", NULL, TALLY_COMPARED, &t, 1.5, 6, false,
		NULL
	};
	struct buf		 b = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(jsonline_summary(&b, &run), 0);
	assert_string_equal(buf_str(&b), "{\"message_type\": \"summary\", "
	    "\"command\": \"verify\", \"archive\": \"a\\ufffd\", "
	    "\"archive_base64\": \"Yf8=\", \"members\": 3, \"bytes\": 10, "
	    "\"different\": 2, \"seconds\": 1.50, \"status\": 6}\n");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_member),
		UTIL_TEST(test_reports),
		UTIL_TEST(test_create),
		UTIL_TEST(test_restored),
		UTIL_TEST(test_summary)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
