/*
 * test_policy_random.c: compare decisions, roots and patterns with a reference
 * that is slow and obvious, for random rules, options, paths and objects.
 *
 * TEST_SEED in the environment replaces the seed.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/cursor.h"
#include "policy/decide.h"
#include "policy/effects.h"
#include "policy/glob.h"
#include "policy/longpath.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"
#include "tests/unit/polref.h"
#include "tests/unit/rules.h"

/* The names in paths.  Each part of a pattern matches one of them. */
static const char	*const names[] = { "a", "b", "ab", "a.b", "b.b" };
static const char	*const parts[] = { "a", "b", "ab", "a", "b", "*", "?",
			    "a*", "*b", "[ab]", "[!a]", "**", "a.b", "*.b",
			    "?.b", "*?.b", "**", "*a.b", "a?*", "ab*", "*ab",
			    "a.*b", "a\\.b*", "[a]*\\.b" };
#define NNAMES	(sizeof(names) / sizeof(names[0]))
#define NPARTS	(sizeof(parts) / sizeof(parts[0]))

static struct role *
new_role(void)
{
	struct role	*role;

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	return role;
}

/* A pattern or a path of up to `max' entries of the table. */
static void
random_path(char *buf, size_t size, const char *const *table,
    unsigned int ntable, unsigned int max)
{
	unsigned int	 n = polref_random(max + 1);
	size_t		 len = 0;

	(void)strlcpy(buf, "/", size);
	while (n-- > 0)
		len += (size_t)snprintf(buf + len, size - len, "/%s",
		    table[polref_random(ntable)]);
}

/* The operation in row i of the table: the reference must know each. */
static uint32_t
nth_op(size_t i)
{
	return policy_op(policy_op_name(i));
}

/* A role with rules about READ and LIST; with `all', any rules and options. */
static struct role *
random_role(bool all)
{
	static const uint32_t	 denies[] = { ALL, ALL, ALL, READ, LIST };
	static const uint32_t	 permits[] = { READ, READ, READ, LIST };
	struct role		*role = new_role();
	struct rule_spec	 spec;
	const char		*why;
	char			 pattern[64];
	unsigned int		 n;

	/* Few rules, and sometimes so many that they share keys. */
	n = 1 + polref_random(polref_random(16) == 0 ? 64 : 8);
	memset(&spec, 0, sizeof(spec));
	spec.pattern = pattern;
	spec.file = "/etc/test.conf";
	while (n-- > 0) {
		random_path(pattern, sizeof(pattern), parts, NPARTS, 3);
		spec.action = polref_random(2) == 0 ? POLICY_PERMIT :
		    POLICY_DENY;
		spec.ops = spec.action == POLICY_PERMIT ?
		    permits[polref_random(4)] : denies[polref_random(5)];
		if (all)
			spec.ops = 1 + polref_random(ALL);
		spec.create.exclusive = polref_random(2) == 0;
		assert_int_equal(role_add(role, &spec, &why), 0);
	}
	if (all && polref_random(2) == 0)
		role->options = polref_random(POLICY_OPTION_ALL + 1);
	return role;
}

/* Go up until the place is above path or is it, and then down to path. */
static void
cursor_go(struct policy_cursor *c, const char *path)
{
	size_t	 len, up = polref_random(3);

	for (;;) {
		len = policy_cursor_length(c, policy_cursor_depth(c));
		if (len == 0 || (up == 0 &&
		    strncmp(policy_cursor_path(c), path, len) == 0 &&
		    (path[len] == '/' || path[len] == '\0')))
			break;
		policy_cursor_pop(c);
		if (up > 0)
			up--;
	}
	if (path[1] != '\0' && path[len] == '/')
		assert_int_equal(policy_cursor_descend(c, path + len), 0);
	assert_string_equal(policy_cursor_path(c), path);
}

/*
 * A cursor that moves up and down says what whole paths get, also after
 * another role was put in force in the middle.
 */
