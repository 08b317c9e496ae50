/*
 * daemonfake.h: the surroundings of a session in the supervisor, without a
 * daemon: a run directory, a configuration with one role, and a rendezvous.
 *
 * The opener is the test program itself, which is started under the name
 * fdbroker-opener.  It sends its messages and then stops itself, which is the
 * event that a test waits for.
 */

#ifndef DAEMONFAKE_H
#define DAEMONFAKE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dgram.h"
#include "conf/conf.h"
#include "daemon/accounts.h"
#include "daemon/audit.h"
#include "daemon/candidate.h"
#include "daemon/identity.h"
#include "daemon/rundir.h"
#include "daemon/session.h"
#include "daemon/spare.h"
#include "ipc/setup.h"

#define DAEMONFAKE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, util_setup, daemonfake_teardown)

struct daemonfake {
	struct rundir		 rundir;
	struct conf		 conf;
	struct role		*role;		/* "r", for root */
	struct audit		 audit;
	struct accounts		 accounts;	/* without a names process */
	struct identity		 identity;	/* of openers: conf's user */
	struct session_env	 env;
	struct dgram		 rendezvous;
	int			 clients[256];	/* of daemonfake_connect() */
	size_t			 nclients;
	struct spare		 spare;
	struct session_list	 sessions;
	size_t			 lines;		/* passed to env.monitor() */
};

/* Begin; skips the test unless it runs as root. */
void		 daemonfake_begin(struct daemonfake *);

/*
 * Undo daemonfake_begin(), if it was called, and call util_teardown().  Kills
 * and reaps the openers of all sessions that are still in df->sessions, also
 * after an assertion has failed.
 */
int		 daemonfake_teardown(void **state);

/*
 * Connect to the rendezvous as a user, whose group has the same number.  The
 * daemon's end, which is the caller's; the client's end is the last one in
 * df->clients and is closed at the end.
 */
int		 daemonfake_connect(struct daemonfake *, uint32_t uid);
/* The same with groups. */
int		 daemonfake_connect_in(struct daemonfake *, uint32_t uid,
		    uint32_t gid, const gid_t *gids, size_t ngids);

/* The same as a candidate for the role. */
void		 daemonfake_candidate(struct daemonfake *, struct candidate *,
		    uint32_t uid);

/*
 * The last client must have been told REFUSED, with this error and a text with
 * this in it.
 */
void		 daemonfake_expect_refused(const struct daemonfake *, int error,
		    const char *text);

/* How many lines of the log contain a text, since the beginning. */
size_t		 daemonfake_logged(const char *text);

/* Wait until the opener of a session has stopped; handle its messages. */
void		 daemonfake_wait_stopped(struct daemonfake *,
		    const struct session *);
/* Handle the events that are there. */
void		 daemonfake_run(struct daemonfake *);

/* Kill and reap the opener of a session.  Returns its status. */
int		 daemonfake_kill(const struct session *);

/*
 * In the opener: receive the setup, and arrange to be killed when the test
 * program ends.  0, or -1.
 */
int		 daemonfake_be_opener(struct setup *);

#endif /* DAEMONFAKE_H */
