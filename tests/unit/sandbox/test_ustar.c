/*
 * test_ustar.c: headers of ordinary members, beside what libarchive writes for
 * the same.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/fdbroker_types.h"
#include "sandbox/ustar.h"
#include "tests/unit/util.h"

#define NAME_LEN	100
#define AT_SUM		148
#define SUM_LEN		8

static const char	 long_text[] =
	"0123456789012345678901234567890123456789012345678901234567890123456789"
	"01234567890123456789012345678901234567890123456789";

/* The last n characters of a long text. */
static const char *
text_of(size_t n)
{
	return long_text + sizeof(long_text) - 1 - n;
}

static void
make(struct entry *e, const char *name, uint32_t mode)
{
	entry_init(e, name);
	e->mode = mode;
	e->uid = 1000;
	e->gid = 100;
	e->uname = "user";
	e->gname = "group";
	e->size = S_ISREG(mode) ? 4711 : 0;
	e->mtime = 1700000000;
	e->mtime_nsec = 123456789;
}

/* The headers that libarchive writes. */
static size_t
reference(uint8_t *buf, size_t size, const struct entry *e)
{
	struct archive_entry	*ae;
	struct archive		*a;
	size_t			 used = 0;

	assert_non_null(a = archive_write_new());
	assert_non_null(ae = archive_entry_new());
	assert_int_equal(archive_write_set_format_pax(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, buf, size, &used),
	    ARCHIVE_OK);
	entry_to_archive(e, ae);
	assert_int_equal(archive_write_header(a, ae), ARCHIVE_OK);
	archive_entry_free(ae);
	archive_write_free(a);
	return used;
}

static void
assert_sum(const uint8_t *h)
{
	unsigned int	 sum = 0, have;
	size_t		 i;

	for (i = 0; i < USTAR_RECORD; i++)
		sum += i >= AT_SUM && i < AT_SUM + SUM_LEN ? ' ' : h[i];
	assert_int_equal(sscanf((const char *)h + AT_SUM, "%o", &have), 1);
	assert_int_equal(have, sum);
}

/*
 * They are as libarchive writes them, except for the name of the pax header,
 * which is another one in each version, and is in the sum.
 */
static void
assert_same(const struct entry *e)
{
	uint8_t	 ours[USTAR_HEADERS_MAX], theirs[16384];
	size_t	 len, from = 0;

	memset(ours, 0xa5, sizeof(ours));
	len = ustar_headers(ours, e);
	assert_int_not_equal(len, 0);
	assert_true(reference(theirs, sizeof(theirs), e) >= len);
	assert_sum(ours);
	if (ours[156] == 'x') {
		assert_memory_equal(ours + NAME_LEN, theirs + NAME_LEN,
		    AT_SUM - NAME_LEN);
		from = AT_SUM + SUM_LEN;
	}
	assert_memory_equal(ours + from, theirs + from, len - from);
	assert_sum(ours + len - USTAR_RECORD);
}

static void
assert_left(const struct entry *e)
{
	uint8_t	 buf[USTAR_HEADERS_MAX];

	assert_int_equal(ustar_headers(buf, e), 0);
}

static void
test_types(void **state)
{
	struct entry	 e;

	(void)state;
	make(&e, "a/b/file", S_IFREG | 0644);
	assert_same(&e);
	make(&e, "file", S_IFREG | 07777);
	assert_same(&e);
	make(&e, "a/dir", S_IFDIR | 01755);
	assert_same(&e);
	make(&e, "dir", S_IFDIR);
	assert_same(&e);
	make(&e, "link", S_IFLNK | 0777);
	e.link = "to a/place";
	assert_same(&e);
	make(&e, "other name", S_IFREG | 0600);
	e.hardlink = "a/b/file";
	assert_same(&e);
	make(&e, "other link", S_IFLNK | 0777);
	e.link = "to";
	e.hardlink = "link";
	assert_same(&e);
}

static void
test_times(void **state)
{
	static const struct {
		int64_t		 mtime;
		uint32_t	 nsec;
	} times[] = {
		{ 0, 1 }, { 0, 100000000 }, { 0, 999999999 }, { 1, 0 },
		{ 9, 20000000 }, { 10, 90 }, { 1999999999, 500000000 },
		{ 0x7ffffffe, 0 }, { 0x7ffffffe, 70000000 }
	};
	struct entry	 e;
	size_t		 i;

	(void)state;
	make(&e, "file", S_IFREG | 0644);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		e.mtime = times[i].mtime;
		e.mtime_nsec = times[i].nsec;
		assert_same(&e);
	}
}

static void
test_limits(void **state)
{
	struct entry	 e;

	(void)state;
	make(&e, text_of(89), S_IFREG | 0644);
	e.uid = e.gid = 0777777;
	e.uname = e.gname = text_of(31);
	e.size = UINT64_C(077777777777);
	assert_same(&e);
	make(&e, text_of(89), S_IFDIR | 0755);
	assert_same(&e);
	make(&e, text_of(1), S_IFLNK | 0777);
	e.link = text_of(99);
	assert_same(&e);
	make(&e, "name", S_IFREG | 0644);
	e.hardlink = text_of(99);
	e.size = 0;
	e.uname = e.gname = "";
	assert_same(&e);
}

/* What a ustar header has no room for, or has no field for. */
static void
test_left(void **state)
{
	struct entry	 good, e;

	(void)state;
	make(&good, "file", S_IFREG | 0644);
	assert_same(&good);
#define LEAVES(change) do { e = good; change; assert_left(&e); } while (0)
	LEAVES(e.name = text_of(90));
	LEAVES(e.name = "caf\303\251");
	LEAVES(e.name = "a\377");
	LEAVES(e.name = ".");
	LEAVES(e.name = "");
	LEAVES(e.name = "a/.");
	LEAVES(e.hardlink = text_of(100));
	LEAVES(e.hardlink = "\303\251");
	LEAVES(e.uname = text_of(32));
	LEAVES(e.gname = text_of(32));
	LEAVES(e.uname = "\303\251");
	LEAVES(e.gname = "\303\251");
	LEAVES(e.uid = 01000000);
	LEAVES(e.gid = 01000000);
	LEAVES(e.size = UINT64_C(0100000000000));
	LEAVES(e.mtime = -1);
	LEAVES(e.mtime = 0x7fffffff);
	LEAVES(e.flags = FDB_ATTR_NODUMP);
	LEAVES(e.sparse = true);
	LEAVES(e.attributes = "x"; e.attributes_len = 1);
	LEAVES(e.mode = S_IFIFO | 0644);
	LEAVES(e.mode = S_IFCHR | 0644);
	LEAVES(e.mode = S_IFBLK | 0644);
	LEAVES(e.mode = S_IFLNK | 0777);
	LEAVES(e.mode = S_IFLNK | 0777; e.link = text_of(100));
	LEAVES(e.mode = S_IFLNK | 0777; e.link = "\303\251");
#undef LEAVES
}

static void
test_padding(void **state)
{
	(void)state;
	assert_int_equal(ustar_padding(0), 0);
	assert_int_equal(ustar_padding(1), 511);
	assert_int_equal(ustar_padding(511), 1);
	assert_int_equal(ustar_padding(512), 0);
	assert_int_equal(ustar_padding(UINT64_C(077777777777)), 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_padding)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
