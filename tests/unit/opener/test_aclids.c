/*
 * test_aclids.c: the users and groups in an access control list, as a client
 * sends it.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "opener/aclids.h"

/* u::rwx u:1000:r-x g::r-x g:0x01020304:r-x m::rwx o::--- */
static const uint8_t	 list[] = {
	2, 0, 0, 0,
	0x01, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,
	0x02, 0, 5, 0, 0xe8, 3, 0, 0,
	0x04, 0, 5, 0, 0xff, 0xff, 0xff, 0xff,
	0x08, 0, 5, 0, 4, 3, 2, 1,
	0x10, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,
	0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff
};

static void
test_list(void **state)
{
	struct aclids	 a;
	uint32_t	 id;
	bool		 group;

	(void)state;
	assert_int_equal(aclids_begin(&a, list, sizeof(list)), 0);
	assert_true(aclids_next(&a, &group, &id));
	assert_false(group);
	assert_int_equal(id, 1000);
	assert_true(aclids_next(&a, &group, &id));
	assert_true(group);
	assert_int_equal(id, 0x01020304);
	assert_false(aclids_next(&a, &group, &id));
	assert_false(aclids_next(&a, &group, &id));
	/* Nothing takes a list away; a version alone is an empty one. */
	assert_int_equal(aclids_begin(&a, "", 0), 0);
	assert_false(aclids_next(&a, &group, &id));
	assert_int_equal(aclids_begin(&a, list, 4), 0);
	assert_false(aclids_next(&a, &group, &id));
}

static void
test_faults(void **state)
{
	struct aclids	 a;
	uint8_t		 bad[sizeof(list)];
	size_t		 len, i;

	(void)state;
	for (len = 1; len < sizeof(list); len++) {
		if (len >= 4 && (len - 4) % 8 == 0)
			continue;
		errno = 0;
		assert_int_equal(aclids_begin(&a, list, len), -1);
		assert_int_equal(errno, EINVAL);
	}
	for (i = 0; i < 4; i++) {
		memcpy(bad, list, sizeof(bad));
		bad[i] ^= 1;
		assert_int_equal(aclids_begin(&a, bad, sizeof(bad)), -1);
	}
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_faults)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
