/*
 * use.h: roles that use the rules of other roles.
 */

#ifndef CONFUSE_H
#define CONFUSE_H

#include <stdbool.h>
#include <stddef.h>

struct confbuild;

#define CONFUSE_DEPTH	8	/* roles that use each other in a chain */
#define CONFUSE_RULES	100000	/* rules of a role that uses others */

/* The statement `use': at this place among the rules of the role so far. */
struct confuse {
	struct role	*role;
	const char	*name;		/* of the role whose rules it uses */
	const char	*file;
	int		 line;
	size_t		 at;
};

/* Note a statement of the role that is being read. */
void	 confuse_add(struct confbuild *, int line, const char *name);

/* Does the role use another? */
bool	 confuse_is_user(const struct confbuild *, const struct role *);

/*
 * Once all roles are read: copy the rules, in the places of the statements.
 * False: a role is unknown, or uses itself; that was reported, and the roles
 * are incomplete.
 */
bool	 confuse_resolve(struct confbuild *);

/* Is the role used by another? */
bool	 confuse_is_used(const struct confbuild *, const struct role *);

#endif /* CONFUSE_H */
