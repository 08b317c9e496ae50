/*
 * state.c: the state of an opener's session; see state.h.
 *
 * Runs in the opener.  Touches its own memory and descriptors.
 */

#include "config.h"

#include <string.h>

#include "base/fd.h"
#include "opener/state.h"
#include "policy/folded.h"
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
	/* A private opener's rules permit all that is beneath its roots. */
	s->spells = !s->private && roots_judge(&s->roots, s->role);
	for (i = 0; s->spells && i < s->roots.n; i++) {
		r = &s->roots.list[i];
		if (r->alike)
			continue;
		tops[n++] = r->path;
		inexact = inexact || r->kind != FSKIND_EXACT;
	}
	if (inexact)
		s->folded = policy_folded_new(s->role, tops, n);
}

int
state_open_roots(struct state *s, bool clone, char *path)
{
	if (roots_open(&s->roots, s->role, clone, path) == -1)
		return -1;
	if (!s->private)
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
	role_free(s->folded);
	s->folded = NULL;
	role_free(s->role);
	s->role = NULL;
}

void
state_set_role(struct state *s, struct role *role, uint64_t generation,
    uint8_t audit)
{
	role_free(s->role);
	s->role = role;
	state_judge(s);
	s->info.generation = generation;
	s->audit = audit;
}
