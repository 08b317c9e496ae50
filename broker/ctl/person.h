/*
 * person.h: a user whom an administrator names, and a role filled in for it, as
 * the daemon does for a session.
 */

#ifndef CTL_PERSON_H
#define CTL_PERSON_H

#include <stdint.h>

struct role;

struct person {
	struct role	*role;		/* filled in; NULL: it is no template */
	char		*home;		/* if its paths have %h; or NULL */
};

/* The uid of a user, given by name or number.  0, or -1: logged. */
int	 person_uid(const char *user, uint32_t *uid);

/*
 * Look up a user, and fill in the role; person_clear() frees that.  0, or -1:
 * logged, and nothing is to be freed.
 */
int	 person_fill(struct person *, const struct role *, uint32_t uid);
void	 person_clear(struct person *);

#endif /* CTL_PERSON_H */
