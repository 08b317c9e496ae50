/*
 * admission.h: who gets a session: role, peers, limits, and the places where
 * requests wait.
 */

#ifndef ADMISSION_H
#define ADMISSION_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "daemon/candidate.h"
#include "daemon/floodlog.h"
#include "daemon/idmap.h"
#include "daemon/refusals.h"
#include "daemon/session.h"
#include "ipc/admit.h"

struct event;

/*
 * Who waits for a place, since a session that ends may make one, or for an
 * answer about its groups.
 */
struct waiting {
	struct candidate	 candidate;
	int64_t			 until;		/* clock_ms(); 0: an answer */
};

/* Places for requests over a limit, and for those that wait for an answer. */
#define ADMISSION_WAITING	32
#define ADMISSION_ASKING	64

struct admission {
	struct session_env	 env;
	struct conf		*conf;		/* swapped by a reload */
	uint64_t		 generation;	/* of conf */
	struct session_list	 sessions;
	uint32_t		 next_id;
	uint32_t		 fit;		/* sessions, by quota_fit() */
	uint64_t		 admitted, refused;	/* since the start */
	struct waiting		 waiting[ADMISSION_WAITING +
				    ADMISSION_ASKING];
	size_t			 nwaiting;
	struct event		*ev_waiting;	/* the retry timer */
	struct floodlog		 flood;		/* refusals in the log */
	struct refusals		 refusals;
	struct idmap		 idmap;
	/* The minute of the day, where the daemon is; tests set it. */
	unsigned int		 (*minute)(void);
};

/*
 * Raise the soft RLIMIT_NOFILE of this process to the hard one, and compute
 * how many sessions it is enough for.  Ends the process if it is for none, or
 * if it cannot be told which ids are nobody's.
 */
void	 admission_init(struct admission *);

/* Begin to serve; all of env must be set.  0, or -1: out of memory. */
int	 admission_start(struct admission *);
void	 admission_stop(struct admission *);

/*
 * The listener passes on that a client asks for a session.  The connection,
 * which is taken over, says who it is.  Every refusal is sent to the client,
 * and logged as far as floodlog.h allows.  0; or -1 with errno EBADMSG: what
 * the listener sent is no connection of a client.
 */
int	 admission_request(struct admission *, const struct admit *,
	    int conn);

/*
 * A new configuration is in force: ad->conf, which was `old' before.  Live
 * sessions get their role anew.  They end if they may not have it any more, or
 * if their opener cannot take it over.  Where the names process must say
 * whether they may, they end once it says no, or fails to say it.
 */
void	 admission_reload(struct admission *, const struct conf *old);

/*
 * Tell which live sessions would not go on under another configuration than
 * ad->conf, and why.  why NULL: that is known only once the names process has
 * answered, which it is asked to.
 */
typedef void	 admission_fate(void *arg, const struct session *,
		    const char *why);
void	 admission_foresee(const struct admission *, const struct conf *,
	    admission_fate *, void *arg);

/* The names process has answered something. */
void	 admission_answered(struct admission *);

/*
 * Tell a session to end, and why; its opener is killed if it does not.
 */
void	 admission_end(struct admission *, struct session *, int error,
	    const char *why);

/* A child is gone: true if it was an opener, whose session is removed. */
bool	 admission_reap(struct admission *, pid_t, int status);

/* End all sessions: their openers are told.  They are still to be reaped. */
void	 admission_end_all(struct admission *);
/* Kill the openers that have not ended. */
void	 admission_kill_all(struct admission *);

/* How many sessions one user may have at once at most. */
uint32_t admission_sessions_per_uid(const struct admission *);

#endif /* ADMISSION_H */
