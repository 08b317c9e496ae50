/*
 * test_owner.c: to whom a client may give things, and whose it may change: each
 * word after `owner', roles that were narrowed, and properties that hold for
 * random ones.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/named.h"
#include "policy/owner.h"
#include "policy/role.h"
#include "tests/unit/rules.h"
#include "tests/unit/util.h"

#define SETMETA	POLICY_OP_SETMETA
#define LINK	POLICY_OP_LINK

#define PEER	1000			/* uid and gid */
#define OTHER	5
#define ROUNDS	20000

/* Users 1 to 3, groups 2 to 4: some numbers are one and not the other. */
static struct named *
some_names(void)
{
	uint32_t	 users[] = { 1, 2, 3 }, groups[] = { 2, 3, 4 };
	struct named	*named = calloc(1, sizeof(*named));

	assert_non_null(named);
	assert_int_equal(idset_make(&named->users, users, 3), 0);
	assert_int_equal(idset_make(&named->groups, groups, 3), 0);
	return named;
}

/* A role that permits to set metadata beneath /a, and links. */
static struct role *
role_of(enum policy_choice choice, uint32_t uid, uint32_t gid)
{
	struct role		*role = rules_new();
	struct rule_spec	 spec = {
		.action = POLICY_PERMIT, .ops = SETMETA | LINK,
		.pattern = "/a", .file = "/etc/test.conf", .line = 7
	};
	const char		*why;

	policy_create_init(&spec.create);
	spec.create.choice = choice;
	spec.create.uid = uid;
	spec.create.gid = gid;
	assert_int_equal(role_add(role, &spec, &why), 0);
	return role;
}

static struct owner_question
question_of(const struct role *role)
{
	const struct rule	*r = &role->rules[0];
	struct owner_question	 q = {
		.role = role, .op = SETMETA, .path = "/a/b", .rule = r,
		.peer = { PEER, PEER }, .given = {
			r->create.uid == POLICY_ID_PEER ? PEER : r->create.uid,
			r->create.gid == POLICY_ID_PEER ? PEER : r->create.gid
		}
	};

	return q;
}

static struct owner_verdict
choose(const struct role *role, uint32_t uid, uint32_t gid)
{
	struct owner_question	 q = question_of(role);
	struct owner_ids	 wanted = { uid, gid };

	return owner_choose(&q, &wanted);
}

static bool
chooses(const struct role *role, uint32_t uid, uint32_t gid)
{
	return choose(role, uid, gid).reason == POLICY_PERMITTED;
}

static bool
touches(const struct role *role, uint32_t uid, uint32_t gid)
{
	struct owner_question	 q = question_of(role);
	struct owner_ids	 object = { uid, gid };

	return owner_touch(&q, &object, NULL);
}

static bool
lists(const struct role *role, bool group, uint32_t id)
{
	struct owner_question	 q = question_of(role);

	return owner_in_acl(&q, group, id).reason == POLICY_PERMITTED;
}

static void
test_self(void **state)
{
	struct role	*role = role_of(POLICY_CHOICE_NONE, POLICY_ID_PEER,
			    POLICY_ID_PEER);

	(void)state;
	role->named = some_names();
	assert_true(chooses(role, PEER, PEER));
	assert_false(chooses(role, 1, 2));
	assert_false(chooses(role, PEER, 2));
	assert_int_equal(choose(role, 1, PEER).reason, POLICY_WRONG_OWNER);
	assert_ptr_equal(choose(role, 1, PEER).rule, &role->rules[0]);
	assert_true(touches(role, PEER, 77));
	assert_false(touches(role, 1, PEER));
	/* Lists of rights are the owner's business. */
	assert_true(lists(role, false, 77));
	role_free(role);
}

static void
test_fixed(void **state)
{
	struct role	*role = role_of(POLICY_CHOICE_NONE, OTHER, 6);

	(void)state;
	assert_true(chooses(role, OTHER, 6));
	assert_false(chooses(role, OTHER, PEER));
	assert_false(chooses(role, PEER, PEER));
	assert_true(touches(role, OTHER, PEER));
	assert_false(touches(role, PEER, 6));
	assert_true(lists(role, true, 77));
	role_free(role);
}

