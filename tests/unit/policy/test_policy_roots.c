/*
 * test_policy_roots.c: what the kernel is told about a role, its roots and
 * capabilities; and rules that have no effect.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rights.h"
#include "policy/decide.h"
#include "policy/effects.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"
#include "tests/unit/rules.h"

/* A root as it must be. */
struct expected {
	const char	*path;
	uint32_t	 rights;
};

static void
check_roots(const struct role *role, uint32_t ops,
    const struct expected *expected)
{
	struct policy_root	*roots;
	size_t			 i, n;

	assert_int_equal(policy_roots(role, ops, &roots, &n), 0);
	for (i = 0; i < n && expected[i].path != NULL; i++) {
		assert_string_equal(roots[i].path, expected[i].path);
		assert_int_equal(roots[i].rights, expected[i].rights);
	}
	assert_int_equal(i, n);
	assert_null(expected[i].path);
	policy_roots_free(roots, n);
}

/* The roots of rules as words, which are for reading only. */
static void
check_reading(const char *const *rules, const struct expected *expected)
{
	struct role	*role = rules_role(rules);
	struct expected	 none = { NULL, 0 };

	check_roots(role, POLICY_OPS_READING, expected);
	check_roots(role, POLICY_OPS_WRITING, &none);
	role_free(role);
}

static char	root_a[] = "/a", root_b[] = "/b", root_top[] = "/",
		root_a_b[] = "/a-b", root_ab[] = "/ab", root_sub[] = "/a/b",
		root_star[] = "/a*/b", root_x[] = "/x";

#define ROOTS(...)	(const struct expected []){ __VA_ARGS__, \
			    { NULL, 0 } }

static void
test_roots(void **state)
{
	(void)state;
	check_reading(RULES("-/a"), ROOTS({ NULL, 0 }));
	check_reading(RULES("+/"), ROOTS({ root_top, READ | LIST }));
	check_reading(RULES("+/b", "+/a/b", "+/a", "-/a"),
	    ROOTS({ root_a, READ | LIST }, { root_b, READ | LIST }));
	/* "-" sorts before "/". */
	check_reading(RULES("+/a/b", "+/a-b", "+/a", "+/ab"),
	    ROOTS({ root_a, READ | LIST }, { root_a_b, READ | LIST },
	    { root_ab, READ | LIST }));
	check_reading(RULES("+/a/b/*.c", "+/a/b", "+/a/b/c/**"),
	    ROOTS({ root_sub, READ | LIST }));
	check_reading(RULES("+/a\\*/b", "+/x/?/y"),
	    ROOTS({ root_star, READ | LIST }, { root_x, READ | LIST }));
	check_reading(RULES("+/a", "+**/b"), ROOTS({ root_top, READ | LIST }));
	check_reading(RULES("+/a", "+/a", "+l/b"),
	    ROOTS({ root_a, READ | LIST }, { root_b, LIST }));
	/* A root beneath another is kept if it has another right. */
	check_reading(RULES("+l/a", "+/a/b", "+/a/b/c"),
	    ROOTS({ root_a, LIST }, { root_sub, READ | LIST }));
	check_reading(RULES("+/a", "+l/a/b"), ROOTS({ root_a, READ | LIST }));
}

static void
test_writing_roots(void **state)
{
	struct role	*role = rules_new();

	(void)state;
	rules_add(role, POLICY_PERMIT, READ, "/");
	rules_add(role, POLICY_PERMIT, APPEND, "/a");
	rules_add(role, POLICY_PERMIT, CREATE, "/a/b/*.log");
	rules_add(role, POLICY_PERMIT, APPEND, "/a/b/c");
	rules_add(role, POLICY_DENY, ALL, "/a/b");
	check_roots(role, POLICY_OPS_READING, ROOTS({ root_top, READ | LIST }));
	/* A root beneath another has the other's rights, too. */
	check_roots(role, POLICY_OPS_WRITING,
	    ROOTS({ root_a, APPEND }, { root_sub, APPEND | CREATE }));
	/* SPECIAL makes no root by itself, but goes with other rights. */
	rules_add(role, POLICY_PERMIT, SPECIAL, "/x");
	check_roots(role, POLICY_OPS_READING,
	    ROOTS({ root_top, READ | LIST },
	    { root_x, READ | LIST | SPECIAL }));
	check_roots(role, POLICY_OPS_WRITING,
	    ROOTS({ root_a, APPEND }, { root_sub, APPEND | CREATE }));
	rules_add(role, POLICY_PERMIT, WRITE | SPECIAL, "/ab");
	check_roots(role, POLICY_OPS_WRITING, ROOTS({ root_a, APPEND },
	    { root_sub, APPEND | CREATE }, { root_ab, WRITE | SPECIAL }));
	role_free(role);

	/* A root that may be on another file system is kept. */
	role = rules_role(RULES("+/", "+/a", "+/a/b", "+/a"));
	role->options = POLICY_ONE_FILESYSTEM;
	check_roots(role, POLICY_OPS_READING, ROOTS({ root_top, READ | LIST },
	    { root_a, READ | LIST }, { root_sub, READ | LIST }));
	role_free(role);
}

