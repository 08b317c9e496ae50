/*
 * test_folded.c: where the spelling of a path does not matter, the rules decide
 * the same about each spelling of it.
 */

#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy/folded.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/polref.h"
#include "tests/unit/rules.h"

static const char *const	 srv[] = { "/srv" };

static bool
matters(const struct role *role, const char *path, bool list)
{
	struct role	*folded = policy_folded_new(role, srv, 1);
	bool		 yes;

	assert_non_null(folded);
	yes = policy_folded_matters(folded, path, list);
	role_free(folded);
	return yes;
}

static void
test_matters(void **state)
{
	struct role	*role = rules_role(RULES("+/srv", "-/srv/D/Secret",
			    "-/srv/home/*/.ssh", "-/srv/**/*.key"));

	(void)state;
	assert_false(matters(role, "/srv/data/file", false));
	assert_false(matters(role, "/srv/D/other", false));
	assert_true(matters(role, "/srv/D/Secret", false));
	assert_true(matters(role, "/srv/d/SECRET/file", false));
	assert_true(matters(role, "/srv/home/ann/.SSH/id", false));
	assert_false(matters(role, "/srv/home/ann/ssh", false));
	assert_true(matters(role, "/srv/x/A.KEY", false));
	assert_true(matters(role, "/srv/a.Key/b", false));
	/* Other characters may be folded to these. */
	assert_true(matters(role, "/srv/data/\xc5\xbf", false));
	/* A directory above a rule may be listed because of the rule. */
	assert_false(matters(role, "/srv/d", false));
	assert_true(matters(role, "/srv/d", true));
	role_free(role);
	/* Rules for what is at or above the directory are for all of it. */
	role = rules_role(RULES("+/srv", "+/", "-/other/*"));
	assert_false(matters(role, "/srv/a", false));
	assert_false(matters(role, "/srv/a", true));
	role_free(role);
}

/* Patterns whose folded form may not cover all of it. */
static void
test_cannot(void **state)
{
	static const char *const	 patterns[] = {
		"-/srv/a?", "-/srv/[a-c]", "-/srv/*/[!A]", "-/srv/\xc3\xa9"
	};
	struct role			*role;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		role = rules_role(RULES("+/srv", patterns[i]));
		assert_null(policy_folded_new(role, srv, 1));
		assert_int_equal(errno, ENOTSUP);
		role_free(role);
	}
	/* Elsewhere they do no harm. */
	role = rules_role(RULES("+/srv", "-/other/a?"));
	assert_false(matters(role, "/srv/a", false));
	role_free(role);
}

static const char *const	 parts[] = {
	"a", "A", "b", "B", "a.k", "A.K", "b.K", "*", "**", "*.k", "*.K",
	"a*", "B*", "*a*"
};
#define NNAMES	7
#define NPARTS	(sizeof(parts) / sizeof(parts[0]))

static void
random_path(char *path, size_t size, uint32_t n)
{
	uint32_t	 i, depth = 1 + polref_random(3);

	(void)strlcpy(path, "/srv", size);
	for (i = 0; i < depth; i++) {
		(void)strlcat(path, "/", size);
		(void)strlcat(path, parts[polref_random(n)], size);
	}
}

/* Flip the case of some letters beneath /srv. */
static void
respell(char *path)
{
	size_t	 i;

	for (i = 5; path[i] != '\0'; i++)
		if (polref_random(2) == 0)
			path[i] = (char)(isupper((unsigned char)path[i]) ?
			    tolower((unsigned char)path[i]) :
			    toupper((unsigned char)path[i]));
}

static void
compare(const struct role *role, const struct role *folded)
{
	static const uint32_t	 ops[] = {
		POLICY_OP_READ, POLICY_OP_WRITE, POLICY_OP_CREATE
	};
	char			 path[64], other[64];
	size_t			 i;

	random_path(path, sizeof(path), NNAMES);
	(void)strlcpy(other, path, sizeof(other));
	respell(other);
	if (!policy_folded_matters(folded, path, false)) {
		assert_false(policy_folded_matters(folded, other, false));
		for (i = 0; i < 3; i++)
			assert_ptr_equal(policy_decide(role, ops[i],
			    path).rule, policy_decide(role, ops[i],
			    other).rule);
	}
	if (!policy_folded_matters(folded, path, true)) {
		assert_ptr_equal(policy_decide(role, POLICY_OP_LIST,
		    path).rule, policy_decide(role, POLICY_OP_LIST,
		    other).rule);
		assert_ptr_equal(policy_enter(role, path).rule,
		    policy_enter(role, other).rule);
	}
}

static void
test_random(void **state)
{
	struct role	*role, *folded;
	char		 pattern[64];
	size_t		 n, i, k, free_ones = 0;

	(void)state;
	polref_begin();
	for (n = 0; n < 4000; n++) {
		role = rules_new();
		rules_add(role, POLICY_PERMIT, POLICY_OP_ALL, "/srv");
		k = 1 + polref_random(4);
		for (i = 0; i < k; i++) {
			random_path(pattern, sizeof(pattern), NPARTS);
			rules_add(role, polref_random(2) == 0 ? POLICY_DENY :
			    POLICY_PERMIT, 1 + polref_random(POLICY_OP_ALL),
			    pattern);
		}
		assert_non_null(folded = policy_folded_new(role, srv, 1));
		for (i = 0; i < 20; i++)
			compare(role, folded);
		free_ones += !policy_folded_matters(folded, "/srv/c", false);
		role_free(folded);
		role_free(role);
	}
	/* It would prove little if all spellings mattered. */
	assert_true(free_ones > 1000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matters),
		cmocka_unit_test(test_cannot),
		cmocka_unit_test(test_random)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
