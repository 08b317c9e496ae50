/*
 * test_policy.c: decisions about paths and objects, and the words for them.
 * test_policy_random.c makes decisions with random rules.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "policy/where.h"
#include "tests/unit/rules.h"

/*
 * A question to a role: an operation ('r', 'l', or 'e' to enter), a path, the
 * answer, and the number of the rule that decides, from 1, or 0 for none.
 */
struct ask {
	char		 op;
	const char	*path;
	bool		 permit;
	size_t		 rule;
};

static void
check(const char *const *rules, const struct ask *asks)
{
	struct role	*role = rules_role(rules);
	const struct ask *a;
	struct verdict	 v;
	size_t		 rule;

	for (a = asks; a->path != NULL; a++) {
		v = a->op == 'e' ? policy_enter(role, a->path) :
		    policy_decide(role, a->op == 'r' ? READ : LIST, a->path);
		rule = v.rule == NULL ? 0 : (size_t)(v.rule - role->rules) + 1;
		if (v.permit != a->permit || rule != a->rule)
			fail_msg("%c %s: %s by rule %zu, expected %s by %zu",
			    a->op, a->path, v.permit ? "permit" : "deny", rule,
			    a->permit ? "permit" : "deny", a->rule);
	}
	role_free(role);
}

#define ASKS(...)	(const struct ask []){ __VA_ARGS__, { 0, NULL, 0, 0 } }

static void
test_precedence(void **state)
{
	struct role	*role;

	(void)state;
	/* No rule at all. */
	role = rules_new();
	assert_false(policy_decide(role, READ, "/").permit);
	assert_null(policy_decide(role, READ, "/a").rule);
	assert_false(policy_enter(role, "/").permit);
	role_free(role);

	/* The last match wins. */
	check(RULES("+/", "-/a", "+/a/b", "-/a/b/c"), ASKS(
	    { 'r', "/",		true,	1 },
	    { 'r', "/x",	true,	1 },
	    { 'r', "/a",	false,	2 },
	    { 'r', "/a/x",	false,	2 },
	    { 'r', "/ab",	true,	1 },
	    { 'r', "/a/b",	true,	3 },
	    { 'r', "/a/b/x",	true,	3 },
	    { 'r', "/a/b/c",	false,	4 },
	    { 'r', "/a/b/c/d",	false,	4 },
	    { 'e', "/",		true,	3 },
	    { 'e', "/a",	true,	3 },
	    { 'e', "/a/x",	false,	2 },
	    { 'e', "/a/b",	true,	3 },
	    { 'e', "/a/b/c",	false,	4 }));
	check(RULES("+/a/b", "-/a", "+/c"), ASKS(
	    { 'r', "/a/b",	false,	2 },
	    { 'e', "/a",	false,	2 },
	    { 'e', "/",		true,	3 }));
}

/* A directory above a permitted path can be entered, and not read. */
static void
test_ways(void **state)
{
	(void)state;
	check(RULES("+/usr/share"), ASKS(
	    { 'r', "/",			false,	0 },
	    { 'r', "/usr",		false,	0 },
	    { 'r', "/usr/share",	true,	1 },
	    { 'r', "/usr/share/x",	true,	1 },
	    { 'r', "/usr/lib",		false,	0 },
	    { 'l', "/usr",		false,	0 },
	    { 'e', "/",			true,	1 },
	    { 'e', "/usr",		true,	1 },
	    { 'e', "/usr/share",	true,	1 },
	    { 'e', "/usr/share/x",	true,	1 },
	    { 'e', "/usr/lib",		false,	0 }));
	check(RULES("-/", "+/a/b"), ASKS(
	    { 'r', "/",		false,	1 },
	    { 'r', "/a",	false,	1 },
	    { 'r', "/a/b",	true,	2 },
	    { 'r', "/a/b/c",	true,	2 },
	    { 'r', "/a/c",	false,	1 },
	    { 'e', "/",		true,	2 },
	    { 'e', "/a",	true,	2 },
	    { 'e', "/a/c",	false,	1 }));
	check(RULES("+/var/log/**/*.log"), ASKS(
	    { 'r', "/var/log/x.log",	true,	1 },
	    { 'r', "/var/log/a/x.log",	true,	1 },
	    { 'r', "/var/log/x",	false,	0 },
	    { 'r', "/var/log/d.log/x",	false,	0 },
	    { 'e', "/var",		true,	1 },
	    { 'e', "/var/log/a/b",	true,	1 },
	    { 'e', "/var/lib",		false,	0 }));
	check(RULES("+/a/*/c"), ASKS(
	    { 'e', "/a/b",	true,	1 },
	    { 'r', "/a/b",	false,	0 },
	    { 'r', "/a/b/c",	true,	1 },
	    { 'r', "/a/b/c/d",	false,	0 },
	    { 'e', "/a/b/c",	true,	1 },
	    { 'e', "/a/b/d",	false,	0 }));
}

