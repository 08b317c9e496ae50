/*
 * walk_cursor.c: the cursors of a walk; see walk_cursor.h.
 *
 * Runs in the opener.  Touches nothing but memory.
 */

#include "config.h"

#include "opener/walk_cursor.h"
#include "opener/walk_entry.h"
#include "policy/cursor.h"

int
walk_cursor_down(struct walk *w, const char *name, size_t len)
{
	if (policy_cursor_push(w->cursor, name, len) == -1)
		return -1;
	if (walk_exclude_push(&w->exclude, name, len) == 0)
		return 0;
	policy_cursor_pop(w->cursor);
	return -1;
}

void
walk_cursor_up(struct walk *w)
{
	policy_cursor_pop(w->cursor);
	walk_exclude_pop(&w->exclude);
}

bool
walk_cursor_permits(const struct walk *w, bool dir)
{
	return policy_cursor_decide(w->cursor, WALK_ENTRY_LIST).permit ||
	    (dir && policy_cursor_enter(w->cursor, WALK_ENTRY_LIST).permit);
}
