/*
 * ownrole.h: a role as it is for one peer.
 *
 * A role with "%u" or "%h" in its rules is a template (template.h).  For a
 * session it is filled in once, with what the names process says of the peer,
 * and only then sent to an opener.
 */

#ifndef POLICY_OWNROLE_H
#define POLICY_OWNROLE_H

#include <stdbool.h>
#include <stdint.h>

struct role;

#define OWNROLE_WHY_MAX	256

/* What of TEMPLATE_VARS the rules of a role have. */
uint32_t	 ownrole_vars(const struct role *);

/*
 * Can a peer fill in a role?  If not, why: a name with "/", for example, would
 * name something else than a component.
 */
bool		 ownrole_fits(const struct role *, const char *name,
		    const char *home, char why[OWNROLE_WHY_MAX]);

/*
 * A copy of a role without its peers, filled in.  NULL with why: the peer does
 * not fit, a path is too long, or out of memory.
 */
struct role	*ownrole_make(const struct role *, const char *name,
		    const char *home, char why[OWNROLE_WHY_MAX]);

#endif /* POLICY_OWNROLE_H */
