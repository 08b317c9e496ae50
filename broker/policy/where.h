/*
 * where.h: a verdict's reason in words, for logs and for the client.
 */

#ifndef POLICY_WHERE_H
#define POLICY_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/decide.h"

#define POLICY_WHERE_MAX	512	/* bytes, with NUL */

/*
 * Write what decided into buf: a rule as `file:line "label"', with the base
 * name of the file; otherwise the reason, such as `no rule of role "name"
 * permits it' or `option single-link of role "name"'.  A text that does not
 * fit is cut and ends with "...".
 */
void		 policy_where(const struct role *, struct verdict,
		    char *buf, size_t size);

/*
 * The same of a rule that says `owner by-name', and a user or group that has no
 * account: the number, the rule, and what to do.
 */
void		 policy_where_number(const struct rule *, bool group,
		    uint32_t id, char *buf, size_t size);

/* True if an option decided, and no rule: for a text of policy_where(). */
bool		 policy_where_is_option(const char *);

#endif /* POLICY_WHERE_H */
