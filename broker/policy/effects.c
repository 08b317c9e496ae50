/*
 * effects.c: rules that have no effect; see effects.h.
 *
 * Runs in fdbrokerd -n.  Touches nothing but memory.
 *
 * What a rule covers lies at or beneath the literal part of its pattern.  So
 * two rules concern each other only if one's literal part is at or beneath the
 * other's.  The rules are sorted by this part, so that those beneath a path
 * follow each other, and those above it are found by searching for each
 * directory of the path.
 */

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pathname.h"
#include "policy/decide.h"
#include "policy/effects.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/template.h"

/* A rule with the literal part of its pattern; "" for "/". */
struct place {
	const struct rule	*rule;
	char			*path;
};

struct effects {
	const struct role	*role;
	struct place		*sorted;	/* by path */
	size_t			 n;
};

/* The question about one rule. */
struct question {
	const struct rule	*rule;
	struct effect		*effect;
	uint32_t		 permitted;	/* by rules before it */
	uint32_t		 taken;		/* by rules after it */
};

/* A byte's place in the order: a directory comes just before its contents. */
static int
rank(char c)
{
	return c == '\0' ? 0 : c == '/' ? 1 : (unsigned char)c + 2;
}

/* Compare the first len bytes of a path with another path. */
static int
compare(const char *a, size_t len, const char *b)
{
	size_t	 i;

	for (i = 0; i < len; i++) {
		if (a[i] != b[i])
			return rank(a[i]) - rank(b[i]);
	}
	return b[len] == '\0' ? 0 : -1;
}

/*
 * The literal part of a rule's pattern: of a template, what is the same for all
 * peers.  The caller frees it.  NULL: ENOMEM.
 */
static char *
literal(const struct rule *r)
{
	const char	*path = glob_literal(r->glob);

	return path[1] == '\0' ? strdup("") :
	    strndup(path, template_common(path));
}

static int
place_compare(const void *a, const void *b)
{
	const struct place	*x = a, *y = b;

	return compare(x->path, strlen(x->path), y->path);
}

void
effects_free(struct effects *e)
{
	if (e == NULL)
		return;
	while (e->n > 0)
		free(e->sorted[--e->n].path);
	free(e->sorted);
	free(e);
}

struct effects *
effects_new(const struct role *role)
{
	struct effects	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return NULL;
	e->role = role;
	e->sorted = calloc(role->nrules + 1, sizeof(*e->sorted));
	for (; e->sorted != NULL && e->n < role->nrules; e->n++) {
		e->sorted[e->n].rule = &role->rules[e->n];
		e->sorted[e->n].path = literal(&role->rules[e->n]);
		if (e->sorted[e->n].path == NULL)
			break;
	}
	if (e->sorted == NULL || e->n < role->nrules) {
		effects_free(e);
		return NULL;
	}
	qsort(e->sorted, e->n, sizeof(*e->sorted), place_compare);
	return e;
}

