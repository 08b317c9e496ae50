/*
 * refusals.c: remember the sessions that were refused; see refusals.h.
 *
 * Runs in the supervisor.  Touches memory only.
 */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/refusals.h"

static bool
is_same(const struct control_refusal *a, const struct control_refusal *b)
{
	return a->uid == b->uid && a->error == b->error &&
	    strcmp(a->role, b->role) == 0 && strcmp(a->why, b->why) == 0;
}

static void
forget(struct refusals *r, size_t i)
{
	memmove(&r->entries[i], &r->entries[i + 1],
	    (r->n - i - 1) * sizeof(r->entries[0]));
	r->n--;
}

/* The one that makes room for another of this user. */
static size_t
find_oldest(const struct refusals *r, uint32_t uid)
{
	size_t	 i, own = 0, oldest = 0;

	for (i = r->n; i > 0; i--) {
		if (r->entries[i - 1].uid == uid) {
			own++;
			oldest = i - 1;
		}
	}
	return own >= REFUSALS_PER_UID ? oldest : 0;
}

static size_t
count_of(const struct refusals *r, uint32_t uid)
{
	size_t	 i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->entries[i].uid == uid;
	return n;
}

void
refusals_add(struct refusals *r, const struct control_refusal *new)
{
	uint64_t	 count = 1;
	size_t		 i;

	for (i = 0; i < r->n && !is_same(&r->entries[i], new); i++)
		;
	if (i < r->n) {
		count += r->entries[i].count;
		forget(r, i);
	} else if (r->n == REFUSALS_MAX ||
	    count_of(r, new->uid) == REFUSALS_PER_UID)
		forget(r, find_oldest(r, new->uid));
	r->entries[r->n] = *new;
	r->entries[r->n++].count = count;
}
