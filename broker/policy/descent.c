/*
 * descent.c: the descent of a path through the index of a role's rules; see
 * descent.h.
 *
 * Runs in the opener and in fdbrokerctl.  Touches nothing but memory.  There is
 * one step for each component, and a look at each rule with a wildcard whose
 * key the path has.
 */

#include "config.h"

#include "policy/descent.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/ruleindex.h"

static const struct rule *
descent_rule(const struct descent *d, long i)
{
	return i == RULEINDEX_NONE ? NULL : &d->role->rules[i];
}

/* Note the rules at the current node. */
static void
descent_arrive(struct descent *d)
{
	struct descent_place	*at = &d->at;
	size_t			 k;

	if (at->node == NULL)
		return;
	for (k = 0; k < d->nops; k++)
		at->literal[k] = ruleindex_literal(at->node, d->ops[k],
		    at->literal[k]);
	if (ruleindex_is_wild(at->node))
		d->wild[at->nwild++] = at->node;
}

void
descent_begin(struct descent *d, const struct role *role, const uint32_t *ops,
    size_t nops, const struct glob_path *path,
    const struct ruleindex_node **wild)
{
	size_t	 k;

	d->role = role;
	d->path = path;
	d->nops = nops;
	d->wild = wild;
	d->at.depth = 0;
	d->at.nwild = 0;
	d->at.folded = false;
	for (k = 0; k < nops; k++) {
		d->ops[k] = ops[k];
		d->at.literal[k] = d->at.denied[k] = RULEINDEX_NONE;
	}
	d->at.node = ruleindex_top(role->index);
	descent_arrive(d);
}

/*
 * The last rule for operation number k that covers the current place, if it
 * comes after the denial above it; or RULEINDEX_NONE.
 */
static long
descent_covering(const struct descent *d, size_t k)
{
	const struct descent_place	*at = &d->at;
	long				 best = at->denied[k];
	size_t				 i;

	if (at->literal[k] > best)
		best = at->literal[k];
	for (i = 0; i < at->nwild; i++)
		best = ruleindex_covering(d->role->index, d->wild[i],
		    d->ops[k], d->path, at->depth, best);
	return best > at->denied[k] ? best : RULEINDEX_NONE;
}

/*
 * The last permit of LIST that may cover something strictly beneath the current
 * place, if it comes after `floor'; or RULEINDEX_NONE.  Permits without a
 * wildcard at or above the place are left to descent_covering().
 */
static long
descent_reaching(const struct descent *d, long floor)
{
	long	 best = floor;
	size_t	 i;

	if (d->at.node != NULL)
		best = ruleindex_beneath(d->at.node, best);
	for (i = 0; i < d->at.nwild; i++)
		best = ruleindex_reaching(d->role->index, d->wild[i],
		    d->path, best);
	return best > floor ? best : RULEINDEX_NONE;
}

void
descent_fold(struct descent *d)
{
	size_t	 k;
	long	 i;

	if (d->at.folded)
		return;
	for (k = 0; k < d->nops; k++) {
		i = descent_covering(d, k);
		if (i != RULEINDEX_NONE &&
		    descent_rule(d, i)->action == POLICY_DENY)
			d->at.denied[k] = i;
	}
	d->at.folded = true;
}

void
descent_step(struct descent *d)
{
	struct descent_place	*at = &d->at;
	const char		*name;
	size_t			 len;

	descent_fold(d);
	if (at->node != NULL) {
		name = glob_path_name(d->path, at->depth, &len);
		at->node = ruleindex_child(d->role->index, at->node, name,
		    len);
	}
	at->depth++;
	at->folded = false;
	descent_arrive(d);
}

/* The verdict of a rule; NULL: no rule decides. */
static struct verdict
verdict_of(const struct rule *rule)
{
	struct verdict	 v;

	v.rule = rule;
	if (rule == NULL)
		v.reason = POLICY_NO_RULE;
	else if (rule->action == POLICY_DENY)
		v.reason = POLICY_DENIED;
	else
		v.reason = POLICY_PERMITTED;
	v.permit = v.reason == POLICY_PERMITTED;
	return v;
}

/* The last rule that decides about the current place, or RULEINDEX_NONE. */
static long
descent_last(const struct descent *d, size_t k)
{
	long	 i = descent_covering(d, k);

	return i != RULEINDEX_NONE ? i : d->at.denied[k];
}

struct verdict
descent_decide(const struct descent *d, size_t op)
{
	return verdict_of(descent_rule(d, descent_last(d, op)));
}

struct verdict
descent_enter(const struct descent *d, size_t op)
{
	long	 i = descent_last(d, op), reaching = descent_reaching(d, i);

	return verdict_of(descent_rule(d, reaching != RULEINDEX_NONE ?
	    reaching : i));
}
