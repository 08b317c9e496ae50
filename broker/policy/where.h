/*
 * where.h: who refused, in words.
 */

#ifndef POLICY_WHERE_H
#define POLICY_WHERE_H

#include <stddef.h>

#include "policy/decide.h"

#define POLICY_WHERE_MAX	512	/* room for policy_where(), with NUL */

/*
 * Who refused, for people: "file:line "label"", with the base name of the
 * file, of a rule; else what the reason is, such as "no rule of role "name"
 * permits it" or "option single-link of role "name"".  What does not fit is
 * cut and then ends in "...".
 */
void		 policy_where(const struct role *, struct verdict,
		    char *buf, size_t size);

#endif /* POLICY_WHERE_H */
