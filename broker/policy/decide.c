/*
 * decide.c: the decision; see decide.h.
 *
 * Runs in the opener, for each name that a client asks for, and in fdbrokerctl.
 * Touches nothing but memory.  A decision descends the index of the rules along
 * the path: one step for each component, and a look at each rule with a
 * wildcard whose key the path has.
 */

#include "config.h"

#include <sys/stat.h>

#include <string.h>

#include "base/pathname.h"
#include "policy/decide.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/ruleindex.h"

/* The descent of a path through the index. */
struct descent {
	const struct role		*role;
	uint32_t			 op;
	struct glob_path		 path;
	/* The current node; NULL: the index has nothing further down. */
	const struct ruleindex_node	*node;
	/* The last rule without a wildcard that covers the current place. */
	long				 literal;
	/* The nodes down to here that have rules with a wildcard. */
	const struct ruleindex_node	*wild[GLOB_DEPTH_MAX + 1];
	size_t				 nwild;
};

static const struct rule *
descent_rule(const struct descent *d, long i)
{
	return i == RULEINDEX_NONE ? NULL : &d->role->rules[i];
}

/* Note the rules at the current node. */
static void
descent_arrive(struct descent *d)
{
	if (d->node == NULL)
		return;
	d->literal = ruleindex_literal(d->node, d->op, d->literal);
	if (ruleindex_is_wild(d->node))
		d->wild[d->nwild++] = d->node;
}

/* Begin at "/".  False if the path is not absolute and clean. */
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
	d->node = ruleindex_top(role->index);
	descent_arrive(d);
	return true;
}

/* Descend to component i of the path, which is in the current directory. */
static void
descent_step(struct descent *d, size_t i)
{
	const char	*name;
	size_t		 len;

	if (d->node == NULL)
		return;
	name = glob_path_name(&d->path, i, &len);
	d->node = ruleindex_child(d->role->index, d->node, name, len);
	descent_arrive(d);
}

/*
 * The last rule that covers the current place, which is the first `depth'
 * components, if it comes after `floor'; or RULEINDEX_NONE.
 */
static long
descent_covering(const struct descent *d, size_t depth, long floor)
{
	long	 best = floor;
	size_t	 i;

	if (d->literal > best)
		best = d->literal;
	for (i = 0; i < d->nwild; i++)
		best = ruleindex_covering(d->role->index, d->wild[i], d->op,
		    &d->path, depth, best);
	return best > floor ? best : RULEINDEX_NONE;
}

/*
 * The last permit of LIST that may cover something strictly beneath the whole
 * path, if it comes after `floor'; or RULEINDEX_NONE.  Permits without a
 * wildcard at or above the path are left to descent_covering().
 */
static long
descent_reaching(const struct descent *d, long floor)
{
	long	 best = floor;
	size_t	 i;

	if (d->node != NULL)
		best = ruleindex_beneath(d->node, best);
	for (i = 0; i < d->nwild; i++)
		best = ruleindex_reaching(d->role->index, d->wild[i],
		    &d->path, best);
	return best > floor ? best : RULEINDEX_NONE;
}

/*
 * Descend to the end of the path.  Returns the last deny that decides about a
 * directory above the path, or RULEINDEX_NONE.  Only a rule after that deny
 * can permit the path.
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

/* A refusal for a reason other than the rule's action. */
static struct verdict
verdict_not(enum policy_reason reason, const struct rule *rule)
{
	struct verdict	 v;

	v.permit = false;
	v.reason = reason;
	v.rule = rule;
	return v;
}

struct verdict
policy_decide(const struct role *role, uint32_t op, const char *path)
{
	struct descent	 d;
	long		 denied, i;

	if (!descent_begin(&d, role, op, path))
		return verdict_not(POLICY_BAD_PATH, NULL);
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
		return verdict_not(POLICY_BAD_PATH, NULL);
	denied = descent_to_end(&d);
	i = descent_covering(&d, d.path.depth, denied);
	if (i == RULEINDEX_NONE)
		i = denied;
	reaching = descent_reaching(&d, i);
	return verdict_of(descent_rule(&d,
	    reaching != RULEINDEX_NONE ? reaching : i));
}

/*
 * The checks of the object.
 */
