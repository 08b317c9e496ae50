/*
 * plan.h: say what extract would do, and change nothing.
 */

#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>

#include "common/entry.h"
#include "sandbox/work.h"

struct plan;

/* The caller keeps the work.  NULL: it failed, which was reported. */
struct plan	*plan_new(struct work *);
void		 plan_free(struct plan *);

/* Say what would become of a member.  1, or -1, which was reported. */
int		 plan_member(struct plan *, const struct entry *);

/*
 * Say whether a name would be removed; for replay_removed(), with the plan.
 * 0 or -1.
 */
int		 plan_gone(void *, const char *name, bool dir);

/* Wait for all answers.  0, or -1. */
int		 plan_finish(struct plan *);

#endif /* PLAN_H */