/* A denied directory denies everything beneath it, up to a later permit. */
static void
test_denied_directories(void **state)
{
	(void)state;
	check(RULES("+/", "-/home/*/.ssh"), ASKS(
	    { 'r', "/home/x/.ssh",	false,	2 },
	    { 'r', "/home/x/.ssh/id",	false,	2 },
	    { 'r', "/home/x/.ssh/a/b",	false,	2 },
	    { 'l', "/home/x/.ssh/a",	false,	2 },
	    { 'e', "/home/x/.ssh",	false,	2 },
	    { 'e', "/home/x/.ssh/a",	false,	2 },
	    { 'r', "/home/x/.sshd",	true,	1 },
	    { 'r', "/home/.ssh",	true,	1 }));
	check(RULES("+/", "-/home/*/.ssh", "+/home/bob/.ssh/known_hosts"), ASKS(
	    { 'r', "/home/bob/.ssh/known_hosts",	true,	3 },
	    { 'r', "/home/bob/.ssh/known_hosts/x",	true,	3 },
	    { 'r', "/home/bob/.ssh/id",			false,	2 },
	    { 'r', "/home/bob/.ssh",			false,	2 },
	    { 'r', "/home/ann/.ssh/known_hosts",	false,	2 },
	    { 'e', "/home/bob/.ssh",			true,	3 },
	    { 'e', "/home/bob/.ssh/sub",		false,	2 },
	    { 'e', "/home/ann/.ssh",			false,	2 }));
	/* If the directory is permitted again, the rules before decide. */
	check(RULES("+/", "-/home/*/.ssh", "+/home/bob/.ss[h]"), ASKS(
	    { 'r', "/home/bob/.ssh",		true,	3 },
	    { 'r', "/home/bob/.ssh/id",		true,	1 },
	    { 'r', "/home/ann/.ssh/id",		false,	2 }));
	check(RULES("+/", "-/home/*/.ssh", "+/home/bob/.ssh"), ASKS(
	    { 'r', "/home/bob/.ssh/id",		true,	3 }));
	/* A later pattern may permit some files beneath it. */
	check(RULES("+/", "-/home/*/.ssh", "+/home/*/.ssh/*.pub"), ASKS(
	    { 'r', "/home/x/.ssh/id.pub",	true,	3 },
	    { 'r', "/home/x/.ssh/id",		false,	2 },
	    { 'r', "/home/x/.ssh/d.pub/y",	false,	2 },
	    { 'e', "/home/x/.ssh",		true,	3 },
	    { 'e', "/home/x/.ssh/d.pub",	true,	3 },
	    { 'e', "/home/x/.ssh/d",		false,	2 }));
	check(RULES("+/", "-**/*.key"), ASKS(
	    { 'r', "/a/b.key",		false,	2 },
	    { 'r', "/a/b.key/c",	false,	2 },
	    { 'e', "/a/b.key/c",	false,	2 },
	    { 'r', "/a/b.keys",		true,	1 }));
	/* Two denied directories above a path must both be overruled. */
	check(RULES("+/", "-/a/*", "+/a/b/c", "-/?", "+/a/[b]/c/d"), ASKS(
	    { 'r', "/a/b/c",	false,	4 },
	    { 'r', "/a/b/c/d",	true,	5 },
	    { 'r', "/a/b/c/e",	false,	4 },
	    { 'r', "/a/b",	false,	4 }));
	check(RULES("+/", "-/a/**", "+/a/x"), ASKS(
	    { 'r', "/a",	true,	1 },
	    { 'r', "/a/b",	false,	2 },
	    { 'r', "/a/x/y",	true,	3 },
	    { 'e', "/a",	true,	3 }));
}

