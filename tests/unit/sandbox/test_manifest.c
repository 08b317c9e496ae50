/*
 * test_manifest.c: lines of the manifest, and the comparison of two of them.
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

#include "base/fdbroker_types.h"
#include "sandbox/manifest.h"
#include "tests/unit/util.h"

#define DIGEST	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1eff"

static void
fill(struct entry *e, const char *name, uint32_t mode)
{
	size_t	 i;

	entry_init(e, name);
	e->mode = mode;
	e->uid = 4000000000U;
	e->gid = 7;
	e->uname = "us er";
	e->mtime = -5;
	e->mtime_nsec = 42;
	e->size = 123;
	for (i = 0; i < ENTRY_DIGEST_LEN; i++)
		e->digest[i] = (uint8_t)i;
	e->digest[ENTRY_DIGEST_LEN - 1] = 0xff;
}

static void
assert_line(const struct entry *e, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(manifest_add(&b, e), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

#define COMMON	" mode=0644 uid=4000000000 gid=7 time=-5.000000042 " \
		"uname=us\\040er"

static void
test_types(void **state)
{
	struct entry	 e;

	(void)state;
	fill(&e, "f", S_IFREG | 0644);
	e.has_digest = true;
	assert_line(&e, "./f type=file" COMMON " size=123 sha256digest="
	    DIGEST "\n");
	fill(&e, "d/e", S_IFDIR | 0644);
	assert_line(&e, "./d/e type=dir" COMMON "\n");
	fill(&e, ".", S_IFDIR | 0644);
	assert_line(&e, ". type=dir" COMMON "\n");
	fill(&e, "l", S_IFLNK | 0644);
	e.link = "a b";
	assert_line(&e, "./l type=link" COMMON " link=a\\040b\n");
	fill(&e, "p", S_IFIFO | 0644);
	assert_line(&e, "./p type=fifo" COMMON "\n");
	fill(&e, "c", S_IFCHR | 0644);
	e.rdev_major = 1;
	e.rdev_minor = 3;
	assert_line(&e, "./c type=char" COMMON " device=native,1,3\n");
	fill(&e, "b", S_IFBLK | 0644);
	e.gname = "g";
	assert_line(&e, "./b type=block" COMMON " gname=g "
	    "device=native,0,0\n");
	fill(&e, "h", S_IFREG | 04755);
	e.uname = "";
	e.hardlink = "d/f g";
	assert_line(&e, "./h type=file mode=4755 uid=4000000000 gid=7 "
	    "time=-5.000000042 size=123 tags=hardlink:./d/f\\040g\n");
	fill(&e, "s", S_IFREG | 0644);
	e.sparse = e.has_digest = true;
	assert_line(&e, "./s type=file" COMMON " size=123 tags=sparse:" DIGEST
	    "\n");
	fill(&e, "a", S_IFDIR | 0644);
	e.flags = FDB_ATTR_IMMUTABLE | FDB_ATTR_NODUMP;
	e.attributes = "";
	e.attributes_len = 1;
	memcpy(e.attributes_digest, e.digest, sizeof(e.digest));
	assert_line(&e, "./a type=dir" COMMON " flags=schg,nodump "
	    "tags=attributes:" DIGEST "\n");
	/* The largest and the smallest numbers. */
	entry_init(&e, "n");
	e.mode = S_IFREG | 07777;
	e.uid = e.gid = UINT32_MAX;
	e.size = UINT64_MAX;
	e.mtime = INT64_MIN;
	e.mtime_nsec = 999999999;
	assert_line(&e, "./n type=file mode=7777 uid=4294967295 "
	    "gid=4294967295 time=-9223372036854775808.999999999 "
	    "size=18446744073709551615\n");
	entry_init(&e, "z");
	e.mode = S_IFREG;
	assert_line(&e, "./z type=file mode=0000 uid=0 gid=0 "
	    "time=0.000000000 size=0\n");
}

