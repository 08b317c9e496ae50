/*
 * admit.c: encode and decode a request for a session; see admit.h.
 *
 * Runs in the listener and in the supervisor.  Pure.
 */

#include "config.h"

#include "base/rolename.h"
#include "ipc/admit.h"

void
admit_put(struct wire_out *w, const struct admit *a)
{
	wire_put_str(w, a->role);
}

void
admit_get(struct wire_in *w, struct admit *a)
{
	wire_get_str(w, a->role, sizeof(a->role));
	if (!rolename_is_valid(a->role))
		wire_get_fail(w);
}
