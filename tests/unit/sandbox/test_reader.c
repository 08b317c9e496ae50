/*
 * test_reader.c: the reader reads all formats, and refuses an archive that was
 * cut off anywhere, and one that is followed by something.
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

typedef int	 set_up(struct archive *);

static uint8_t	 whole[ARCHIVE_SIZE + PADDING], data[MEMBER_SIZE];

/* Make an archive of a directory and two files; its length. */
static size_t
make_format(set_up *set_format, set_up *add_filter)
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
	assert_int_equal(set_format(a), ARCHIVE_OK);
	assert_int_equal(add_filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 512),
	    ARCHIVE_OK);
	/* Of tar whole records, of the others what they are made of. */
	if ((archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) !=
	    ARCHIVE_FORMAT_TAR)
		assert_int_equal(archive_write_set_bytes_in_last_block(a, 1),
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

static size_t
make_archive(set_up *add_filter)
{
	return make_format(archive_write_set_format_pax, add_filter);
}

/* Compress the archive, which has len bytes, in place; its new length. */
static size_t
compress_archive(size_t len, set_up *add_filter)
{
	static uint8_t		 packed[ARCHIVE_SIZE];
	struct archive_entry	*ae;
	struct archive		*a;
	size_t			 used = 0;

	assert_non_null(a = archive_write_new());
	assert_non_null(ae = archive_entry_new());
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(add_filter(a), ARCHIVE_OK);
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
	assert_int_equal(reader_total(r), len);
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
	assert_cuts(make_archive(archive_write_add_filter_bzip2));
	assert_cuts(make_archive(archive_write_add_filter_lz4));
	assert_cuts(make_archive(archive_write_add_filter_xz));
}

static set_up	*const formats[] = {
	archive_write_set_format_ustar,
	archive_write_set_format_gnutar,
	archive_write_set_format_cpio_newc,
	archive_write_set_format_cpio,
	archive_write_set_format_zip
};

#define NFORMATS	(sizeof(formats) / sizeof(formats[0]))

static void
test_cut_formats(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < NFORMATS; i++)
		assert_cuts(make_format(formats[i],
		    archive_write_add_filter_none));
}

/* Cuts may leave tar complete and only the compression without its end. */
static void
test_cut_padded(void **state)
{
	size_t	 len;

	(void)state;
	len = make_archive(archive_write_add_filter_none);
	memset(whole + len, 0, PADDING);
	assert_cuts(compress_archive(len + PADDING,
	    archive_write_add_filter_gzip));
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
}

static void
test_tail_formats(void **state)
{
	size_t	 i, len;

	(void)state;
	for (i = 0; i < NFORMATS; i++) {
		len = make_format(formats[i], archive_write_add_filter_none);
		assert_int_equal(read_file(make_file(len, "x", 1), true), -1);
		assert_int_equal(read_file(make_file(len, whole, len), false),
		    -1);
	}
}

static set_up	*const filters[] = {
	archive_write_add_filter_bzip2,
	archive_write_add_filter_gzip,
	archive_write_add_filter_lz4,
	archive_write_add_filter_xz,
	archive_write_add_filter_zstd
};

#define NFILTERS	(sizeof(filters) / sizeof(filters[0]))

/* What follows a compressed stream, and is no stream. */
static void
test_tail_compressed(void **state)
{
	static const char	 tail[] = "abcdefghijklmnopqrstuvwxyz";
	static uint8_t		 half[ARCHIVE_SIZE];
	size_t			 i, n, len, first;

	(void)state;
	for (i = 0; i < NFILTERS; i++) {
		len = make_archive(filters[i]);
		for (n = 1; n < sizeof(tail); n++)
			if (read_file(make_file(len, tail, n), true) == 0)
				fail_msg("filter %zu: %zu bytes follow", i, n);
		/* Two streams are one, and hold two archives here. */
		assert_int_equal(read_file(make_file(len, whole, len), true),
		    -1);
		/* Each stream holds a half of one. */
		len = make_archive(archive_write_add_filter_none) / 2;
		memcpy(half, whole + len, len);
		first = compress_archive(len, filters[i]);
		memcpy(whole + ARCHIVE_SIZE, whole, first);
		memcpy(whole, half, len);
		n = compress_archive(len, filters[i]);
		memcpy(half, whole, n);
		memmove(whole, whole + ARCHIVE_SIZE, first);
		assert_int_equal(read_file(make_file(first, half, n), true),
		    0);
	}
}

/* libarchive leaves out what it cannot use, and goes on. */
static void
test_damaged_header(void **state)
{
	uint8_t	*p;
	size_t	 len;

	(void)state;
	len = make_format(archive_write_set_format_ustar,
	    archive_write_add_filter_none);
	assert_non_null(p = memmem(whole, len, "d/e", 3));
	p[0] = 'x';
	assert_int_equal(read_file(make_file(len, "", 0), false), -1);
	len = make_format(archive_write_set_format_cpio_newc,
	    archive_write_add_filter_none);
	assert_non_null(p = memmem(whole + 100, len - 100, "070701", 6));
	p[0] = 'x';
	assert_int_equal(read_file(make_file(len, "", 0), false), -1);
	/* A member that the directory of the archive names, and only it. */
	len = make_format(archive_write_set_format_zip,
	    archive_write_add_filter_none);
	assert_non_null(p = memmem(whole + 40, len - 40, "PK\003\004", 4));
	p[2] = 0;
	assert_int_equal(read_file(make_file(len, "", 0), false), -1);
}

/* Zeros that belong to the last member are no end. */
static void
test_zeros_without_end(void **state)
{
	size_t	 len;

	(void)state;
	len = make_format(archive_write_set_format_ustar,
	    archive_write_add_filter_none) - 1024;
	memset(whole + len - 3072, 0, 3072);
	assert_int_equal(read_file(make_file(len, "", 0), true), -1);
	assert_int_equal(read_file(make_file(len, "", 0), false), -1);
}

/* The second filter would hide what follows its stream. */
static void
test_twice(void **state)
{
	size_t	 len;

	(void)state;
	len = make_archive(archive_write_add_filter_gzip);
	len = compress_archive(len, archive_write_add_filter_zstd);
	assert_int_equal(read_file(make_file(len, "", 0), true), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_members),
		UTIL_TEST(test_cut),
		UTIL_TEST(test_cut_compressed),
		UTIL_TEST(test_cut_padded),
		UTIL_TEST(test_cut_formats),
		UTIL_TEST(test_tail),
		UTIL_TEST(test_tail_formats),
		UTIL_TEST(test_tail_compressed),
		UTIL_TEST(test_damaged_header),
		UTIL_TEST(test_zeros_without_end),
		UTIL_TEST(test_twice)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
