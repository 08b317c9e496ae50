/*
 * state.h: the state of an opener's session: what SETUP told it and a reload
 * changes, its socket, its roots and its tokens.
 *
 * Everything that answers requests works on it.
 */

#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bucket.h"
#include "base/fdbroker_types.h"
#include "ipc/event.h"
#include "ipc/setup.h"
#include "opener/asked.h"
#include "opener/makeat.h"
#include "opener/pendfile.h"
#include "opener/roots.h"
#include "opener/spelling.h"
#include "opener/tokens.h"

/* What the process does for the session; arg is passed to each. */
struct state_calls {
	/*
	 * Wait until the socket can be written: the worker has not read its
	 * replies.  0 to try again, -1 to give the session up.
	 */
	int	(*wait)(void *arg);
	/*
	 * Wait for some milliseconds: the limit of opens a second is reached.
	 * 0, or -1 to give the session up.  NULL: nothing limits the rate.
	 */
	int	(*pause)(void *arg, int ms);
	/*
	 * Pass a record on to the supervisor.  0, or -1 if that failed.
	 * NULL: nobody records anything.
	 */
	int	(*report)(void *arg, const struct event_record *);
	void	*arg;
};

struct state {
	struct state_calls	 calls;
	int			 sock;		/* connected to the worker */
	bool			 private;	/* started by a user */
	bool			 embedded;	/* by a program, for itself */
	bool			 rooted;	/* which is root: no /proc */
	uint32_t		 caps;		/* RIGHTS_CAP_* that it keeps */
	uint32_t		 peer_uid, peer_gid;	/* of the worker */
	uint32_t		 own_uid;	/* of this process, confined */

	/* As in WELCOME; a reload changes the generation and the role. */
	struct fdb_session_info	 info;
	struct role		*role;
	uint64_t		 version;	/* of all that decides */
	struct asked		 asked;
	uint8_t			 audit;		/* enum event_mode */
	/* Opens a second; the supervisor changes it.  0: as the role says. */
	uint32_t		 opens;

	struct roots		 roots;
	struct tokens		 tokens;
	struct pendfiles	 pending;	/* files without a name */
	enum makeat_way		 way;		/* by which they get one */
	uint32_t		 temporaries;	/* names so far */
	uint32_t		 requests;	/* of changes so far */
	struct walk		*walks;		/* oldest first; see walk.h */
	struct parallel		*parallel;	/* threads; or NULL */
	struct watches		*watches;	/* or NULL; see watch.h */
	struct spelling		*spelling;
	bool			 spells;	/* it matters somewhere */
	struct role		*folded;	/* policy/folded.h; or NULL */
	struct bucket		 bucket;	/* of opens */
	uint32_t		 refusals;	/* so far; numbers them */
	uint32_t		 lost;		/* records not sent */
	uint64_t		 names, opened;	/* answered so far */
};

/*
 * Begin with what SETUP says.  Takes over its socket and its role.  0, or -1
 * with errno ENOMEM.
 */
int	 state_init(struct state *, struct setup *,
	    const struct state_calls *);

/*
 * Open the roots of the role, as roots_open() does, and judge where the
 * spelling of names matters.
 */
int	 state_open_roots(struct state *, bool clone, char *path);

/* Close and free everything that it has. */
void	 state_free(struct state *);

/* Put a new role in force.  It is taken over, and the old one is freed. */
void	 state_set_role(struct state *, struct role *, uint64_t generation,
	    uint8_t audit);

/*
 * Let another role's rules decide, too, for the rest of the session: both must
 * permit.  It is taken over, also after an error.  0, or -1 with errno: E2BIG
 * (there are STATE_LIMITS of them), EOPNOTSUPP (names would have to be looked
 * for in directories, which this process may not read), ENOENT (it says `owner
 * by-name', and the accounts of this machine are not known).
 */
#define STATE_LIMITS	8
int	 state_narrow(struct state *, struct role *);

#endif /* STATE_H */
