/*
 * test_dumpdir.c: lists of the names in directories, as GNU tar wants them, and
 * the record that holds one.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/dumpdir.h"
#include "sandbox/header.h"
#include "tests/unit/util.h"

static void
test_lists(void **state)
{
	static const char	 want[] = "Ya\0Db\0Yb.c\0Dz\0";
	struct dumpdirs		*d;
	const struct buf	*list;

	(void)state;
	assert_non_null(d = dumpdirs_new());
	assert_false(dumpdirs_any(d));
	assert_int_equal(dumpdirs_want(d, "d/eX", 3, true), 0);
	assert_int_equal(dumpdirs_want(d, "d/e", 3, true), 0);
	assert_int_equal(dumpdirs_want(d, ".", 1, true), 0);
	assert_int_equal(dumpdirs_want(d, "empty", 5, true), 0);
	assert_true(dumpdirs_any(d));
	assert_int_equal(dumpdirs_add(d, ".", true), 0);
	assert_int_equal(dumpdirs_add(d, "d", true), 0);
	assert_int_equal(dumpdirs_add(d, "d/e", true), 0);
	assert_int_equal(dumpdirs_add(d, "d/e/z", true), 0);
	assert_int_equal(dumpdirs_add(d, "d/e/z/deeper", false), 0);
	assert_int_equal(dumpdirs_add(d, "d/e/b.c", false), 0);
	assert_int_equal(dumpdirs_add(d, "d/e/b", true), 0);
	assert_int_equal(dumpdirs_add(d, "d/e/a", false), 0);
	assert_int_equal(dumpdirs_list(d, "d/e", &list), 1);
	assert_int_equal(list->len, sizeof(want));
	assert_memory_equal(list->data, want, list->len);
	/* It is ended once. */
	assert_int_equal(dumpdirs_list(d, "d/e", &list), 1);
	assert_int_equal(list->len, sizeof(want));
	assert_int_equal(dumpdirs_list(d, ".", &list), 1);
	assert_int_equal(list->len, 4);
	assert_memory_equal(list->data, "Dd\0", 4);
	assert_int_equal(dumpdirs_list(d, "empty", &list), 1);
	assert_int_equal(list->len, 1);
	assert_int_equal(dumpdirs_list(d, "d", &list), 0);
	/* It is written once more, for its times. */
	assert_int_equal(dumpdirs_want(d, "late", 4, false), 0);
	assert_int_equal(dumpdirs_add(d, "late/x", false), 0);
	assert_int_equal(dumpdirs_list(d, "late", &list), 1);
	assert_null(list);
	dumpdirs_free(d);
}

static void
test_too_long(void **state)
{
	char			 name[256];
	struct dumpdirs		*d;
	const struct buf	*list;
	int			 i;

	(void)state;
	assert_non_null(d = dumpdirs_new());
	assert_int_equal(dumpdirs_want(d, "d", 1, true), 0);
	for (i = 0; i < 4000; i++) {
		(void)snprintf(name, sizeof(name), "d/%0200d", i);
		assert_int_equal(dumpdirs_add(d, name, false), 0);
	}
	assert_int_equal(dumpdirs_list(d, "d", &list), 1);
	assert_null(list);
	dumpdirs_free(d);
}

/* A ustar header, with a time that needs no pax header or one that does. */
static void
make_header(struct buf *b, long nsec)
{
	static char		 block[1024 * 1024];
	struct archive_entry	*ae;
	struct archive		*a;
	size_t			 used = 0;

	assert_non_null(a = archive_write_new());
	assert_int_equal(archive_write_set_format_pax_restricted(a),
	    ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, block, sizeof(block),
	    &used), ARCHIVE_OK);
	assert_non_null(ae = archive_entry_new());
	archive_entry_set_pathname(ae, "dir");
	archive_entry_set_mode(ae, S_IFDIR | 0755);
	archive_entry_set_mtime(ae, nsec == 0 ? 1 : -5, nsec);
	assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
	assert_int_equal(buf_add(b, block, used), 0);
	archive_entry_free(ae);
	archive_write_free(a);
}

static void
assert_record(long nsec, size_t len)
{
	static char		 value[200000];
	struct buf		 b = { NULL, 0, 0 };
	struct archive_entry	*ae;
	struct archive		*a;
	size_t			 i, before;

	for (i = 0; i < len; i++)
		value[i] = (char)i;
	make_header(&b, nsec);
	before = b.len;
	assert_int_equal(header_add_record(&b, "GNU.dumpdir", value, len), 0);
	assert_true(b.len >= before);
	assert_int_equal(b.len % 512, 0);
	assert_int_equal(b.data[156], 'x');
	assert_non_null(memmem(b.data, b.len, " GNU.dumpdir=", 13));
	assert_int_equal(buf_add(&b, (char [1024]){ 0 }, 1024), 0);
	assert_non_null(a = archive_read_new());
	assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(a, b.data, b.len),
	    ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(a, &ae), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(ae), "dir/");
	assert_int_equal(archive_entry_filetype(ae), S_IFDIR);
	assert_int_equal(archive_read_next_header(a, &ae), ARCHIVE_EOF);
	archive_read_free(a);
	buf_free(&b);
}

static void
test_record(void **state)
{
	static const size_t	 lens[] = {
		0, 1, 80, 81, 82, 83, 84, 85, 978, 979, 980, 981, 982, 983,
		9976, 9977, 9978, 9979, 9980, 100000
	};
	struct buf		 b = { NULL, 0, 0 };
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_record(0, lens[i]);
		assert_record(500000000, lens[i]);
	}
	assert_int_equal(buf_puts(&b, "no header"), 0);
	assert_int_equal(header_add_record(&b, "k", "v", 1), -1);
	assert_int_equal(errno, EPROTO);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_lists),
		UTIL_TEST(test_too_long),
		UTIL_TEST(test_record)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