/* The first rule whose literal part is not less than these bytes. */
static size_t
first_from(const struct effects *e, const char *path, size_t len)
{
	size_t	 low = 0, high = e->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(path, len, e->sorted[middle].path) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does the pattern of r certainly cover all that the other's covers? */
static bool
covers_all(const struct rule *r, const struct rule *other)
{
	const char	*above = glob_literal(r->glob);
	const char	*beneath = glob_literal(other->glob);

	if (strcmp(r->pattern, other->pattern) == 0)
		return true;
	if (!pathname_is_beneath(beneath, above))
		return false;
	if (!glob_is_wild(r->glob))
		return true;
	/* r covers all beneath its directory, but not the directory itself. */
	return glob_is_beneath(r->glob) && (glob_is_wild(other->glob) ||
	    strcmp(above, beneath) != 0);
}

/* Does the pattern cover the path, or a directory above it? */
static bool
covers_upwards(const struct glob *g, const char *path)
{
	struct glob_path	 gp;
	size_t			 depth;

	if (!glob_path_split(&gp, path))
		return true;
	for (depth = 0; depth <= gp.depth; depth++) {
		if (glob_covers_at(g, &gp, depth))
			return true;
	}
	return false;
}

/*
 * May two rules concern the same for some peer?  At least one is a template: of
 * that, no more is known than where it begins.
 */
static bool
may_meet_template(const struct rule *a, const struct rule *b)
{
	const char	*s = glob_literal(a->glob), *t = glob_literal(b->glob);
	size_t		 n = template_common(s), m = template_common(t);

	if (m < n) {
		const char	*path = s;

		s = t;
		t = path;
		n = m;
	}
	/* The shorter path is the other one, or a directory above it. */
	return n <= 1 || (strncmp(s, t, n) == 0 &&
	    (t[n] == '\0' || t[n] == '/'));
}

/* May the deny deny something that the permit covers? */
static bool
may_meet(const struct rule *deny, const struct rule *permit)
{
	const char	*d = glob_literal(deny->glob);
	const char	*p = glob_literal(permit->glob);

	if ((deny->vars | permit->vars) & TEMPLATE_VARS)
		return may_meet_template(deny, permit);
	if (!glob_is_wild(deny->glob))
		return glob_covers(permit->glob, d) ||
		    glob_reaches(permit->glob, d);
	if (!glob_is_wild(permit->glob))
		return covers_upwards(deny->glob, p) ||
		    glob_reaches(deny->glob, p);
	return pathname_is_beneath(d, p) || pathname_is_beneath(p, d);
}

static void
note_last(const struct rule **last, const struct rule *r)
{
	if (*last == NULL || r > *last)
		*last = r;
}

/* Compare the rule in question with another. */
static void
consider(struct question *q, const struct rule *other)
{
	const struct rule	*r = q->rule;
	uint32_t		 ops = r->ops & other->ops;

	if (ops == 0 || other == r)
		return;
	if (other > r && covers_all(other, r)) {
		q->taken |= ops;
		note_last(&q->effect->covered_by, other);
	}
	if (r->action == POLICY_PERMIT || other->action == POLICY_DENY ||
	    !may_meet(r, other))
		return;
	if (other < r)
		q->permitted |= ops;
	else
		note_last(&q->effect->permit, other);
}

/*
 * Is it certain that a deny covers a template for every peer, if it covers it
 * for the peer that cannot exist?  Its name has one byte, and its home
 * directory is in the root directory.
 */
static bool
is_certain(const struct rule *deny, const struct rule *r)
{
	if (!(r->vars & TEMPLATE_VARS))
		return true;
	if (deny->pattern[strcspn(deny->pattern, "?[")] != '\0')
		return false;
	return !(r->vars & TEMPLATE_HOME) || (deny->vars & TEMPLATE_HOME);
}

/*
 * What denies the directory of all that the rule covers, after it: by a pattern
 * with a wildcard, too.
 */
static void
consider_denials(const struct effects *e, struct question *q)
{
	const struct rule	*r = q->rule;
	struct verdict		 v;
	uint32_t		 bit;

	for (bit = 1; bit <= r->ops; bit <<= 1) {
		if (!(r->ops & bit))
			continue;
		v = policy_decide(e->role, bit, glob_literal(r->glob));
		if (v.reason != POLICY_DENIED || v.rule <= r ||
		    !is_certain(v.rule, r))
			continue;
		q->taken |= bit;
		note_last(&q->effect->covered_by, v.rule);
	}
}

void
effects_of(const struct effects *e, size_t i, struct effect *effect)
{
	struct question	 q = { .rule = &e->role->rules[i], .effect = effect };
	const char	*other;
	char		*path;
	size_t		 k, len = 0, end;

	memset(effect, 0, sizeof(*effect));
	effect->ops = q.rule->ops;
	/* Without memory, nothing is certain. */
	if ((path = literal(q.rule)) == NULL)
		return;
	end = strlen(path);
	/* The rules of the directories above, from "/" on. */
	for (; len < end; len += 1 + strcspn(path + len + 1, "/")) {
		for (k = first_from(e, path, len); k < e->n &&
		    compare(path, len, e->sorted[k].path) == 0; k++)
			consider(&q, e->sorted[k].rule);
	}
	/* Its own literal part, and what is beneath. */
	for (k = first_from(e, path, end); k < e->n; k++) {
		other = e->sorted[k].path;
		if (strncmp(other, path, end) != 0 ||
		    (other[end] != '\0' && other[end] != '/'))
			break;
		consider(&q, e->sorted[k].rule);
	}
	free(path);
	consider_denials(e, &q);
	effect->ops = q.rule->ops & ~q.taken;
	if (q.rule->action == POLICY_DENY)
		effect->ops &= q.permitted;
}
