/*
 * test_changewire.c: the encoding of changes and of their results.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/changewire.h"
#include "tests/unit/util.h"

#define MUTATIONS	100000

static uint8_t	buf[PROTO_MAX];
static char	names[CHANGEWIRE_NAMES];

/* An item of this kind in which each field is something. */
static struct changewire_item
example(enum changewire_kind kind, bool xattrs)
{
	struct changewire_item	 it;

	memset(&it, 0, sizeof(it));
	it.kind = kind;
	it.name = "a/b";
	it.text = "";
	it.base = 3;
	if (kind == CHANGEWIRE_COMMIT || kind == CHANGEWIRE_ABANDON ||
	    kind == CHANGEWIRE_PRESET)
		it.pending = 7;
	if (kind == CHANGEWIRE_ABANDON) {
		it.base = 0;
		it.name = "";
	}
	if (kind == CHANGEWIRE_CREATE)
		it.mode = 0640;
	if (kind == CHANGEWIRE_MKNOD) {
		it.mode = S_IFCHR | 0600;
		it.major = 1;
		it.minor = 3;
	}
	if (kind == CHANGEWIRE_MKDIR || kind == CHANGEWIRE_REMOVE)
		it.flags = 1;
	if (kind == CHANGEWIRE_LINK) {
		it.tobase = 4;
		it.text = "target";
	}
	if (kind == CHANGEWIRE_SYMLINK)
		it.text = "../target";
	if (kind == CHANGEWIRE_COMMIT || kind == CHANGEWIRE_MKDIR ||
	    kind == CHANGEWIRE_SYMLINK || kind == CHANGEWIRE_LINK ||
	    kind == CHANGEWIRE_MKNOD)
		it.over = FDB_OVER_NEWER;
	if (kind == CHANGEWIRE_COMMIT || kind == CHANGEWIRE_SYMLINK ||
	    kind == CHANGEWIRE_MKNOD || kind == CHANGEWIRE_SETMETA ||
	    kind == CHANGEWIRE_PRESET) {
		it.meta.set = FDB_META_ALL;
		it.meta.mode = 07755;
		it.meta.uid = 1;
		it.meta.gid = 2;
		it.meta.mtime = -5;
		it.meta.mtime_nsec = 999999999;
		it.meta.atime = 6;
		it.meta.atime_nsec = 1;
		it.meta.nxattrs = xattrs ? 2 : 0;
	}
	return it;
}

static const struct fdb_xattr	 xattrs[] = {
	{ "user.one", "1\0one", 5 }, { "security.capability", "", 0 }
};

static size_t
encode(const struct changewire_item *it)
{
	struct wire_out	 w;

	wire_out_init(&w, buf, sizeof(buf));
	changewire_put_item(&w, it, xattrs);
	assert_int_equal(wire_put_end(&w), 0);
	assert_true(w.len <= changewire_item_size(it, xattrs));
	return w.len;
}

static int
decode(size_t len, struct changewire_item *it)
{
	struct wire_in	 in;
	char		*p = names;

	wire_in_init(&in, buf, len);
	changewire_get_item(&in, it, &p);
	return wire_get_end(&in);
}

static void
check_meta(const struct changewire_meta *a, const struct changewire_meta *b)
{
	struct wire_in		 in = b->xattrs;
	struct changewire_xattr	 x;
	uint16_t		 i;

	assert_int_equal(a->set, b->set);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	assert_true(a->mtime == b->mtime && a->atime == b->atime);
	assert_int_equal(a->mtime_nsec, b->mtime_nsec);
	assert_int_equal(a->atime_nsec, b->atime_nsec);
	assert_int_equal(a->nxattrs, b->nxattrs);
	for (i = 0; i < b->nxattrs; i++) {
		changewire_next_xattr(&in, &x);
		assert_string_equal(x.name, xattrs[i].name);
		assert_int_equal(x.length, xattrs[i].length);
		assert_memory_equal(x.value, xattrs[i].value, x.length);
	}
	assert_false(in.failed);
	assert_int_equal(b->nxattrs > 0 ? in.left : 0, 0);
}

static void
test_items(void **state)
{
	struct changewire_item	 it, got;
	unsigned int		 kind;
	size_t			 len, n;

	(void)state;
	for (kind = 1; kind < CHANGEWIRE_KINDS; kind++) {
		it = example((enum changewire_kind)kind, true);
		len = encode(&it);
		assert_int_equal(decode(len, &got), 0);
		assert_int_equal(got.kind, kind);
		assert_int_equal(got.pending, it.pending);
		assert_int_equal(got.base, it.base);
		assert_int_equal(got.tobase, it.tobase);
		assert_int_equal(got.mode, it.mode);
		assert_int_equal(got.major, it.major);
		assert_int_equal(got.minor, it.minor);
		assert_int_equal(got.flags, it.flags);
		assert_int_equal(got.over, it.over);
		assert_string_equal(got.name, it.name);
		assert_string_equal(got.text, it.text);
		check_meta(&it.meta, &got.meta);
		for (n = 0; n < len; n++)
			assert_int_equal(decode(n, &got), -1);
		assert_int_equal(decode(len + 1, &got), -1);
	}
	buf[0] = 0;
	assert_int_equal(decode(1, &got), -1);
	buf[0] = CHANGEWIRE_KINDS;
	assert_int_equal(decode(1, &got), -1);
}

