/*
 * cursor.h: decisions along a walk: a place in a tree of names, from which one
 * goes down by one name, and up again, without descending from "/" each time.
 *
 * A cursor decides exactly as policy_decide() and policy_enter() do about the
 * same path, and has room for longer paths.
 */

#ifndef POLICY_CURSOR_H
#define POLICY_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "policy/decide.h"
#include "policy/descent.h"

#define POLICY_CURSOR_PATH_MAX	1048576	/* room for a path, with its NUL */

struct policy_cursor;

/*
 * A cursor at "/", for some operations; the role stays the caller's.  NULL:
 * ENOMEM.
 */
struct policy_cursor *policy_cursor_new(const struct role *,
		    const uint32_t *ops, size_t nops);
/* The same for the rules of this role alone: role->also is not asked. */
struct policy_cursor *policy_cursor_new_alone(const struct role *,
		    const uint32_t *ops, size_t nops);
void		 policy_cursor_free(struct policy_cursor *);

/*
 * Go down to a name, a single clean component of len bytes.  0, or -1 with
 * errno, and the cursor has not moved: ENAMETOOLONG or ENOMEM.
 */
int		 policy_cursor_push(struct policy_cursor *, const char *name,
		    size_t len);
/* Go down an absolute, clean path from "/".  0, or -1 as above. */
int		 policy_cursor_descend(struct policy_cursor *,
		    const char *path);
/*
 * Go to an absolute path from wherever it is, by the components that differ.
 * 0; or -1 with errno, and the cursor is at some place above: EINVAL (the path
 * is not clean), or as above.
 */
int		 policy_cursor_move(struct policy_cursor *, const char *path);
/* Go up by one name; not from "/". */
void		 policy_cursor_pop(struct policy_cursor *);

/* Put another role in force, at the same place. */
void		 policy_cursor_set_role(struct policy_cursor *,
		    const struct role *);

/* The path of the place; it moves with the next push. */
const char	*policy_cursor_path(const struct policy_cursor *);
size_t		 policy_cursor_depth(const struct policy_cursor *);
/* The length of the path of the first `depth' components. */
size_t		 policy_cursor_length(const struct policy_cursor *,
		    size_t depth);

/* The verdict about the place, for operation number op. */
struct verdict	 policy_cursor_decide(const struct policy_cursor *,
		    size_t op);
struct verdict	 policy_cursor_enter(const struct policy_cursor *, size_t op);
/* The same about the place of the first `depth' components of the path. */
struct verdict	 policy_cursor_enter_above(struct policy_cursor *,
		    size_t depth, size_t op);

#endif /* POLICY_CURSOR_H */
