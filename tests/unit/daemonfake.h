/*
 * daemonfake.h: the surroundings of a session in the supervisor, without a
 * daemon: a run directory, a configuration with one role, and a peer's socket.
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
#include "daemon/identity.h"
#include "daemon/rundir.h"
#include "daemon/session.h"
#include "ipc/admit.h"
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
	struct dgram		 peer;
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

/* A request of a user for the role, from the peer's socket. */
void		 daemonfake_admit(const struct daemonfake *, struct admit *,
		    uint32_t uid);

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
