/*
 * owner.h: to whom a client may give an object, and whose objects it may
 * change: what `owner' in a rule says.
 */

#ifndef POLICY_OWNER_H
#define POLICY_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/tables.h"

struct role;
struct rule;

struct owner_ids {
	uint32_t	 uid, gid;
};

/* What is asked: about a path, and for whom. */
struct owner_question {
	const struct role	*role;
	uint32_t		 op;	/* POLICY_OP_SETMETA or _LINK */
	const char		*path;
	const struct rule	*rule;	/* that permits it there */
	struct owner_ids	 peer;
	/* Whom the rule gives what is made, if the client does not choose. */
	struct owner_ids	 given;
};

struct owner_verdict {
	/* POLICY_PERMITTED, POLICY_WRONG_OWNER or POLICY_NO_ACCOUNT. */
	enum policy_reason	 reason;
	const struct rule	*rule;	/* that decided */
	bool			 group;	/* NO_ACCOUNT: of a group */
	uint32_t		 id;	/* NO_ACCOUNT: the number */
};

/*
 * May the client give the object to this owner?  The rule of the role and, if
 * the session was narrowed, each rule that permits the path there must allow
 * it:
 *
 *  - `any' allows every owner;
 *  - `by-name' allows a user and a group that the role's lists of accounts
 *    have, or that are given without a choice;
 *  - otherwise, the rule of the role allows what it gives, and one that
 *    narrows what it names, or the peer.
 */
struct owner_verdict owner_choose(const struct owner_question *,
		    const struct owner_ids *wanted);

/*
 * May the client change an object that exists and belongs to this owner?  `any'
 * and `by-name' allow the owners that can be chosen, others a user's objects
 * whatever their group.  made: to whom what is made belongs in fact, besides
 * the given user, where the opener cannot give it away.
 */
bool		 owner_touch(const struct owner_question *,
		    const struct owner_ids *object, const uint32_t *made);

/*
 * May an access control list name this user or group?  Only `by-name' forbids
 * some, as for owners.
 */
struct owner_verdict owner_in_acl(const struct owner_question *, bool group,
		    uint32_t id);

#endif /* POLICY_OWNER_H */