static void
test_random_cursor(void **state)
{
	static const uint32_t	 ops[] = { LIST, READ };
	struct role		*first, *role;
	struct policy_cursor	*c;
	char			 path[64];
	size_t			 n;
	int			 i;

	(void)state;
	polref_begin();
	for (n = 0; n < 2000; n++) {
		first = role = random_role(false);
		assert_non_null(c = policy_cursor_new(role, ops, 2));
		for (i = 0; i < 12; i++) {
			random_path(path, sizeof(path), names, NNAMES, 4);
			cursor_go(c, path);
			if (i == 5) {
				role = random_role(false);
				policy_cursor_set_role(c, role);
				role_free(first);
			}
			polref_compare(role, "list", path,
			    polref_decide(role, LIST, path),
			    policy_cursor_decide(c, 0));
			polref_compare(role, "read", path,
			    polref_decide(role, READ, path),
			    policy_cursor_decide(c, 1));
			polref_compare(role, "enter", path,
			    polref_enter(role, path, names, NNAMES),
			    policy_cursor_enter(c, 0));
		}
		policy_cursor_free(c);
		role_free(role);
	}
}

/* Beneath this name, paths are too long to be descended from "/". */
#define DEEP	2100

/* A path with DEEP components before those of another path. */
static void
deepen(char *deep, size_t size, const char *path)
{
	size_t	 i;

	for (i = 0; i < DEEP; i++)
		memcpy(deep + 2 * i, "/d", 2);
	(void)strlcpy(deep + 2 * i, path, size - 2 * i);
}

/*
 * What decides about long paths says of short ones what policy_decide() says,
 * wherever it was before.  What the rules say of a path without them, they say
 * of a long one whose first components a rule's pattern names, too.
 */
static void
test_random_long(void **state)
{
	struct role		*role, *low;
	struct verdict		 v, w;
	struct rule_spec	 spec;
	const char		*why;
	static char		 deep[3 * DEEP], pattern[64 + 8];
	char			 path[64];
	size_t			 n, k;
	uint32_t		 op;
	int			 i;

	(void)state;
	polref_begin();
	for (n = 0; n < 400; n++) {
		role = random_role(true);
		low = new_role();
		for (k = 0; k < role->nrules; k++) {
			role_spec_of(&spec, &role->rules[k]);
			(void)snprintf(pattern, sizeof(pattern), "/d/**%s",
			    strcmp(spec.pattern, "/") == 0 ? "" :
			    spec.pattern);
			spec.pattern = pattern;
			assert_int_equal(role_add(low, &spec, &why), 0);
		}
		for (i = 0; i < 12; i++) {
			random_path(path, sizeof(path), names, NNAMES, 4);
			op = nth_op(polref_random(POLICY_OPS));
			v = policy_decide(role, op, path);
			w = policy_longpath_decide(role, op, path);
			assert_int_equal(v.permit, w.permit);
			assert_int_equal(v.reason, w.reason);
			assert_ptr_equal(v.rule, w.rule);
			/* Short and long paths with the same endings. */
			(void)snprintf(deep, sizeof(deep), "/d/d/d/d/d%s",
			    path);
			v = policy_decide(low, op, deep);
			deepen(deep, sizeof(deep), path);
			w = policy_decide(low, op, deep);
			assert_int_equal(v.reason, w.reason);
			assert_ptr_equal(v.rule, w.rule);
		}
		role_free(role);
		role_free(low);
	}
}

static void
test_random_decisions(void **state)
{
	struct role	*role;
	char		 path[64];
	size_t		 n, permits = 0, count = 0;
	int		 i;

	(void)state;
	polref_begin();
	for (n = 0; n < 2000; n++) {
		role = random_role(false);
		for (i = 0; i < 12; i++, count += 3) {
			random_path(path, sizeof(path), names, NNAMES, 4);
			polref_compare(role, "read", path,
			    polref_decide(role, READ, path),
			    policy_decide(role, READ, path));
			polref_compare(role, "list", path,
			    polref_decide(role, LIST, path),
			    policy_decide(role, LIST, path));
			polref_compare(role, "enter", path,
			    polref_enter(role, path, names, NNAMES),
			    policy_enter(role, path));
			permits += policy_decide(role, READ, path).permit;
		}
		role_free(role);
	}
	print_message("# %zu comparisons\n", count);
	/* The test proves little if nearly all answers are the same. */
	assert_in_range(permits * 100 / (count / 3), 20, 80);
}

