/*
 * test_holes.c: where files have data, and the digest of contents with holes.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/digest.h"
#include "sandbox/holes.h"
#include "sandbox/sparsedigest.h"
#include "tests/unit/util.h"

#define MIB	(1024 * 1024)

/* A file of this size with a byte at each of these offsets. */
static int
make(off_t size, const off_t *at, size_t n)
{
	char	 name[] = "/tmp/test_holes.XXXXXX";
	int	 fd;

	assert_int_not_equal(fd = mkstemp(name), -1);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(ftruncate(fd, size), 0);
	while (n-- > 0)
		assert_int_equal(pwrite(fd, "x", 1, at[n]), 1);
	return fd;
}

/* True if each byte is in a region, regions are in order, and within size. */
static void
assert_regions(const struct holes *h, uint64_t size, const off_t *at, size_t n)
{
	uint64_t	 end = 0;
	size_t		 i, found = 0;

	for (i = 0; i < h->n; i++) {
		assert_true(i == 0 || h->v[i].offset >= end + HOLES_MIN);
		assert_true(h->v[i].len > 0);
		end = h->v[i].offset + h->v[i].len;
		while (found < n && (uint64_t)at[found] >= h->v[i].offset &&
		    (uint64_t)at[found] < end)
			found++;
	}
	assert_int_equal(found, n);
	assert_true(end <= size);
}

static void
test_files(void **state)
{
	static const off_t	 at[] = { 0, 8 * MIB, 9 * MIB, 16 * MIB - 1 };
	struct holes		 h;
	int			 fd;

	(void)state;
	fd = make(16 * MIB, NULL, 0);
	if (holes_read(fd, 16 * MIB, &h) == 0)
		util_skip("needs a file system that tells of holes");
	assert_int_equal(h.n, 0);
	assert_null(h.v);
	close(fd);
	fd = make(16 * MIB, at, 4);
	assert_int_equal(holes_read(fd, 16 * MIB, &h), 1);
	assert_true(h.n > 1);
	assert_regions(&h, 16 * MIB, at, 4);
	free(h.v);
	/* It became shorter, or the size lies. */
	assert_int_equal(holes_read(fd, 64 * MIB, &h), 1);
	assert_regions(&h, 64 * MIB, at, 4);
	free(h.v);
	assert_int_equal(holes_read(fd, 1, &h), 0);
	assert_null(h.v);
	close(fd);
	fd = make(1, at, 1);
	assert_int_equal(holes_read(fd, 1, &h), 0);
	assert_int_equal(holes_read(fd, 0, &h), 0);
	assert_null(h.v);
	close(fd);
}

/* No holes are known of what is no file. */
static void
test_pipe(void **state)
{
	struct holes	 h;
	int		 p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(holes_read(p[0], 5, &h), 0);
	assert_null(h.v);
	close(p[0]);
	close(p[1]);
}

static void
test_many(void **state)
{
	struct holes	 h = { NULL, 0 };
	uint64_t	 i, end = 0, min = HOLES_MIN, step = 3 * HOLES_MIN;
	size_t		 k;

	(void)state;
	for (i = 0; i < 3 * HOLES_MAX; i++) {
		assert_int_equal(holes_add(&h, i * step, HOLES_MIN, &min), 0);
		assert_true(h.n <= HOLES_MAX);
	}
	assert_true(min > HOLES_MIN);
	assert_int_equal(h.v[0].offset, 0);
	for (k = 0; k < h.n; k++) {
		assert_true(h.v[k].offset >= end);
		end = h.v[k].offset + h.v[k].len;
	}
	assert_true(end == (i - 1) * step + HOLES_MIN);
	free(h.v);
}

static void
digest(struct sparsedigest *s, const uint64_t *offsets, const char *const *p,
    size_t n, uint64_t size, bool sparse, uint8_t *out)
{
	bool	 is_sparse;
	size_t	 i;

	assert_int_equal(sparsedigest_begin(s), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(sparsedigest_add(s, offsets[i], p[i],
		    strlen(p[i])), 0);
	assert_int_equal(sparsedigest_end(s, size, &is_sparse, out), 0);
	assert_int_equal(is_sparse, sparse);
}

static void
test_digest(void **state)
{
	static const char *const whole[] = { "abcdef" };
	static const char *const parts[] = { "ab", "", "cdef" };
	static const uint64_t	 zero[] = { 0 }, next[] = { 0, 2, 2 },
				 gap[] = { 0, 2, 3 }, late[] = { 1, 3, 3 };
	struct sparsedigest	*s;
	struct digest		*d;
	uint8_t			 plain[ENTRY_DIGEST_LEN], a[ENTRY_DIGEST_LEN],
				 b[ENTRY_DIGEST_LEN], c[ENTRY_DIGEST_LEN],
				 e[ENTRY_DIGEST_LEN];

	(void)state;
	assert_non_null(s = sparsedigest_new());
	assert_non_null(d = digest_new());
	assert_int_equal(digest_begin(d), 0);
	assert_int_equal(digest_add(d, "abcdef", 6), 0);
	assert_int_equal(digest_end(d, plain), 0);
	digest(s, zero, whole, 1, 6, false, a);
	assert_memory_equal(a, plain, sizeof(a));
	digest(s, next, parts, 3, 6, false, a);
	assert_memory_equal(a, plain, sizeof(a));
	/* The same data with a hole between, before and behind. */
	digest(s, gap, parts, 3, 7, true, a);
	digest(s, late, parts, 3, 7, true, b);
	digest(s, next, parts, 3, 7, true, c);
	digest(s, zero, whole, 1, 7, true, e);
	assert_memory_equal(c, e, sizeof(c));
	assert_memory_not_equal(a, plain, sizeof(a));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
	assert_memory_not_equal(b, c, sizeof(b));
	/* All hole: the size counts. */
	digest(s, NULL, NULL, 0, 7, true, a);
	digest(s, NULL, NULL, 0, 8, true, b);
	assert_memory_not_equal(a, b, sizeof(a));
	digest(s, NULL, NULL, 0, 0, false, a);
	digest_free(d);
	sparsedigest_free(s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_files),
		UTIL_TEST(test_pipe),
		UTIL_TEST(test_many),
		UTIL_TEST(test_digest)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
