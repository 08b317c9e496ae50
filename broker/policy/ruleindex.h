/*
 * ruleindex.h: the rules of a role by what their patterns have in common with
 * a path, so that deciding looks at few of them however many there are.
 *
 * A tree of directory names.  A rule hangs at the node of the literal leading
 * part of its pattern: one without a wildcard covers the node and all that is
 * beneath; one with a wildcard may match beneath.  Those are told apart
 * further by one name, or how a name begins or ends, that a path must have at
 * a known place (glob_key()); only the ones whose pattern has none, or has the
 * same as others, are compared one by one.  How many looks that takes depends
 * on the places and lengths that there are, and not on the number of rules.
 *
 * Rules are known by the number of their place in the role.
 */

#ifndef RULEINDEX_H
#define RULEINDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glob;
struct glob_path;
struct ruleindex;
struct ruleindex_node;

#define RULEINDEX_NONE	(-1L)

/* An empty index.  NULL: ENOMEM. */
struct ruleindex	*ruleindex_new(void);
void			 ruleindex_free(struct ruleindex *);

/*
 * Add a rule for some operations, POLICY_OP_*, with a number greater than
 * those of all before it.  The glob must stay as long as the index.  reach:
 * the last two functions below may find it.  0, or -1 with errno ENOMEM,
 * and no rule was added.
 */
int	 ruleindex_add(struct ruleindex *, const struct glob *, long rule,
	    uint32_t ops, bool reach);

/* The node of "/", and of a name in the directory of a node, or NULL. */
const struct ruleindex_node *ruleindex_top(const struct ruleindex *);
const struct ruleindex_node *ruleindex_child(const struct ruleindex *,
	    const struct ruleindex_node *, const char *name, size_t len);

/* True if rules with a wildcard hang at the node. */
bool	 ruleindex_is_wild(const struct ruleindex_node *);

/*
 * Each of these returns the number of the last such rule if it is greater
 * than floor, else floor.
 */

/* Without a wildcard, for the operation, at the node. */
long	 ruleindex_literal(const struct ruleindex_node *, uint32_t op,
	    long floor);
/* With one, for the operation, covering the path's first components. */
long	 ruleindex_covering(const struct ruleindex *,
	    const struct ruleindex_node *, uint32_t op,
	    const struct glob_path *, size_t depth, long floor);
/* With one and `reach', that may cover something beneath the whole path. */
long	 ruleindex_reaching(const struct ruleindex *,
	    const struct ruleindex_node *, const struct glob_path *,
	    long floor);
/* With or without one, with `reach', at a node beneath this one. */
long	 ruleindex_beneath(const struct ruleindex_node *, long floor);

#endif /* RULEINDEX_H */
