/*
 * polref.c: decisions and patterns as decide.h and glob.h describe them, in a
 * slow and obvious way, and random numbers; see polref.h.
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

#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "polref.h"

#define REF_DEPTH	12

static uint64_t	random_state;

void
polref_begin(void)
{
	const char	*seed = getenv("TEST_SEED");

	random_state = seed != NULL ? strtoull(seed, NULL, 0) : 20260101;
	print_message("# TEST_SEED=%llu\n", (unsigned long long)random_state);
}

unsigned int
polref_random(unsigned int n)
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
		/* It matches no more, or one more; the last at least one. */
		if (i + 1 < g->n && ref_match(g, i + 1, p, k))
			return true;
		return k < p->n && (ref_match(g, i, p, k + 1) ||
		    (i + 1 == g->n && k + 1 == p->n));
	}
	return k < p->n && fnmatch(g->part[i], p->part[k], 0) == 0 &&
	    ref_match(g, i + 1, p, k + 1);
}

bool
polref_covers(const char *pattern, const char *path)
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

bool
polref_reaches(const char *pattern, const char *path, int levels,
    const char *const *names, size_t n)
{
	char	 child[64];
	size_t	 i;

	if (levels == 0)
		return false;
	for (i = 0; i < n; i++) {
		(void)snprintf(child, sizeof(child), "%s/%s",
		    path[1] == '\0' ? "" : path, names[i]);
		if (polref_covers(pattern, child) ||
		    polref_reaches(pattern, child, levels - 1, names, n))
			return true;
	}
	return false;
}

/* The number of the last rule that covers the path, from 1, or 0. */
static size_t
ref_last(const struct role *role, uint32_t op, const char *path)
{
	size_t	 i;

	for (i = role->nrules; i > 0; i--) {
		if ((role->rules[i - 1].ops & op) &&
		    polref_covers(role->rules[i - 1].pattern, path))
			break;
	}
	return i;
}

size_t
polref_decide(const struct role *role, uint32_t op, const char *path)
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

size_t
polref_enter(const struct role *role, const char *path,
    const char *const *names, size_t n)
{
	const struct rule	*r;
	size_t			 i, answer;

	answer = polref_decide(role, POLICY_OP_LIST, path);
	for (i = role->nrules; i > answer; i--) {
		r = &role->rules[i - 1];
		if (r->action == POLICY_PERMIT &&
		    (r->ops & POLICY_OP_LIST) &&
		    polref_reaches(r->pattern, path, 3, names, n))
			return i;
	}
	return answer;
}

void
polref_compare(const struct role *role, const char *what, const char *path,
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
