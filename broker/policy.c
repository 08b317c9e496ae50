/*
 * policy.c: the pure decision; see policy.h.
 *
 * Runs in the opener, for each name that a client asks for, and in whatever
 * explains a policy.  Touches nothing but memory.  Going down a path through
 * the index of the rules costs one step a component, and one match for each
 * rule with a wildcard whose literal part is on the way.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "pathname.h"
#include "policy.h"
#include "ruleindex.h"

struct name_bit {
	const char	*name;
	uint32_t	 bit;
};

static const struct name_bit ops[] = {
	{ "list",	POLICY_OP_LIST },
	{ "read",	POLICY_OP_READ },
	{ NULL,		0 }
};

static const struct name_bit options[] = {
	{ "one-filesystem",	POLICY_ONE_FILESYSTEM },
	{ NULL,			0 }
};

/* A path on its way down through the index. */
struct descent {
	const struct role		*role;
	uint32_t			 op;
	struct glob_path		 path;
	/* Where it is; NULL: beneath all that is in the index. */
	const struct ruleindex_node	*node;
	/* The last rule without a wildcard that covers the place. */
	long				 literal;
	/* The nodes on the way that have rules with a wildcard. */
	const struct ruleindex_node	*wild[GLOB_DEPTH_MAX + 1];
	size_t				 nwild;
};

static uint32_t
bit_of(const struct name_bit *table, const char *name)
{
	for (; table->name != NULL; table++) {
		if (strcmp(table->name, name) == 0)
			return table->bit;
	}
	return 0;
}

uint32_t
policy_op(const char *name)
{
	return bit_of(ops, name);
}

uint32_t
policy_option(const char *name)
{
	return bit_of(options, name);
}

const char *
policy_op_name(size_t i)
{
	return i < sizeof(ops) / sizeof(ops[0]) ? ops[i].name : NULL;
}

const char *
policy_option_name(size_t i)
{
	return i < sizeof(options) / sizeof(options[0]) ?
	    options[i].name : NULL;
}

static const struct rule *
descent_rule(const struct descent *d, long i)
{
	return i == RULEINDEX_NONE ? NULL : &d->role->rules[i];
}

/* Take in the rules at d->node. */
static void
descent_arrive(struct descent *d)
{
	const struct ruleindex_ref	*ref;

	if (d->node == NULL)
		return;
	SLIST_FOREACH(ref, &d->node->literal, entry) {
		if (ref->rule <= d->literal)
			break;
		if (descent_rule(d, ref->rule)->ops & d->op) {
			d->literal = ref->rule;
			break;
		}
	}
	if (!SLIST_EMPTY(&d->node->wild))
		d->wild[d->nwild++] = d->node;
}

/* Begin at "/".  False if no rule can be about the path. */
static bool
descent_begin(struct descent *d, const struct role *role, uint32_t op,
    const char *path)
{
	if (!glob_path_split(&d->path, path))
		return false;
	d->role = role;
	d->op = op;
	d->literal = RULEINDEX_NONE;
	d->nwild = 0;
	d->node = role->index;
	descent_arrive(d);
	return true;
}

/* Go on to component i, which is in the directory where it is now. */
static void
descent_step(struct descent *d, size_t i)
{
	const char	*name;
	size_t		 len;

	if (d->node == NULL)
		return;
	name = glob_path_name(&d->path, i, &len);
	d->node = ruleindex_child(d->node, name, len);
	descent_arrive(d);
}

/*
 * The last rule that covers the first `depth' components, where it is now,
 * if it comes after `floor'; or RULEINDEX_NONE.
 */
static long
descent_covering(const struct descent *d, size_t depth, long floor)
{
	const struct ruleindex_ref	*ref;
	const struct rule		*rule;
	long				 best = floor;
	size_t				 i;

	if (d->literal > best)
		best = d->literal;
	for (i = 0; i < d->nwild; i++) {
		SLIST_FOREACH(ref, &d->wild[i]->wild, entry) {
			if (ref->rule <= best)
				break;
			rule = descent_rule(d, ref->rule);
			if ((rule->ops & d->op) &&
			    glob_covers_at(rule->glob, &d->path, depth)) {
				best = ref->rule;
				break;
			}
		}
	}
	return best > floor ? best : RULEINDEX_NONE;
}

/*
 * The last permit that may cover something beneath the whole path and does
 * not cover it by being without a wildcard, if it comes after `floor'; or
 * RULEINDEX_NONE.
 */