/* policy_check() as fdbroker.conf(5) describes it, in the same order. */
static enum policy_reason
ref_check(const struct role *role, uint32_t op, const char *path,
    const struct policy_facts *f, uint32_t peer)
{
	size_t	 rule, special;
	bool	 opens, device, restores;

	rule = op == POLICY_OP_ENTER ? polref_enter(role, path, names, NNAMES) :
	    polref_decide(role, op, path);
	if (rule == 0)
		return POLICY_NO_RULE;
	if (role->rules[rule - 1].action == POLICY_DENY)
		return POLICY_DENIED;
	if (f == NULL)
		return POLICY_PERMITTED;
	opens = op == READ || op == WRITE || op == APPEND;
	device = S_ISFIFO(f->mode) || S_ISCHR(f->mode) || S_ISBLK(f->mode);
	if ((role->options & POLICY_ONE_FILESYSTEM) && f->crossed)
		return POLICY_CROSSED;
	if (op == POLICY_OP_ENTER && !S_ISDIR(f->mode))
		return POLICY_WRONG_TYPE;
	if (op == CREATE && !S_ISREG(f->mode))
		return POLICY_WRONG_TYPE;
	if (op == SPECIAL && !device)
		return POLICY_WRONG_TYPE;
	if ((op == POLICY_OP_LINK && S_ISDIR(f->mode)) ||
	    (op == POLICY_OP_MKDIR && !S_ISDIR(f->mode)) ||
	    (op == POLICY_OP_REPLACE && S_ISDIR(f->mode)) ||
	    (op == POLICY_OP_SYMLINK && (device || S_ISREG(f->mode) ||
	    S_ISDIR(f->mode))))
		return POLICY_WRONG_TYPE;
	restores = (op & POLICY_OPS_RESTORING) != 0;
	if (opens && !S_ISREG(f->mode) && !device)
		return POLICY_WRONG_TYPE;
	if (opens && device) {
		special = polref_decide(role, SPECIAL, path);
		if (special == 0 ||
		    role->rules[special - 1].action == POLICY_DENY)
			return POLICY_NOT_SPECIAL;
	}
	if (op == LIST || op == POLICY_OP_ENTER)
		return POLICY_PERMITTED;
	if ((role->options & POLICY_REGULAR_ONLY) && !restores &&
	    !S_ISREG(f->mode))
		return POLICY_NOT_REGULAR;
	if ((role->options & POLICY_OWNED_BY_PEER) && f->uid != peer)
		return POLICY_NOT_PEERS;
	if ((role->options & POLICY_SINGLE_LINK) && f->nlink > 1 &&
	    !S_ISDIR(f->mode))
		return POLICY_SEVERAL_LINKS;
	if (role->rules[rule - 1].create.exclusive)
		return POLICY_EXISTS;
	rule = polref_decide(role, CREATE, path);
	if ((op == WRITE || op == APPEND || restores) && rule != 0 &&
	    role->rules[rule - 1].action == POLICY_PERMIT &&
	    role->rules[rule - 1].create.exclusive)
		return POLICY_EXISTS;
	return POLICY_PERMITTED;
}

static void
random_facts(struct policy_facts *f)
{
	static const uint32_t	 types[] = { S_IFREG, S_IFREG, S_IFDIR,
				    S_IFLNK, S_IFSOCK, S_IFIFO, S_IFCHR,
				    S_IFBLK };

	f->mode = types[polref_random(8)] | polref_random(01000);
	f->uid = polref_random(2);
	f->gid = polref_random(2);
	f->nlink = polref_random(3);
	f->crossed = polref_random(3) == 0;
}

static void
test_random_checks(void **state)
{
	struct policy_facts	 f, *facts;
	struct verdict		 v;
	struct role		*role;
	enum policy_reason	 expected;
	size_t			 seen[POLICY_REASONS] = { 0 }, n;
	uint32_t		 op;
	char			 path[64];
	int			 i;

	(void)state;
	polref_begin();
	for (n = 0; n < 8000; n++) {
		role = random_role(true);
		for (i = 0; i < 16; i++) {
			random_path(path, sizeof(path), names, NNAMES, 4);
			random_facts(&f);
			facts = polref_random(5) == 0 ? NULL : &f;
			op = polref_random(7) == 0 ? POLICY_OP_ENTER :
			    nth_op(polref_random(POLICY_OPS));
			expected = ref_check(role, op, path, facts, 1);
			v = policy_check(role, op, path, facts, 1);
			if (v.reason != expected ||
			    v.permit != (expected == POLICY_PERMITTED))
				fail_msg("op %#x %s type %#o: %s, the "
				    "reference says %s", op, path, f.mode,
				    policy_reason_name(v.reason),
				    policy_reason_name(expected));
			seen[expected]++;
		}
		role_free(role);
	}
	/* All but five occurred: paths were clean, and no opener was asked. */
	for (i = 0; i < POLICY_REASONS; i++) {
		print_message("# %s: %zu\n", policy_reason_name(i), seen[i]);
		if (i != POLICY_BAD_PATH && i != POLICY_NO_ROOT &&
		    i != POLICY_MISSPELT && i != POLICY_WRONG_OWNER &&
		    i != POLICY_NO_ACCOUNT)
			assert_true(seen[i] > 20);
	}
}