/* Whatever ends with "d" is a directory. */
static bool
ends_with_d(void *arg, const char *path)
{
	(void)arg;
	return path[strlen(path) - 1] == 'd';
}

static void
check_count(const struct role *role, uint32_t ops, size_t directories,
    size_t names)
{
	struct policy_root	*roots;
	size_t			 n, d, m;

	assert_int_equal(policy_roots(role, ops, &roots, &n), 0);
	assert_int_equal(policy_roots_count(roots, n, ends_with_d, NULL, &d,
	    &m), 0);
	policy_roots_free(roots, n);
	assert_int_equal(d, directories);
	assert_int_equal(m, names);
}

/* Files share their directory if they have the same rights there. */
static void
test_count(void **state)
{
	struct role	*role = rules_new();

	(void)state;
	check_count(role, POLICY_OPS_READING, 0, 0);
	rules_add(role, POLICY_PERMIT, READ, "/d/a");
	rules_add(role, POLICY_PERMIT, READ, "/d/b");
	/* This one sorts between them. */
	rules_add(role, POLICY_PERMIT, READ, "/d/a/c");
	rules_add(role, POLICY_PERMIT, READ, "/a");
	rules_add(role, POLICY_PERMIT, READ, "/b");
	check_count(role, POLICY_OPS_READING, 2, 4);
	rules_add(role, POLICY_PERMIT, LIST, "/d/c");
	rules_add(role, POLICY_PERMIT, READ | SPECIAL, "/d/e");
	check_count(role, POLICY_OPS_READING, 4, 6);
	/* A directory is held for all that is beneath it, and by itself. */
	rules_add(role, POLICY_PERMIT, READ, "/d/d");
	check_count(role, POLICY_OPS_READING, 5, 6);
	rules_add(role, POLICY_PERMIT, APPEND, "/d/a");
	rules_add(role, POLICY_PERMIT, APPEND, "/d/b");
	check_count(role, POLICY_OPS_WRITING, 1, 2);
	/* A file that may be created counts, too. */
	rules_add(role, POLICY_PERMIT, APPEND | CREATE, "/d/new");
	rules_add(role, POLICY_PERMIT, APPEND | CREATE, "/d/other");
	check_count(role, POLICY_OPS_WRITING, 2, 4);
	check_count(role, POLICY_OPS_READING, 5, 6);
	/* All of it is beneath one that has all rights. */
	rules_add(role, POLICY_PERMIT, READ | SPECIAL, "/d");
	check_count(role, POLICY_OPS_READING, 2, 2);
	rules_add(role, POLICY_PERMIT, READ | SPECIAL, "/");
	check_count(role, POLICY_OPS_READING, 1, 0);
	role_free(role);
}

static void
test_held(void **state)
{
	static char		 top[] = "/", in_top[] = "/a", deep[] = "/a/b";
	struct policy_root	 r = { top, READ, false };

	(void)state;
	assert_int_equal(policy_root_held(&r, true), 1);
	r.path = in_top;
	assert_int_equal(policy_root_held(&r, true), 2);
	assert_int_equal(policy_root_held(&r, false), 1);
	r.path = deep;
	assert_int_equal(policy_root_held(&r, true), 4);
	assert_int_equal(policy_root_held(&r, false), 2);
	r.rights = APPEND | CREATE;
	assert_int_equal(policy_root_held(&r, false), 2);
}

