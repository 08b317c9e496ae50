/*
 * owner.c: to whom a client may give an object; see policy/owner.h.
 *
 * Runs in the opener.  Touches nothing but memory.  The rule of the role
 * decides first, then the rules of the roles that narrow it: each must allow
 * what is asked, so that narrowing never widens.
 */

#include "config.h"

#include <stddef.h>

#include "policy/decide.h"
#include "policy/named.h"
#include "policy/owner.h"
#include "policy/role.h"

static const struct owner_verdict	 permitted = {
	.reason = POLICY_PERMITTED
};

static struct owner_verdict
wrong_owner(const struct rule *r)
{
	struct owner_verdict	 v = { POLICY_WRONG_OWNER, r, false, 0 };

	return v;
}

/* Whom a rule names: a rule that narrows gives nothing, but may name. */
static struct owner_ids
named_by(const struct owner_question *q, const struct rule *r)
{
	struct owner_ids	 o;

	if (r == q->rule)
		return q->given;
	o.uid = r->create.uid == POLICY_ID_PEER ? q->peer.uid : r->create.uid;
	o.gid = r->create.gid == POLICY_ID_PEER ? q->peer.gid : r->create.gid;
	return o;
}

/* The rule that permits it in a role that narrows; or NULL. */
static const struct rule *
rule_of(const struct owner_question *q, const struct role *also)
{
	struct verdict	 v = policy_decide(also, q->op, q->path);

	return v.permit ? v.rule : NULL;
}

/* Does `by-name' allow the number? */
static struct owner_verdict
check_number(const struct owner_question *q, const struct rule *r, bool group,
    uint32_t id)
{
	struct owner_verdict	 v = { POLICY_NO_ACCOUNT, r, group, id };

	if (id == (group ? q->given.gid : q->given.uid) ||
	    named_has(q->role->named, group, id))
		return permitted;
	return v;
}

static struct owner_verdict
check_named(const struct owner_question *q, const struct rule *r,
    const struct owner_ids *o)
{
	struct owner_verdict	 v = check_number(q, r, false, o->uid);

	return v.reason != POLICY_PERMITTED ? v :
	    check_number(q, r, true, o->gid);
}

static struct owner_verdict
choose_by(const struct owner_question *q, const struct rule *r,
    const struct owner_ids *wanted)
{
	struct owner_ids	 o;

	if (r->create.choice == POLICY_CHOICE_ANY)
		return permitted;
	if (r->create.choice == POLICY_CHOICE_NAMED)
		return check_named(q, r, wanted);
	o = named_by(q, r);
	return o.uid == wanted->uid && o.gid == wanted->gid ? permitted :
	    wrong_owner(r);
}

struct owner_verdict
owner_choose(const struct owner_question *q, const struct owner_ids *wanted)
{
	struct owner_verdict	 v = choose_by(q, q->rule, wanted);
	const struct role	*also = q->role->also;
	const struct rule	*r;

	for (; also != NULL && v.reason == POLICY_PERMITTED;
	    also = also->also) {
		r = rule_of(q, also);
		v = r != NULL ? choose_by(q, r, wanted) : wrong_owner(q->rule);
	}
	return v;
}

static bool
touch_by(const struct owner_question *q, const struct rule *r,
    const struct owner_ids *object, const uint32_t *made)
{
	if (r->create.choice == POLICY_CHOICE_ANY)
		return true;
	if (made != NULL && r->create.uid == POLICY_ID_PEER &&
	    (object->uid == *made || object->uid == q->peer.uid))
		return true;
	if (object->uid == named_by(q, r).uid)
		return true;
	return r->create.choice == POLICY_CHOICE_NAMED &&
	    check_named(q, r, object).reason == POLICY_PERMITTED;
}

bool
owner_touch(const struct owner_question *q, const struct owner_ids *object,
    const uint32_t *made)
{
	const struct role	*also;
	const struct rule	*r;

	if (!touch_by(q, q->rule, object, made))
		return false;
	for (also = q->role->also; also != NULL; also = also->also)
		if ((r = rule_of(q, also)) == NULL ||
		    !touch_by(q, r, object, made))
			return false;
	return true;
}

struct owner_verdict
owner_in_acl(const struct owner_question *q, bool group, uint32_t id)
{
	const struct role	*also = q->role->also;
	const struct rule	*r = q->rule;
	struct owner_verdict	 v;

	for (;;) {
		if (r != NULL && r->create.choice == POLICY_CHOICE_NAMED) {
			v = check_number(q, r, group, id);
			if (v.reason != POLICY_PERMITTED)
				return v;
		}
		if (also == NULL)
			return permitted;
		r = rule_of(q, also);
		also = also->also;
	}
}