static unsigned int
type_of(uint32_t mode)
{
	if (S_ISREG(mode))
		return POLICY_TYPE_FILE;
	if (S_ISDIR(mode))
		return POLICY_TYPE_DIR;
	if (S_ISFIFO(mode) || S_ISCHR(mode) || S_ISBLK(mode))
		return POLICY_TYPE_SPECIAL;
	return POLICY_TYPE_OTHER;
}

/*
 * Can the operation be done to an object of this type?  The answer is the
 * path's verdict v, or a refusal.
 */
static struct verdict
check_type(const struct role *role, uint32_t op, const char *path,
    unsigned int type, struct verdict v)
{
	const struct policy_op_row	*row = policy_op_row(op);
	struct verdict			 special;

	if (op == POLICY_OP_ENTER ? type == POLICY_TYPE_DIR :
	    row != NULL && (row->types & type) != 0)
		return v;
	if (row == NULL || (row->special & type) == 0)
		return verdict_not(POLICY_WRONG_TYPE, v.rule);
	special = policy_decide(role, POLICY_OP_SPECIAL, path);
	return special.permit ? v :
	    verdict_not(POLICY_NOT_SPECIAL, special.rule);
}

/* The option that refuses to open this object, as a reason. */
static enum policy_reason
check_options(const struct role *role, const struct policy_facts *facts,
    uint32_t peer_uid)
{
	if ((role->options & POLICY_REGULAR_ONLY) && !S_ISREG(facts->mode))
		return POLICY_NOT_REGULAR;
	if ((role->options & POLICY_OWNED_BY_PEER) && facts->uid != peer_uid)
		return POLICY_NOT_PEERS;
	if ((role->options & POLICY_SINGLE_LINK) && facts->nlink > 1)
		return POLICY_SEVERAL_LINKS;
	return POLICY_PERMITTED;
}

bool
policy_is_exclusive(const struct role *role, uint32_t op, const char *path,
    const struct rule *rule)
{
	struct verdict	 v;

	if (op == POLICY_OP_LIST || op == POLICY_OP_ENTER)
		return false;
	if (rule->create.exclusive || !(op & POLICY_OPS_WRITING))
		return rule->create.exclusive;
	v = policy_decide(role, POLICY_OP_CREATE, path);
	return v.permit && v.rule->create.exclusive;
}

struct verdict
policy_check(const struct role *role, uint32_t op, const char *path,
    const struct policy_facts *facts, uint32_t peer_uid)
{
	enum policy_reason	 reason;
	struct verdict		 v;

	v = op == POLICY_OP_ENTER ? policy_enter(role, path) :
	    policy_decide(role, op, path);
	if (!v.permit || facts == NULL)
		return v;
	if ((role->options & POLICY_ONE_FILESYSTEM) && facts->crossed)
		return verdict_not(POLICY_CROSSED, v.rule);
	v = check_type(role, op, path, type_of(facts->mode), v);
	if (!v.permit || op == POLICY_OP_LIST || op == POLICY_OP_ENTER)
		return v;
	reason = check_options(role, facts, peer_uid);
	if (reason != POLICY_PERMITTED)
		return verdict_not(reason, v.rule);
	if (policy_is_exclusive(role, op, path, v.rule))
		return verdict_not(POLICY_EXISTS, v.rule);
	return v;
}

/*
 * Rules that have no effect.
 */

/* Does the pattern of r certainly cover all that the other's pattern covers? */
static bool
covers_all(const struct rule *r, const struct rule *other)
{
	const char	*literal = glob_literal(r->glob);
	const char	*beneath = glob_literal(other->glob);

	if (strcmp(r->pattern, other->pattern) == 0)
		return true;
	if (!pathname_is_beneath(beneath, literal))
		return false;
	if (!glob_is_wild(r->glob))
		return true;
	/* r covers all beneath its directory, but not the directory itself. */
	return glob_is_beneath(r->glob) && (glob_is_wild(other->glob) ||
	    strcmp(literal, beneath) != 0);
}

const struct rule *
policy_shadow(const struct role *role, size_t i, uint32_t op)
{
	const struct rule	*r = &role->rules[i];
	struct verdict		 v;
	size_t			 k;

	/* Everything that r covers is at or beneath its literal part. */
	v = policy_decide(role, op, glob_literal(r->glob));
	if (v.rule > r && v.reason == POLICY_DENIED)
		return v.rule;
	for (k = role->nrules; k-- > i + 1;) {
		if ((role->rules[k].ops & op) &&
		    covers_all(&role->rules[k], r))
			return &role->rules[k];
	}
	return NULL;
}