/*
 * Roots.
 */

/* The leading part without a wildcard of a pattern without escapes. */
static void
ref_literal(const char *pattern, char *buf, size_t size)
{
	size_t	 wild = strcspn(pattern, "*?[");
	char	*slash;

	(void)strlcpy(buf, pattern, size);
	if (pattern[wild] == '\0')
		return;
	buf[wild] = '\0';
	slash = strrchr(buf, '/');
	slash[slash == buf ? 1 : 0] = '\0';
}

/* The operations of all permits whose literal parts are at or above path. */
static uint32_t
ref_rights(const struct role *role, const char *path)
{
	const struct rule	*r;
	char			 literal[64];
	uint32_t		 rights = 0;
	size_t			 i;

	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		ref_literal(r->pattern, literal, sizeof(literal));
		if (r->action == POLICY_PERMIT && polref_covers(literal, path))
			rights |= r->ops;
	}
	return rights;
}

/* The rights of the longest root at or above the path. */
static uint32_t
root_rights(const struct policy_root *roots, size_t n, const char *path)
{
	const struct policy_root	*best = NULL;
	size_t				 i;

	for (i = 0; i < n; i++) {
		if (polref_covers(roots[i].path, path) && (best == NULL ||
		    strlen(roots[i].path) > strlen(best->path)))
			best = &roots[i];
	}
	return best != NULL ? best->rights : 0;
}

/* Each root is the literal part of a permit that has one of the rights. */
static void
check_tight(const struct role *role, const struct policy_root *roots, size_t n,
    uint32_t ops)
{
	const struct rule	*r;
	char			 literal[64];
	size_t			 i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < role->nrules; k++) {
			r = &role->rules[k];
			ref_literal(r->pattern, literal, sizeof(literal));
			if (r->action == POLICY_PERMIT &&
			    (r->ops & (ops | SPECIAL)) &&
			    strcmp(literal, roots[i].path) == 0)
				break;
		}
		if (k == role->nrules)
			fail_msg("no rule has the root %s", roots[i].path);
		assert_int_equal(roots[i].rights, ref_rights(role,
		    roots[i].path) & (ops | SPECIAL));
	}
}

static void
check_roots(const struct role *role, uint32_t ops)
{
	struct policy_root	*roots;
	uint32_t		 rights, expected, op;
	char			 path[64];
	size_t			 n, i, k;

	assert_int_equal(policy_roots(role, ops, &roots, &n), 0);
	check_tight(role, roots, n, ops);
	for (i = 0; i < 16; i++) {
		random_path(path, sizeof(path), names, NNAMES, 4);
		rights = root_rights(roots, n, path);
		expected = ref_rights(role, path) & (ops | SPECIAL);
		/* SPECIAL alone makes no root. */
		if (expected == SPECIAL)
			expected = 0;
		if (rights != expected)
			fail_msg("%s: %#x, the rules say %#x", path, rights,
			    expected);
		for (k = 0; k < POLICY_OPS; k++) {
			op = nth_op(k);
			if ((op & ops) && !(rights & op) &&
			    policy_decide(role, op, path).permit)
				fail_msg("%#x of %s is permitted, and no root "
				    "is for it", op, path);
		}
	}
	policy_roots_free(roots, n);
}

static void
test_random_roots(void **state)
{
	struct role	*role;
	size_t		 n;

	(void)state;
	polref_begin();
	for (n = 0; n < 8000; n++) {
		role = random_role(true);
		check_roots(role, POLICY_OPS_READING);
		check_roots(role, POLICY_OPS_WRITING);
		role_free(role);
	}
}

