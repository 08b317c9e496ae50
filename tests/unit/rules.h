/*
 * rules.h: roles of the tests of the policy, in few words.
 */

#ifndef RULES_H
#define RULES_H

#include "policy/role.h"

#define R	POLICY_OP_READ
#define L	POLICY_OP_LIST
#define W	POLICY_OP_WRITE
#define A	POLICY_OP_APPEND
#define C	POLICY_OP_CREATE
#define S	POLICY_OP_SPECIAL
#define ALL	POLICY_OP_ALL

/* A role without rules, and the same with rules added one by one. */
struct role	*rules_new(void);
void		 rules_add(struct role *, enum policy_action, uint32_t ops,
		    const char *pattern);

/*
 * Rules as words: "+/a" permits read of /a, "-/a" denies all of /a, "-r/a"
 * and "-l/a" deny one operation, "+l/a" permits one.
 */
struct role	*rules_role(const char *const *rules);

#define RULES(...)	(const char *const []){ __VA_ARGS__, NULL }

#endif /* RULES_H */
