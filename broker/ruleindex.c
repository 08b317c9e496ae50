/*
 * ruleindex.c: the rules of a role by the literal leading part of their
 * patterns; see ruleindex.h.
 *
 * Runs in the supervisor and in the opener.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "ruleindex.h"

RB_PROTOTYPE(ruleindex_children, ruleindex_node, entry, node_compare)

static int
node_compare(const struct ruleindex_node *a, const struct ruleindex_node *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->name, b->name, a->len);
}

RB_GENERATE(ruleindex_children, ruleindex_node, entry, node_compare)

static struct ruleindex_node *
node_new(const char *name, size_t len)
{
	struct ruleindex_node	*node;

	if ((node = calloc(1, sizeof(*node) + len)) == NULL)
		return NULL;
	memcpy(node->bytes, name, len);
	node->name = node->bytes;
	node->len = len;
	node->reach = RULEINDEX_NONE;
	RB_INIT(&node->children);
	SLIST_INIT(&node->literal);
	SLIST_INIT(&node->wild);
	return node;
}

struct ruleindex_node *
ruleindex_new(void)
{
	return node_new("", 0);
}

static void
refs_free(struct ruleindex_refs *refs)
{
	struct ruleindex_ref	*ref;

	while ((ref = SLIST_FIRST(refs)) != NULL) {
		SLIST_REMOVE_HEAD(refs, entry);
		free(ref);
	}
}

/* Recurses to the depth of the longest pattern, GLOB_DEPTH_MAX at most. */
void
ruleindex_free(struct ruleindex_node *node)
{
	struct ruleindex_node	*child;

	if (node == NULL)
		return;
	while ((child = RB_ROOT(&node->children)) != NULL) {
		RB_REMOVE(ruleindex_children, &node->children, child);
		ruleindex_free(child);
	}
	refs_free(&node->literal);
	refs_free(&node->wild);
	free(node);
}

/* RB_FIND takes no const, but changes nothing. */
static struct ruleindex_node *
node_child(struct ruleindex_children *children, const char *name, size_t len)
{
	struct ruleindex_node	 key;

	key.name = name;
	key.len = len;
	return RB_FIND(ruleindex_children, children, &key);
}

const struct ruleindex_node *
ruleindex_child(const struct ruleindex_node *node, const char *name, size_t len)
{
	struct ruleindex_children	 children = node->children;

	return node_child(&children, name, len);
}

/* The node of a path, made if need be.  NULL: ENOMEM. */
static struct ruleindex_node *
node_make(struct ruleindex_node *node, const struct glob_path *gp)
{
	struct ruleindex_node	*child;
	const char		*name;
	size_t			 i, len;

	for (i = 0; i < gp->depth; i++) {
		name = glob_path_name(gp, i, &len);
		child = node_child(&node->children, name, len);
		if (child == NULL) {
			if ((child = node_new(name, len)) == NULL)
				return NULL;
			RB_INSERT(ruleindex_children, &node->children, child);
		}
		node = child;
	}
	return node;
}

int
ruleindex_add(struct ruleindex_node *top, const struct glob *g, long rule,
    bool reach)
{
	struct ruleindex_node	*node, *at;
	struct ruleindex_ref	*ref;
	struct glob_path	 gp;
	const char		*name;
	size_t			 i, len;

	if (!glob_path_split(&gp, glob_literal(g))) {
		errno = EINVAL;
		return -1;
	}
	if ((node = node_make(top, &gp)) == NULL ||
	    (ref = malloc(sizeof(*ref))) == NULL)
		return -1;
	ref->rule = rule;
	if (glob_is_wild(g))
		SLIST_INSERT_HEAD(&node->wild, ref, entry);
	else
		SLIST_INSERT_HEAD(&node->literal, ref, entry);
	for (i = 0, at = top; reach && at != node; i++) {
		at->reach = rule;
		name = glob_path_name(&gp, i, &len);
		at = node_child(&at->children, name, len);
	}
	return 0;
}
