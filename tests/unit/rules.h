/*
 * rules.h: roles of the tests of the policy, in few words.
 */

#ifndef RULES_H
#define RULES_H

#include "policy/role.h"

#define READ	POLICY_OP_READ
#define LIST	POLICY_OP_LIST
#define WRITE	POLICY_OP_WRITE
#define APPEND	POLICY_OP_APPEND
#define CREATE	POLICY_OP_CREATE
#define SPECIAL	POLICY_OP_SPECIAL
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
