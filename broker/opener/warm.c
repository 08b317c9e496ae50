/*
 * warm.c: what an opener does while it waits for its session; see warm.h.
 *
 * Runs in the opener, as root, before it has heard of anybody.  It talks to
 * nobody but itself, about a role that permits nothing that exists, and keeps
 * nothing.
 */

#include "config.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/proto.h"
#include "confine/privdrop.h"
#include "ipc/setup.h"
#include "opener/spelling.h"
#include "opener/state.h"
#include "opener/warm.h"
#include "policy/role.h"
#include "policy/roots.h"

#define NOWHERE	"/none"
#define TOKENS	64	/* any number */

static struct role *
rehearsal_role(void)
{
	const char	*why;
	struct role	*role;

	if ((role = role_new("rehearsal", NOWHERE, 1)) != NULL)
		(void)role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
		    NOWHERE, NULL, NOWHERE, 1, &why);
	return role;
}

/* The setup, as it comes back from a channel.  0, or -1. */
static int
rehearse_setup(struct setup *su)
{
	struct setup	 sent;
	int		 fds[2], ret = -1;

	setup_init(&sent);
	setup_init(su);
	if (dgram_pair_seq(fds) == -1)
		return -1;
	sent.info.window = sent.info.batch = 1;
	sent.info.bytes = PROTO_MAX;
	sent.info.tokens = TOKENS;
	if ((sent.role = rehearsal_role()) != NULL) {
		sent.sock = sent.client = sent.conn = sent.empty_dir = fds[0];
		ret = setup_send(fds[0], &sent);
		sent.sock = sent.client = sent.conn = sent.empty_dir = -1;
	}
	if (ret == 0)
		ret = setup_recv(fds[1], su);
	setup_clear(&sent);
	fd_close_all(fds, 2);
	return ret;
}

int
warm_rehearse(struct setup *su, struct state *state)
{
	static const struct state_calls	 calls;
	struct policy_root		*wanted = NULL;
	size_t				 n = 0;
	int				 ret = -1;

	if (rehearse_setup(su) == -1)
		return -1;
	if (state_init(state, su, &calls) == 0) {
		spelling_init(state->spelling);
		ret = policy_roots(state->role, POLICY_OP_READ, &wanted, &n);
		policy_roots_free(wanted, n);
	}
	state_free(state);
	setup_clear(su);
	return ret;
}

void
warm_up(int channel, struct setup *su, struct state *state)
{
	struct pollfd	 pfd = { .fd = channel, .events = POLLIN };

	if (poll(&pfd, 1, 0) != 0)
		return;
	privdrop_begin();
	(void)warm_rehearse(su, state);
}
