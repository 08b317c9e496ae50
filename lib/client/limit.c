/*
 * limit.c: give up rights of a session.
 *
 * Runs in the worker.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "client/batch.h"
#include "client/next.h"
#include "client/send.h"
#include "client/session.h"

int
fdb_limit(struct fdb_session *s, const char *policy)
{
	struct fdb_result	 r;
	size_t			 len = strlen(policy);
	int			 n;

	memset(&s->refusal, 0, sizeof(s->refusal));
	if (send_check(s) == -1)
		return -1;
	if (fdb_outstanding(s) > 0 || s->have_reply)
		return session_fail(s, EBUSY, "results of other requests are "
		    "outstanding: take them first");
	if (len > FDB_POLICY_MAX || PROTO_HEADER + 2 + len > s->info.bytes)
		return session_fail(s, E2BIG, "the policy is too long");
	if (batch_room(s, PROTO_LIMIT, sizeof(uint16_t) + len) == -1)
		return -1;
	wire_put_str(&s->out.w, policy);
	s->build.cookies[s->build.items++] = 0;
	if ((n = next_wait_reply(s, &r)) != 1) {
		if (n == 0)
			(void)session_fail(s, EPIPE, "no answer came");
		return -1;
	}
	if (r.error == 0)
		return 0;
	(void)strlcpy(s->error, r.where[0] != '\0' ? r.where :
	    strerror(r.error), sizeof(s->error));
	s->text = s->error;
	errno = r.error;
	return -1;
}
