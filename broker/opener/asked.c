/*
 * asked.c: what the policy says about names that are to be read; see asked.h.
 *
 * Runs in the opener.  Touches nothing but memory.
 */

#include "config.h"

#include "opener/asked.h"
#include "opener/state.h"
#include "policy/cursor.h"
#include "policy/tables.h"

enum { ASKED_READ, ASKED_SPECIAL, ASKED_OPS };

static const uint32_t	 ops[ASKED_OPS] = {
	[ASKED_READ] = POLICY_OP_READ,
	[ASKED_SPECIAL] = POLICY_OP_SPECIAL
};

void
asked_free(struct asked *a)
{
	policy_cursor_free(a->cursor);
	a->cursor = NULL;
	a->version = 0;
}

/* A cursor for the role that is in force, or NULL. */
static struct policy_cursor *
cursor_of(struct state *s)
{
	struct asked	*a = &s->asked;

	if (a->version == s->version)
		return a->cursor;
	asked_free(a);
	a->cursor = policy_cursor_new(s->role, ops, ASKED_OPS);
	a->version = s->version;
	return a->cursor;
}

void
asked_decide(struct state *s, const char *path, struct asked_verdicts *v)
{
	struct policy_cursor	*c = cursor_of(s);

	v->version = s->version;
	if (c != NULL && policy_cursor_move(c, path) == 0) {
		v->read = policy_cursor_decide(c, ASKED_READ);
		v->special = policy_cursor_decide(c, ASKED_SPECIAL);
		return;
	}
	v->read = policy_decide(s->role, POLICY_OP_READ, path);
	v->special = policy_decide(s->role, POLICY_OP_SPECIAL, path);
}
