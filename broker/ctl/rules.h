/*
 * rules.h: "show rules": the rules of a role in their order, and what each one
 * means.
 */

#ifndef CTL_RULES_H
#define CTL_RULES_H

#include "ctl/ctl.h"

struct role;
struct rule;

/* A rule as in fdbroker.conf(5), which the caller frees; NULL: no memory. */
char	*rules_text(const struct rule *);

/* Print them as a table or as JSON.  0, or -1: no memory. */
int	 rules_show(const struct ctl *, const struct role *);

#endif /* CTL_RULES_H */
