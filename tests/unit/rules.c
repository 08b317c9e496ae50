/*
 * rules.c: roles of the tests of the policy; see rules.h.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rules.h"

struct role *
rules_new(void)
{
	struct role	*role;

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	return role;
}

void
rules_add(struct role *role, enum policy_action action, uint32_t ops,
    const char *pattern)
{
	const char	*what;

	if (role_add_rule(role, action, ops, pattern, NULL, "/etc/test.conf",
	    (int)role->nrules + 2, &what) == -1)
		fail_msg("\"%s\": %s", pattern, what);
}

struct role *
rules_role(const char *const *rules)
{
	struct role		*role = rules_new();
	enum policy_action	 action;
	const char		*p;
	uint32_t		 ops;

	for (; (p = *rules) != NULL; rules++) {
		action = *p == '+' ? POLICY_PERMIT : POLICY_DENY;
		ops = action == POLICY_PERMIT ? READ : ALL;
		p++;
		if (*p == 'r' || *p == 'l')
			ops = *p++ == 'r' ? READ : LIST;
		rules_add(role, action, ops, p);
	}
	return role;
}
