/*
 * ruleindex.h: the rules of a role by the literal leading part of their
 * patterns, so that deciding about a path looks at few of them.
 *
 * A tree of directory names.  A rule hangs at the node of its literal part:
 * a pattern without a wildcard in `literal', where it covers the node and all
 * that is beneath; a pattern with one in `wild', where it may match there or
 * beneath.  Both lists begin with the rule that was added last.
 */

#ifndef RULEINDEX_H
#define RULEINDEX_H

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdbool.h>
#include <stddef.h>

struct glob;

#define RULEINDEX_NONE	(-1L)

struct ruleindex_ref {
	SLIST_ENTRY(ruleindex_ref)	 entry;
	long				 rule;	/* its place in the role */
};
SLIST_HEAD(ruleindex_refs, ruleindex_ref);

RB_HEAD(ruleindex_children, ruleindex_node);

struct ruleindex_node {
	RB_ENTRY(ruleindex_node)	 entry;
	struct ruleindex_children	 children;
	struct ruleindex_refs		 literal;
	struct ruleindex_refs		 wild;
	/* The last rule added with `reach' to a node beneath this one. */
	long				 reach;
	const char			*name;	/* not terminated */
	size_t				 len;
	char				 bytes[];	/* of the name */
};

/* An empty index: the node of "/".  NULL: ENOMEM. */
struct ruleindex_node	*ruleindex_new(void);
void			 ruleindex_free(struct ruleindex_node *);

/*
 * Add a rule by the number of its place, which must be greater than those of
 * all before it.  reach: note it in the nodes above its own, too.  0, or -1:
 * ENOMEM, and no rule was added.
 */
int	 ruleindex_add(struct ruleindex_node *, const struct glob *, long rule,
	    bool reach);

/* The node of a name in the directory of this one, or NULL. */
const struct ruleindex_node *ruleindex_child(const struct ruleindex_node *,
	    const char *name, size_t len);

#endif /* RULEINDEX_H */
