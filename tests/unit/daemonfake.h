/*
 * daemonfake.h: what the supervisor's side of a session needs, without the
 * daemon: a run directory, a configuration with one role, and a peer's socket.
 *
 * The opener is the test program itself, started under the name of
 * fdbroker-opener.  It stops when it has said what it has to say, so that the
 * test can wait for that.
 */

#ifndef DAEMONFAKE_H
#define DAEMONFAKE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dgram.h"
#include "conf/conf.h"
#include "daemon/audit.h"
#include "daemon/rundir.h"
#include "daemon/session.h"
#include "ipc/admit.h"
#include "ipc/setup.h"
#include "policy/policy.h"

#define DAEMONFAKE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, util_setup, daemonfake_teardown)

struct daemonfake {
	struct rundir		 rundir;
	struct conf		 conf;
	struct role		*role;		/* its only one: "r", for root */
	struct audit		 audit;
	struct session_env	 env;
	struct dgram		 peer;
	struct session_list	 sessions;
	size_t			 lines;		/* passed to who monitors */
};

/* Begin; skips the test unless it runs as root. */
void		 daemonfake_begin(struct daemonfake *);

/*
 * End what was begun, if anything was, and then as util_teardown().  Openers of
 * sessions that are left in the list, which may be moved, are killed and
 * reaped: also after an assertion has failed.
 */
int		 daemonfake_teardown(void **state);

/* A request of a user for the role, from the peer's socket. */
void		 daemonfake_admit(const struct daemonfake *, struct admit *,
		    uint32_t uid);

/* How many lines of the log contain a text, since the beginning. */
size_t		 daemonfake_logged(const char *text);

/* Wait until the opener of a session has stopped; handle what it said. */
void		 daemonfake_wait_stopped(struct daemonfake *,
		    const struct session *);
void		 daemonfake_run(struct daemonfake *);

/* Kill and reap the opener of a session.  Returns its status. */
int		 daemonfake_kill(const struct session *);

/* In the opener: take the setup.  0, or -1.  It dies with the test. */
int		 daemonfake_be_opener(struct setup *);

#endif /* DAEMONFAKE_H */