static long
descent_reaching(const struct descent *d, long floor)
{
	const struct ruleindex_ref	*ref;
	const struct rule		*rule;
	long				 best = floor;
	size_t				 i;

	if (d->node != NULL && d->node->reach > best)
		best = d->node->reach;
	for (i = 0; i < d->nwild; i++) {
		SLIST_FOREACH(ref, &d->wild[i]->wild, entry) {
			if (ref->rule <= best)
				break;
			rule = descent_rule(d, ref->rule);
			if (rule->action == POLICY_PERMIT &&
			    (rule->ops & d->op) &&
			    glob_reaches_at(rule->glob, &d->path,
			    d->path.depth)) {
				best = ref->rule;
				break;
			}
		}
	}
	return best > floor ? best : RULEINDEX_NONE;
}

/*
 * Go all the way.  The last deny that decides about a directory above the
 * path, or RULEINDEX_NONE: only a rule after it can permit anything here.
 */
static long
descent_to_end(struct descent *d)
{
	long	 i, denied = RULEINDEX_NONE;
	size_t	 depth;

	for (depth = 0; depth < d->path.depth; depth++) {
		i = descent_covering(d, depth, denied);
		if (i != RULEINDEX_NONE &&
		    descent_rule(d, i)->action == POLICY_DENY)
			denied = i;
		descent_step(d, depth);
	}
	return denied;
}

static struct verdict
verdict_of(const struct rule *rule)
{
	struct verdict	 v;

	v.rule = rule;
	v.permit = rule != NULL && rule->action == POLICY_PERMIT;
	return v;
}

struct verdict
policy_decide(const struct role *role, uint32_t op, const char *path)
{
	struct descent	 d;
	long		 denied, i;

	if (!descent_begin(&d, role, op, path))
		return verdict_of(NULL);
	denied = descent_to_end(&d);
	i = descent_covering(&d, d.path.depth, denied);
	return verdict_of(descent_rule(&d, i != RULEINDEX_NONE ? i : denied));
}

struct verdict
policy_enter(const struct role *role, const char *path)
{
	struct descent	 d;
	long		 denied, i, reaching;

	if (!descent_begin(&d, role, POLICY_OP_LIST, path))
		return verdict_of(NULL);
	denied = descent_to_end(&d);
	i = descent_covering(&d, d.path.depth, denied);
	if (i == RULEINDEX_NONE)
		i = denied;
	reaching = descent_reaching(&d, i);
	return verdict_of(descent_rule(&d,
	    reaching != RULEINDEX_NONE ? reaching : i));
}

static const char *
base_name(const char *path)
{
	const char	*slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

void
policy_where(const struct role *role, struct verdict v, char *buf, size_t size)
{
	const struct rule	*r = v.rule;
	char			 line[16], label[POLICY_LABEL_MAX + 4];
	int			 n;

	if (size == 0)
		return;
	line[0] = label[0] = '\0';
	if (r != NULL && r->line > 0)
		(void)snprintf(line, sizeof(line), ":%d", r->line);
	if (r != NULL && r->label != NULL)
		(void)snprintf(label, sizeof(label), " \"%s\"", r->label);
	if (r == NULL)
		n = snprintf(buf, size, "no rule of role \"%s\" permits it",
		    role->name);
	else
		n = snprintf(buf, size, "%s%s%s", base_name(r->file), line,
		    label);
	if (n < 0)
		buf[0] = '\0';
	else if ((size_t)n >= size && size > 3)
		memcpy(buf + size - 4, "...", 4);
}

/* By strcmp(3), but with "/" before all other bytes: parents come first. */
static int
root_compare(const void *a, const void *b)
{
	const char	*s = *(char *const *)a, *t = *(char *const *)b;

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

int
policy_roots(const struct role *role, uint32_t wanted, char ***roots,
    size_t *nroots)
{
	const struct rule	*r;
	char			**list;
	size_t			 i, kept = 0, n = 0;

	*roots = NULL;
	*nroots = 0;
	if ((list = calloc(role->nrules + 1, sizeof(*list))) == NULL)
		return -1;
	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if (r->action != POLICY_PERMIT || !(r->ops & wanted))
			continue;
		if ((list[n] = strdup(glob_literal(r->glob))) == NULL) {
			policy_roots_free(list, n);
			errno = ENOMEM;
			return -1;
		}
		n++;
	}
	qsort(list, n, sizeof(*list), root_compare);
	for (i = 0; i < n; i++) {
		if (kept > 0 && pathname_is_beneath(list[i], list[kept - 1]))
			free(list[i]);
		else
			list[kept++] = list[i];
	}
	*roots = list;
	*nroots = kept;
	return 0;
}

void
policy_roots_free(char **roots, size_t nroots)
{
	size_t	 i;

	for (i = 0; i < nroots; i++)
		free(roots[i]);
	free(roots);
}