static void
test_operations(void **state)
{
	(void)state;
	/* A permit of read includes list, but not the other way round. */
	check(RULES("+/a", "+l/b"), ASKS(
	    { 'l', "/a",	true,	1 },
	    { 'r', "/a",	true,	1 },
	    { 'l', "/b/c",	true,	2 },
	    { 'r', "/b/c",	false,	0 },
	    { 'e', "/b/c",	true,	2 }));
	/* A deny of one operation leaves the other. */
	check(RULES("+/", "-r/*/.ssh"), ASKS(
	    { 'r', "/x/.ssh/id",	false,	2 },
	    { 'l', "/x/.ssh/id",	true,	1 },
	    { 'e', "/x/.ssh",		true,	1 }));
	check(RULES("+/", "-l/a/*"), ASKS(
	    { 'r', "/a/b/c",	true,	1 },
	    { 'l', "/a/b",	false,	2 },
	    { 'l', "/a/b/c",	false,	2 },
	    { 'e', "/a/b",	false,	2 },
	    { 'e', "/a",	true,	1 }));
}

/* A path that is not absolute and clean is denied, whatever is permitted. */
static void
test_unclean_paths(void **state)
{
	static const char	*const paths[] = { "", "a", ".", "..", "//",
				    "/a/", "/a//b", "/./a", "/a/..",
				    "/a/../b" };
	struct role		*role = rules_role(RULES("+/"));
	char			*longest = malloc(POLICY_PATH_MAX + 2);
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_false(policy_decide(role, READ, paths[i]).permit);
		assert_null(policy_decide(role, READ, paths[i]).rule);
		assert_false(policy_enter(role, paths[i]).permit);
	}
	assert_non_null(longest);
	for (i = 0; i < POLICY_PATH_MAX + 2; i++)
		longest[i] = i % 2 == 0 ? '/' : 'a';
	longest[POLICY_PATH_MAX] = '\0';
	assert_false(policy_decide(role, READ, longest).permit);
	/* Long paths must be clean, too. */
	longest[POLICY_PATH_MAX - 1] = '\0';
	assert_false(policy_decide(role, READ, longest).permit);
	longest[POLICY_PATH_MAX - 2] = '\0';
	assert_true(policy_decide(role, READ, longest).permit);
	longest[POLICY_PATH_MAX / 2 + 1] = '.';
	assert_false(policy_decide(role, READ, longest).permit);
	longest[POLICY_PATH_MAX / 2 + 1] = '/';
	assert_false(policy_decide(role, READ, longest).permit);
	longest[4096] = '\0';
	assert_true(policy_decide(role, READ, longest).permit);
	longest[4094] = '\0';
	assert_true(policy_decide(role, READ, longest).permit);
	free(longest);
	role_free(role);
}

static void
test_where(void **state)
{
	struct role	*role = rules_new();
	struct verdict	 v;
	const char	*why;
	char		 buf[POLICY_WHERE_MAX], tiny[8];

	(void)state;
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ, "/a", NULL,
	    "/etc/fdbroker.conf", 5, &why), 0);
	assert_int_equal(role_add_rule(role, POLICY_DENY, ALL, "/a/b",
	    "private keys", "/etc/fdbroker.conf", 6, &why), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ, "/c", NULL,
	    "command line", 0, &why), 0);
	policy_where(role, policy_decide(role, READ, "/a"), buf, sizeof(buf));
	assert_string_equal(buf, "fdbroker.conf:5");
	v = policy_decide(role, READ, "/a/b/x");
	policy_where(role, v, buf, sizeof(buf));
	assert_string_equal(buf, "fdbroker.conf:6 \"private keys\"");
	policy_where(role, policy_decide(role, READ, "/c"), buf, sizeof(buf));
	assert_string_equal(buf, "command line");
	policy_where(role, policy_decide(role, READ, "/d"), buf, sizeof(buf));
	assert_string_equal(buf, "no rule of role \"test\" permits it");
	policy_where(role, v, tiny, sizeof(tiny));
	assert_string_equal(tiny, "fdbr...");
	policy_where(role, v, tiny, 0);
	assert_string_equal(tiny, "fdbr...");
	/* Options, and what only looks like one. */
	v = (struct verdict){ .reason = POLICY_SEVERAL_LINKS };
	policy_where(role, v, buf, sizeof(buf));
	assert_string_equal(buf, "option single-link of role \"test\"");
	assert_true(policy_where_is_option(buf));
	v.reason = POLICY_CROSSED;
	policy_where(role, v, buf, sizeof(buf));
	assert_true(policy_where_is_option(buf));
	assert_false(policy_where_is_option("option single-link:5 \"x\""));
	assert_false(policy_where_is_option("option none of role \"test\""));
	assert_false(policy_where_is_option("option "));
	assert_false(policy_where_is_option("fdbroker.conf:5"));
	assert_false(policy_where_is_option(""));
	role_free(role);
}