/* Refused: encoded, it does not decode. */
static void
check_refused(const struct changewire_item *it)
{
	struct changewire_item	 got;

	assert_false(changewire_is_valid(it));
	assert_int_equal(decode(encode(it), &got), -1);
}

static void
test_values(void **state)
{
	static const uint32_t	 modes[] = {
		S_IFREG | 0600, S_IFDIR | 0600, S_IFLNK | 0600, 0600,
		S_IFCHR | 04755, S_IFCHR | 0x100000
	};
	struct changewire_item	 it;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		it = example(CHANGEWIRE_MKNOD, false);
		it.mode = modes[i];
		check_refused(&it);
	}
	it = example(CHANGEWIRE_MKNOD, false);
	it.mode = S_IFIFO | 0600;
	check_refused(&it);	/* it has the numbers of a device */
	it = example(CHANGEWIRE_CREATE, false);
	it.mode = 01000;
	check_refused(&it);
	it.mode = S_IFREG | 0600;
	check_refused(&it);
	it = example(CHANGEWIRE_MKDIR, false);
	it.flags = FDB_MKDIR_ALL + 1;
	check_refused(&it);
	it = example(CHANGEWIRE_LINK, false);
	it.over = (enum fdb_over)3;
	check_refused(&it);
	it = example(CHANGEWIRE_SETMETA, false);
	it.meta.mode = 010000;
	check_refused(&it);
	it = example(CHANGEWIRE_SETMETA, false);
	it.meta.uid = UINT32_MAX;
	check_refused(&it);
	it = example(CHANGEWIRE_SETMETA, false);
	it.meta.gid = UINT32_MAX;
	check_refused(&it);
	it = example(CHANGEWIRE_SETMETA, false);
	it.meta.mtime_nsec = 1000000000;
	check_refused(&it);
	it = example(CHANGEWIRE_SETMETA, false);
	it.meta.atime_nsec = UINT32_MAX;
	check_refused(&it);
	it = example(CHANGEWIRE_SETMETA, false);
	it.meta.set = 0x20;
	check_refused(&it);
}

static void
test_results(void **state)
{
	struct changewire_result	 r, got;
	struct wire_out			 w;
	struct wire_in			 in;
	size_t				 n;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.kind = CHANGEWIRE_CREATE;
	r.number = 5;
	r.st.size = 9;
	wire_out_init(&w, buf, sizeof(buf));
	changewire_put_result(&w, &r);
	assert_true(w.len <= CHANGEWIRE_RESULT_MAX);
	for (n = 0; n <= w.len; n++) {
		wire_in_init(&in, buf, n);
		changewire_get_result(&in, &got);
		assert_int_equal(wire_get_end(&in), n == w.len ? 0 : -1);
	}
	assert_int_equal(got.number, 5);
	assert_true(got.st.size == 9);
}

/* What contradicts itself is refused. */
static void
test_contradictions(void **state)
{
	static const struct {
		unsigned int	 kind, error, refused, number;
		int		 good;
	} cases[] = {
		{ 1, 0, 0, 1, 1 }, { 1, 0, 0, 0, 0 }, { 1, 5, 0, 1, 0 },
		{ 1, 5, 0, 0, 1 }, { 2, 0, 0, 0, 1 }, { 2, 0, 1, 0, 0 },
		{ 2, 5, 1, 0, 1 }, { 2, 5, 0x40, 0, 0 }, { 2, 0, 0, 1, 0 },
		{ 4, 0, 0, 1, 1 }, { 4, 0, 0, 0, 1 }, { 4, 5, 0, 1, 0 },
		{ 0, 0, 0, 0, 0 }, { 11, 0, 0, 0, 0 },
		{ 10, 5, 0x10, 0, 1 }, { 10, 0, 0, 1, 0 }
	};
	struct changewire_result	 r;
	struct wire_out			 w;
	struct wire_in			 in;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&r, 0, sizeof(r));
		r.kind = (enum changewire_kind)cases[i].kind;
		r.status.error = cases[i].error;
		r.status.reason = cases[i].error != 0 ? FDB_REASON_KERNEL : 0;
		r.refused = (uint8_t)cases[i].refused;
		r.number = cases[i].number;
		wire_out_init(&w, buf, sizeof(buf));
		changewire_put_result(&w, &r);
		wire_in_init(&in, buf, w.len);
		changewire_get_result(&in, &r);
		assert_int_equal(wire_get_end(&in), cases[i].good - 1);
	}
}

/* Whatever the bytes: what is decoded is valid, and nothing is read beyond. */
static void
test_mutations(void **state)
{
	struct changewire_item	 it;
	struct changewire_xattr	 x;
	struct wire_in		 in;
	size_t			 len, n;
	uint16_t		 k;

	(void)state;
	for (n = 0; n < MUTATIONS; n++) {
		it = example((enum changewire_kind)(1 +
		    util_random(CHANGEWIRE_KINDS - 1)), true);
		len = encode(&it);
		for (k = (uint16_t)util_random(4); k < 4; k++)
			buf[util_random((uint32_t)len)] =
			    (uint8_t)util_random(256);
		if (util_random(4) == 0)
			len = util_random((uint32_t)len + 1);
		if (decode(len, &it) == -1)
			continue;
		assert_true(changewire_is_valid(&it));
		in = it.meta.xattrs;
		for (k = 0; k < it.meta.nxattrs; k++)
			changewire_next_xattr(&in, &x);
		assert_false(in.failed);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
