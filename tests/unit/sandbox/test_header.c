/*
 * test_header.c: times that libarchive's writer gets wrong.
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
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/header.h"
#include "tests/unit/util.h"

#define RECORD	512

/* The headers of a member with this time, as libarchive writes them. */
static void
make(struct buf *b, struct entry *e, int64_t mtime, uint32_t nsec)
{
	static char		 data[8192];
	struct archive_entry	*ae;
	struct archive		*a;
	size_t			 used = 0;

	entry_init(e, "name");
	e->mode = S_IFREG | 0644;
	e->mtime = mtime;
	e->mtime_nsec = nsec;
	assert_non_null(a = archive_write_new());
	assert_non_null(ae = archive_entry_new());
	assert_int_equal(archive_write_set_format_pax(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, data, sizeof(data),
	    &used), ARCHIVE_OK);
	entry_to_archive(e, ae);
	assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
	buf_cut(b, 0);
	assert_int_equal(buf_add(b, data, used), 0);
	archive_entry_free(ae);
	archive_write_free(a);
}

static unsigned long
octal(const char *p)
{
	return strtoul(p, NULL, 8);
}

static void
assert_sum(const char *h)
{
	unsigned long	 sum = 0;
	size_t		 i;

	for (i = 0; i < RECORD; i++)
		sum += i >= 148 && i < 156 ? ' ' : (uint8_t)h[i];
	assert_int_equal(octal(h + 148), sum);
}

static void
assert_field(const char *h, int64_t want)
{
	uint64_t	 v = 0;
	size_t		 i;

	assert_int_equal((uint8_t)h[136], want < 0 ? 0xff : 0x80);
	for (i = 137; i < 148; i++)
		v = v << 8 | (uint8_t)h[i];
	assert_true((int64_t)v == want);
}

static void
assert_time(int64_t mtime, uint32_t nsec, const char *record)
{
	struct buf	 b = { NULL, 0, 0 };
	struct entry	 e;
	size_t		 len;

	make(&b, &e, mtime, nsec);
	assert_int_equal(header_correct(&b, &e), 0);
	assert_int_equal(b.data[156], 'x');
	len = octal(b.data + 124);
	assert_int_equal(len, strlen(record));
	assert_memory_equal(b.data + RECORD, record, len);
	assert_int_equal(b.len, 3 * RECORD);
	assert_sum(b.data);
	assert_sum(b.data + 2 * RECORD);
	assert_field(b.data + 2 * RECORD, mtime);
	assert_memory_equal(b.data + 2 * RECORD, "name", 5);
	buf_free(&b);
}

static void
test_times(void **state)
{
	(void)state;
	assert_time(-6, 300000000, "14 mtime=-5.7\n");
	assert_time(-1, 500000000, "14 mtime=-0.5\n");
	assert_time(-1, 999999999, "22 mtime=-0.000000001\n");
	/* One digit less. */
	assert_time(-10, 300000000, "14 mtime=-9.7\n");
	assert_time(-101, 1, "24 mtime=-100.999999999\n");
	assert_time(-5, 0, "12 mtime=-5\n");
	assert_time(-315619200, 0, "20 mtime=-315619200\n");
	assert_time(INT64_C(1) << 33, 0, "20 mtime=8589934592\n");
	assert_time(INT64_C(13569465600), 7,
	    "31 mtime=13569465600.000000007\n");
}

/* What is right stays as it is. */
static void
test_unchanged(void **state)
{
	static const int64_t	 times[] = { 0, 5, (INT64_C(1) << 33) - 1 };
	struct buf		 b = { NULL, 0, 0 }, was = { NULL, 0, 0 };
	struct entry		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		make(&b, &e, times[i], 5);
		buf_cut(&was, 0);
		assert_int_equal(buf_add(&was, b.data, b.len), 0);
		assert_int_equal(header_correct(&b, &e), 0);
		assert_int_equal(b.len, was.len);
		assert_memory_equal(b.data, was.data, b.len);
	}
	buf_free(&b);
	buf_free(&was);
}

/* Headers that are damaged or cut off at any byte are refused. */
static void
test_bad(void **state)
{
	struct buf	 b = { NULL, 0, 0 };
	struct entry	 e;
	size_t		 len;

	(void)state;
	for (len = 0; len < 3 * RECORD; len++) {
		make(&b, &e, -6, 300000000);
		assert_int_equal(b.len, 3 * RECORD);
		buf_cut(&b, len);
		errno = 0;
		assert_int_equal(header_correct(&b, &e), -1);
		assert_int_equal(errno, EPROTO);
	}
	make(&b, &e, -6, 300000000);
	memcpy(b.data + RECORD, "15", 2);
	assert_int_equal(header_correct(&b, &e), -1);
	assert_int_equal(errno, EPROTO);
	make(&b, &e, -6, 300000000);
	memcpy(b.data + RECORD, "0 ", 2);
	assert_int_equal(header_correct(&b, &e), -1);
	make(&b, &e, -6, 300000000);
	memcpy(b.data + 124, "77777777777", 11);
	assert_int_equal(header_correct(&b, &e), -1);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_times),
		UTIL_TEST(test_unchanged),
		UTIL_TEST(test_bad)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
