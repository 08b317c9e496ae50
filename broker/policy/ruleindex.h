/*
 * ruleindex.h: an index of a role's rules, by which a decision looks at few
 * rules however many there are.
 *
 * The index is a tree of directory names.  A rule hangs at the node of the
 * literal leading part of its pattern.  A rule without a wildcard covers the
 * node and everything beneath it; a rule with a wildcard may match beneath it.
 * The rules with a wildcard at a node are divided further by a key that a path
 * must have at a known place (glob_key()): a name, or the beginning or end of
 * a name.  Only rules without a key, or with the same key, are compared one by
 * one.  The number of lookups depends on the number of different places and
 * lengths of keys, not on the number of rules.
 *
 * A rule is a number, its place in the role.
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
 * Add a rule for some operations, POLICY_OP_*.  Its number must be greater than
 * the numbers of the rules before it, and the glob must live as long as the
 * index.  With `reach', ruleindex_reaching() and ruleindex_beneath() find the
 * rule, too.  0, or -1 with errno ENOMEM, and the rule was not added.
 */
int	 ruleindex_add(struct ruleindex *, const struct glob *, long rule,
	    uint32_t ops, bool reach);

/* The node of "/"; the node of a name in a node's directory, or NULL. */
const struct ruleindex_node *ruleindex_top(const struct ruleindex *);
const struct ruleindex_node *ruleindex_child(const struct ruleindex *,
	    const struct ruleindex_node *, const char *name, size_t len);

/* True if rules with a wildcard hang at the node. */
bool	 ruleindex_is_wild(const struct ruleindex_node *);

/*
 * Each of these functions returns the number of the last rule of its kind if
 * that is greater than floor, and floor otherwise.
 */

/* A rule without a wildcard, for the operation, at the node. */
long	 ruleindex_literal(const struct ruleindex_node *, uint32_t op,
	    long floor);
/*
 * A rule with a wildcard, for the operation, at the node, that covers the first
 * `depth' components of the path.
 */
long	 ruleindex_covering(const struct ruleindex *,
	    const struct ruleindex_node *, uint32_t op,
	    const struct glob_path *, size_t depth, long floor);
/*
 * A rule with a wildcard and `reach', at the node, that may cover something
 * beneath the whole path.
 */
long	 ruleindex_reaching(const struct ruleindex *,
	    const struct ruleindex_node *, const struct glob_path *,
	    long floor);
/* Any rule with `reach' at a node beneath this one. */
long	 ruleindex_beneath(const struct ruleindex_node *, long floor);

#endif /* RULEINDEX_H */
