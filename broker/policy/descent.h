/*
 * descent.h: the descent of a path through the index of a role's rules, one
 * component after the other, for one operation or for several at once.
 *
 * decide.c descends a whole path for one decision; cursor.c stays where it is
 * and descends one more component for each entry of a directory.
 */

#ifndef POLICY_DESCENT_H
#define POLICY_DESCENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/decide.h"

struct glob_path;
struct ruleindex_node;

#define DESCENT_OPS	2	/* operations at once */

/* Where a descent is; a copy of it is the way back. */
struct descent_place {
	size_t				 depth;	/* components so far */
	/* The current node; NULL: the index has nothing further down. */
	const struct ruleindex_node	*node;
	size_t				 nwild;
	/* The last rule without a wildcard that covers the place. */
	long				 literal[DESCENT_OPS];
	/*
	 * The last deny that decides about a directory above the place, or
	 * RULEINDEX_NONE.  Only a rule after that can permit the place.
	 */
	long				 denied[DESCENT_OPS];
	bool				 folded;	/* see descent_fold() */
};

struct descent {
	const struct role		*role;
	const struct glob_path		*path;	/* its components so far */
	size_t				 nops;
	uint32_t			 ops[DESCENT_OPS];
	struct descent_place		 at;
	/* The nodes down to here that have rules with a wildcard. */
	const struct ruleindex_node	**wild;
};

/*
 * Begin at "/".  The path and wild, which has room for one node more than the
 * path has components, stay the caller's; wild may be moved between calls.
 */
void	 descent_begin(struct descent *, const struct role *,
	    const uint32_t *ops, size_t nops, const struct glob_path *,
	    const struct ruleindex_node **wild);

/*
 * Count a deny that decides about the current place itself among those above:
 * what lies beneath needs that.  The verdicts about the place stay the same.
 * The way back to a place that was folded saves doing it for each name in it.
 */
void	 descent_fold(struct descent *);

/* Descend to the next component of the path. */
void	 descent_step(struct descent *);

/*
 * The verdict about the current place, for operation number op: as
 * policy_decide() and policy_enter().
 */
struct verdict descent_decide(const struct descent *, size_t op);
struct verdict descent_enter(const struct descent *, size_t op);

#endif /* POLICY_DESCENT_H */
