/*
 * effects.h: does a rule of a role have an effect?
 */

#ifndef POLICY_EFFECTS_H
#define POLICY_EFFECTS_H

#include <stddef.h>
#include <stdint.h>

struct effects;
struct role;
struct rule;

/* The role's rules, ordered for the questions below.  NULL: ENOMEM. */
struct effects	*effects_new(const struct role *);
void		 effects_free(struct effects *);

struct effect {
	/* The rule's operations in which it may decide about something. */
	uint32_t		 ops;
	/* The last rule that takes an operation from it, or NULL. */
	const struct rule	*covered_by;
	/*
	 * Of a deny that denies nothing since no rule before it permits that:
	 * the last rule after it that permits something there, or NULL.
	 */
	const struct rule	*permit;
};

/*
 * The effect of rule i.
 *
 * A later rule takes an operation from it if that rule covers all that this one
 * covers.  A deny takes something away from the permits before it only: what no
 * rule permits is denied anyway, and a permit after it decides instead.
 *
 * An operation that is not in ops is certain to be without effect; one that is
 * in ops need not have any, since patterns with wildcards are not compared in
 * every respect.
 */
void		 effects_of(const struct effects *, size_t i, struct effect *);

#endif /* POLICY_EFFECTS_H */