/* Names can have every byte but NUL. */
static void
test_names(void **state)
{
	struct buf	 line = { NULL, 0, 0 }, name = { NULL, 0, 0 };
	struct entry	 e;
	char		 all[256];
	size_t		 i;

	(void)state;
	for (i = 1; i < sizeof(all); i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	fill(&e, all, S_IFREG);
	assert_int_equal(manifest_add(&line, &e), 0);
	/* The result is one line of printable characters. */
	for (i = 0; i < line.len - 1; i++)
		assert_true(line.data[i] >= ' ' && line.data[i] < 0x7f);
	buf_cut(&line, line.len - 1);
	assert_int_equal(manifest_name(&name, buf_str(&line)), 0);
	assert_string_equal(buf_str(&name), all);
	buf_cut(&name, 0);
	assert_int_equal(manifest_name(&name, ". mode=0755"), 0);
	assert_string_equal(buf_str(&name), ".");
	buf_free(&line);
	buf_free(&name);
}

static void
test_bad_names(void **state)
{
	static const char *const bad[] = {
		"./a\\", "./a\\1", "./a\\12", "./a\\400", "./a\\08x", ".a",
		"..", "./a\\n1 x"
	};
	struct buf	 name = { NULL, 0, 0 };
	size_t		 i;

	(void)state;
	assert_int_equal(manifest_name_len("#mtree"), 0);
	assert_int_equal(manifest_name_len(""), 0);
	assert_int_equal(manifest_name_len("/set uid=0"), 0);
	assert_int_equal(manifest_name_len("./a b=c"), 3);
	assert_int_equal(manifest_name_len("./a type=dir"), 0);
	assert_int_equal(manifest_name_len("./a type=dir mode=0755"), 3);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		if (manifest_name(&name, bad[i]) == 0)
			fail_msg("\"%s\" is accepted", bad[i]);
		assert_int_equal(errno, EINVAL);
		buf_cut(&name, 0);
	}
	buf_free(&name);
}

