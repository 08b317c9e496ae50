/*
 * rolename.h: the names that a role can have.
 */

#ifndef ROLENAME_H
#define ROLENAME_H

#include <stdbool.h>

/* What rolename_is_valid() demands, for people. */
#define ROLENAME_RULE	"1 to 63 letters, digits, \"_\" and \"-\", the " \
			    "first a letter or digit"

/*
 * True for a letter or digit, followed by letters, digits, "_" and "-", at most
 * FDB_ROLE_MAX bytes.
 */
bool	 rolename_is_valid(const char *);

#endif /* ROLENAME_H */
