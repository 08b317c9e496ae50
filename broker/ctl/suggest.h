/*
 * suggest.h: rules that would have permitted what was denied.
 */

#ifndef CTL_SUGGEST_H
#define CTL_SUGGEST_H

#include <stdio.h>

#include "ipc/control.h"

struct role;

/* From so many files of one directory on, the directory is suggested. */
#define SUGGEST_MANY	4

/*
 * Print rules, role by role, as configuration text; of one role only if name
 * is not NULL.  roles are those that are in force: what they permit by now is
 * not suggested.  0, or -1: no memory.
 */
int	 suggest_print(FILE *, const struct control_state *, const char *name,
	    struct role *const *roles, size_t nroles);

#endif /* CTL_SUGGEST_H */
