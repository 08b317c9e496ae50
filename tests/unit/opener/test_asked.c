/*
 * test_asked.c: names that are to be read get the verdicts of policy_decide(),
 * whatever was asked before, and by whatever policy.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "opener/asked.h"
#include "opener/state.h"
#include "policy/role.h"
#include "tests/unit/polref.h"
#include "tests/unit/util.h"

#define ROUNDS	2000

static struct state	 st;

static const char *const	 parts[] = {
	"a", "b", "c", "*", "**", "a*", "*b", "?"
};
#define NNAMES	3	/* the first of them are names, too */
#define NPARTS	(sizeof(parts) / sizeof(parts[0]))

static void
random_path(char *buf, size_t size, unsigned int nparts)
{
	unsigned int	 n = polref_random(5);
	size_t		 len = 0;

	(void)strlcpy(buf, "/", size);
	while (n-- > 0)
		len += (size_t)snprintf(buf + len, size - len, "/%s",
		    parts[polref_random(nparts)]);
}

static struct role *
random_role(void)
{
	static const uint32_t	 ops[] = {
		POLICY_OP_READ, POLICY_OP_READ | POLICY_OP_SPECIAL,
		POLICY_OP_SPECIAL, POLICY_OP_ALL
	};
	struct role		*role;
	const char		*why;
	char			 pattern[64];
	unsigned int		 n = 1 + polref_random(8);

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	while (n-- > 0) {
		random_path(pattern, sizeof(pattern), NPARTS);
		assert_int_equal(role_add_rule(role, polref_random(2) == 0 ?
		    POLICY_PERMIT : POLICY_DENY, ops[polref_random(4)],
		    pattern, NULL, "/etc/test.conf", 1, &why), 0);
	}
	return role;
}

static void
expect_same(const char *path, struct verdict got, struct verdict want)
{
	if (got.permit != want.permit || got.reason != want.reason ||
	    got.rule != want.rule)
		fail_msg("%s: another verdict", path);
}

static void
ask(const char *path)
{
	struct asked_verdicts	 v;

	asked_decide(&st, path, &v);
	assert_int_equal(v.version, st.version);
	expect_same(path, v.read, policy_decide(st.role, POLICY_OP_READ,
	    path));
	expect_same(path, v.special, policy_decide(st.role,
	    POLICY_OP_SPECIAL, path));
}

/* Another role, or one more that must permit. */
static void
change_policy(void)
{
	struct role	*role = random_role();

	if (polref_random(2) == 0) {
		role->also = st.role;
	} else {
		role_free(st.role);
	}
	st.role = role;
	st.version++;
}

static void
test_same(void **state)
{
	char	 path[64];
	int	 i, k;

	(void)state;
	polref_begin();
	for (i = 0; i < ROUNDS; i++) {
		st.role = random_role();
		st.version = 1;
		for (k = 0; k < 24; k++) {
			random_path(path, sizeof(path), NNAMES);
			ask(path);
			if (polref_random(8) == 0)
				change_policy();
		}
		asked_free(&st.asked);
		role_free(st.role);
	}
}

/* Names that are long, or deep, or not clean, whatever came before. */
static void
test_odd(void **state)
{
	static char	 deep[4096], path[64];
	const char	*const odd[] = {
		"/", "/a//b", "/a/", "/a/../b", "/.", "a", "", deep
	};
	size_t		 i, k;

	(void)state;
	polref_begin();
	for (i = 0; i + 2 < sizeof(deep); i += 2)
		(void)strlcpy(deep + i, "/a", sizeof(deep) - i);
	for (i = 0; i < 200; i++) {
		st.role = random_role();
		st.version = 1;
		for (k = 0; k < sizeof(odd) / sizeof(odd[0]); k++) {
			random_path(path, sizeof(path), NNAMES);
			ask(path);
			ask(odd[k]);
			ask(path);
		}
		asked_free(&st.asked);
		role_free(st.role);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_same),
		UTIL_TEST(test_odd)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
