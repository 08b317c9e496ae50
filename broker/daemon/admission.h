/*
 * admission.h: sessions, from the wish for one to its end.
 */

#ifndef ADMISSION_H
#define ADMISSION_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/dgram.h"
#include "conf/conf.h"
#include "daemon/audit.h"
#include "daemon/quota.h"
#include "daemon/rundir.h"
#include "ipc/admit.h"

struct admission;
struct event;
struct event_base;

struct session {
	LIST_ENTRY(session)	 entry;
	uint32_t		 id;
	uint32_t		 uid, gid;
	pid_t			 pid;		/* of the worker, as it said */
	char			 role[FDB_ROLE_MAX + 1];
	struct timespec		 since;
	bool			 started;
	uint32_t		 confined;	/* FDB_CONFINED_* */
	uint64_t		 refused;	/* as it told us */
	pid_t			 opener;
	int			 channel;
	struct event		*event;
	struct dgram		 name;		/* its file, until STARTED */
	struct audit_rate	 rate;
	struct grant		 grant;		/* what it has of limits */
	int			 burst;		/* messages taken in a row */
	int64_t			 end_by;	/* clock_ms(), or 0 */
	struct admission	*admission;	/* that it belongs to */
};

/* A wish that is over a limit now, and may not be in a moment. */
struct waiting {
	struct admit		 admit;
	int64_t			 until;		/* clock_ms() */
};

#define ADMISSION_WAITING	32

struct admission {
	const struct rundir	*rundir;
	struct conf		*conf;		/* swapped by a reload */
	uint64_t		 generation;	/* of conf */
	const char		*opener_path;
	struct audit		*audit;
	/* Told of each record, as a line. */
	void			(*monitor)(void *arg, const char *line);
	void			*monitor_arg;
	struct event_base	*base;
	LIST_HEAD(, session)	 sessions;
	uint32_t		 next_id;
	uint32_t		 nofile;	/* RLIMIT_NOFILE for openers */
	uint32_t		 fit;		/* sessions, by quota_fit() */
	uint64_t		 admitted, refused;	/* since the start */
	struct waiting		 waiting[ADMISSION_WAITING];
	size_t			 nwaiting;
	struct event		*ev_waiting;
};

/* Begin to serve, on ad->base.  0, or -1. */
int	 admission_start(struct admission *);
void	 admission_stop(struct admission *);

/*
 * How many sessions this process's hard RLIMIT_NOFILE is enough for; raises
 * the soft limit to it.
 */
void	 admission_init(struct admission *);

/*
 * A worker asks for a session.  Every refusal is logged and, if the worker's
 * socket is really its own, told to it.
 */
void	 admission_request(struct admission *, const struct admit *);

/*
 * A new configuration is in force: ad->conf, which was `old' before.  Live
 * sessions get their role anew, or end if they may not have it any more or if
 * its roots are others now.
 */
void	 admission_reload(struct admission *, const struct conf *old);

/*
 * Tell a session to end, and why; its opener is killed if it does not.
 */
void	 admission_end(struct admission *, struct session *, int error,
	    const char *why);

/* A child is gone: true if it was an opener, whose session is removed. */
bool	 admission_reap(struct admission *, pid_t, int status);

/* End all sessions: their openers are told.  They are still to be reaped. */
void	 admission_end_all(struct admission *);
/* Kill those that have not ended. */
void	 admission_kill_all(struct admission *);

#endif /* ADMISSION_H */
