/*
 * roots.c: what the kernel is told about a role: roots with their rights, and
 * capabilities; see roots.h.
 *
 * Runs in the supervisor and in the opener.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/pathname.h"
#include "base/rights.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"

/* Like strcmp(3), but "/" sorts before all other bytes: parents come first. */
static int
root_compare(const void *a, const void *b)
{
	const char	*s = ((const struct policy_root *)a)->path;
	const char	*t = ((const struct policy_root *)b)->path;

	for (; *s == *t && *s != '\0'; s++, t++)
		;
	if (*s == *t)
		return 0;
	if (*s == '\0' || *t == '\0')
		return *s == '\0' ? -1 : 1;
	if (*s == '/' || *t == '/')
		return *s == '/' ? -1 : 1;
	return (unsigned char)*s < (unsigned char)*t ? -1 : 1;
}

/* Collect the literal part of each permit that has some of these rights. */
static int
roots_collect(const struct role *role, uint32_t wanted,
    struct policy_root *roots, size_t *nroots)
{
	const struct rule	*r;
	struct policy_root	*root;
	size_t			 i;

	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if (r->action != POLICY_PERMIT || !(r->ops & wanted))
			continue;
		root = &roots[*nroots];
		root->rights = r->ops & wanted;
		root->directory = r->directory;
		if ((root->path = strdup(glob_literal(r->glob))) == NULL)
			return -1;
		(*nroots)++;
	}
	return 0;
}

/* Merge the roots that have the same path.  Returns how many are left. */
static size_t
roots_unite(struct policy_root *roots, size_t n)
{
	size_t	 i, kept = 0;

	for (i = 0; i < n; i++) {
		if (kept > 0 &&
		    strcmp(roots[i].path, roots[kept - 1].path) == 0) {
			roots[kept - 1].rights |= roots[i].rights;
			roots[kept - 1].directory |= roots[i].directory;
			free(roots[i].path);
		} else {
			roots[kept++] = roots[i];
		}
	}
	return kept;
}

/*
 * Give each root the rights of the roots above it.  Unless `keep' is set, leave
 * out a root that has no more rights than the one above it.  above[] is a
 * stack of the places of the roots above the current one.  Returns how many
 * are left.
 */
static size_t
roots_inherit(struct policy_root *roots, size_t n, bool keep, size_t *above)
{
	const struct policy_root	*parent;
	struct policy_root		 root;
	size_t				 i, kept = 0, depth = 0;

	for (i = 0; i < n; i++) {
		root = roots[i];
		while (depth > 0 && !pathname_is_beneath(root.path,
		    roots[above[depth - 1]].path))
			depth--;
		parent = depth > 0 ? &roots[above[depth - 1]] : NULL;
		if (parent != NULL)
			root.rights |= parent->rights;
		if (parent != NULL && root.rights == parent->rights && !keep) {
			free(root.path);
			continue;
		}
		above[depth++] = kept;
		roots[kept++] = root;
	}
	return kept;
}

/* Leave out roots with SPECIAL alone, which permits nothing by itself. */
static size_t
roots_drop_special(struct policy_root *roots, size_t n)
{
	size_t	 i, kept = 0;

	for (i = 0; i < n; i++) {
		if (roots[i].rights == POLICY_OP_SPECIAL)
			free(roots[i].path);
		else
			roots[kept++] = roots[i];
	}
	return kept;
}

int
policy_roots(const struct role *role, uint32_t wanted,
    struct policy_root **roots, size_t *nroots)
{
	struct policy_root	*list;
	size_t			*above, n = 0;
	bool			 keep;

	*roots = NULL;
	*nroots = 0;
	keep = (role->options & POLICY_ONE_FILESYSTEM) != 0;
	list = calloc(role->nrules + 1, sizeof(*list));
	above = calloc(role->nrules + 1, sizeof(*above));
	if (list == NULL || above == NULL || roots_collect(role,
	    wanted | POLICY_OP_SPECIAL, list, &n) == -1) {
		policy_roots_free(list, n);
		free(above);
		errno = ENOMEM;
		return -1;
	}
	qsort(list, n, sizeof(*list), root_compare);
	n = roots_unite(list, n);
	n = roots_inherit(list, n, keep, above);
	*roots = list;
	*nroots = roots_drop_special(list, n);
	free(above);
	return 0;
}