/* Ask about an object at /f, and compare the reason. */
static void
check_object(const struct role *role, uint32_t op, uint32_t type,
    uint32_t uid, uint64_t nlink, bool crossed, enum policy_reason reason)
{
	struct policy_facts	 facts = { type | 0644, uid, 7, nlink,
				    crossed };
	struct verdict		 v;

	v = policy_check(role, op, "/f", &facts, 1000);
	if (v.reason != reason)
		fail_msg("op %#x type %#o uid %u nlink %ju: %s, expected %s",
		    op, type, uid, (uintmax_t)nlink,
		    policy_reason_name(v.reason), policy_reason_name(reason));
	assert_int_equal(v.permit, reason == POLICY_PERMITTED);
}

static void
test_types(void **state)
{
	static const uint32_t	 opens[] = { READ, WRITE, APPEND };
	struct role		*role = rules_new();
	size_t			 i;

	(void)state;
	rules_add(role, POLICY_PERMIT, ALL & ~SPECIAL, "/f");
	for (i = 0; i < 3; i++) {
		check_object(role, opens[i], S_IFREG, 0, 9, true,
		    POLICY_PERMITTED);
		check_object(role, opens[i], S_IFDIR, 0, 1, false,
		    POLICY_WRONG_TYPE);
		check_object(role, opens[i], S_IFLNK, 0, 1, false,
		    POLICY_WRONG_TYPE);
		check_object(role, opens[i], S_IFSOCK, 0, 1, false,
		    POLICY_WRONG_TYPE);
		check_object(role, opens[i], S_IFIFO, 0, 1, false,
		    POLICY_NOT_SPECIAL);
		check_object(role, opens[i], S_IFCHR, 0, 1, false,
		    POLICY_NOT_SPECIAL);
	}
	check_object(role, LIST, S_IFSOCK, 0, 1, false, POLICY_PERMITTED);
	check_object(role, POLICY_OP_ENTER, S_IFDIR, 0, 1, false,
	    POLICY_PERMITTED);
	check_object(role, POLICY_OP_ENTER, S_IFREG, 0, 1, false,
	    POLICY_WRONG_TYPE);
	check_object(role, CREATE, S_IFREG, 0, 1, false, POLICY_PERMITTED);
	check_object(role, CREATE, S_IFIFO, 0, 1, false, POLICY_WRONG_TYPE);
	check_object(role, SPECIAL, S_IFIFO, 0, 1, false, POLICY_NO_RULE);
	rules_add(role, POLICY_PERMIT, SPECIAL, "/f");
	check_object(role, READ, S_IFBLK, 0, 1, false, POLICY_PERMITTED);
	check_object(role, READ, S_IFSOCK, 0, 1, false, POLICY_WRONG_TYPE);
	check_object(role, CREATE, S_IFIFO, 0, 1, false, POLICY_WRONG_TYPE);
	check_object(role, SPECIAL, S_IFIFO, 0, 1, false, POLICY_PERMITTED);
	check_object(role, SPECIAL, S_IFREG, 0, 1, false, POLICY_WRONG_TYPE);
	role->options = POLICY_REGULAR_ONLY;
	check_object(role, APPEND, S_IFCHR, 0, 1, false, POLICY_NOT_REGULAR);
	check_object(role, LIST, S_IFCHR, 0, 1, false, POLICY_PERMITTED);
	rules_add(role, POLICY_DENY, ALL, "/f");
	check_object(role, APPEND, S_IFCHR, 0, 1, false, POLICY_DENIED);
	role_free(role);
}

