/*
 * test_idmap.c: when an id stands for nobody in particular.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/idmap.h"
#include "tests/unit/util.h"

static void
expect(const char *map, uint32_t id)
{
	uint32_t	 got = 0;

	if (idmap_parse(map, "65534\n", &got) == -1)
		fail_msg("not understood: %s", map);
	assert_int_equal(got, id);
}

static void
test_parse(void **state)
{
	uint32_t	 id;

	(void)state;
	/* All ids: at once, in parts, shifted. */
	expect("         0          0 4294967295\n", UINT32_MAX);
	expect("0 0 1000\n1000 1000 4294966295\n", UINT32_MAX);
	expect("0 100 4294967295\n", UINT32_MAX);
	/* One too few; a container; one user; nobody. */
	expect("0 0 4294967294\n", 65534);
	expect("0 100000 65536\n", 65534);
	expect("0 1000 1\n", 65534);
	expect("", 65534);
	assert_int_equal(idmap_parse("0 0 1\n", "17", &id), 0);
	assert_int_equal(id, 17);
	assert_int_equal(idmap_parse("0 0 1\n", "", &id), -1);
	assert_int_equal(idmap_parse("0 0\n", "65534\n", &id), -1);
	assert_int_equal(idmap_parse("0 0 1", "65534\n", &id), -1);
	assert_int_equal(idmap_parse("0 0 1 1\n", "65534\n", &id), -1);
	assert_int_equal(idmap_parse("x 0 1\n", "65534\n", &id), -1);
	assert_int_equal(idmap_parse("0 0 99999999999\n", "65534\n", &id),
	    -1);
}

static void
test_read(void **state)
{
	struct idmap	 im;

	(void)state;
	im.nobody_uid = im.nobody_gid = 1;
	assert_int_equal(idmap_read(&im), 0);
	assert_int_not_equal(im.nobody_uid, 1);
	assert_int_not_equal(im.nobody_gid, 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_parse),
		UTIL_TEST(test_read)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