void
policy_roots_free(struct policy_root *roots, size_t nroots)
{
	size_t	 i;

	for (i = 0; i < nroots; i++)
		free(roots[i].path);
	free(roots);
}

size_t
policy_root_held(const struct policy_root *r, bool is_directory)
{
	size_t	 len = strlen(r->path);

	if (is_directory || len == 1)
		return len;
	len = (size_t)(strrchr(r->path, '/') - r->path);
	return len == 0 ? 1 : len;
}

/* One that an opener holds for a root. */
struct held {
	const char	*path;
	size_t		 len;
	uint32_t	 rights;
};

static int
held_compare(const void *a, const void *b)
{
	const struct held	*s = a, *t = b;

	if (s->len != t->len)
		return s->len < t->len ? -1 : 1;
	if (s->rights != t->rights)
		return s->rights < t->rights ? -1 : 1;
	return memcmp(s->path, t->path, s->len);
}

int
policy_roots_count(const struct policy_root *roots, size_t n,
    bool (*is_directory)(void *arg, const char *path), void *arg,
    size_t *directories, size_t *names)
{
	struct held	*list;
	size_t		 i;

	*directories = *names = 0;
	if ((list = calloc(n + 1, sizeof(*list))) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (i = 0; i < n; i++) {
		list[i].path = roots[i].path;
		list[i].rights = roots[i].rights;
		list[i].len = policy_root_held(&roots[i],
		    is_directory(arg, roots[i].path));
		if (roots[i].path[list[i].len] != '\0')
			(*names)++;
	}
	qsort(list, n, sizeof(*list), held_compare);
	for (i = 0; i < n; i++) {
		if (i == 0 || held_compare(&list[i - 1], &list[i]) != 0)
			(*directories)++;
	}
	free(list);
	return 0;
}

/* Do both roles have the same roots for these operations? */
static bool
roots_equal_for(const struct role *a, const struct role *b, uint32_t ops)
{
	struct policy_root	*ra = NULL, *rb = NULL;
	size_t			 i, na = 0, nb = 0;
	bool			 equal = false;

	if (policy_roots(a, ops, &ra, &na) == -1 ||
	    policy_roots(b, ops, &rb, &nb) == -1 || na != nb)
		goto out;
	for (i = 0; i < na; i++)
		if (strcmp(ra[i].path, rb[i].path) != 0 ||
		    ra[i].rights != rb[i].rights)
			goto out;
	equal = true;
out:
	policy_roots_free(ra, na);
	policy_roots_free(rb, nb);
	return equal;
}

bool
policy_roots_equal(const struct role *a, const struct role *b)
{
	return roots_equal_for(a, b, POLICY_OPS_READING) &&
	    roots_equal_for(a, b, POLICY_OPS_WRITING) &&
	    policy_caps(a) == policy_caps(b) &&
	    ((a->options ^ b->options) & policy_options_of_mounts()) == 0;
}

bool
policy_roots_alike(const struct role *role, const char *path)
{
	const char	*literal;
	size_t		 i;

	for (i = 0; i < role->nrules; i++) {
		literal = glob_literal(role->rules[i].glob);
		if (pathname_is_beneath(path, literal)) {
			/* It is at or above the path. */
			if (glob_is_wild(role->rules[i].glob))
				return false;
		} else if (pathname_is_beneath(literal, path))
			return false;
	}
	return true;
}

uint32_t
policy_ops_of(const struct role *role)
{
	uint32_t	 ops = 0;
	size_t		 i;

	for (i = 0; i < role->nrules; i++) {
		if (role->rules[i].action == POLICY_PERMIT)
			ops |= role->rules[i].ops;
	}
	return ops;
}

uint32_t
policy_caps(const struct role *role)
{
	const struct rule	*r;
	uint32_t		 caps;
	bool			 gives = false;
	size_t			 i;

	if (role->as_user != NULL)
		return 0;
	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		gives = gives || (r->action == POLICY_PERMIT &&
		    (r->ops & POLICY_OP_SETMETA) &&
		    r->create.choice != POLICY_CHOICE_NONE);
	}
	caps = policy_ops_caps(policy_ops_of(role));
	if (gives)
		caps |= RIGHTS_CAP_CHOWN;
	if (caps & RIGHTS_CAP_DAC_OVERRIDE)
		caps &= ~(uint32_t)RIGHTS_CAP_DAC_READ_SEARCH;
	return caps;
}