/* The role without rule i. */
static struct role *
role_without(const struct role *role, size_t i)
{
	struct role	*copy = new_role();
	const char	*why;
	size_t		 k;

	for (k = 0; k < role->nrules; k++) {
		if (k != i)
			assert_int_equal(role_add_rule(copy,
			    role->rules[k].action, role->rules[k].ops,
			    role->rules[k].pattern, NULL, "/etc/test.conf", 1,
			    &why), 0);
	}
	return copy;
}

/* Rule i, which is said to have no effect on READ, has none. */
static void
check_needless(const struct role *role, size_t i)
{
	struct role	*without = role_without(role, i);
	char		 path[64];
	size_t		 k;

	for (k = 0; k < 12; k++) {
		random_path(path, sizeof(path), names, NNAMES, 4);
		if (role->rules[i].action == POLICY_PERMIT &&
		    polref_decide(role, READ, path) == i + 1)
			fail_msg("rule %zu decides about %s", i + 1, path);
		if (policy_decide(role, READ, path).permit !=
		    policy_decide(without, READ, path).permit)
			fail_msg("rule %zu matters for %s", i + 1, path);
	}
	role_free(without);
}

static void
test_random_effects(void **state)
{
	struct role	*role;
	struct effects	*effects;
	struct effect	 e;
	size_t		 n, i, needless = 0;

	(void)state;
	polref_begin();
	for (n = 0; n < 3000; n++) {
		role = random_role(false);
		assert_non_null(effects = effects_new(role));
		for (i = 0; i < role->nrules; i++) {
			effects_of(effects, i, &e);
			assert_int_equal(e.ops & ~role->rules[i].ops, 0);
			if (!(role->rules[i].ops & READ) || (e.ops & READ))
				continue;
			needless++;
			check_needless(role, i);
		}
		effects_free(effects);
		role_free(role);
	}
	print_message("# %zu rules without effect\n", needless);
	assert_true(needless > 1000);
}

static void
test_random_globs(void **state)
{
	struct glob	*g;
	char		 pattern[64], path[64];
	const char	*why;
	size_t		 n, covered = 0, count = 0;
	int		 i;

	(void)state;
	polref_begin();
	for (n = 0; n < 2000; n++) {
		random_path(pattern, sizeof(pattern), parts, NPARTS, 4);
		assert_non_null(g = glob_compile(pattern, &why));
		for (i = 0; i < 8; i++, count += 2) {
			random_path(path, sizeof(path), names, NNAMES, 5);
			if (glob_covers(g, path) !=
			    polref_covers(pattern, path))
				fail_msg("%s covers %s", pattern, path);
			if (glob_reaches(g, path) !=
			    polref_reaches(pattern, path, 4, names, NNAMES))
				fail_msg("%s reaches %s", pattern, path);
			covered += glob_covers(g, path);
		}
		glob_free(g);
	}
	print_message("# %zu comparisons\n", count);
	assert_in_range(covered * 100 / (count / 2), 10, 60);
}

/*
 * A walk reaches each path that may be read: every directory above it may be
 * entered, unless some rule denies LIST alone.
 */
static void
test_random_walks(void **state)
{
	struct role	*role;
	char		 path[64], *slash;
	size_t		 n, i;

	(void)state;
	polref_begin();
	for (n = 0; n < 20000; n++) {
		role = random_role(false);
		for (i = 0; i < role->nrules; i++) {
			if (role->rules[i].action == POLICY_DENY &&
			    role->rules[i].ops == LIST)
				break;
		}
		random_path(path, sizeof(path), names, NNAMES, 4);
		if (i < role->nrules || !policy_decide(role, READ, path).permit)
			(void)strlcpy(path, "/", sizeof(path));
		while (path[1] != '\0') {
			slash = strrchr(path, '/');
			slash[slash == path ? 1 : 0] = '\0';
			assert_true(policy_enter(role, path).permit);
		}
		role_free(role);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_decisions),
		cmocka_unit_test(test_random_cursor),
		cmocka_unit_test(test_random_long),
		cmocka_unit_test(test_random_checks),
		cmocka_unit_test(test_random_roots),
		cmocka_unit_test(test_random_effects),
		cmocka_unit_test(test_random_globs),
		cmocka_unit_test(test_random_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
