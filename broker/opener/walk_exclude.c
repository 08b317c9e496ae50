/*
 * walk_exclude.c: what a worker wants to have left out of a walk; see
 * walk_exclude.h.
 *
 * Runs in the opener.  Touches nothing but memory.  The patterns can leave out
 * something that the policy permits, and never the other way round.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/pathname.h"
#include "opener/walk_exclude.h"
#include "policy/cursor.h"
#include "policy/glob.h"
#include "policy/role.h"

/* Which operation stands for which objects. */
#define OP_DIR		POLICY_OP_READ
#define OP_OTHER	POLICY_OP_LIST
enum { ASK_DIR, ASK_OTHER, ASK_N };

static const uint32_t	 ops[ASK_N] = { OP_DIR, OP_OTHER };

static int
add_pattern(struct walk_exclude *x, const char *text, const char **why)
{
	char		 pattern[GLOB_PATH_MAX + sizeof("**/")];
	size_t		 len;
	uint32_t	 which = OP_DIR | OP_OTHER;

	(void)strlcpy(pattern, text[0] == '/' ? "" : "**/", sizeof(pattern));
	len = strlcat(pattern, text, sizeof(pattern));
	if (len >= sizeof(pattern) || text[0] == '\0') {
		*why = "it is empty or too long";
		errno = EINVAL;
		return -1;
	}
	if (len > 1 && pattern[len - 1] == '/') {
		pattern[len - 1] = '\0';
		which = OP_DIR;
	}
	if (x->role == NULL &&
	    (x->role = role_new("exclude", "", 0)) == NULL)
		return -1;
	return role_add_rule(x->role, POLICY_DENY, which, pattern, NULL, "",
	    0, why);
}

static int
add_present(struct walk_exclude *x, const char *text, const char **why)
{
	if (x->npresent == WALKWIRE_PRESENT_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (strchr(text, '/') != NULL || !pathname_is_clean(text)) {
		*why = "it is not a single name";
		errno = EINVAL;
		return -1;
	}
	if ((x->present[x->npresent] = strdup(text)) == NULL)
		return -1;
	x->npresent++;
	return 0;
}

int
walk_exclude_add(struct walk_exclude *x, enum walkwire_text kind,
    const char *text, const char **why)
{
	*why = "out of memory";
	x->bytes += strlen(text);
	if (x->n++ >= WALKWIRE_PATTERNS_MAX ||
	    x->bytes > FDB_WALK_PATTERNS_MAX) {
		errno = E2BIG;
		return -1;
	}
	return kind == WALKWIRE_EXCLUDE ? add_pattern(x, text, why) :
	    add_present(x, text, why);
}

int
walk_exclude_begin(struct walk_exclude *x)
{
	if (x->role == NULL)
		return 0;
	x->cursor = policy_cursor_new(x->role, ops, ASK_N);
	return x->cursor != NULL ? 0 : -1;
}

void
walk_exclude_free(struct walk_exclude *x)
{
	size_t	 i;

	policy_cursor_free(x->cursor);
	if (x->role != NULL)
		role_free(x->role);
	for (i = 0; i < x->npresent; i++)
		free(x->present[i]);
	memset(x, 0, sizeof(*x));
}

int
walk_exclude_push(struct walk_exclude *x, const char *name, size_t len)
{
	return x->cursor == NULL ? 0 :
	    policy_cursor_push(x->cursor, name, len);
}

void
walk_exclude_pop(struct walk_exclude *x)
{
	if (x->cursor != NULL)
		policy_cursor_pop(x->cursor);
}

bool
walk_exclude_has(const struct walk_exclude *x, bool dir)
{
	return x->cursor != NULL && policy_cursor_decide(x->cursor,
	    dir ? ASK_DIR : ASK_OTHER).reason == POLICY_DENIED;
}
