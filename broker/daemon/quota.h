/*
 * quota.h: may there be one more session, and what does it get?
 *
 * Sessions are counted.  A session's number of tokens and of queued bytes is
 * fixed when it begins, and set aside for it until it ends.  The opens a second
 * of a user are shared evenly among the user's live sessions.
 */

#ifndef QUOTA_H
#define QUOTA_H

#include <stddef.h>
#include <stdint.h>

struct conf;
struct grant;
struct role;
struct session;
struct session_list;

/* What a request is checked against. */
struct quota {
	const struct conf		*conf;
	const struct session_list	*sessions;	/* that live */
	uint32_t			 nofile;	/* of an opener */
};

/*
 * Minimum grant; less is unusable.  A role whose own limit of tokens is lower
 * gets that.
 */
#define QUOTA_TOKENS_MIN	16
#define QUOTA_BYTES_MIN		65536

/*
 * The RLIMIT_NOFILE that one session needs, and how many sessions fit into a
 * given one.
 */
uint32_t	 quota_nofile_min(void);
uint32_t	 quota_fit(uint32_t nofile);
/* The RLIMIT_NOFILE with which this many sessions get their usual bytes. */
uint64_t	 quota_nofile(uint64_t sessions);

/* How many sessions one user may have at once, by the daemon's own limits. */
uint32_t	 quota_sessions_per_uid(const struct quota *);

/*
 * Check a uid's request for a session in the role against the limits, and fill
 * in what the session gets.  0, or -1 with the limit that is reached in why, of
 * `size' bytes.
 */
int		 quota_grant(const struct quota *, uint32_t uid,
		    const struct role *, struct grant *, char *why,
		    size_t size);

/*
 * The opens a second that a live session may have: its share of its user's.
 * 0: no limit per uid.
 */
uint32_t	 quota_opens(const struct quota *, const struct session *);

#endif /* QUOTA_H */
