/*
 * walk_exclude.h: what a worker wants to have left out of a walk: the patterns,
 * and the names that make a directory one whose contents are left out.
 */

#ifndef WALK_EXCLUDE_H
#define WALK_EXCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/walkwire.h"

struct policy_cursor;
struct role;

/* All zeros: nothing is left out. */
struct walk_exclude {
	/*
	 * The patterns, as rules of a role that denies what they match, so
	 * that they are indexed as rules are.  A directory is asked about with
	 * READ, anything else with LIST.
	 */
	struct role		*role;
	/* Where the walk is, from its start; NULL: there are no patterns. */
	struct policy_cursor	*cursor;
	char			*present[WALKWIRE_PRESENT_MAX];
	size_t			 npresent;
	size_t			 n, bytes;	/* of all texts */
};

/*
 * Add a pattern, or a name.  0, or -1 with errno: E2BIG (too many), ENOMEM, or
 * EINVAL and *why a constant sentence.
 */
int	 walk_exclude_add(struct walk_exclude *, enum walkwire_text,
	    const char *text, const char **why);

/* Begin at the start of the walk.  0, or -1 with errno ENOMEM. */
int	 walk_exclude_begin(struct walk_exclude *);
void	 walk_exclude_free(struct walk_exclude *);

/* Go down to a name, and up again.  0, or -1 as policy_cursor_push(). */
int	 walk_exclude_push(struct walk_exclude *, const char *name,
	    size_t len);
void	 walk_exclude_pop(struct walk_exclude *);

/* True if the current place is left out. */
bool	 walk_exclude_has(const struct walk_exclude *, bool dir);

#endif /* WALK_EXCLUDE_H */
