/*
 * state.c: the state of an opener's session; see state.h.
 *
 * Runs in the opener.  Touches its own memory and descriptors.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "opener/state.h"
#include "policy/folded.h"
#include "policy/named.h"
#include "policy/role.h"
#include "policy/roots.h"

int
state_init(struct state *s, struct setup *su, const struct state_calls *calls)
{
	memset(s, 0, sizeof(*s));
	s->calls = *calls;
	s->sock = su->sock;
	su->sock = -1;
	s->private = su->private;
	s->embedded = su->embedded;
	s->version = 1;
	s->caps = su->caps;
	s->peer_uid = su->peer_uid;
	s->peer_gid = su->peer_gid;
	s->info = su->info;
	s->role = su->role;
	su->role = NULL;
	s->audit = su->audit;
	s->opens = su->opens;
	if ((s->spelling = spelling_new()) == NULL)
		return -1;
	if (pendfile_init(&s->pending, s->info.tokens) == -1)
		return -1;
	return tokens_init(&s->tokens, s->info.tokens);
}

/*
 * Judge where the spelling of names matters.  Without memory for the folded
 * rules, it matters wherever it may.  These are about all roots, whatever their
 * kinds: another file system may be mounted beneath any of them.
 */
static void
state_judge(struct state *s)
{
	const char	*tops[POLICY_ROOTS_MAX];
	const struct root *r;
	bool		 inexact = false;
	size_t		 i, n = 0;

	role_free(s->folded);
	s->folded = NULL;
	/* The rules of a backup permit all that is beneath its roots. */
	s->spells = (!s->private || s->embedded) &&
	    roots_judge(&s->roots, s->role);
	for (i = 0; s->spells && i < s->roots.n; i++) {
		r = &s->roots.list[i];
		if (r->alike)
			continue;
		tops[n++] = r->path;
		inexact = inexact || r->kind != FSKIND_EXACT;
	}
	/* There is one such table: for one role. */
	if (inexact && s->role->also == NULL)
		s->folded = policy_folded_new(s->role, tops, n);
}

int
state_open_roots(struct state *s, bool clone, char *path)
{
	if (roots_open(&s->roots, s->role, clone, path) == -1)
		return -1;
	if (!s->private || s->embedded)
		roots_ask_kinds(&s->roots, s->role, s->spelling);
	state_judge(s);
	return 0;
}

void
state_free(struct state *s)
{
	fd_close(&s->sock);
	pendfile_free(&s->pending);
	roots_close(&s->roots);
	tokens_free(&s->tokens);
	spelling_free(s->spelling);
	s->spelling = NULL;
	asked_free(&s->asked);
	role_free(s->folded);
	s->folded = NULL;
	role_free(s->role);
	s->role = NULL;
}

void
state_set_role(struct state *s, struct role *role, uint64_t generation,
    uint8_t audit)
{
	/* What narrowed the old one narrows the new one. */
	role->also = s->role->also;
	s->role->also = NULL;
	role_free(s->role);
	s->role = role;
	s->version++;
	state_judge(s);
	s->info.generation = generation;
	s->audit = audit;
}

int
state_narrow(struct state *s, struct role *more)
{
	struct role	**last = &s->role->also;
	int		  n;

	for (n = 0; *last != NULL; n++)
		last = &(*last)->also;
	if (n >= STATE_LIMITS || (named_need(more) == NAMED_NEEDED &&
	    named_need(s->role) == NAMED_MAYBE && s->role->named == NULL)) {
		role_free(more);
		errno = n >= STATE_LIMITS ? E2BIG : ENOENT;
		return -1;
	}
	*last = more;
	state_judge(s);
	if (roots_are_blind(&s->roots)) {
		*last = NULL;
		role_free(more);
		state_judge(s);
		errno = EOPNOTSUPP;
		return -1;
	}
	s->version++;
	return 0;
}