static void
test_any(void **state)
{
	struct role	*role = role_of(POLICY_CHOICE_ANY, POLICY_ID_PEER,
			    POLICY_ID_PEER);

	(void)state;
	assert_true(chooses(role, 0, 77));
	assert_true(touches(role, 77, 0));
	assert_true(lists(role, false, 77));
	role_free(role);
}

static void
expect_no_account(struct owner_verdict v, bool group, uint32_t id)
{
	assert_int_equal(v.reason, POLICY_NO_ACCOUNT);
	assert_int_equal(v.group, group);
	assert_int_equal(v.id, id);
	assert_int_equal(v.rule->line, 7);
}

static void
test_by_name(void **state)
{
	struct role	*role = role_of(POLICY_CHOICE_NAMED, POLICY_ID_PEER,
			    POLICY_ID_PEER);

	(void)state;
	role->named = some_names();
	assert_true(chooses(role, 1, 4));
	/* What is given without a choice may be chosen, and in parts. */
	assert_true(chooses(role, PEER, PEER));
	assert_true(chooses(role, PEER, 2));
	assert_true(chooses(role, 3, PEER));
	/* A user's number is not a group's. */
	expect_no_account(choose(role, 4, 4), false, 4);
	expect_no_account(choose(role, 1, 1), true, 1);
	/* The user is named first. */
	expect_no_account(choose(role, 77, 78), false, 77);
	expect_no_account(choose(role, 1, UINT32_MAX), true, UINT32_MAX);
	assert_true(touches(role, 1, 4));
	assert_true(touches(role, PEER, 77));
	assert_false(touches(role, 1, 77));
	assert_false(touches(role, 77, 2));
	assert_true(lists(role, false, 1) && lists(role, true, 4));
	assert_true(lists(role, false, PEER));
	assert_false(lists(role, false, 4) || lists(role, true, 1));
	/* Without the list, nobody has an account. */
	named_free(role->named);
	role->named = NULL;
	assert_false(chooses(role, 1, 4));
	assert_true(chooses(role, PEER, PEER));
	assert_false(touches(role, 1, 4));
	assert_false(lists(role, false, 1));
	role_free(role);
}

/* With the capability missing, what is made belongs to the opener's user. */
static void
test_made(void **state)
{
	struct role		*role = role_of(POLICY_CHOICE_NONE,
				    POLICY_ID_PEER, POLICY_ID_PEER);
	struct owner_question	 q = question_of(role);
	struct owner_ids	 object = { 90, 90 };
	uint32_t		 own = 90;

	(void)state;
	assert_false(owner_touch(&q, &object, NULL));
	assert_true(owner_touch(&q, &object, &own));
	object.uid = 91;
	assert_false(owner_touch(&q, &object, &own));
	object.uid = PEER;
	assert_true(owner_touch(&q, &object, &own));
	role_free(role);
}

/* Any, then by name, then one user: and never back. */
static void
test_narrowing(void **state)
{
	struct role	*role = role_of(POLICY_CHOICE_ANY, POLICY_ID_PEER,
			    POLICY_ID_PEER);

	(void)state;
	role->named = some_names();
	role->also = role_of(POLICY_CHOICE_NAMED, POLICY_ID_PEER,
	    POLICY_ID_PEER);
	role->also->rules[0].line = 9;
	assert_true(chooses(role, 1, 2));
	assert_false(chooses(role, 77, 2));
	assert_int_equal(choose(role, 77, 2).rule->line, 9);
	assert_false(lists(role, false, 77));
	assert_false(touches(role, 77, 2));
	role->also->also = role_of(POLICY_CHOICE_NONE, 2, 2);
	assert_true(chooses(role, 2, 2));
	assert_false(chooses(role, 1, 2));
	assert_false(chooses(role, PEER, PEER));
	assert_true(touches(role, 2, 2));
	assert_false(touches(role, 1, 2));
	role->also->also->also = role_of(POLICY_CHOICE_ANY, POLICY_ID_PEER,
	    POLICY_ID_PEER);
	assert_false(chooses(role, 1, 2));
	assert_false(touches(role, 1, 2));
	/* What a narrower role denies is nobody's. */
	role_free(role->also->also->also);
	role->also->also->also = rules_new();
	assert_false(chooses(role, 2, 2));
	assert_false(touches(role, 2, 2));
	role_free(role);
}

