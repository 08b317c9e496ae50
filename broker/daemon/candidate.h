/*
 * candidate.h: who asks for a session and has none yet.
 */

#ifndef CANDIDATE_H
#define CANDIDATE_H

#include <stdbool.h>

#include "base/fdbroker_types.h"
#include "daemon/peerid.h"

struct candidate {
	char		 role[FDB_ROLE_MAX + 1];	/* asked for */
	struct peerid	 id;
	int		 conn;		/* on which it waits; -1: none */
};

void	 candidate_init(struct candidate *);
/* Close the connection, and free the rest.  Can be used again. */
void	 candidate_clear(struct candidate *);

/* Has the client closed its connection?  Does not wait. */
bool	 candidate_is_gone(const struct candidate *);

/*
 * Send REFUSED to the candidate; does not wait.  0, or -1 with errno, as
 * fdmsg_try_send().
 */
int	 candidate_refuse(const struct candidate *, int error,
	    const char *why);

/* The same on any connection that is in no candidate. */
int	 candidate_refuse_on(int conn, int error, const char *why);

#endif /* CANDIDATE_H */
