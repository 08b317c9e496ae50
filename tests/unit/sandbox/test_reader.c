/*
 * test_reader.c: the reader refuses an archive that was cut off anywhere, and
 * one that is followed by something.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/reader.h"
#include "tests/unit/util.h"

#define ARCHIVE_SIZE	65536
#define PADDING		(256 * 1024)	/* more than is unpacked at once */
#define MEMBER_SIZE	3000

static uint8_t	 whole[ARCHIVE_SIZE + PADDING], data[MEMBER_SIZE];

/* Make an archive of a directory and two files; its length. */
static size_t
make_archive(int (*add_filter)(struct archive *))
{
	static const char *const names[] = { "d", "d/e", "f" };
	struct archive_entry	*ae;
	struct archive		*a;
	struct entry		 e;
	size_t			 i, used = 0;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)util_random(256);
	assert_non_null(a = archive_write_new());
	assert_non_null(ae = archive_entry_new());
	assert_int_equal(archive_write_set_format_pax(a), ARCHIVE_OK);
	assert_int_equal(add_filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 512),
	    ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, whole, ARCHIVE_SIZE,
	    &used), ARCHIVE_OK);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		entry_init(&e, names[i]);
		e.mode = i == 0 ? S_IFDIR | 0755 : S_IFREG | 0644;
		e.size = i == 0 ? 0 : sizeof(data);
		entry_to_archive(&e, ae);
		assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
		if (i > 0)
			assert_int_equal(archive_write_data(a, data,
			    sizeof(data)), sizeof(data));
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	archive_entry_free(ae);
	return used;
}

/* Compress the archive, which has len bytes, in place; its new length. */
static size_t
compress_archive(size_t len)
{
	static uint8_t		 packed[ARCHIVE_SIZE];
	struct archive_entry	*ae;
	struct archive		*a;
	size_t			 used = 0;

	assert_non_null(a = archive_write_new());
	assert_non_null(ae = archive_entry_new());
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter_gzip(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, packed, sizeof(packed),
	    &used), ARCHIVE_OK);
	archive_entry_set_filetype(ae, AE_IFREG);
	assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, whole, len), len);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	archive_entry_free(ae);
	memcpy(whole, packed, used);
	return used;
}

/* Make a file of the first len bytes of the archive and a tail. */
static int
make_file(size_t len, const void *tail, size_t tail_len)
{
	int	 fd;

	fd = open(util_path("archive"), O_RDWR | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, whole, len), len);
	assert_int_equal(write(fd, tail, tail_len), tail_len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/*
 * Read a file to its end, with or without the contents of members: 0, or -1
 * and there is a reason.  Closes it.
 */
static int
read_file(int fd, bool contents)
{
	struct reader	*r;
	struct entry	 e;
	const void	*p;
	uint64_t	 offset;
	size_t		 len;
	int		 n, ret;

	assert_non_null(r = reader_new(fd));
	while ((ret = reader_next(r, &e)) == 1) {
		if (!contents)
			continue;
		while ((n = reader_data(r, &p, &len, &offset)) == 1)
			;
		if (n == -1) {
			ret = -1;
			break;
		}
	}
	if (ret == 0)
		ret = reader_finish(r);
	if (ret == -1)
		assert_string_not_equal(reader_error(r), "");
	reader_free(r);
	close(fd);
	return ret;
}

static void
test_members(void **state)
{
	struct reader	*r;
	struct entry	 e;
	const void	*p;
	uint64_t	 offset;
	size_t		 len, got = 0;
	int		 fd;

	(void)state;
	len = make_archive(archive_write_add_filter_zstd);
	fd = make_file(len, "", 0);
	assert_non_null(r = reader_new(fd));
	assert_int_equal(reader_next(r, &e), 1);
	assert_string_equal(e.name, "d");
	assert_true(S_ISDIR(e.mode));
	/* Contents need not be read. */
	assert_int_equal(reader_next(r, &e), 1);
	assert_string_equal(e.name, "d/e");
	assert_int_equal(e.size, MEMBER_SIZE);
	assert_int_equal(reader_next(r, &e), 1);
	assert_string_equal(e.name, "f");
	for (; reader_data(r, &p, &len, &offset) == 1; got += len) {
		assert_int_equal(offset, got);
		assert_true(len <= MEMBER_SIZE - got);
		assert_memory_equal(p, data + got, len);
	}
	assert_int_equal(got, MEMBER_SIZE);
	assert_int_equal(reader_data(r, &p, &len, &offset), 0);
	assert_int_equal(reader_next(r, &e), 0);
	assert_int_equal(reader_finish(r), 0);
	reader_free(r);
	close(fd);
}

/* Cut the archive at every length: none of the parts is accepted. */
static void
assert_cuts(size_t len)
{
	size_t	 cut;

	assert_int_equal(read_file(make_file(len, "", 0), true), 0);
	assert_int_equal(read_file(make_file(len, "", 0), false), 0);
	for (cut = 0; cut < len; cut++) {
		if (read_file(make_file(cut, "", 0), cut % 2 == 0) == 0)
			fail_msg("%zu bytes of %zu are accepted", cut, len);
	}
}

static void
test_cut(void **state)
{
	(void)state;
	assert_cuts(make_archive(archive_write_add_filter_none));
}

static void
test_cut_compressed(void **state)
{
	(void)state;
	assert_cuts(make_archive(archive_write_add_filter_zstd));
	assert_cuts(make_archive(archive_write_add_filter_gzip));
}

/* Cuts may leave tar complete and only the compression without its end. */
static void
test_cut_padded(void **state)
{
	size_t	 len;

	(void)state;
	len = make_archive(archive_write_add_filter_none);
	memset(whole + len, 0, PADDING);
	assert_cuts(compress_archive(len + PADDING));
}

static void
test_tail(void **state)
{
	static uint8_t	 zeros[10240];
	size_t		 len;
	int		 fd;

	(void)state;
	len = make_archive(archive_write_add_filter_none);
	assert_int_equal(read_file(make_file(len, "x", 1), true), -1);
	assert_int_equal(read_file(make_file(len, "x", 1), false), -1);
	/* tar(1) fills its last block with zeros. */
	assert_int_equal(read_file(make_file(len, zeros, sizeof(zeros)),
	    true), 0);
	/* A partial record is refused. */
	assert_int_equal(read_file(make_file(len, zeros, 100), true), -1);
	/* A byte follows more zeros than are read at once. */
	fd = make_file(len, "", 0);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)len + 3 * 1024 * 1024), 1);
	assert_int_equal(read_file(fd, true), -1);
	/* Two archives in a row: the second would not be read. */
	assert_int_equal(read_file(make_file(len, whole, len), true), -1);
	len = make_archive(archive_write_add_filter_zstd);
	assert_int_equal(read_file(make_file(len, "x", 1), true), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_members),
		UTIL_TEST(test_cut),
		UTIL_TEST(test_cut_compressed),
		UTIL_TEST(test_cut_padded),
		UTIL_TEST(test_tail)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
