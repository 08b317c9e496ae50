/*
 * quota.h: what the limits leave for one more session.
 *
 * Sessions are counted.  Directories held and bytes queued are fixed when a
 * session begins, so they are set aside for it until it ends.  Opens a second
 * are shared out, evenly, among the sessions that a user has at a time.
 */

#ifndef QUOTA_H
#define QUOTA_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/admit.h"

struct admission;
struct role;
struct session;

/* What a session has of the limits. */
struct grant {
	uint32_t	 tokens;	/* directories held */
	uint32_t	 bytes;		/* queued for its worker */
	uint32_t	 opens;		/* a second; 0: no limit per uid */
};

/*
 * A session has at least so many directories, unless its role has less, and
 * bytes: what is less is of no use.
 */
#define QUOTA_TOKENS_MIN	16
#define QUOTA_BYTES_MIN		65536

/* The least RLIMIT_NOFILE, and how many sessions a higher one fits. */
uint32_t	 quota_nofile_min(void);
uint32_t	 quota_fit(uint32_t nofile);

/* How many sessions one user may have, as things are; 0: no limit. */
uint32_t	 quota_sessions_per_uid(const struct admission *);

/*
 * May the worker have a session in the role, and what would it have of the
 * limits?  0, or -1 with what is exhausted in `why'.
 */
int		 quota_grant(const struct admission *, const struct admit *,
		    const struct role *, struct grant *, char *why,
		    size_t size);

/* The share of a session that lives in the opens of its user. */
uint32_t	 quota_opens(const struct admission *,
		    const struct session *);

#endif /* QUOTA_H */
