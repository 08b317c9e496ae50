/*
 * ctlfake.h: a made-up state of a daemon, and a process that answers at a
 * control socket as the daemon does, or as it never should.
 */

#ifndef CTLFAKE_H
#define CTLFAKE_H

#include <sys/types.h>

#include "ipc/control.h"

/* Two sessions, two roles, no denials.  Free it with control_state_free(). */
void	 ctlfake_state(struct control_state *);

/* Append a denial.  Its id and time are one more than the last one's. */
struct audit_entry *ctlfake_deny(struct control_state *, const char *role,
	    uint32_t session, uint32_t op, const char *path, uint8_t reason,
	    const char *where);
/* Append a denial by policy. */
struct audit_entry *ctlfake_deny_policy(struct control_state *,
	    const char *role, uint32_t session, uint32_t op, const char *path,
	    enum policy_reason, const char *where);

/* Role "nightly": permit read "/etc", deny "/etc/ssh" label "keys". */
struct role *ctlfake_role(void);

enum ctlfake_fault {
	FAKE_GOOD,
	FAKE_CLOSES,		/* closes instead of answering */
	FAKE_ERROR,		/* errno ESRCH, and a text */
	FAKE_OTHER_ID,
	FAKE_OTHER_TYPE,
	FAKE_TRAILING,		/* a byte after the reply */
	FAKE_SHORT,		/* half a reply */
	FAKE_NO_FILE,
	FAKE_TWO_FILES,
	FAKE_UNSEALED,
	FAKE_LEN_TOO_LONG,	/* claims more bytes than the file has */
	FAKE_HALF_FILE,		/* ends within the records */
	FAKE_LONG_FILE,		/* has a byte after the records */
	FAKE_FAULTS
};

/*
 * Start a process that answers the requests of one connection to the socket at
 * path, and then ends with status 0.  The caller waits for it.
 */
pid_t	 ctlfake_start(const char *path, enum ctlfake_fault);

/* Answer all connections until a signal ends the process. */
void	 ctlfake_serve(const char *path, enum ctlfake_fault);

#endif /* CTLFAKE_H */