static struct role *
random_role(void)
{
	return role_of((enum policy_choice)util_random(POLICY_CHOICES),
	    util_random(2) == 0 ? POLICY_ID_PEER : util_random(6),
	    util_random(2) == 0 ? POLICY_ID_PEER : util_random(6));
}

static uint32_t
random_id(void)
{
	return util_random(4) == 0 ? PEER : util_random(7);
}

static bool
is_allowed_number(const struct role *role, bool group, uint32_t id)
{
	struct owner_question	 q = question_of(role);

	return id == (group ? q.given.gid : q.given.uid) ||
	    named_has(role->named, group, id);
}

/*
 * Who may be chosen may be touched; by-name lets nobody be chosen, touched or
 * listed who has no account, but for the given owner's user; a wider word
 * permits what a narrower one does; and each narrowing permits less.
 */
static void
test_properties(void **state)
{
	enum policy_choice	 choice;
	struct role		*role, *last;
	uint32_t		 uid, gid;
	size_t			 allowed = 0, i;
	bool			 before[3];

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		role = random_role();
		role->named = some_names();
		uid = random_id();
		gid = random_id();
		choice = role->rules[0].create.choice;
		before[0] = chooses(role, uid, gid);
		before[1] = touches(role, uid, gid);
		before[2] = lists(role, gid & 1, uid);
		assert_true(before[1] || !before[0]);
		if (choice == POLICY_CHOICE_NAMED) {
			assert_int_equal(before[0],
			    is_allowed_number(role, false, uid) &&
			    is_allowed_number(role, true, gid));
			assert_int_equal(before[2],
			    is_allowed_number(role, gid & 1, uid));
			if (before[1])
				assert_true(is_allowed_number(role, false,
				    uid));
		}
		if (choice < POLICY_CHOICE_ANY && before[0]) {
			role->rules[0].create.choice++;
			assert_true(chooses(role, uid, gid));
			assert_true(touches(role, uid, gid));
			role->rules[0].create.choice = choice;
		}
		for (last = role; util_random(2) == 0; last = last->also) {
			last->also = random_role();
			assert_true(before[0] || !chooses(role, uid, gid));
			assert_true(before[1] || !touches(role, uid, gid));
			assert_true(before[2] ||
			    !lists(role, gid & 1, uid));
			before[0] = chooses(role, uid, gid);
			before[1] = touches(role, uid, gid);
			before[2] = lists(role, gid & 1, uid);
		}
		allowed += before[0];
		role_free(role);
	}
	/* Neither is rare. */
	assert_true(allowed > ROUNDS / 20 && allowed < ROUNDS * 19 / 20);
}

static void
test_need(void **state)
{
	struct role	*role = role_of(POLICY_CHOICE_NONE, 1, 1);
	struct rule	*r = &role->rules[0];

	(void)state;
	assert_int_equal(named_need(role), NAMED_NOT);
	r->create.choice = POLICY_CHOICE_ANY;
	assert_int_equal(named_need(role), NAMED_MAYBE);
	r->create.choice = POLICY_CHOICE_NAMED;
	assert_int_equal(named_need(role), NAMED_NEEDED);
	/* Of what it makes, no owner is chosen then. */
	r->ops = POLICY_OP_MKDIR;
	assert_int_equal(named_need(role), NAMED_NOT);
	r->ops = LINK;
	assert_int_equal(named_need(role), NAMED_NEEDED);
	role_free(role);
}

static void
test_copies(void **state)
{
	struct named	*named = some_names(), *copy;

	(void)state;
	assert_non_null(copy = named_copy(named));
	assert_true(named_equal(named, copy));
	assert_false(named_equal(named, NULL));
	assert_true(named_equal(NULL, NULL));
	idset_free(&copy->groups);
	assert_false(named_equal(named, copy));
	assert_false(named_has(copy, true, 2));
	assert_false(named_has(NULL, false, 1));
	named_free(copy);
	named_free(named);
	named_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_narrowing),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_need),
		cmocka_unit_test(test_copies)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
