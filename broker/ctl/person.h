/*
 * person.h: fill in a role for one user, as the daemon does for a session.
 */

#ifndef CTL_PERSON_H
#define CTL_PERSON_H

#include <stdint.h>

struct role;

struct person {
	struct role	*role;		/* filled in; NULL: it is no template */
	char		*home;		/* if its paths have %h; or NULL */
};

/*
 * Look up a user, and fill in the role; person_clear() frees that.  0, or -1:
 * logged, and nothing is to be freed.
 */
int	 person_fill(struct person *, const struct role *, uint32_t uid);
void	 person_clear(struct person *);

#endif /* CTL_PERSON_H */