static void
assert_parents(struct buf *known, const char *name, uint32_t mode,
    const char *want)
{
	struct buf	 b = { NULL, 0, 0 };
	struct entry	 e;

	entry_init(&e, name);
	e.mode = mode;
	assert_int_equal(manifest_parents(&b, known, &e), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

/* Each directory on the way to a member has a line. */
static void
test_parents(void **state)
{
	struct buf	 known = { NULL, 0, 0 };

	(void)state;
	assert_parents(&known, "f", S_IFREG, "");
	assert_parents(&known, "a b/c/f", S_IFREG,
	    "./a\\040b type=dir\n./a\\040b/c type=dir\n");
	assert_parents(&known, "a b/c/g", S_IFREG, "");
	assert_parents(&known, "a b/h", S_IFREG, "");
	assert_parents(&known, "a b/cc/g", S_IFREG,
	    "./a\\040b/cc type=dir\n");
	assert_parents(&known, "a", S_IFDIR, "");
	assert_parents(&known, "a/b", S_IFDIR, "");
	assert_parents(&known, "a/b/f", S_IFREG, "");
	assert_parents(&known, "a/c", S_IFDIR, "");
	assert_parents(&known, "ab/c", S_IFDIR, "./ab type=dir\n");
	assert_parents(&known, ".", S_IFDIR, "");
	assert_parents(&known, "f/", S_IFREG, "./f type=dir\n");
	buf_free(&known);
}

static void
assert_differ(const char *archived, const char *recorded, const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(manifest_differ(&b, archived, recorded),
	    want[0] != '\0');
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_differ(void **state)
{
	(void)state;
	assert_differ("./a size=1", "./a size=1", "");
	assert_differ("./a size=1 uid=2", "./a uid=2 size=1", "");
	assert_differ("./a size=1", "./a size=2", "size=1, not size=2");
	assert_differ("./a size=1", "./a size=10", "size=1, not size=10");
	assert_differ("./a size=1 mode=1", "./a size=2 mode=2",
	    "mode=1, not mode=2; size=1, not size=2");
	assert_differ("./a", "./a uname=b", "uname=b is missing");
	assert_differ("./a uname=b", "./a",
	    "uname=b is not in the manifest");
	/* An archive may be made without digests, but not lose them. */
	assert_differ("./a size=1 sha256digest=00", "./a size=1", "");
	assert_differ("./a size=1", "./a size=1 sha256digest=00",
	    "sha256digest=00 is missing");
	assert_differ("./a size=1 tags=sparse:00", "./a size=1", "");
	assert_differ("./a tags=sparse:00", "./a tags=sparse:01",
	    "tags=sparse:00, not tags=sparse:01");
	/* A member that is a hard link has no contents of its own. */
	assert_differ("./a type=unknown mode=1 tags=hardlink:./b",
	    "./a type=file mode=1 size=5 sha256digest=00 tags=hardlink:./b",
	    "");
	assert_differ("./a mode=1 tags=hardlink:./b",
	    "./a mode=1 size=5 tags=hardlink:./c",
	    "tags=hardlink:./b, not tags=hardlink:./c");
	assert_differ("./a size=5 mode=1", "./a size=5 mode=1 "
	    "tags=hardlink:./c", "tags=hardlink:./c is missing");
	assert_true(manifest_lacks_digest("./a type=file size=1"));
	assert_false(manifest_lacks_digest("./a type=file tags=sparse:00"));
	assert_false(manifest_lacks_digest("./a type=file "
	    "tags=hardlink:./b"));
	assert_false(manifest_lacks_digest("./a type=file sha256digest=00"));
	assert_false(manifest_lacks_digest("./a type=dir mode=0755"));
	/* libarchive reads a time before 1970 in its own way. */
	assert_differ("./a time=-5.700000000", "./a time=-6.300000000", "");
	assert_differ("./a time=0.500000000", "./a time=-1.500000000", "");
	assert_differ("./a time=-5.600000000", "./a time=-6.300000000",
	    "time=-5.600000000, not time=-6.300000000");
	assert_differ("./a time=-6.300000000", "./a time=-5.700000000",
	    "time=-6.300000000, not time=-5.700000000");
	assert_differ("./a time=6.700000000", "./a time=5.300000000",
	    "time=6.700000000, not time=5.300000000");
	/* Keywords that we do not write are ignored. */
	assert_differ("./a size=1", "./a size=1 optional", "");
	assert_differ("./a flags=schg", "./a flags=schg,nodump",
	    "flags=schg, not flags=schg,nodump");
	assert_differ("./a", "./a tags=attributes:00",
	    "tags=attributes:00 is missing");
	/* A value that looks like a keyword is none. */
	assert_differ("./a link=size=1", "./a link=size=1 size=2",
	    "size=2 is missing");
}

/* Other readers of mtree(5) understand the manifest, here libarchive. */
static void
test_is_mtree(void **state)
{
	struct archive_entry	*ae;
	struct archive		*a;
	struct manifest_head	 head = { .began = 1, .has_since = true };
	struct buf		 b = { NULL, 0, 0 };
	struct entry		 e;

	(void)state;
	assert_int_equal(manifest_begin(&b, &head), 0);
	fill(&e, "d d/f\n", S_IFREG | 0644);
	e.mtime = 5;
	e.has_digest = true;
	/* Several tags do not disturb them, nor do our comments. */
	e.has_state = true;
	assert_int_equal(manifest_add(&b, &e), 0);
	buf_cut(&b, b.len - 1);
	assert_int_equal(buf_puts(&b, MANIFEST_UNCHANGED "\n"
	    MANIFEST_REMOVED "./x type=dir\n" MANIFEST_ALSO "./y type=dir "
	    "mode=0700\n" MANIFEST_END "1\n"), 0);
	assert_non_null(a = archive_read_new());
	assert_int_equal(archive_read_support_format_mtree(a), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(a, b.data, b.len),
	    ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(a, &ae), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(ae), ".");
	assert_int_equal(archive_read_next_header(a, &ae), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(ae), "./d d/f\n");
	assert_int_equal(archive_entry_mode(ae), S_IFREG | 0644);
	assert_int_equal(archive_entry_uid(ae), 4000000000U);
	assert_int_equal(archive_entry_size(ae), 123);
	assert_int_equal(archive_entry_mtime(ae), 5);
	assert_int_equal(archive_entry_mtime_nsec(ae), 42);
	assert_memory_equal(archive_entry_digest(ae,
	    ARCHIVE_ENTRY_DIGEST_SHA256), e.digest, sizeof(e.digest));
	assert_int_equal(archive_read_next_header(a, &ae), ARCHIVE_EOF);
	archive_read_free(a);
	buf_free(&b);
}

static void
test_head(void **state)
{
	static const char *const	 bad[] = {
		"", "#mtree", "#fdbackup", "#fdbackup format=1",
		"#fdbackup format=1 began=", "#fdbackup format=1 began=1",
		"#fdbackup format=1 began=1.5",
		"#fdbackup format=1 began=1.000000000x",
		"#fdbackup format=1 began=1.000000000 ",
		"#fdbackup format=1 began=1.000000000 since=",
		"#fdbackup format=1 began=1.000000000 since=1.000000000 ",
		"#fdbackup format=x began=1.000000000",
		" #fdbackup format=1 began=1.000000000"
	};
	struct manifest_head	 h = { 1700000000, 7, true, 3, 999999999 }, got;
	struct buf		 b = { NULL, 0, 0 };
	char			*line;
	size_t			 i;

	(void)state;
	assert_int_equal(manifest_begin(&b, &h), 0);
	assert_string_equal(b.data, "#mtree\n#fdbackup format=1 "
	    "began=1700000000.000000007 since=3.999999999\n. type=dir\n");
	line = strchr(b.data, '\n') + 1;
	line[strcspn(line, "\n")] = '\0';
	assert_int_equal(manifest_head(&got, line), 0);
	assert_int_equal(got.began, h.began);
	assert_int_equal(got.began_nsec, h.began_nsec);
	assert_true(got.has_since);
	assert_int_equal(got.since, h.since);
	assert_int_equal(got.since_nsec, h.since_nsec);
	buf_free(&b);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_int_equal(manifest_head(&got, bad[i]), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(manifest_head(&got, "#fdbackup format=2 x"), -1);
	assert_int_equal(errno, ENOTSUP);
	assert_int_equal(manifest_head(&got, "#fdbackup format=10 x"), -1);
	assert_int_equal(errno, ENOTSUP);
}

/* The line of a file with this state, without its newline. */
static void
state_line(struct buf *b, uint64_t ino, int64_t ctime, uint32_t btime_nsec)
{
	struct entry	 e;

	fill(&e, "f", S_IFREG | 0644);
	e.mtime = 5;
	e.has_state = true;
	e.ino = ino;
	e.ctime = ctime;
	e.ctime_nsec = 6;
	e.btime = 4;
	e.btime_nsec = btime_nsec;
	buf_cut(b, 0);
	assert_int_equal(manifest_add(b, &e), 0);
	buf_cut(b, b->len - 1);
}

static void
test_state(void **state)
{
	struct buf	 a = { NULL, 0, 0 }, b = { NULL, 0, 0 };
	struct entry	 e;
	size_t		 len;

	(void)state;
	state_line(&a, 7, 9, 3);
	state_line(&b, 7, 9, 3);
	assert_true(manifest_is_same(a.data, b.data));
	assert_non_null(strstr(a.data, " tags=ctime:9.000000006 tags=inode:7 "
	    "tags=btime:4.000000003"));
	state_line(&b, 8, 9, 3);
	assert_false(manifest_is_same(a.data, b.data));
	state_line(&b, 7, 10, 3);
	assert_false(manifest_is_same(a.data, b.data));
	state_line(&b, 7, 9, 4);
	assert_false(manifest_is_same(a.data, b.data));
	state_line(&b, 7, 9, UINT32_MAX);
	assert_false(manifest_is_same(a.data, b.data));
	assert_null(strstr(b.data, "btime"));

	/* Without a state, nothing is the same. */
	fill(&e, "f", S_IFREG | 0644);
	e.mtime = 5;
	buf_cut(&b, 0);
	assert_int_equal(manifest_add(&b, &e), 0);
	buf_cut(&b, b.len - 1);
	assert_false(manifest_is_same(b.data, b.data));
	/* It comes last, and so do the marks. */
	len = manifest_len(a.data);
	assert_int_equal(len, b.len);
	assert_memory_equal(a.data, b.data, len);
	assert_int_equal(manifest_state_len(a.data), a.len);
	assert_true(manifest_is_held(a.data));
	len = a.len;
	assert_int_equal(buf_puts(&a, MANIFEST_UNSEEN), 0);
	assert_int_equal(manifest_state_len(a.data), len);
	assert_int_equal(manifest_len(a.data), b.len);
	assert_false(manifest_is_held(a.data));
	buf_free(&a);
	buf_free(&b);
}

static void
test_parse(void **state)
{
	struct buf	 line = { NULL, 0, 0 };
	struct buf	 uname = { NULL, 0, 0 }, gname = { NULL, 0, 0 };
	struct entry	 e, got;
	const char	*link;
	size_t		 len;

	(void)state;
	fill(&e, "d/f", S_IFREG | 04755);
	e.mtime = -7;
	e.mtime_nsec = 5;
	e.uname = "a b";
	e.has_digest = e.sparse = true;
	e.hardlink = "x y";
	assert_int_equal(manifest_add(&line, &e), 0);
	buf_cut(&line, line.len - 1);
	entry_init(&got, "d/f");
	assert_int_equal(manifest_parse(&got, line.data, &uname, &gname), 0);
	assert_int_equal(got.mode, 04755);
	assert_int_equal(got.uid, e.uid);
	assert_int_equal(got.gid, e.gid);
	assert_int_equal(got.size, e.size);
	assert_int_equal(got.mtime, e.mtime);
	assert_int_equal(got.mtime_nsec, e.mtime_nsec);
	assert_string_equal(got.uname, "a b");
	assert_true(got.has_digest && got.sparse);
	assert_memory_equal(got.digest, e.digest, sizeof(e.digest));
	assert_non_null(link = manifest_hardlink(line.data, &len));
	assert_int_equal(len, strlen("./x\\040y"));
	assert_memory_equal(link, "./x\\040y", len);
	assert_int_equal(manifest_parse(&got, "./a type=file", &uname,
	    &gname), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(manifest_parse(&got, "./a type=file mode=0644 uid=0 "
	    "gid=99999999999 time=0.000000000", &uname, &gname), -1);
	assert_int_equal(manifest_parse(&got, "./a type=file mode=0648 uid=0 "
	    "gid=0 time=0.000000000", &uname, &gname), -1);
	buf_free(&line);
	buf_free(&uname);
	buf_free(&gname);
}

static void
test_removed(void **state)
{
	static const char *const	 bad[] = {
		"", "x", "./a b", "./a type=file", "./a\\", "./a\\400"
	};
	char		 line[64];
	struct buf	 b = { NULL, 0, 0 };
	bool		 dir;
	size_t		 i;

	(void)state;
	assert_int_equal(manifest_removed(&b, MANIFEST_REMOVED
	    "./a\\040b/c type=dir", &dir), 0);
	assert_string_equal(b.data, "a b/c");
	assert_true(dir);
	buf_cut(&b, 0);
	assert_int_equal(manifest_removed(&b, MANIFEST_REMOVED "./x", &dir), 0);
	assert_string_equal(b.data, "x");
	assert_false(dir);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(line, sizeof(line), "%s%s", MANIFEST_REMOVED,
		    bad[i]);
		assert_int_equal(manifest_removed(&b, line, &dir), -1);
		assert_int_equal(errno, EINVAL);
	}
	buf_free(&b);
}

static void
assert_changes(const char *earlier, const char *now, bool coarse,
    const char *want)
{
	struct buf	 b = { NULL, 0, 0 };

	assert_int_equal(manifest_changes(&b, earlier, now, coarse),
	    want[0] != '\0');
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
test_changes(void **state)
{
	(void)state;
	assert_changes("./a type=file size=3", "./a type=file size=3", false,
	    "");
	assert_changes("./a type=file size=3 time=1.000000000",
	    "./a type=file size=4 time=1.000000001", false,
	    "size 3 -> 4, mtime 1.000000000 -> 1.000000001");
	assert_changes("./a type=file size=3 time=1.000000000",
	    "./a type=file size=3 time=1.000000001", true, "");
	assert_changes("./a type=file time=1.000000900",
	    "./a type=file time=1.000000981", true, "");
	assert_changes("./a type=file time=1.000001200",
	    "./a type=file time=1.000001081", true, "");
	assert_changes("./a type=file time=1.000001000",
	    "./a type=file time=1.000002000", true,
	    "mtime 1.000001000 -> 1.000002000");
	assert_changes("./a type=file time=1.000000900",
	    "./a type=file time=1.000000981", false,
	    "mtime 1.000000900 -> 1.000000981");
	assert_changes("./a type=file mode=0644", "./a type=dir mode=0755",
	    false, "type file -> dir");
	assert_changes("./a type=file " "sha256digest=00",
	    "./a type=file sha256digest=01", false, "contents");
	assert_changes("./a type=file sha256digest=00", "./a type=file", false,
	    "");
	assert_changes("./a type=file tags=attributes:00", "./a type=file",
	    false, "extended attributes");
	assert_changes("./a type=file", "./a type=file flags=nodump", false,
	    "flags none -> nodump");
	/* Other programs say of a hard link little that is true. */
	assert_changes("./a type=unknown mode=0644 size=0 tags=hardlink:./b",
	    "./a type=file mode=0640 size=3", true, "mode 0644 -> 0640");
	/* Names of owners are not looked up. */
	assert_changes("./a type=file uname=root", "./a type=file", false, "");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_types),
		UTIL_TEST(test_names),
		UTIL_TEST(test_bad_names),
		UTIL_TEST(test_parents),
		UTIL_TEST(test_differ),
		UTIL_TEST(test_is_mtree),
		UTIL_TEST(test_head),
		UTIL_TEST(test_state),
		UTIL_TEST(test_parse),
		UTIL_TEST(test_removed),
		UTIL_TEST(test_changes)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