static void
test_caps(void **state)
{
	struct role	*role = rules_new();

	(void)state;
	assert_int_equal(policy_caps(role), 0);
	rules_add(role, POLICY_DENY, ALL, "/");
	rules_add(role, POLICY_PERMIT, SPECIAL, "/");
	assert_int_equal(policy_caps(role), 0);
	rules_add(role, POLICY_PERMIT, LIST, "/");
	assert_int_equal(policy_caps(role), RIGHTS_CAP_DAC_READ_SEARCH);
	rules_add(role, POLICY_PERMIT, READ, "/");
	assert_int_equal(policy_caps(role), RIGHTS_CAP_DAC_READ_SEARCH);
	rules_add(role, POLICY_PERMIT, APPEND, "/a");
	assert_int_equal(policy_caps(role), RIGHTS_CAP_DAC_OVERRIDE);
	rules_add(role, POLICY_PERMIT, WRITE, "/a");
	assert_int_equal(policy_caps(role), RIGHTS_CAP_DAC_OVERRIDE);
	rules_add(role, POLICY_PERMIT, CREATE, "/a");
	assert_int_equal(policy_caps(role), RIGHTS_CAP_DAC_OVERRIDE |
	    RIGHTS_CAP_CHOWN);
	assert_non_null(role->as_user = strdup("ann"));
	assert_int_equal(policy_caps(role), 0);
	role_free(role);
}

/* What restoring needs: to choose owners, and special, are apart. */
static void
test_restoring_caps(void **state)
{
	struct role		*role = rules_new();
	struct rule_spec	 spec = {
		.action = POLICY_PERMIT, .ops = POLICY_OP_SETMETA,
		.pattern = "/a", .file = "/f", .line = 1
	};
	const char		*why;
	uint32_t		 caps = RIGHTS_CAP_DAC_OVERRIDE;

	(void)state;
	rules_add(role, POLICY_PERMIT, POLICY_OP_REPLACE | POLICY_OP_REMOVE |
	    POLICY_OP_LINK, "/a");
	assert_int_equal(policy_caps(role), caps);
	policy_create_init(&spec.create);
	assert_int_equal(role_add(role, &spec, &why), 0);
	caps |= RIGHTS_CAP_FOWNER;
	assert_int_equal(policy_caps(role), caps);
	spec.create.choice = POLICY_CHOICE_NAMED;
	assert_int_equal(role_add(role, &spec, &why), 0);
	caps |= RIGHTS_CAP_CHOWN;
	assert_int_equal(policy_caps(role), caps);
	spec.create.choice = POLICY_CHOICE_ANY;
	assert_int_equal(role_add(role, &spec, &why), 0);
	assert_int_equal(policy_caps(role), caps);
	/* Wherever special is permitted. */
	rules_add(role, POLICY_PERMIT, SPECIAL, "/b");
	caps |= RIGHTS_CAP_FSETID | RIGHTS_CAP_MKNOD | RIGHTS_CAP_SETFCAP;
	assert_int_equal(policy_caps(role), caps);
	assert_int_equal(policy_ops_of(role), POLICY_OP_REPLACE |
	    POLICY_OP_REMOVE | POLICY_OP_LINK | POLICY_OP_SETMETA | SPECIAL);
	role_free(role);
}

/* Compare two roles, in both orders. */
static bool
equal(const struct role *a, const struct role *b)
{
	bool	 result = policy_roots_equal(a, b);

	assert_int_equal(policy_roots_equal(b, a), result);
	return result;
}

/* Which roles a running opener can take over, and which it cannot. */
static void
test_equal(void **state)
{
	struct role	*a = rules_new(), *b = rules_new();

	(void)state;
	assert_true(equal(a, a));
	assert_true(equal(a, b));
	rules_add(a, POLICY_PERMIT, READ, "/a");
	assert_false(equal(a, b));
	rules_add(b, POLICY_PERMIT, READ, "/b");
	assert_false(equal(a, b));
	/* Two roots are not one of them, and their order does not matter. */
	rules_add(b, POLICY_PERMIT, READ, "/a");
	assert_false(equal(a, b));
	rules_add(a, POLICY_PERMIT, READ, "/b");
	assert_true(equal(a, b));
	/* Rules beneath the same roots may differ. */
	rules_add(b, POLICY_DENY, ALL, "/a/secret");
	rules_add(b, POLICY_PERMIT, READ, "/a/secret/*.txt");
	assert_true(equal(a, b));
	/* The same paths with another right, and roots for writing. */
	rules_add(a, POLICY_PERMIT, SPECIAL, "/a");
	assert_false(equal(a, b));
	rules_add(b, POLICY_PERMIT, SPECIAL, "/a");
	assert_true(equal(a, b));
	rules_add(a, POLICY_PERMIT, WRITE, "/a");
	assert_false(equal(a, b));
	rules_add(b, POLICY_PERMIT, APPEND, "/a");
	assert_false(equal(a, b));
	rules_add(a, POLICY_PERMIT, APPEND, "/a");
	rules_add(b, POLICY_PERMIT, WRITE, "/a");
	assert_true(equal(a, b));
	/* The same roots with other capabilities. */
	assert_non_null(a->as_user = strdup("ann"));
	assert_false(equal(a, b));
	role_free(a);
	role_free(b);
}

