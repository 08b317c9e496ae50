/*
 * asked.h: what the policy says about names that are to be read.
 *
 * The names of a request are often in one directory.  So a cursor stays at the
 * last name, and for the next one the rules are only descended where the two
 * differ.  The verdicts are those of policy_decide().
 */

#ifndef ASKED_H
#define ASKED_H

#include <stdint.h>

#include "policy/decide.h"

struct policy_cursor;
struct state;

/* All zeros: nothing was asked.  A new role, or a narrower one, ends it. */
struct asked {
	struct policy_cursor	*cursor;	/* or NULL */
	uint64_t		 version;	/* of what it was made for */
};

struct asked_verdicts {
	struct verdict	 read, special;	/* READ and SPECIAL of the path */
	uint64_t	 version;	/* of what decided; never 0 */
};

/* Ask about an absolute path. */
void	 asked_decide(struct state *, const char *path,
	    struct asked_verdicts *);

void	 asked_free(struct asked *);

#endif /* ASKED_H */
