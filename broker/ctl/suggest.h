/*
 * suggest.h: suggest rules that would have permitted what was denied.
 */

#ifndef CTL_SUGGEST_H
#define CTL_SUGGEST_H

#include "ctl/ctl.h"
#include "ipc/control.h"

struct role;

/* For this many files of one directory, one rule is suggested. */
#define SUGGEST_MANY	4

/*
 * Print rules, role by role, as configuration text or JSON; only for one role
 * if name is not NULL.  Nothing is suggested that the given roles, which are in
 * force, permit already.  0, or -1: no memory.
 */
int	 suggest_print(const struct ctl *, const struct control_state *,
	    const char *name, struct role *const *roles, size_t nroles);

#endif /* CTL_SUGGEST_H */
