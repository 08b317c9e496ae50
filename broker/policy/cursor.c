/*
 * cursor.c: decisions along a walk; see cursor.h.
 *
 * Runs in the opener.  Touches nothing but memory.  Each level remembers where
 * the descent was, so going up costs nothing, and going down is one step of the
 * descent.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pathname.h"
#include "policy/cursor.h"
#include "policy/glob.h"
#include "policy/role.h"

struct policy_cursor {
	struct descent		 d;
	struct glob_path	 gp;		/* its end is ends */
	char			*path;
	size_t			 size;		/* of path */
	size_t			 levels;	/* room in the arrays below */
	uint32_t		*ends;
	const struct ruleindex_node **wild;	/* one more */
	struct descent_place	*ups;		/* the place above each level */
	struct policy_cursor	*also;		/* of the role's; or NULL */
	bool			 lost;		/* it could not be made */
};

/* Make room for a path of len bytes with its NUL.  0, or -1. */
static int
grow_path(struct policy_cursor *c, size_t len)
{
	size_t	 size = c->size != 0 ? c->size : 1024;
	char	*path;

	if (len <= c->size)
		return 0;
	if (len > POLICY_CURSOR_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	while (size < len)
		size *= 2;
	if ((path = realloc(c->path, size)) == NULL)
		return -1;
	c->path = path;
	c->gp.path = path;
	c->size = size;
	return 0;
}

/* Make room for one more level.  0, or -1. */
static int
grow_levels(struct policy_cursor *c)
{
	size_t				  n;
	uint32_t			 *ends;
	const struct ruleindex_node	**wild;
	struct descent_place		 *ups;

	if (c->gp.depth < c->levels)
		return 0;
	n = c->levels != 0 ? c->levels * 2 : 32;
	if ((ends = reallocarray(c->ends, n, sizeof(*ends))) == NULL)
		return -1;
	c->ends = ends;
	c->gp.end = ends;
	if ((wild = reallocarray(c->wild, n + 1, sizeof(*wild))) == NULL)
		return -1;
	c->wild = wild;
	c->d.wild = wild;
	if ((ups = reallocarray(c->ups, n, sizeof(*ups))) == NULL)
		return -1;
	c->ups = ups;
	c->levels = n;
	return 0;
}

struct policy_cursor *
policy_cursor_new_alone(const struct role *role, const uint32_t *ops,
    size_t nops)
{
	struct policy_cursor	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	if (grow_path(c, 2) == -1 || grow_levels(c) == -1) {
		policy_cursor_free(c);
		errno = ENOMEM;
		return NULL;
	}
	(void)strlcpy(c->path, "/", c->size);
	descent_begin(&c->d, role, ops, nops, &c->gp, c->wild);
	return c;
}

struct policy_cursor *
policy_cursor_new(const struct role *role, const uint32_t *ops, size_t nops)
{
	struct policy_cursor	*c;

	if ((c = policy_cursor_new_alone(role, ops, nops)) == NULL)
		return NULL;
	if (role->also != NULL &&
	    (c->also = policy_cursor_new(role->also, ops, nops)) == NULL) {
		policy_cursor_free(c);
		errno = ENOMEM;
		return NULL;
	}
	return c;
}

void
policy_cursor_free(struct policy_cursor *c)
{
	if (c == NULL)
		return;
	policy_cursor_free(c->also);
	free(c->path);
	free(c->ends);
	free(c->wild);
	free(c->ups);
	free(c);
}

/* Where the path of the first depth components ends. */
static size_t
end_of(const struct policy_cursor *c, size_t depth)
{
	return depth == 0 ? 0 : c->ends[depth - 1];
}

int
policy_cursor_push(struct policy_cursor *c, const char *name, size_t len)
{
	size_t	 end = end_of(c, c->gp.depth);

	if (grow_path(c, end + 1 + len + 1) == -1 || grow_levels(c) == -1 ||
	    (c->also != NULL && policy_cursor_push(c->also, name, len) == -1))
		return -1;
	c->path[end] = '/';
	memcpy(c->path + end + 1, name, len);
	c->path[end + 1 + len] = '\0';
	c->ends[c->gp.depth] = (uint32_t)(end + 1 + len);
	descent_fold(&c->d);
	c->ups[c->gp.depth] = c->d.at;
	c->gp.depth++;
	descent_step(&c->d);
	return 0;
}

int
policy_cursor_descend(struct policy_cursor *c, const char *path)
{
	size_t	 len;

	for (path++; *path != '\0'; path += path[len] == '/' ? len + 1 : len) {
		len = pathname_first(path);
		if (policy_cursor_push(c, path, len) == -1)
			return -1;
	}
	return 0;
}

/* How many bytes two paths have in common at their beginnings. */
static size_t
same_bytes(const char *a, const char *b)
{
	size_t	 n = 0, alen = strlen(a), blen = strlen(b);
	size_t	 len = alen < blen ? alen : blen;

	while (len - n >= 256 && memcmp(a + n, b + n, 256) == 0)
		n += 256;
	while (n < len && a[n] == b[n])
		n++;
	return n;
}

/* May a component of a path have these bytes? */
static bool
is_clean(const char *p, size_t len)
{
	return len > 0 && len <= NAME_MAX && (p[0] != '.' ||
	    (len != 1 && (len != 2 || p[1] != '.')));
}

int
policy_cursor_move(struct policy_cursor *c, const char *path)
{
	size_t	 end, len, same = same_bytes(c->path, path);

	if (path[0] != '/') {
		errno = EINVAL;
		return -1;
	}
	while ((end = end_of(c, c->gp.depth)) > 0 && (end > same ||
	    (path[end] != '/' && path[end] != '\0')))
		policy_cursor_pop(c);
	path += end;
	if (end == 0 && path[1] == '\0')
		return 0;
	for (; *path != '\0'; path += len) {
		len = pathname_first(++path);
		if (!is_clean(path, len)) {
			errno = EINVAL;
			return -1;
		}
		if (policy_cursor_push(c, path, len) == -1)
			return -1;
	}
	return 0;
}

void
policy_cursor_pop(struct policy_cursor *c)
{
	size_t	 end;

	if (c->also != NULL)
		policy_cursor_pop(c->also);
	c->d.at = c->ups[--c->gp.depth];
	end = end_of(c, c->gp.depth);
	c->path[end > 0 ? end : 1] = '\0';
}

void
policy_cursor_set_role(struct policy_cursor *c, const struct role *role)
{
	size_t	 i, depth = c->gp.depth;

	descent_begin(&c->d, role, c->d.ops, c->d.nops, &c->gp, c->wild);
	for (i = 0; i < depth; i++) {
		descent_fold(&c->d);
		c->ups[i] = c->d.at;
		/* A step looks at the components down to its own. */
		c->gp.depth = i + 1;
		descent_step(&c->d);
	}
	policy_cursor_free(c->also);
	c->also = NULL;
	c->lost = false;
	if (role->also == NULL)
		return;
	c->also = policy_cursor_new(role->also, c->d.ops, c->d.nops);
	if (c->also != NULL && policy_cursor_descend(c->also, c->path) == 0)
		return;
	policy_cursor_free(c->also);
	c->also = NULL;
	c->lost = true;
}

const char *
policy_cursor_path(const struct policy_cursor *c)
{
	return c->path;
}

size_t
policy_cursor_depth(const struct policy_cursor *c)
{
	return c->gp.depth;
}

size_t
policy_cursor_length(const struct policy_cursor *c, size_t depth)
{
	return end_of(c, depth);
}

/* The verdict, if both permit; what could not be asked denies. */
static struct verdict
also_decides(const struct policy_cursor *c, struct verdict v,
    struct verdict also)
{
	if (!c->lost)
		return also.permit ? v : also;
	v.permit = false;
	v.reason = POLICY_NO_RULE;
	v.rule = NULL;
	return v;
}

struct verdict
policy_cursor_decide(const struct policy_cursor *c, size_t op)
{
	struct verdict	 v = descent_decide(&c->d, op);

	return v.permit ? also_decides(c, v,
	    c->also != NULL ? policy_cursor_decide(c->also, op) : v) : v;
}

struct verdict
policy_cursor_enter(const struct policy_cursor *c, size_t op)
{
	struct verdict	 v = descent_enter(&c->d, op);

	return v.permit ? also_decides(c, v,
	    c->also != NULL ? policy_cursor_enter(c->also, op) : v) : v;
}

struct verdict
policy_cursor_enter_above(struct policy_cursor *c, size_t depth, size_t op)
{
	size_t		 whole = c->gp.depth;
	struct descent	 d = c->d;
	struct verdict	 v;

	if (depth < whole)
		d.at = c->ups[depth];
	c->gp.depth = depth;
	v = descent_enter(&d, op);
	c->gp.depth = whole;
	return v.permit ? also_decides(c, v, c->also != NULL ?
	    policy_cursor_enter_above(c->also, depth, op) : v) : v;
}
