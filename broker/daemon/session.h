/*
 * session.h: one session and its opener: start it, take what the opener says,
 * end it.
 */

#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/proto.h"
#include "conf/conf.h"
#include "daemon/audit.h"
#include "daemon/candidate.h"
#include "daemon/peerid.h"
#include "daemon/rundir.h"

struct accounts;
struct event;
struct event_base;
struct identity;
struct spare;

/* What a session has of the limits; daemon/quota.h says how much. */
struct grant {
	uint32_t	 tokens;	/* directories that it may hold */
	uint32_t	 bytes;		/* that may be queued for its worker */
	uint32_t	 opens;		/* a second; 0: no limit per uid */
};

/* What all sessions of the daemon need, from their start to their end. */
struct session_env {
	const struct rundir	*rundir;
	const char		*rendezvous;	/* its path */
	const char		*peers;		/* path of that for peers */
	struct spare		*spare;		/* starts openers */
	uint32_t		 nofile;	/* RLIMIT_NOFILE for openers */
	struct event_base	*base;
	struct audit		*audit;
	struct accounts		*accounts;
	/* Called with each audit record and each event, as a line. */
	void			(*monitor)(void *arg, const char *line);
	void			*monitor_arg;
};

struct session {
	LIST_ENTRY(session)	 entry;
	const struct session_env *env;
	uint32_t		 id;
	struct peerid		 peer;		/* whose it is */
	char			 role[FDB_ROLE_MAX + 1];
	struct timespec		 since;
	bool			 started;	/* the opener said STARTED */
	uint32_t		 confined;	/* FDB_CONFINED_* */
	uint64_t		 refused;	/* requests; the opener says */
	/* With which its role was filled in (ownrole.h); NULL: it was not. */
	char			*user, *home;
	pid_t			 opener;	/* 0: reaped */
	int			 channel;	/* to the opener; -1: hung up */
	struct event		*event;		/* NULL: not listened to */
	struct audit_rate	 rate;
	struct grant		 grant;
	int			 burst;		/* messages taken in a row */
	int64_t			 began;		/* clock_ms() */
	int64_t			 end_by;	/* clock_ms(), or 0 */
	struct event		*lifetime;	/* the timer of that limit */
	uint64_t		 lasts;		/* its seconds; 0: no limit */
	char			 ended[PROTO_TEXT_MAX];	/* why, or "" */
	/* After a reload: does its role still admit its user? */
	bool			 unsure;
};

LIST_HEAD(session_list, session);

/* The session that is to be started. */
struct session_spec {
	uint32_t		 id;
	struct candidate	*candidate;	/* whose it is to be */
	const struct conf	*conf;
	uint64_t		 generation;	/* of conf */
	struct role		*role;		/* of conf */
	/* To fill in the role; NULL: it is no template. */
	const char		*user, *home;
	const struct identity	*identity;	/* of the opener */
	struct grant		 grant;
};

/*
 * Prepare what the opener needs and start it.  The session, which is the
 * caller's to put into a list; env must outlive it.  It takes the candidate's
 * ids over; the connection stays the candidate's, and the opener has a copy.
 * NULL with errno and why if it could not be started.
 */
struct session	*session_start(const struct session_env *,
		    const struct session_spec *, char why[PROTO_TEXT_MAX]);

/*
 * Tell the opener to end the session, and why.  True: it was told, and has
 * time until session_expire() kills it; being told again gives it no more.
 * False: it could not be told and was killed.
 */
bool		 session_dismiss(struct session *, int error,
		    const char *why);

/* Kill the opener if its time to end is over.  True if it still has some. */
bool		 session_expire(struct session *, int64_t now);

/* What the supervisor knows of the worker, whatever its opener says. */
void		 session_subject(const struct session *,
		    struct audit_subject *);

/* Kill the opener. */
void		 session_kill(struct session *);

/*
 * Stop listening to the opener, and close its channel: it sees that and ends.
 */
void		 session_hang_up(struct session *);

/*
 * Tell the opener how many opens a second it may have, unless it knows, or is
 * to end.  0, or -1 if its channel is full: try again later.
 */
int		 session_set_opens(struct session *, uint32_t opens);

/*
 * Send the opener its role as a new configuration has it, filled in as at the
 * start.  One that cannot be told is killed: it may not go on with the old
 * rules.
 */
void		 session_set_role(struct session *, const struct role *,
		    uint64_t generation);

/*
 * The opener is gone, with this status of waitpid(2): take what it said last,
 * and log how it ended.
 */
void		 session_reaped(struct session *, int status);

/* Free a session that is in no list. */
void		 session_free(struct session *);

#endif /* DAEMON_SESSION_H */
