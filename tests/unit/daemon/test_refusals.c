/*
 * test_refusals.c: the sessions that were refused, as they are remembered.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/refusals.h"

static struct refusals	 refusals;

static void
add(uint32_t uid, const char *role, int64_t when)
{
	struct control_refusal	 r = { .uid = uid, .when = when,
				    .error = EACCES };

	(void)strlcpy(r.role, role, sizeof(r.role));
	(void)strlcpy(r.why, "not a peer", sizeof(r.why));
	refusals_add(&refusals, &r);
}

static void
test_same(void **state)
{
	(void)state;
	memset(&refusals, 0, sizeof(refusals));
	add(1, "a", 1);
	add(1, "b", 2);
	add(2, "a", 3);
	add(1, "a", 4);
	assert_int_equal(refusals.n, 3);
	assert_string_equal(refusals.entries[0].role, "b");
	assert_int_equal(refusals.entries[1].uid, 2);
	assert_int_equal(refusals.entries[2].when, 4);
	assert_true(refusals.entries[2].count == 2);
	assert_true(refusals.entries[0].count == 1);
}

/* One user who asks for any number of roles pushes out nobody else. */
static void
test_full(void **state)
{
	char	 role[32];
	int	 i;

	(void)state;
	memset(&refusals, 0, sizeof(refusals));
	add(1, "other", 1);
	for (i = 0; i < 1000; i++) {
		(void)snprintf(role, sizeof(role), "r%d", i);
		add(2, role, i + 2);
	}
	assert_int_equal(refusals.n, 1 + REFUSALS_PER_UID);
	assert_string_equal(refusals.entries[0].role, "other");
	assert_string_equal(refusals.entries[REFUSALS_PER_UID].role, "r999");
	/* Of many users, the oldest goes. */
	for (i = 0; i < 2 * REFUSALS_MAX; i++)
		add((uint32_t)i + 10, "x", i);
	assert_int_equal(refusals.n, REFUSALS_MAX);
	assert_int_equal(refusals.entries[0].uid, 10 + REFUSALS_MAX);
	assert_int_equal(refusals.entries[REFUSALS_MAX - 1].uid,
	    9 + 2 * REFUSALS_MAX);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
