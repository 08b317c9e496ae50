/*
 * state.c: the state of an opener's session; see state.h.
 *
 * Runs in the opener.  Touches its own memory and descriptors.
 */

#include "config.h"

#include <string.h>

#include "base/fd.h"
#include "opener/state.h"
#include "policy/role.h"

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
	return tokens_init(&s->tokens, s->info.tokens);
}

void
state_free(struct state *s)
{
	fd_close(&s->sock);
	roots_close(&s->roots);
	tokens_free(&s->tokens);
	role_free(s->role);
	s->role = NULL;
}

void
state_set_role(struct state *s, struct role *role, uint64_t generation,
    uint8_t audit)
{
	role_free(s->role);
	s->role = role;
	s->info.generation = generation;
	s->audit = audit;
}
