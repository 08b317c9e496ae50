/*
 * test_confine_none.c: lib/confine/confine_none.c: a system without any layer
 * says so, and is refused unless confinement is optional.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/fdbroker.h"
#include "confine/confine.h"
#include "tests/unit/util.h"

static void
test_kinds(void **state)
{
	struct confine	 c;
	unsigned int	 done;
	const char	*layer;
	int		 who;

	(void)state;
	for (who = 0; who < CONFINE_NWHO; who++) {
		memset(&c, 0, sizeof(c));
		c.who = (enum confine_who)who;
		done = UINT32_MAX;
		layer = "";
		assert_int_equal(confine_enter(&c, &done, &layer), -1);
		assert_int_equal(errno, ENOSYS);
		assert_int_equal(done, 0);
		assert_string_equal(layer, "any confinement on this system");
		c.optional = true;
		done = UINT32_MAX;
		assert_int_equal(confine_enter(&c, &done, &layer), 0);
		assert_int_equal(done, 0);
	}
}

static void
test_fdb_confine(void **state)
{
	unsigned int	 done = UINT32_MAX;

	(void)state;
	assert_int_equal(fdb_confine(&done), -1);
	assert_int_equal(errno, ENOSYS);
	assert_int_equal(done, 0);
	assert_int_equal(fdb_confine(NULL), -1);
}

static void
test_words(void **state)
{
	char	 buf[32];

	(void)state;
	confine_warn(CONFINE_LISTENER, FDB_CONFINED_CAPS);
	assert_string_equal(util_logged(),
	    "the listener is not confined at all");
	confine_describe(0, buf, sizeof(buf));
	assert_string_equal(buf, "nothing");
	confine_describe(FDB_CONFINED_CAPS, buf, sizeof(buf));
	assert_string_equal(buf, "privileges dropped");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_kinds),
		UTIL_TEST(test_fdb_confine),
		UTIL_TEST(test_words)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
