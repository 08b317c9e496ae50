/*
 * blocking.c: make one request and wait for its answer, for callers that need
 * no pipeline.
 *
 * Runs in the worker.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "client/blocking.h"
#include "client/next.h"
#include "client/send.h"
#include "client/session.h"

/* Note in the session who refused a path, and why. */
static void
blocking_explain(struct fdb_session *s, const char *path,
    const struct fdb_result *r)
{
	int	 n;

	s->refusal.error = r->error;
	s->refusal.reason = r->reason;
	s->refusal.id = r->id;
	(void)strlcpy(s->refusal.where, r->where, sizeof(s->refusal.where));

	if (r->reason == FDB_REASON_POLICY)
		n = snprintf(s->error, sizeof(s->error),
		    "%s: denied by policy (%s)", path, r->where);
	else
		n = snprintf(s->error, sizeof(s->error), "%s: %s%s%s%s", path,
		    strerror(r->error), r->where[0] != '\0' ? " (" : "",
		    r->where, r->where[0] != '\0' ? ")" : "");
	(void)n;	/* a long path is cut: it is for people */
	s->text = s->error;
}

/* Wait for the answer to the one request that was just queued. */
static int
blocking_answer(struct fdb_session *s, const char *path, struct fdb_result *r)
{
	int	 n;

	if ((n = next_wait_reply(s, r)) != 1) {
		if (n == 0)
			(void)session_fail(s, EPIPE, "no answer came");
		return -1;
	}
	if (r->error == 0)
		return 0;
	blocking_explain(s, path, r);
	errno = r->error;
	return -1;
}

static int
blocking_check(struct fdb_session *s, const char *path)
{
	memset(&s->refusal, 0, sizeof(s->refusal));
	/* What was outstanding when the session ended is never answered. */
	if (send_check(s) == -1)
		return -1;
	if (path[0] != '/')
		return session_fail(s, EINVAL, "the path is not absolute");
	if (fdb_outstanding(s) > 0 || s->have_reply)
		return session_fail(s, EBUSY, "results of other requests are "
		    "outstanding: take them first");
	return 0;
}

/* FDB_READ... for flags of open(2); 0 if there is no such request. */
static unsigned int
access_of_flags(int flags)
{
	const int	 known = O_ACCMODE | O_APPEND | O_CREAT | O_EXCL |
			    O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
			    O_NOFOLLOW;
	unsigned int	 access = 0;

	if ((flags & ~known) || (flags & O_ACCMODE) == O_ACCMODE)
		return 0;
	if ((flags & O_ACCMODE) != O_WRONLY)
		access |= FDB_READ;
	if ((flags & O_ACCMODE) != O_RDONLY)
		access |= flags & O_APPEND ? FDB_APPEND : FDB_WRITE;
	if (flags & O_CREAT)
		access |= FDB_CREATE;
	if (flags & O_EXCL)
		access |= FDB_EXCLUSIVE;
	if (flags & O_TRUNC)
		access |= FDB_TRUNCATE;
	if (flags & O_NOFOLLOW)
		access |= FDB_NOFOLLOW;
	return access;
}

int
fdb_open(struct fdb_session *s, const char *path, int flags)
{
	struct fdb_result	 r;
	unsigned int		 access = access_of_flags(flags);

	if (blocking_check(s, path) == -1)
		return -1;
	if (!fdb_access_is_valid(access))
		return session_fail(s, EINVAL, "these flags cannot be used");
	if (fdb_open_at(s, FDB_TOKEN_ROOT, path, access, 0) == -1 ||
	    blocking_answer(s, path, &r) == -1)
		return -1;
	return r.fd;
}

int
blocking_stat(struct fdb_session *s, const char *path, struct fdb_result *r)
{
	if (blocking_check(s, path) == -1 ||
	    fdb_stat_at(s, FDB_TOKEN_ROOT, path, 0) == -1)
		return -1;
	return blocking_answer(s, path, r);
}

int
fdb_lstat(struct fdb_session *s, const char *path, struct fdb_stat *st)
{
	struct fdb_result	 r;

	if (blocking_stat(s, path, &r) == -1)
		return -1;
	*st = r.st;
	return 0;
}

const struct fdb_refusal *
fdb_session_refusal(const struct fdb_session *s)
{
	return s->refusal.error != 0 ? &s->refusal : NULL;
}
