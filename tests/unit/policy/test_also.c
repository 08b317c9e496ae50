/*
 * test_also.c: a role whose policy was narrowed: two roles must permit, and a
 * cursor decides as policy_decide() and policy_enter() do.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/cursor.h"
#include "policy/decide.h"
#include "tests/unit/rules.h"
#include "tests/unit/util.h"

#define ROUNDS		3000
#define DEPTH		4
#define RULES_MAX	6

static const uint32_t	 ops[] = { READ, LIST };

/* A path of some components, each of three names. */
static void
random_path(char *path, size_t size, bool wild)
{
	static const char *const	 names[] = { "a", "b", "c", "*", "**" };
	uint32_t			 n = 1 + util_random(DEPTH);

	for (path[0] = '\0'; n > 0; n--) {
		(void)strlcat(path, "/", size);
		(void)strlcat(path, names[util_random(wild ? 5 : 3)], size);
	}
}

static struct role *
random_role(void)
{
	struct role	*role = rules_new();
	char		 path[64];
	uint32_t	 n;

	for (n = 1 + util_random(RULES_MAX); n > 0; n--) {
		random_path(path, sizeof(path), true);
		rules_add(role, util_random(3) == 0 ? POLICY_DENY :
		    POLICY_PERMIT, util_random(2) == 0 ? READ : LIST, path);
	}
	return role;
}

/* Both permit, or the first that denies has the verdict. */
static void
check_both(struct verdict both, struct verdict a, struct verdict b)
{
	const struct verdict	*want = !a.permit || b.permit ? &a : &b;

	assert_int_equal(both.permit, want->permit);
	assert_int_equal(both.reason, want->reason);
	assert_ptr_equal(both.rule, want->rule);
}

static void
check_path(struct role *a, struct role *b, struct role *c,
    struct policy_cursor *cur, const char *path)
{
	struct verdict	 va, vb, vc;
	size_t		 i;

	for (i = 0; i < 2; i++) {
		a->also = NULL;
		b->also = NULL;
		va = policy_decide(a, ops[i], path);
		vb = policy_decide(b, ops[i], path);
		vc = policy_decide(c, ops[i], path);
		b->also = c;
		check_both(policy_decide(b, ops[i], path), vb, vc);
		vb = policy_decide(b, ops[i], path);
		a->also = b;
		check_both(policy_decide(a, ops[i], path), va, vb);
		va = policy_decide(a, ops[i], path);
		vb = policy_cursor_decide(cur, i);
		check_both(vb, va, va);
	}
	va = policy_enter(a, path);
	check_both(policy_cursor_enter(cur, 1), va, va);
	check_both(policy_cursor_enter_above(cur, policy_cursor_depth(cur),
	    1), va, va);
}

static void
test_both(void **state)
{
	struct policy_cursor	*cur;
	struct role		*a, *b, *c;
	char			 path[64];
	int			 i, k;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		a = random_role();
		b = random_role();
		c = random_role();
		if (i % 2 == 0) {
			a->also = b;
			b->also = c;
		}
		assert_non_null(cur = policy_cursor_new(a, ops, 2));
		for (k = 0; k < 8; k++) {
			random_path(path, sizeof(path), false);
			assert_int_equal(policy_cursor_descend(cur, path), 0);
			/* Narrowed where the cursor is, at first. */
			if (i % 2 != 0 && k == 0) {
				a->also = b;
				b->also = c;
				policy_cursor_set_role(cur, a);
			}
			check_path(a, b, c, cur, path);
			while (policy_cursor_depth(cur) > 0)
				policy_cursor_pop(cur);
		}
		policy_cursor_free(cur);
		/* It frees those that must permit, too. */
		role_free(a);
	}
}

/* Exclusive is what one of them says is exclusive. */
static void
test_exclusive(void **state)
{
	struct role		*a = rules_new(), *b = rules_new();
	struct rule_spec	 spec;
	struct policy_facts	 facts = { .mode = S_IFREG | 0600, .nlink = 1 };
	const char		*why;

	(void)state;
	rules_add(a, POLICY_PERMIT, APPEND | CREATE, "/a");
	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = APPEND | CREATE;
	spec.pattern = "/a";
	spec.file = "x";
	policy_create_init(&spec.create);
	spec.create.exclusive = true;
	assert_int_equal(role_add(b, &spec, &why), 0);
	assert_true(policy_check(a, APPEND, "/a", &facts, 1).permit);
	a->also = b;
	assert_int_equal(policy_check(a, APPEND, "/a", &facts, 1).reason,
	    POLICY_EXISTS);
	role_free(a);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_both),
		UTIL_TEST(test_exclusive)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