/*
 * Which options are fixed when the roots are mounted.  An option that is added
 * is added here, too: read mount_flags() in opener/roots.c first.
 */
static void
test_options_of_mounts(void **state)
{
	static const struct {
		const char	*name;
		bool		 mounts;
	} expected[] = {
		{ "follow",		true },
		{ "noatime",		true },
		{ "one-filesystem",	true },
		{ "owned-by-peer",	false },
		{ "regular-only",	false },
		{ "single-link",	false }
	};
	struct role	*a = rules_role(RULES("+/a"));
	struct role	*b = rules_role(RULES("+/a"));
	const char	*name;
	uint32_t	 bit;
	size_t		 i;

	(void)state;
	for (i = 0; (name = policy_option_name(i)) != NULL; i++) {
		assert_in_range(i, 0, sizeof(expected) /
		    sizeof(expected[0]) - 1);
		assert_string_equal(name, expected[i].name);
		bit = policy_option(name);
		assert_int_equal((policy_options_of_mounts() & bit) != 0,
		    expected[i].mounts);
		b->options = bit;
		assert_int_equal(equal(a, b), !expected[i].mounts);
	}
	assert_int_equal(i, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(policy_options_of_mounts() & ~POLICY_OPTION_ALL, 0);
	role_free(a);
	role_free(b);
}

/* The number of a rule of the role, from 1; 0: it is NULL. */
static size_t
number(const struct role *role, const struct rule *r)
{
	return r == NULL ? 0 : (size_t)(r - role->rules) + 1;
}

/* Compare the later rule that takes all operations from rule i. */
static void
check_shadow(const char *const *rules, size_t i, size_t expected)
{
	struct role	*role = rules_role(rules);
	struct effects	*effects = effects_new(role);
	struct effect	 e;
	size_t		 by;

	assert_non_null(effects);
	effects_of(effects, i - 1, &e);
	by = e.ops & READ ? 0 : number(role, e.covered_by);
	if (by != expected)
		fail_msg("%s: by rule %zu, expected %zu", rules[i - 1], by,
		    expected);
	effects_free(effects);
	role_free(role);
}

static void
test_shadows(void **state)
{
	(void)state;
	check_shadow(RULES("+/a", "+/b"), 1, 0);
	check_shadow(RULES("+/a", "+/a/b"), 1, 0);
	check_shadow(RULES("+/a", "+/a"), 1, 2);
	check_shadow(RULES("+/a", "+/a"), 2, 0);
	check_shadow(RULES("+/a/b", "+/a"), 1, 2);
	check_shadow(RULES("+/a/b", "+l/a"), 1, 0);
	check_shadow(RULES("+/a", "-/a/*/b", "+/a"), 2, 3);
	check_shadow(RULES("+/a/*", "-/a/*"), 1, 2);
	check_shadow(RULES("+/a/*", "+/a/*"), 1, 2);
	check_shadow(RULES("+/a/b", "+/a/**"), 1, 2);
	check_shadow(RULES("+/a/*", "+/a/**"), 1, 2);
	check_shadow(RULES("+/a", "+/a/**"), 1, 0);
	check_shadow(RULES("+/a/b/*", "+/a/*/**"), 1, 0);
	/* A later rule denies a directory above... */
	check_shadow(RULES("+/home/bob/.ssh/x", "-/home/*/.ssh"), 1, 2);
	check_shadow(RULES("+/home/bob/.ssh", "-/home/*/.ssh"), 1, 2);
	check_shadow(RULES("-/home/bob/.ssh/?", "-/home/*/.ssh"), 1, 2);
	/* ... but a third rule may overrule it. */
	check_shadow(RULES("+/home/bob/.ssh/x", "-/home/*/.ssh",
	    "+/home/bob/.ss[h]"), 1, 0);
	check_shadow(RULES("+/home/*/.ssh", "-/home/bob/.ssh"), 1, 0);
}

/*
 * Does the deny, rule i, deny anything?  If not, which later rule permits
 * something there?
 */
static void
check_deny(const char *const *rules, size_t i, bool expected, size_t permit)
{
	struct role	*role = rules_role(rules);
	struct effects	*effects = effects_new(role);
	struct effect	 e;

	assert_non_null(effects);
	effects_of(effects, i - 1, &e);
	if ((e.ops != 0) != expected)
		fail_msg("%s: effect in %#x", rules[i - 1], e.ops);
	if (!expected && number(role, e.permit) != permit)
		fail_msg("%s: rule %zu permits, expected %zu", rules[i - 1],
		    number(role, e.permit), permit);
	effects_free(effects);
	role_free(role);
}

static void
test_denies(void **state)
{
	(void)state;
	check_deny(RULES("+/a", "-/a/b"), 2, true, 0);
	check_deny(RULES("-/a/b", "+/a"), 1, false, 2);
	check_deny(RULES("-/a/b", "+/a", "+/a/b/c"), 1, false, 3);
	check_deny(RULES("+/a", "-/b"), 2, false, 0);
	check_deny(RULES("+/ab", "-/a"), 2, false, 0);
	check_deny(RULES("+/a-b", "+/a/c", "-/a"), 3, true, 0);
	check_deny(RULES("+/a/b", "-/a"), 2, true, 0);
	check_deny(RULES("+/", "-/a"), 2, true, 0);
	check_deny(RULES("+/a", "-/"), 2, true, 0);
	/* A denied directory denies what is beneath it. */
	check_deny(RULES("+/home/bob/.ssh/key", "-/home/*/.ssh"), 2, true, 0);
	check_deny(RULES("+/home/bob", "-/home/*/.ssh"), 2, true, 0);
	check_deny(RULES("+/home/bob/x", "-/home/*/.ssh"), 2, false, 0);
	check_deny(RULES("+/home/*/x", "-/home/bob/y"), 2, false, 0);
	check_deny(RULES("+/home/*/x", "-/home/bob"), 2, true, 0);
	check_deny(RULES("+/srv/*.c", "-**/core"), 2, true, 0);
	/* Another operation is permitted. */
	check_deny(RULES("+l/a", "-r/a/b"), 2, false, 0);
}

/* What was a directory when the configuration was read is noted as one. */
static void
test_was_directory(void **state)
{
	struct role		*role = rules_new();
	struct rule_spec	 spec;
	struct policy_root	*roots;
	const char		*why;
	size_t			 n;

	(void)state;
	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = READ;
	spec.file = "/etc/test.conf";
	spec.pattern = "/a";
	spec.directory = true;
	assert_int_equal(role_add(role, &spec, &why), 0);
	spec.pattern = "/b";
	spec.directory = false;
	assert_int_equal(role_add(role, &spec, &why), 0);
	/* One of the rules for a path is enough. */
	spec.pattern = "/a";
	assert_int_equal(role_add(role, &spec, &why), 0);
	assert_int_equal(policy_roots(role, POLICY_OPS_READING, &roots, &n),
	    0);
	assert_int_equal(n, 2);
	assert_true(roots[0].directory);
	assert_false(roots[1].directory);
	policy_roots_free(roots, n);
	role_free(role);
}

/* Do the rules treat everything beneath /a alike? */
static bool
is_alike(const char *const *rules)
{
	struct role	*role = rules_role(rules);
	bool		 alike = policy_roots_alike(role, "/a");

	role_free(role);
	return alike;
}

static void
test_alike(void **state)
{
	(void)state;
	assert_true(is_alike(RULES("+/a")));
	assert_true(is_alike(RULES("+/a", "-/a", "+/", "-/b", "-/b/*",
	    "-/ab")));
	assert_false(is_alike(RULES("+/a", "-/a/b")));
	assert_false(is_alike(RULES("+/a", "+/a/b")));
	assert_false(is_alike(RULES("+/a", "-/a/*")));
	assert_false(is_alike(RULES("+/a/*")));
	assert_false(is_alike(RULES("+/a/**")));
	assert_false(is_alike(RULES("+/a", "-/**/x")));
	assert_false(is_alike(RULES("+/a", "-/*/x")));
	/* The root of a rule for a file is its directory. */
	assert_false(is_alike(RULES("+/a/file")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_was_directory),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_writing_roots),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_restoring_caps),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_options_of_mounts),
		cmocka_unit_test(test_shadows),
		cmocka_unit_test(test_denies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