static void
test_objects(void **state)
{
	struct role		*role = rules_new();
	struct rule_spec	 spec;
	const char		*why;
	char			 buf[POLICY_WHERE_MAX];

	(void)state;
	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = ALL;
	spec.pattern = "/f";
	spec.file = "/etc/test.conf";
	spec.create.mode = 0640;
	spec.create.exclusive = true;
	assert_int_equal(role_add(role, &spec, &why), 0);
	/* An exclusive rule permits to list and to create, and nothing else. */
	check_object(role, READ, S_IFREG, 0, 1, true, POLICY_EXISTS);
	check_object(role, WRITE, S_IFREG, 0, 1, true, POLICY_EXISTS);
	check_object(role, APPEND, S_IFREG, 0, 1, true, POLICY_EXISTS);
	check_object(role, LIST, S_IFREG, 0, 1, true, POLICY_PERMITTED);
	assert_true(policy_check(role, READ, "/f", NULL, 5).permit);
	/* A later rule about reading permits to read what exists. */
	spec.ops = READ;
	assert_int_equal(role_add(role, &spec, &why), 0);
	check_object(role, WRITE, S_IFREG, 0, 1, true, POLICY_EXISTS);
	role->options = POLICY_SINGLE_LINK;
	check_object(role, READ, S_IFREG, 0, 2, true, POLICY_SEVERAL_LINKS);
	check_object(role, READ, S_IFREG, 0, 1, true, POLICY_PERMITTED);
	check_object(role, READ, S_IFREG, 0, 0, true, POLICY_PERMITTED);
	check_object(role, LIST, S_IFREG, 0, 2, true, POLICY_PERMITTED);
	check_object(role, POLICY_OP_ENTER, S_IFDIR, 0, 2, true,
	    POLICY_PERMITTED);
	check_object(role, CREATE, S_IFREG, 0, 2, true, POLICY_SEVERAL_LINKS);
	check_object(role, CREATE, S_IFREG, 0, 1, true, POLICY_EXISTS);
	assert_true(policy_check(role, CREATE, "/f", NULL, 5).permit);
	role->options = POLICY_OWNED_BY_PEER | POLICY_SINGLE_LINK;
	check_object(role, WRITE, S_IFREG, 1001, 2, true, POLICY_NOT_PEERS);
	check_object(role, WRITE, S_IFREG, 1000, 2, true, POLICY_SEVERAL_LINKS);
	check_object(role, WRITE, S_IFREG, 1000, 1, true, POLICY_EXISTS);
	check_object(role, READ, S_IFREG, 1000, 1, true, POLICY_PERMITTED);
	check_object(role, LIST, S_IFREG, 0, 1, true, POLICY_PERMITTED);
	role->options |= POLICY_ONE_FILESYSTEM;
	check_object(role, LIST, S_IFREG, 1000, 1, true, POLICY_CROSSED);
	check_object(role, READ, S_IFREG, 1000, 1, true, POLICY_CROSSED);
	check_object(role, READ, S_IFREG, 1000, 1, false, POLICY_PERMITTED);
	policy_where(role, (struct verdict){ false, POLICY_CROSSED,
	    &role->rules[0] }, buf, sizeof(buf));
	assert_string_equal(buf, "option one-filesystem of role \"test\"");
	policy_where(role, (struct verdict){ false, POLICY_NOT_SPECIAL,
	    NULL }, buf, sizeof(buf));
	assert_string_equal(buf, "a FIFO or device, and no rule of role "
	    "\"test\" permits special");
	policy_where(role, (struct verdict){ false, POLICY_EXISTS,
	    &role->rules[0] }, buf, sizeof(buf));
	assert_string_equal(buf, "it exists, and the rule says "
	    "exclusive");
	role_free(role);
}

static void
test_admits(void **state)
{
	static const uint32_t	 gids[] = { 7, 8 };
	struct role		*role = rules_new();

	(void)state;
	assert_false(role_admits(role, 0, gids, 2));
	assert_int_equal(role_add_peer(role, PEER_USER, 5, "u"), 0);
	assert_int_equal(role_add_peer(role, PEER_GROUP, 8, "g"), 0);
	assert_true(role_admits(role, 5, NULL, 0));
	assert_true(role_admits(role, 6, gids, 2));
	assert_false(role_admits(role, 6, gids, 1));
	/* A uid is not a gid, nor the other way round. */
	assert_false(role_admits(role, 8, NULL, 0));
	assert_false(role_admits(role, 7, NULL, 0));
	role_free(role);
	role_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_denied_directories),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_unclean_paths),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_admits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
