/*
 * test_idset.c: sets of numbers of users and groups.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/idset.h"

static void
test_make(void **state)
{
	uint32_t	 ids[] = { 7, UINT32_MAX, 5, 6, 5, 0, 100, 9 };
	uint32_t	 want[] = { 0, 0, 5, 7, 9, 9, 100, 100, UINT32_MAX,
			    UINT32_MAX };
	struct idset	 set, none;

	(void)state;
	assert_int_equal(idset_make(&set, ids, 8), 0);
	assert_int_equal(set.n, 5);
	assert_memory_equal(set.ends, want, sizeof(want));
	assert_int_equal(idset_count(&set), 7);
	assert_true(idset_has(&set, 0));
	assert_true(idset_has(&set, 5) && idset_has(&set, 7));
	assert_true(idset_has(&set, UINT32_MAX));
	assert_false(idset_has(&set, 1) || idset_has(&set, 4));
	assert_false(idset_has(&set, 8) || idset_has(&set, 101));
	assert_int_equal(idset_make(&none, ids, 0), 0);
	assert_false(idset_has(&none, 0));
	assert_false(idset_equal(&set, &none));
	assert_true(idset_equal(&set, &set));
	assert_int_equal(idset_count(&none), 0);
	idset_free(&set);
	assert_int_equal(set.n, 0);
}

/* Random sets, compared with a table. */
static void
test_random(void **state)
{
	static uint32_t	 ids[300];
	static bool	 table[1000];
	struct idset	 set;
	size_t		 i, n, count;
	int		 round;

	(void)state;
	srand(1);
	for (round = 0; round < 300; round++) {
		memset(table, 0, sizeof(table));
		n = (size_t)rand() % 300;
		for (i = count = 0; i < n; i++) {
			ids[i] = (uint32_t)rand() % 1000;
			count += !table[ids[i]];
			table[ids[i]] = true;
		}
		assert_int_equal(idset_make(&set, ids, n), 0);
		assert_int_equal(idset_count(&set), count);
		for (i = 0; i < 1000; i++)
			assert_int_equal(idset_has(&set, (uint32_t)i),
			    table[i]);
		idset_free(&set);
	}
}

static void
test_limit(void **state)
{
	uint32_t	*ids = calloc(IDSET_MAX + 1, sizeof(*ids));
	struct idset	 set;
	size_t		 i;

	(void)state;
	assert_non_null(ids);
	for (i = 0; i <= IDSET_MAX; i++)
		ids[i] = (uint32_t)(2 * i);
	assert_int_equal(idset_make(&set, ids, IDSET_MAX), 0);
	assert_int_equal(set.n, IDSET_MAX);
	idset_free(&set);
	errno = 0;
	assert_int_equal(idset_make(&set, ids, IDSET_MAX + 1), -1);
	assert_int_equal(errno, E2BIG);
	free(ids);
}

static void
refuse(const uint32_t *ends, size_t n)
{
	struct idset	 set;

	errno = 0;
	assert_int_equal(idset_take(&set, ends, n), -1);
	assert_int_equal(errno, EPROTO);
	assert_null(set.ends);
	assert_int_equal(set.n, 0);
}

static void
test_take(void **state)
{
	static const uint32_t	 good[] = { 0, 0, 2, 9, UINT32_MAX,
				    UINT32_MAX };
	static const uint32_t	 back[] = { 5, 4 }, same[] = { 1, 3, 3, 4 };
	static const uint32_t	 touch[] = { 1, 3, 4, 5 };
	static const uint32_t	 order[] = { 7, 8, 1, 2 };
	struct idset		 set;

	(void)state;
	assert_int_equal(idset_take(&set, good, 3), 0);
	assert_true(idset_has(&set, 2) && idset_has(&set, 9));
	assert_false(idset_has(&set, 1));
	idset_free(&set);
	refuse(back, 1);
	refuse(same, 2);
	refuse(touch, 2);
	refuse(order, 2);
	refuse(good, IDSET_MAX + 1);
}

static void
test_wire(void **state)
{
	uint32_t	 ids[] = { 3, 4, 9 };
	uint8_t		 buf[64];
	struct idset	 set, copy;
	struct wire_out	 w;
	struct wire_in	 in;
	size_t		 len;

	(void)state;
	assert_int_equal(idset_make(&set, ids, 3), 0);
	wire_out_init(&w, buf, sizeof(buf));
	idset_put(&w, &set);
	assert_int_equal(wire_put_end(&w), 0);
	assert_int_equal(w.len, idset_size(&set));
	wire_in_init(&in, buf, w.len);
	assert_int_equal(idset_get(&in, &copy), 0);
	assert_int_equal(wire_get_end(&in), 0);
	assert_true(idset_equal(&set, &copy));
	idset_free(&copy);
	/* Whatever is cut off. */
	for (len = 0; len < w.len; len++) {
		wire_in_init(&in, buf, len);
		errno = 0;
		assert_int_equal(idset_get(&in, &copy), -1);
		assert_int_equal(errno, EPROTO);
		assert_null(copy.ends);
	}
	/* Ranges in the wrong order, and more than there can be. */
	buf[sizeof(uint32_t)] = 5;
	wire_in_init(&in, buf, w.len);
	assert_int_equal(idset_get(&in, &copy), -1);
	assert_true(in.failed);
	memset(buf, 0xff, sizeof(uint32_t));
	wire_in_init(&in, buf, w.len);
	assert_int_equal(idset_get(&in, &copy), -1);
	idset_free(&set);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_wire)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
