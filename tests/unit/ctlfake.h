/*
 * ctlfake.h: a state of a daemon that is not there, and a process that answers
 * at a control socket as the daemon would, or as it never should.
 */

#ifndef CTLFAKE_H
#define CTLFAKE_H

#include <sys/types.h>

#include "ipc/control.h"

/* Two sessions, two roles, no denials.  Freed with control_state_free(). */
void	 ctlfake_state(struct control_state *);

/* Append a denial: its id and time are one more than those of the last. */
struct audit_entry *ctlfake_deny(struct control_state *, const char *role,
	    uint32_t session, uint32_t op, const char *path, uint8_t reason,
	    const char *where);
/* The same, of the policy. */
struct audit_entry *ctlfake_deny_policy(struct control_state *,
	    const char *role, uint32_t session, uint32_t op, const char *path,
	    enum policy_reason, const char *where);

/* "permit read /etc", "deny /etc/ssh" with a label, of "nightly". */
struct role *ctlfake_role(void);

enum ctlfake_fault {
	FAKE_GOOD,
	FAKE_CLOSES,		/* instead of an answer */
	FAKE_ERROR,		/* errno ESRCH, and a text */
	FAKE_OTHER_ID,
	FAKE_OTHER_TYPE,
	FAKE_TRAILING,		/* a byte after the reply */
	FAKE_SHORT,		/* half a reply */
	FAKE_NO_FILE,
	FAKE_TWO_FILES,
	FAKE_UNSEALED,
	FAKE_LEN_TOO_LONG,	/* longer than the file is */
	FAKE_HALF_FILE,		/* that ends within the records */
	FAKE_LONG_FILE,		/* with a byte after the records */
	FAKE_FAULTS
};

/*
 * Answer the requests of one connection to the socket at path, then end with
 * status 0.  To be waited for.
 */
pid_t	 ctlfake_start(const char *path, enum ctlfake_fault);

/* Answer all connections, until a signal ends it. */
void	 ctlfake_serve(const char *path, enum ctlfake_fault);

#endif /* CTLFAKE_H */
