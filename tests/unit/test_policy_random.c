/*
 * test_policy_random.c: decisions and patterns compared, on random rules and
 * paths of few names, with a reference that is slow and obvious.
 *
 * TEST_SEED in the environment replaces the seed.
 */

#include "config.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "glob.h"
#include "policy.h"

#define R	POLICY_OP_READ
#define L	POLICY_OP_LIST
#define ALL	POLICY_OP_ALL

static struct role *
new_role(void)
{
	struct role	*role;

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	return role;
}

static void
add(struct role *role, enum policy_action action, uint32_t ops,
    const char *pattern)
{
	const char	*what;

	if (role_add_rule(role, action, ops, pattern, NULL, "/etc/test.conf",
	    (int)role->nrules + 2, &what) == -1)
		fail_msg("\"%s\": %s", pattern, what);
}

#define REF_DEPTH	12

static uint64_t random_state;

static unsigned int
random_below(unsigned int n)
{
	random_state = random_state * 6364136223846793005U +
	    1442695040888963407U;
	return (unsigned int)(random_state >> 33) % n;
}

struct parts {
	char	 text[64];
	char	*part[REF_DEPTH];
	size_t	 n;
};

static void
parts_of(struct parts *ps, const char *path)
{
	char	*p;

	ps->n = 0;
	if (strlcpy(ps->text, path, sizeof(ps->text)) >= sizeof(ps->text))
		abort();
	for (p = strtok(ps->text, "/"); p != NULL; p = strtok(NULL, "/"))
		ps->part[ps->n++] = p;
}

static bool
ref_match(const struct parts *g, size_t i, const struct parts *p, size_t k)
{
	if (i == g->n)
		return k == p->n;
	if (strcmp(g->part[i], "**") == 0) {
		/* It ends here, or takes one more; the last takes one. */
		if (i + 1 < g->n && ref_match(g, i + 1, p, k))
			return true;
		return k < p->n && (ref_match(g, i, p, k + 1) ||
		    (i + 1 == g->n && k + 1 == p->n));
	}
	return k < p->n && fnmatch(g->part[i], p->part[k], 0) == 0 &&
	    ref_match(g, i + 1, p, k + 1);
}

static bool
ref_covers(const char *pattern, const char *path)
{
	struct parts	 g, p;
	size_t		 len;

	if (strpbrk(pattern, "*?[") == NULL) {
		len = strlen(pattern);
		return len == 1 || (strncmp(pattern, path, len) == 0 &&
		    (path[len] == '/' || path[len] == '\0'));
	}
	parts_of(&g, pattern);
	parts_of(&p, path);
	return ref_match(&g, 0, &p, 0);
}

/* Every name that is tried; every part of a pattern matches one of them. */
static const char	*const names[] = { "a", "b", "ab" };
static const char	*const parts[] = { "a", "b", "ab", "a", "b", "*", "?",
			    "a*", "*b", "[ab]", "[!a]", "**" };
#define NNAMES	(sizeof(names) / sizeof(names[0]))
#define NPARTS	(sizeof(parts) / sizeof(parts[0]))

/* Does the pattern cover any path beneath, up to so many levels? */
static bool
ref_reaches(const char *pattern, const char *path, int levels)
{
	char	 child[64];
	size_t	 i;

	if (levels == 0)
		return false;
	for (i = 0; i < NNAMES; i++) {
		(void)snprintf(child, sizeof(child), "%s/%s",
		    path[1] == '\0' ? "" : path, names[i]);
		if (ref_covers(pattern, child) ||
		    ref_reaches(pattern, child, levels - 1))
			return true;
	}
	return false;
}

/* The last rule that covers the path, from 1, or 0. */
static size_t
ref_last(const struct role *role, uint32_t op, const char *path)
{
	size_t	 i;

	for (i = role->nrules; i > 0; i--) {
		if ((role->rules[i - 1].ops & op) &&
		    ref_covers(role->rules[i - 1].pattern, path))
			break;
	}
	return i;
}

/* The deciding rule, from 1, or 0. */
static size_t
ref_decide(const struct role *role, uint32_t op, const char *path)
{
	char	 above[64];
	size_t	 i, answer = ref_last(role, op, path);
	char	*slash;

	(void)snprintf(above, sizeof(above), "%s", path);
	while (above[1] != '\0') {
		slash = strrchr(above, '/');
		slash[slash == above ? 1 : 0] = '\0';
		i = ref_last(role, op, above);
		if (i > answer && role->rules[i - 1].action == POLICY_DENY)
			answer = i;
	}
	return answer;
}

static size_t
ref_enter(const struct role *role, const char *path)
{
	const struct rule	*r;
	size_t			 i, answer = ref_decide(role, L, path);

	for (i = role->nrules; i > answer; i--) {
		r = &role->rules[i - 1];
		if (r->action == POLICY_PERMIT && (r->ops & L) &&
		    ref_reaches(r->pattern, path, 3))
			return i;
	}
	return answer;
}

