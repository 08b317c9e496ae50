/*
 * test_attributes.c: extended attributes, and access control lists as Linux
 * has them.
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

#include "sandbox/attributes.h"
#include "tests/unit/util.h"

#define ACCESS		"system.posix_acl_access"
#define NOBODY		0xff, 0xff, 0xff, 0xff

/* u::rw-,u:7:rw-,g::---,m::rw-,o::r-- */
static const uint8_t	 acl[] = {
	2, 0, 0, 0,
	1, 0, 6, 0, NOBODY,
	2, 0, 6, 0, 7, 0, 0, 0,
	4, 0, 0, 0, NOBODY,
	16, 0, 6, 0, NOBODY,
	32, 0, 4, 0, NOBODY
};

static void
assert_refused(const char *name, const void *value, size_t len, int error)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(attributes_add(&b, "user.a", "1", 1), 0);
	errno = 0;
	assert_int_equal(attributes_add(&b, name, value, len), -1);
	assert_int_equal(errno, error);
	assert_int_equal(b.len, strlen("user.a") + 1 + 8 + 1);
	buf_free(&b);
}

static void
test_names(void **state)
{
	static uint8_t	 large[ATTRIBUTES_MAX];
	struct buf	 b = { NULL, 0, 0 };

	(void)state;
	assert_refused("", "1", 1, EILSEQ);
	assert_refused("user.a=b", "1", 1, EILSEQ);
	assert_refused("user.%3D", "1", 1, EILSEQ);
	assert_refused("user.a b", "1", 1, EILSEQ);
	assert_refused("user.\303\251", "1", 1, EILSEQ);
	assert_refused("user.b", large, sizeof(large), E2BIG);
	assert_int_equal(attributes_add(&b, "user.empty", NULL, 0), 0);
	assert_int_equal(attributes_add(&b, "user.b", large, 65536), 0);
	assert_int_equal(attributes_add(&b, "user.c", large, 65536), 0);
	assert_int_equal(attributes_add(&b, "user.d", large, 65536), -1);
	assert_int_equal(errno, E2BIG);
	buf_free(&b);
}

/* Each list differs from a good one in a single thing. */
static void
test_bad_lists(void **state)
{
	static const struct {
		size_t	 at;
		uint8_t	 value;
		int	 error;
	} bad[] = {
		{ 0, 1, EINVAL },		/* version */
		{ 4, 3, EINVAL },		/* tag */
		{ 4, 2, EINVAL },		/* no owner */
		{ 6, 8, EINVAL },		/* rights */
		{ 7, 1, EINVAL },
		{ 8, 0, EINVAL },		/* an id for the owner */
		{ 12, 1, EINVAL },		/* the owner twice */
		{ 28, 32, EINVAL },		/* no mask, others twice */
		{ 19, 0x80, ERANGE }		/* 2^31 + 7 */
	};
	uint8_t	 copy[sizeof(acl)];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(acl); i++)
		assert_refused(ACCESS, acl, i, EINVAL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(copy, acl, sizeof(acl));
		copy[bad[i].at] = bad[i].value;
		assert_refused(ACCESS, copy, sizeof(copy), bad[i].error);
	}
	/* A named user whom nobody knows. */
	memcpy(copy, acl, sizeof(acl));
	memset(copy + 16, 0xff, 4);
	assert_refused(ACCESS, copy, sizeof(copy), EINVAL);
}

/* The mask does not become the rights of the group. */
static void
test_mode(void **state)
{
	struct buf	 b = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(attributes_add(&b, "user.a", "1", 1), 0);
	assert_int_equal(attributes_mode(b.data, b.len, S_IFREG | 04664),
	    S_IFREG | 04664);
	assert_int_equal(attributes_add(&b, ACCESS, acl, sizeof(acl)), 0);
	assert_int_equal(attributes_mode(b.data, b.len, S_IFREG | 04664),
	    S_IFREG | 04604);
	buf_free(&b);
}

/* What comes back from an archive is what went in, in whatever order. */
static void
test_archive(void **state)
{
	static uint8_t		 data[65536];
	struct buf		 b = { NULL, 0, 0 }, back = { NULL, 0, 0 };
	struct archive_entry	*ae;
	struct archive		*a;
	struct entry		 e;
	size_t			 used = 0;

	(void)state;
	assert_int_equal(attributes_add(&b, "user.z", "a\0b\n", 4), 0);
	assert_int_equal(attributes_add(&b, "user.empty", "", 0), 0);
	assert_int_equal(attributes_add(&b, ACCESS, acl, sizeof(acl)), 0);
	assert_int_equal(attributes_add(&b, "system.posix_acl_default", acl,
	    sizeof(acl)), 0);
	assert_int_equal(attributes_sort(&b), 0);
	assert_string_equal(b.data, ACCESS);

	entry_init(&e, "d");
	e.mode = attributes_mode(b.data, b.len, S_IFDIR | 0664);
	assert_non_null(ae = archive_entry_new());
	assert_non_null(a = archive_write_new());
	assert_int_equal(archive_write_set_format_pax(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_option(a, "pax",
	    "xattrheader", "SCHILY"), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, data, sizeof(data),
	    &used), ARCHIVE_OK);
	entry_to_archive(&e, ae);
	attributes_to_archive(b.data, b.len, ae);
	assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	archive_entry_free(ae);

	assert_non_null(a = archive_read_new());
	assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(a, data, used), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(a, &ae), ARCHIVE_OK);
	assert_int_equal(archive_entry_mode(ae), S_IFDIR | 0604);
	assert_int_equal(attributes_from_archive(&back, ae, NULL),
	    0);
	assert_int_equal(back.len, b.len);
	assert_memory_equal(back.data, b.data, b.len);
	archive_read_free(a);
	buf_free(&b);
	buf_free(&back);
}

/* What an archive has twice counts once, unless the values differ. */
static void
test_twice(void **state)
{
	struct buf	 b = { NULL, 0, 0 }, once = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(attributes_add(&b, "user.b", "1", 1), 0);
	assert_int_equal(attributes_add(&b, "user.a", "1", 1), 0);
	assert_int_equal(attributes_add(&b, "user.a", "2", 1), 0);
	assert_int_equal(attributes_add(&b, "user.b", "1", 1), 0);
	assert_int_equal(attributes_sort(&b), 0);
	assert_int_equal(attributes_add(&once, "user.a", "1", 1), 0);
	assert_int_equal(attributes_add(&once, "user.a", "2", 1), 0);
	assert_int_equal(attributes_add(&once, "user.b", "1", 1), 0);
	assert_int_equal(b.len, once.len);
	assert_memory_equal(b.data, once.data, once.len);
	buf_free(&b);
	buf_free(&once);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_names),
		UTIL_TEST(test_bad_lists),
		UTIL_TEST(test_mode),
		UTIL_TEST(test_archive),
		UTIL_TEST(test_twice)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
