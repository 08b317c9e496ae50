/*
 * worker.c: see worker.h.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "worker.h"

#define CONNECT_MS	10000

struct fdb_session *
worker_connect(const char *sock, const char *role)
{
	struct fdb_session	*s;
	char			 why[FDB_WHY_MAX];

	if (fdb_connect(&s, sock, role, CONNECT_MS, why) == -1)
		errx(1, "%s", why);
	return s;
}

void
worker_confine(struct fdb_session *s)
{
	if (fdb_confine_session(s, NULL) == -1)
		err(1, "confine");
}

const char *
worker_reason(enum fdb_reason reason)
{
	static const char *const	 reasons[] = {
		[FDB_REASON_NONE] = "none",
		[FDB_REASON_POLICY] = "policy",
		[FDB_REASON_KERNEL] = "kernel",
		[FDB_REASON_LIMIT] = "limit",
		[FDB_REASON_TYPE] = "type",
		[FDB_REASON_NAME] = "name"
	};

	if ((size_t)reason >= sizeof(reasons) / sizeof(reasons[0]))
		errx(1, "reason %d", (int)reason);
	return reasons[reason];
}

const char *
worker_failure(const struct fdb_result *r)
{
	static char	 text[FDB_WHY_MAX + 64];

	(void)snprintf(text, sizeof(text), "%s %s%s%s",
	    worker_reason(r->reason), strerrorname_np(r->error),
	    r->where[0] != '\0' ? " " : "", r->where);
	return text;
}