/* A pattern of up to three parts, a path of up to four names. */
static void
random_path(char *buf, size_t size, const char *const *table,
    unsigned int ntable, unsigned int max)
{
	unsigned int	 n = random_below(max + 1);
	size_t		 len = 0;

	(void)strlcpy(buf, "/", size);
	while (n-- > 0)
		len += (size_t)snprintf(buf + len, size - len, "/%s",
		    table[random_below(ntable)]);
}

static struct role *
random_role(void)
{
	static const uint32_t	 denies[] = { ALL, ALL, ALL, R, L };
	static const uint32_t	 permits[] = { R, R, R, L };
	struct role		*role = new_role();
	char			 pattern[64];
	unsigned int		 n = 1 + random_below(8);

	while (n-- > 0) {
		random_path(pattern, sizeof(pattern), parts, NPARTS, 3);
		if (random_below(2) == 0)
			add(role, POLICY_PERMIT, permits[random_below(4)],
			    pattern);
		else
			add(role, POLICY_DENY, denies[random_below(5)],
			    pattern);
	}
	return role;
}

static void
compare(const struct role *role, const char *what, const char *path,
    size_t expected, struct verdict v)
{
	size_t	 i, rule;
	bool	 permit;

	rule = v.rule == NULL ? 0 : (size_t)(v.rule - role->rules) + 1;
	permit = expected != 0 &&
	    role->rules[expected - 1].action == POLICY_PERMIT;
	if (rule == expected && v.permit == permit)
		return;
	for (i = 0; i < role->nrules; i++)
		print_error("%zu: %s %#x %s\n", i + 1,
		    role->rules[i].action == POLICY_PERMIT ? "permit" : "deny",
		    role->rules[i].ops, role->rules[i].pattern);
	fail_msg("%s %s: %s by rule %zu, the reference says %s by %zu", what,
	    path, v.permit ? "permit" : "deny", rule,
	    permit ? "permit" : "deny", expected);
}

static void
random_begin(void)
{
	const char	*seed = getenv("TEST_SEED");

	random_state = seed != NULL ? strtoull(seed, NULL, 0) : 20260101;
	print_message("# TEST_SEED=%llu\n", (unsigned long long)random_state);
}

static void
test_random_decisions(void **state)
{
	struct role	*role;
	char		 path[64];
	size_t		 n, permits = 0, count = 0;
	int		 i;

	(void)state;
	random_begin();
	for (n = 0; n < 6000; n++) {
		role = random_role();
		for (i = 0; i < 12; i++, count += 3) {
			random_path(path, sizeof(path), names, NNAMES, 4);
			compare(role, "read", path, ref_decide(role, R, path),
			    policy_decide(role, R, path));
			compare(role, "list", path, ref_decide(role, L, path),
			    policy_decide(role, L, path));
			compare(role, "enter", path, ref_enter(role, path),
			    policy_enter(role, path));
			permits += policy_decide(role, R, path).permit;
		}
		role_free(role);
	}
	print_message("# %zu comparisons\n", count);
	/* The test means little if nearly all answers are the same. */
	assert_in_range(permits * 100 / (count / 3), 20, 80);
}

static void
test_random_globs(void **state)
{
	struct glob	*g;
	char		 pattern[64], path[64];
	const char	*what;
	size_t		 n, covered = 0, count = 0;
	int		 i;

	(void)state;
	random_begin();
	for (n = 0; n < 8000; n++) {
		random_path(pattern, sizeof(pattern), parts, NPARTS, 4);
		assert_non_null(g = glob_compile(pattern, &what));
		for (i = 0; i < 8; i++, count += 2) {
			random_path(path, sizeof(path), names, NNAMES, 5);
			if (glob_covers(g, path) != ref_covers(pattern, path))
				fail_msg("%s covers %s", pattern, path);
			if (glob_reaches(g, path) !=
			    ref_reaches(pattern, path, 4))
				fail_msg("%s reaches %s", pattern, path);
			covered += glob_covers(g, path);
		}
		glob_free(g);
	}
	print_message("# %zu comparisons\n", count);
	assert_in_range(covered * 100 / (count / 2), 10, 60);
}

/*
 * What may be read can be walked to: no directory above it is closed, unless
 * listing alone was denied.
 */
static void
test_random_walks(void **state)
{
	struct role	*role;
	char		 path[64], *slash;
	size_t		 n, i;

	(void)state;
	random_begin();
	for (n = 0; n < 20000; n++) {
		role = random_role();
		for (i = 0; i < role->nrules; i++) {
			if (role->rules[i].action == POLICY_DENY &&
			    role->rules[i].ops == L)
				break;
		}
		random_path(path, sizeof(path), names, NNAMES, 4);
		if (i == role->nrules && policy_decide(role, R, path).permit) {
			while (path[1] != '\0') {
				slash = strrchr(path, '/');
				slash[slash == path ? 1 : 0] = '\0';
				assert_true(policy_enter(role, path).permit);
			}
		}
		role_free(role);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_decisions),
		cmocka_unit_test(test_random_globs),
		cmocka_unit_test(test_random_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
