/*
 * longpath.c: decisions about long paths; see longpath.h.
 *
 * Runs in the opener, and in fdbrokerctl.  Touches nothing but memory: 80 bytes
 * or so for each component of a path, once for each operation.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "policy/cursor.h"
#include "policy/longpath.h"
#include "policy/role.h"
#include "policy/tables.h"

struct policy_longpath {
	struct policy_cursor	*places[POLICY_OPS];
};

struct policy_longpath *
policy_longpath_new(void)
{
	return calloc(1, sizeof(struct policy_longpath));
}

void
policy_longpath_forget(struct policy_longpath *l)
{
	size_t	 i;

	for (i = 0; i < POLICY_OPS; i++) {
		policy_cursor_free(l->places[i]);
		l->places[i] = NULL;
	}
}

void
policy_longpath_free(struct policy_longpath *l)
{
	if (l == NULL)
		return;
	policy_longpath_forget(l);
	free(l);
}

/* The place of an operation, which is a single bit; NULL: ENOMEM. */
static struct policy_cursor *
place_of(const struct role *role, uint32_t op)
{
	struct policy_cursor	**c = role->longpath->places;
	uint32_t		  bit;

	for (bit = 1; bit != op; bit <<= 1)
		c++;
	if (*c == NULL)
		*c = policy_cursor_new_alone(role, &bit, 1);
	return *c;
}

struct verdict
policy_longpath_decide(const struct role *role, uint32_t op, const char *path)
{
	const struct verdict	 bad = { .reason = POLICY_BAD_PATH };
	struct policy_cursor	*c;

	if (policy_op_row(op) == NULL ||
	    strnlen(path, POLICY_PATH_MAX) == POLICY_PATH_MAX ||
	    (c = place_of(role, op)) == NULL ||
	    policy_cursor_move(c, path) == -1)
		return bad;
	return policy_cursor_decide(c, 0);
}
