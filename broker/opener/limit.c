/*
 * limit.c: answer LIMIT; see limit.h.
 *
 * Runs in the opener.  The text comes from the client.  It is parsed in this
 * process, which has the rights of this session and no others.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "opener/limit.h"
#include "opener/policytext.h"
#include "opener/reply.h"
#include "opener/status.h"

static void
limit_take(struct state *s, const char *text, struct status *st)
{
	char		 why[PROTO_TEXT_MAX];
	struct role	*role;

	/* The opener of a backup takes no policy, and has not the rights to. */
	if (s->private && !s->embedded) {
		status_set(st, EOPNOTSUPP, FDB_REASON_LIMIT, "");
	} else if ((role = policytext_limit(text, why)) == NULL) {
		status_set(st, errno, FDB_REASON_NAME, why);
	} else if (state_narrow(s, role) == -1) {
		status_set(st, errno, FDB_REASON_LIMIT, errno == E2BIG ?
		    "the session was narrowed too often" : errno == ENOENT ?
		    "owner by-name: the accounts of this machine could not "
		    "be listed" : "names would have to be looked for in "
		    "directories");
	} else {
		status_ok(st);
	}
}

int
limit_request(struct state *s, const struct proto_header *h,
    struct wire_in *in)
{
	static char		 text[PROTO_MAX];
	static struct reply	 r;
	struct status		 st;

	wire_get_str(in, text, sizeof(text));
	if (wire_get_end(in) == -1) {
		errno = EBADMSG;
		return -1;
	}
	limit_take(s, text, &st);
	reply_begin(&r, s, PROTO_LIMITED, h->id);
	proto_put_status(&r.m.w, &st.wire);
	r.m.h.items++;
	return reply_send(&r, s);
}
