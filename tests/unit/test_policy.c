/*
 * test_policy.c: decisions, roots, texts and the encoding of a role.
 * Decisions on random rules are in test_policy_random.c.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy.h"

#define R	POLICY_OP_READ
#define L	POLICY_OP_LIST
#define W	POLICY_OP_WRITE
#define A	POLICY_OP_APPEND
#define C	POLICY_OP_CREATE
#define S	POLICY_OP_SPECIAL
#define ALL	POLICY_OP_ALL

static struct role *
new_role(void)
{
	struct role	*role;

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	return role;
}

static void
add(struct role *role, enum policy_action action, uint32_t ops,
    const char *pattern)
{
	const char	*what;

	if (role_add_rule(role, action, ops, pattern, NULL, "/etc/test.conf",
	    (int)role->nrules + 2, &what) == -1)
		fail_msg("\"%s\": %s", pattern, what);
}

/*
 * Rules as words: "+/a" permits read of /a, "-/a" denies all of /a, "-r/a"
 * and "-l/a" deny one operation, "+l/a" permits one.
 */
static struct role *
role_of(const char *const *rules)
{
	struct role		*role = new_role();
	enum policy_action	 action;
	const char		*p;
	uint32_t		 ops;

	for (; (p = *rules) != NULL; rules++) {
		action = *p == '+' ? POLICY_PERMIT : POLICY_DENY;
		ops = action == POLICY_PERMIT ? R : ALL;
		p++;
		if (*p == 'r' || *p == 'l')
			ops = *p++ == 'r' ? R : L;
		add(role, action, ops, p);
	}
	return role;
}

/*
 * What is asked of one role: an operation ('r', 'l', or 'e' to enter), the
 * answer, and the number of the deciding rule from 1, 0 for none.
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
	struct role	*role = role_of(rules);
	const struct ask *a;
	struct verdict	 v;
	size_t		 rule;

	for (a = asks; a->path != NULL; a++) {
		v = a->op == 'e' ? policy_enter(role, a->path) :
		    policy_decide(role, a->op == 'r' ? R : L, a->path);
		rule = v.rule == NULL ? 0 : (size_t)(v.rule - role->rules) + 1;
		if (v.permit != a->permit || rule != a->rule)
			fail_msg("%c %s: %s by rule %zu, expected %s by %zu",
			    a->op, a->path, v.permit ? "permit" : "deny", rule,
			    a->permit ? "permit" : "deny", a->rule);
	}
	role_free(role);
}

#define RULES(...)	(const char *const []){ __VA_ARGS__, NULL }
#define ASKS(...)	(const struct ask []){ __VA_ARGS__, { 0, NULL, 0, 0 } }

static void
test_precedence(void **state)
{
	struct role	*role;

	(void)state;
	/* No rule at all. */
	role = new_role();
	assert_false(policy_decide(role, R, "/").permit);
	assert_null(policy_decide(role, R, "/a").rule);
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

/* What is above a permitted place is entered, and not read. */
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

/* Beneath a denied directory everything is denied, whatever is permitted. */
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
	/* The directory itself permitted again: then what was before it. */
	check(RULES("+/", "-/home/*/.ssh", "+/home/bob/.ss[h]"), ASKS(
	    { 'r', "/home/bob/.ssh",		true,	3 },
	    { 'r', "/home/bob/.ssh/id",		true,	1 },
	    { 'r', "/home/ann/.ssh/id",		false,	2 }));
	check(RULES("+/", "-/home/*/.ssh", "+/home/bob/.ssh"), ASKS(
	    { 'r', "/home/bob/.ssh/id",		true,	3 }));
	/* A pattern may permit some of what is beneath. */
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
	/* Of two denied directories above it both must be overruled. */
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
	/* Permission to read is permission to list; not the other way. */
	check(RULES("+/a", "+l/b"), ASKS(
	    { 'l', "/a",	true,	1 },
	    { 'r', "/a",	true,	1 },
	    { 'l', "/b/c",	true,	2 },
	    { 'r', "/b/c",	false,	0 },
	    { 'e', "/b/c",	true,	2 }));
	/* A denial of one leaves the other. */
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
	assert_int_equal(policy_op("read"), R);
	assert_int_equal(policy_op("list"), L);
	assert_int_equal(policy_op("write"), POLICY_OP_WRITE);
	assert_int_equal(policy_op("remove"), 0);
	assert_int_equal(policy_op(""), 0);
	assert_int_equal(policy_option("one-filesystem"),
	    POLICY_ONE_FILESYSTEM);
	assert_int_equal(policy_option("two"), 0);
}

/* Each row of the tables is found, its bits known, and all bits have one. */
static void
test_tables(void **state)
{
	const char	*name;
	uint32_t	 seen = 0;
	size_t		 i;

	(void)state;
	for (i = 0; (name = policy_op_name(i)) != NULL; i++) {
		assert_int_equal(seen & policy_op(name), 0);
		seen |= policy_op(name);
	}
	assert_int_equal(seen, POLICY_OP_ALL);
	assert_null(policy_op_name(i + 1));
	for (i = 0, seen = 0; (name = policy_option_name(i)) != NULL; i++) {
		assert_int_equal(seen & policy_option(name), 0);
		seen |= policy_option(name);
	}
	assert_int_equal(seen, POLICY_OPTION_ALL);
	assert_null(policy_option_name(i + 1));
}

/* A path that is not absolute and clean is denied, whatever is permitted. */
static void
test_unclean_paths(void **state)
{
	static const char	*const paths[] = { "", "a", ".", "..", "//",
				    "/a/", "/a//b", "/./a", "/a/..",
				    "/a/../b" };
	struct role		*role = role_of(RULES("+/"));
	char			 longest[4098];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_false(policy_decide(role, R, paths[i]).permit);
		assert_null(policy_decide(role, R, paths[i]).rule);
		assert_false(policy_enter(role, paths[i]).permit);
	}
	for (i = 0; i < sizeof(longest); i++)
		longest[i] = i % 2 == 0 ? '/' : 'a';
	longest[4096] = '\0';
	assert_false(policy_decide(role, R, longest).permit);
	longest[4094] = '\0';
	assert_true(policy_decide(role, R, longest).permit);
	role_free(role);
}

static void
test_where(void **state)
{
	struct role	*role = new_role();
	struct verdict	 v;
	const char	*what;
	char		 buf[POLICY_WHERE_MAX], tiny[8];

	(void)state;
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R, "/a", NULL,
	    "/etc/fdbroker.conf", 5, &what), 0);
	assert_int_equal(role_add_rule(role, POLICY_DENY, ALL, "/a/b",
	    "private keys", "/etc/fdbroker.conf", 6, &what), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R, "/c", NULL,
	    "command line", 0, &what), 0);
	policy_where(role, policy_decide(role, R, "/a"), buf, sizeof(buf));
	assert_string_equal(buf, "fdbroker.conf:5");
	v = policy_decide(role, R, "/a/b/x");
	policy_where(role, v, buf, sizeof(buf));
	assert_string_equal(buf, "fdbroker.conf:6 \"private keys\"");
	policy_where(role, policy_decide(role, R, "/c"), buf, sizeof(buf));
	assert_string_equal(buf, "command line");
	policy_where(role, policy_decide(role, R, "/d"), buf, sizeof(buf));
	assert_string_equal(buf, "no rule of role \"test\" permits it");
	policy_where(role, v, tiny, sizeof(tiny));
	assert_string_equal(tiny, "fdbr...");
	policy_where(role, v, tiny, 0);
	assert_string_equal(tiny, "fdbr...");
	role_free(role);
}

static void
check_roots(const struct role *role, uint32_t ops,
    const struct policy_root *expected)
{
	struct policy_root	*roots;
	size_t			 i, n;

	assert_int_equal(policy_roots(role, ops, &roots, &n), 0);
	for (i = 0; i < n && expected[i].path != NULL; i++) {
		assert_string_equal(roots[i].path, expected[i].path);
		assert_int_equal(roots[i].rights, expected[i].rights);
	}
	assert_int_equal(i, n);
	assert_null(expected[i].path);
	policy_roots_free(roots, n);
}

/* Of rules as words, for reading only. */
static void
check_reading(const char *const *rules, const struct policy_root *expected)
{
	struct role	*role = role_of(rules);
	struct policy_root none = { NULL, 0 };

	check_roots(role, POLICY_OPS_READING, expected);
	check_roots(role, POLICY_OPS_WRITING, &none);
	role_free(role);
}

static char	root_a[] = "/a", root_b[] = "/b", root_top[] = "/",
		root_a_b[] = "/a-b", root_ab[] = "/ab", root_sub[] = "/a/b",
		root_star[] = "/a*/b", root_x[] = "/x";

#define ROOTS(...)	(const struct policy_root []){ __VA_ARGS__, \
			    { NULL, 0 } }

static void
test_roots(void **state)
{
	(void)state;
	check_reading(RULES("-/a"), ROOTS({ NULL, 0 }));
	check_reading(RULES("+/"), ROOTS({ root_top, R | L }));
	check_reading(RULES("+/b", "+/a/b", "+/a", "-/a"),
	    ROOTS({ root_a, R | L }, { root_b, R | L }));
	/* "-" sorts before "/". */
	check_reading(RULES("+/a/b", "+/a-b", "+/a", "+/ab"),
	    ROOTS({ root_a, R | L }, { root_a_b, R | L }, { root_ab, R | L }));
	check_reading(RULES("+/a/b/*.c", "+/a/b", "+/a/b/c/**"),
	    ROOTS({ root_sub, R | L }));
	check_reading(RULES("+/a\\*/b", "+/x/?/y"),
	    ROOTS({ root_star, R | L }, { root_x, R | L }));
	check_reading(RULES("+/a", "+**/b"), ROOTS({ root_top, R | L }));
	check_reading(RULES("+/a", "+/a", "+l/b"),
	    ROOTS({ root_a, R | L }, { root_b, L }));
	/* A right that the root above does not have. */
	check_reading(RULES("+l/a", "+/a/b", "+/a/b/c"),
	    ROOTS({ root_a, L }, { root_sub, R | L }));
	check_reading(RULES("+/a", "+l/a/b"), ROOTS({ root_a, R | L }));
}

static void
test_writing_roots(void **state)
{
	struct role	*role = new_role();

	(void)state;
	add(role, POLICY_PERMIT, R, "/");
	add(role, POLICY_PERMIT, A, "/a");
	add(role, POLICY_PERMIT, C, "/a/b/*.log");
	add(role, POLICY_PERMIT, A, "/a/b/c");
	add(role, POLICY_DENY, ALL, "/a/b");
	check_roots(role, POLICY_OPS_READING, ROOTS({ root_top, R | L }));
	/* What is beneath another has its rights, too. */
	check_roots(role, POLICY_OPS_WRITING,
	    ROOTS({ root_a, A }, { root_sub, A | C }));
	/* Special is nothing by itself, and goes with what there is. */
	add(role, POLICY_PERMIT, S, "/x");
	check_roots(role, POLICY_OPS_READING,
	    ROOTS({ root_top, R | L }, { root_x, R | L | S }));
	check_roots(role, POLICY_OPS_WRITING,
	    ROOTS({ root_a, A }, { root_sub, A | C }));
	add(role, POLICY_PERMIT, W | S, "/ab");
	check_roots(role, POLICY_OPS_WRITING, ROOTS({ root_a, A },
	    { root_sub, A | C }, { root_ab, W | S }));
	role_free(role);

	/* Where a root may be another file system, it is kept. */
	role = role_of(RULES("+/", "+/a", "+/a/b", "+/a"));
	role->options = POLICY_ONE_FILESYSTEM;
	check_roots(role, POLICY_OPS_READING, ROOTS({ root_top, R | L },
	    { root_a, R | L }, { root_sub, R | L }));
	role_free(role);
}

static void
test_caps(void **state)
{
	struct role	*role = new_role();

	(void)state;
	assert_int_equal(policy_caps(role), 0);
	add(role, POLICY_DENY, ALL, "/");
	add(role, POLICY_PERMIT, S, "/");
	assert_int_equal(policy_caps(role), 0);
	add(role, POLICY_PERMIT, L, "/");
	assert_int_equal(policy_caps(role), POLICY_CAP_DAC_READ_SEARCH);
	add(role, POLICY_PERMIT, R, "/");
	assert_int_equal(policy_caps(role), POLICY_CAP_DAC_READ_SEARCH);
	add(role, POLICY_PERMIT, A, "/a");
	assert_int_equal(policy_caps(role), POLICY_CAP_DAC_OVERRIDE);
	add(role, POLICY_PERMIT, W, "/a");
	assert_int_equal(policy_caps(role), POLICY_CAP_DAC_OVERRIDE);
	add(role, POLICY_PERMIT, C, "/a");
	assert_int_equal(policy_caps(role), POLICY_CAP_DAC_OVERRIDE |
	    POLICY_CAP_CHOWN);
	assert_non_null(role->as_user = strdup("ann"));
	assert_int_equal(policy_caps(role), 0);
	role_free(role);
}

/*
 * The object: each question with what there is at /f, and the reason.
 */
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
	static const uint32_t	 opens[] = { R, W, A };
	struct role		*role = new_role();
	size_t			 i;

	(void)state;
	add(role, POLICY_PERMIT, ALL & ~S, "/f");
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
	check_object(role, L, S_IFSOCK, 0, 1, false, POLICY_PERMITTED);
	check_object(role, POLICY_OP_ENTER, S_IFDIR, 0, 1, false,
	    POLICY_PERMITTED);
	check_object(role, POLICY_OP_ENTER, S_IFREG, 0, 1, false,
	    POLICY_WRONG_TYPE);
	check_object(role, C, S_IFREG, 0, 1, false, POLICY_PERMITTED);
	check_object(role, C, S_IFIFO, 0, 1, false, POLICY_WRONG_TYPE);
	check_object(role, S, S_IFIFO, 0, 1, false, POLICY_NO_RULE);
	add(role, POLICY_PERMIT, S, "/f");
	check_object(role, R, S_IFBLK, 0, 1, false, POLICY_PERMITTED);
	check_object(role, R, S_IFSOCK, 0, 1, false, POLICY_WRONG_TYPE);
	check_object(role, C, S_IFIFO, 0, 1, false, POLICY_WRONG_TYPE);
	check_object(role, S, S_IFIFO, 0, 1, false, POLICY_PERMITTED);
	check_object(role, S, S_IFREG, 0, 1, false, POLICY_WRONG_TYPE);
	role->options = POLICY_REGULAR_ONLY;
	check_object(role, A, S_IFCHR, 0, 1, false, POLICY_NOT_REGULAR);
	check_object(role, L, S_IFCHR, 0, 1, false, POLICY_PERMITTED);
	add(role, POLICY_DENY, ALL, "/f");
	check_object(role, A, S_IFCHR, 0, 1, false, POLICY_DENIED);
	role_free(role);
}

static void
test_objects(void **state)
{
	struct role		*role = new_role();
	struct rule_spec	 spec;
	const char		*what;
	char			 buf[POLICY_WHERE_MAX];

	(void)state;
	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = ALL;
	spec.pattern = "/f";
	spec.file = "/etc/test.conf";
	spec.create.mode = 0640;
	spec.create.exclusive = true;
	assert_int_equal(role_add(role, &spec, &what), 0);
	role->options = POLICY_SINGLE_LINK;
	check_object(role, R, S_IFREG, 0, 2, true, POLICY_SEVERAL_LINKS);
	check_object(role, R, S_IFREG, 0, 1, true, POLICY_PERMITTED);
	check_object(role, R, S_IFREG, 0, 0, true, POLICY_PERMITTED);
	check_object(role, L, S_IFREG, 0, 2, true, POLICY_PERMITTED);
	check_object(role, POLICY_OP_ENTER, S_IFDIR, 0, 2, true,
	    POLICY_PERMITTED);
	check_object(role, C, S_IFREG, 0, 2, true, POLICY_SEVERAL_LINKS);
	check_object(role, C, S_IFREG, 0, 1, true, POLICY_EXISTS);
	assert_true(policy_check(role, C, "/f", NULL, 5).permit);
	role->options = POLICY_OWNED_BY_PEER | POLICY_SINGLE_LINK;
	check_object(role, W, S_IFREG, 1001, 2, true, POLICY_NOT_PEERS);
	check_object(role, W, S_IFREG, 1000, 2, true, POLICY_SEVERAL_LINKS);
	check_object(role, W, S_IFREG, 1000, 1, true, POLICY_PERMITTED);
	check_object(role, L, S_IFREG, 0, 1, true, POLICY_PERMITTED);
	role->options |= POLICY_ONE_FILESYSTEM;
	check_object(role, L, S_IFREG, 1000, 1, true, POLICY_CROSSED);
	check_object(role, R, S_IFREG, 1000, 1, true, POLICY_CROSSED);
	check_object(role, R, S_IFREG, 1000, 1, false, POLICY_PERMITTED);
	policy_where(role, (struct verdict){ false, POLICY_CROSSED,
	    &role->rules[0] }, buf, sizeof(buf));
	assert_string_equal(buf, "option one-filesystem of role \"test\"");
	policy_where(role, (struct verdict){ false, POLICY_NOT_SPECIAL,
	    NULL }, buf, sizeof(buf));
	assert_string_equal(buf, "a FIFO or device, and no rule of role "
	    "\"test\" permits special");
	policy_where(role, (struct verdict){ false, POLICY_EXISTS,
	    &role->rules[0] }, buf, sizeof(buf));
	assert_string_equal(buf, "it exists, and is to be created "
	    "exclusively");
	role_free(role);
}

/* Which later rule makes it impossible that one decides about reading? */
static void
check_shadow(const char *const *rules, size_t i, size_t expected)
{
	struct role		*role = role_of(rules);
	const struct rule	*r = policy_shadow(role, i - 1, R);
	size_t			 by = 0;

	if (r != NULL)
		by = (size_t)(r - role->rules) + 1;
	if (by != expected)
		fail_msg("%s: by rule %zu, expected %zu", rules[i - 1], by,
		    expected);
	role_free(role);
}

static void
test_shadows(void **state)
{
	(void)state;
	check_shadow(RULES("+/a", "+/b"), 1, 0);
	check_shadow(RULES("+/a", "+/a/b"), 1, 0);
	check_shadow(RULES("+/a", "+/a"), 1, 2);
	check_shadow(RULES("+/a", "+/a"), 2, 0);
	check_shadow(RULES("+/a/b", "+/a"), 1, 2);
	check_shadow(RULES("+/a/b", "+l/a"), 1, 0);
	check_shadow(RULES("-/a/*/b", "+/a"), 1, 2);
	check_shadow(RULES("+/a/*", "-/a/*"), 1, 2);
	check_shadow(RULES("+/a/*", "+/a/*"), 1, 2);
	check_shadow(RULES("+/a/b", "+/a/**"), 1, 2);
	check_shadow(RULES("+/a/*", "+/a/**"), 1, 2);
	check_shadow(RULES("+/a", "+/a/**"), 1, 0);
	check_shadow(RULES("+/a/b/*", "+/a/*/**"), 1, 0);
	/* A directory above is denied by a later rule... */
	check_shadow(RULES("+/home/bob/.ssh/x", "-/home/*/.ssh"), 1, 2);
	check_shadow(RULES("+/home/bob/.ssh", "-/home/*/.ssh"), 1, 2);
	check_shadow(RULES("-/home/bob/.ssh/?", "-/home/*/.ssh"), 1, 2);
	/* ... that a still later one may overrule, about the directory. */
	check_shadow(RULES("+/home/bob/.ssh/x", "-/home/*/.ssh",
	    "+/home/bob/.ss[h]"), 1, 0);
	check_shadow(RULES("+/home/*/.ssh", "-/home/bob/.ssh"), 1, 0);
}

static void
test_admits(void **state)
{
	static const uint32_t	 gids[] = { 7, 8 };
	struct role		*role = new_role();

	(void)state;
	assert_false(role_admits(role, 0, gids, 2));
	assert_int_equal(role_add_peer(role, PEER_USER, 5, "u"), 0);
	assert_int_equal(role_add_peer(role, PEER_GROUP, 8, "g"), 0);
	assert_true(role_admits(role, 5, NULL, 0));
	assert_true(role_admits(role, 6, gids, 2));
	assert_false(role_admits(role, 6, gids, 1));
	/* An id of the other kind. */
	assert_false(role_admits(role, 8, NULL, 0));
	assert_false(role_admits(role, 7, NULL, 0));
	role_free(role);
	role_free(NULL);
}

static void
test_faults(void **state)
{
	static const char	*const names[] = {
		"", "-a", "_a", "a b", "a/b", "a.b", "a\n", "\303\244",
	};
	struct role		*role;
	char			 label[POLICY_LABEL_MAX + 2];
	const char		*what;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		errno = 0;
		assert_null(role_new(names[i], "f", 1));
		assert_int_equal(errno, EINVAL);
	}
	memset(label, 'a', sizeof(label));
	label[POLICY_NAME_MAX + 1] = '\0';
	assert_null(role_new(label, "f", 1));
	assert_non_null(role = role_new(label + 1, "f", 1));
	role_free(role);
	assert_non_null(role = role_new("0-a_B", "f", 1));
	errno = 0;
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R, "a", NULL, "f",
	    1, &what), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, 0, "/a", NULL, "f",
	    1, &what), -1);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R | 0x80000000,
	    "/a", NULL, "f", 1, &what), -1);
	assert_non_null(strstr(what, "operation"));
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R, "/a", "", "f",
	    1, &what), -1);
	assert_non_null(strstr(what, "empty"));
	memset(label, 'x', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R, "/a", label,
	    "f", 1, &what), -1);
	assert_non_null(strstr(what, "127"));
	assert_int_equal(role->nrules, 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, R, "/a", label + 1,
	    "f", 1, &what), 0);
	role_free(role);
}

static void
encode(struct wire_out *w, uint8_t *buf, size_t size, const struct role *role)
{
	wire_out_init(w, buf, size);
	role_encode(w, role);
}

static struct role *
example_role(void)
{
	struct role		*role = new_role();
	struct rule_spec	 spec;
	const char		*what;

	role->options = POLICY_ONE_FILESYSTEM | POLICY_SINGLE_LINK;
	role->limits[LIMIT_OPENS] = 77;
	assert_non_null(role->as_user = strdup("ann"));
	assert_int_equal(role_add_peer(role, PEER_USER, 7, "bob"), 0);
	assert_int_equal(role_add_peer(role, PEER_GROUP, 8, "staff"), 0);
	add(role, POLICY_PERMIT, R, "/");
	assert_int_equal(role_add_rule(role, POLICY_DENY, ALL, "/home/*/.ssh",
	    "keys", "/etc/other.conf", 9, &what), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, L, "**/x", NULL,
	    "/etc/other.conf", 10, &what), 0);
	add(role, POLICY_DENY, R, "/a\\*");
	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = C | A;
	spec.pattern = "/made";
	spec.owner = "bob";
	spec.file = "/etc/test.conf";
	spec.create.mode = 0640;
	spec.create.uid = 5;
	spec.create.gid = POLICY_ID_PEER;
	spec.create.exclusive = true;
	assert_int_equal(role_add(role, &spec, &what), 0);
	return role;
}

static void
test_encoding(void **state)
{
	struct role	*role = example_role(), *copy;
	struct wire_out	 w;
	struct wire_in	 in;
	uint8_t		 buf[1024];
	size_t		 i;

	(void)state;
	encode(&w, buf, sizeof(buf), role);
	assert_int_equal(wire_put_end(&w), 0);
	assert_int_equal(w.len, role_encoded_size(role));
	wire_in_init(&in, buf, w.len);
	assert_non_null(copy = role_decode(&in));
	assert_int_equal(wire_get_end(&in), 0);
	assert_string_equal(copy->name, role->name);
	assert_string_equal(copy->file, role->file);
	assert_int_equal(copy->line, role->line);
	assert_int_equal(copy->options, role->options);
	assert_int_equal(copy->nrules, role->nrules);
	assert_int_equal(copy->npeers, 0);
	for (i = 0; i < role->nrules; i++) {
		assert_int_equal(copy->rules[i].action, role->rules[i].action);
		assert_int_equal(copy->rules[i].ops, role->rules[i].ops);
		assert_int_equal(copy->rules[i].line, role->rules[i].line);
		assert_string_equal(copy->rules[i].file, role->rules[i].file);
		assert_string_equal(copy->rules[i].pattern,
		    role->rules[i].pattern);
		assert_int_equal(copy->rules[i].create.mode,
		    role->rules[i].create.mode);
		assert_int_equal(copy->rules[i].create.uid,
		    role->rules[i].create.uid);
		assert_int_equal(copy->rules[i].create.gid,
		    role->rules[i].create.gid);
		assert_int_equal(copy->rules[i].create.exclusive,
		    role->rules[i].create.exclusive);
	}
	assert_memory_equal(copy->limits, role->limits, sizeof(role->limits));
	assert_string_equal(copy->as_user, "ann");
	assert_string_equal(role->rules[4].owner, "bob");
	assert_null(copy->rules[4].owner);
	assert_null(copy->rules[0].label);
	assert_string_equal(copy->rules[1].label, "keys");
	assert_false(policy_decide(copy, R, "/home/x/.ssh/y").permit);
	assert_true(policy_decide(copy, R, "/home/x/y").permit);
	role_free(copy);

	/* One byte too few to encode into; something after the role. */
	encode(&w, buf, role_encoded_size(role) - 1, role);
	assert_int_equal(wire_put_end(&w), -1);
	encode(&w, buf, sizeof(buf), role);
	wire_in_init(&in, buf, w.len + 1);
	assert_non_null(copy = role_decode(&in));
	assert_int_equal(wire_get_end(&in), -1);
	role_free(copy);
	role_free(role);
}

static void
check_refused(const uint8_t *buf, size_t len)
{
	struct wire_in	 in;

	wire_in_init(&in, buf, len);
	errno = 0;
	assert_null(role_decode(&in));
	assert_int_equal(errno, EPROTO);
}

/* Where a string of this length is in the buffer. */
static uint8_t *
find(uint8_t *buf, size_t len, const char *s)
{
	uint8_t	*p;

	assert_non_null(p = memmem(buf, len, s, strlen(s)));
	return p;
}

/* Encode the example and put n bytes in it, relative to a text in it. */
static void
check_spoilt(const char *text, int offset, uint8_t byte, size_t n)
{
	struct role	*role = example_role();
	struct wire_out	 w;
	uint8_t		 buf[1024];

	encode(&w, buf, sizeof(buf), role);
	memset(find(buf, w.len, text) + offset, byte, n);
	check_refused(buf, w.len);
	role_free(role);
}

static void
test_decoding_faults(void **state)
{
	struct role	*role = example_role();
	struct wire_out	 w;
	uint8_t		 buf[1024];
	size_t		 n;

	(void)state;
	encode(&w, buf, sizeof(buf), role);
	for (n = 0; n < w.len; n++)
		check_refused(buf, n);
	role_free(role);

	check_spoilt("test", 0, '-', 1);
	check_spoilt("test", 1, '\0', 1);
	/* A rule: action, operations (4), line (4), length (2), pattern. */
	check_spoilt("/home/*", -11, 2, 1);
	check_spoilt("/home/*", -10, 0x80, 4);
	check_spoilt("/home/*", -10, 0, 4);
	check_spoilt("/home/*", -6, 0xff, 4);
	check_spoilt("/home/*", -2, 0xff, 2);
	check_spoilt("/home/*", 0, 'x', 1);
	check_spoilt("/home/*", 6, '[', 1);
	check_spoilt("/home/*", 7, '\0', 1);
	check_spoilt("keys", 1, '\0', 1);
	check_spoilt("/etc/other", 3, '\0', 1);
	check_spoilt("ann", 1, '\0', 1);
	/* After the pattern: label, file, mode, uid, gid, exclusive. */
	check_spoilt("/made", 5 + 2 + 2, 0xff, 4);
	check_spoilt("/made", 5 + 2 + 2 + 12, 2, 1);
}

static void
test_decoding_header(void **state)
{
	char		 longest[POLICY_NAME_MAX + 2];
	struct wire_out	 w;
	uint8_t		 buf[1024];
	int		 kind;

	(void)state;
	memset(longest, 'n', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	for (kind = 0; kind < 7; kind++) {
		wire_out_init(&w, buf, sizeof(buf));
		wire_put_str(&w, kind == 0 ? longest : "name");
		wire_put_str(&w, "file");
		wire_put_u32(&w, kind == 1 ? 0x80000000 : 1);
		wire_put_u32(&w, kind == 2 ? 0x80000000 : 0);
		wire_put_u64(&w, 0);
		wire_put_u64(&w, kind == 5 ? 65536 : 5);
		wire_put_u64(&w, kind == 6 ? 0 : 1);
		wire_put_u64(&w, 0);
		wire_put_u64(&w, 65536);
		wire_put_str(&w, "");
		wire_put_u32(&w, kind == 3 ? UINT32_MAX : 1);
		wire_put_u8(&w, POLICY_DENY);
		wire_put_u32(&w, ALL);
		wire_put_u32(&w, 1);
		wire_put_str(&w, "/");
		wire_put_str(&w, "");
		/* The first rule must name its file. */
		wire_put_str(&w, kind == 4 ? "" : "file");
		check_refused(buf, w.len);
	}
}

/* An opener is not told of them; who asks for the role is. */
static void
test_encoding_peers(void **state)
{
	static const uint32_t	 staff = 8, nobody = 9;
	struct role		*role = example_role(), *copy;
	struct wire_out		 w;
	struct wire_in		 in;
	uint8_t			 buf[128];
	size_t			 n;

	(void)state;
	wire_out_init(&w, buf, sizeof(buf));
	role_encode_peers(&w, role);
	assert_int_equal(wire_put_end(&w), 0);
	assert_int_equal(w.len, role_encoded_peers_size(role));
	wire_in_init(&in, buf, w.len);
	copy = new_role();
	assert_int_equal(role_decode_peers(&in, copy), 0);
	assert_int_equal(wire_get_end(&in), 0);
	assert_int_equal(copy->npeers, 2);
	assert_int_equal(copy->peers[0].kind, PEER_USER);
	assert_string_equal(copy->peers[0].name, "bob");
	assert_int_equal(copy->peers[1].kind, PEER_GROUP);
	assert_string_equal(copy->peers[1].name, "staff");
	assert_true(role_admits(copy, 7, &nobody, 1));
	assert_true(role_admits(copy, 1, &staff, 1));
	assert_false(role_admits(copy, 8, &nobody, 1));
	role_free(copy);
	for (n = 0; n < w.len; n++) {
		wire_in_init(&in, buf, n);
		copy = new_role();
		assert_int_equal(role_decode_peers(&in, copy), -1);
		assert_int_equal(errno, EPROTO);
		role_free(copy);
	}
	role_free(role);
}

/* Count (4), then for each: kind (1), id (4), length (2), name. */
static void
test_decoding_peers(void **state)
{
	static const struct {
		size_t	 at;
		uint8_t	 byte;
	} faults[] = {
		{ 0, 1 }, { 0, 3 }, { 3, 0xff }, { 4, 2 }, { 4, 0xff },
		{ 9, 0 }, { 9, 4 }, { 10, 0xff }, { 12, 0 }
	};
	struct role	*role = example_role(), *copy;
	struct wire_out	 w;
	struct wire_in	 in;
	uint8_t		 buf[128];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		wire_out_init(&w, buf, sizeof(buf));
		role_encode_peers(&w, role);
		buf[faults[i].at] = faults[i].byte;
		wire_in_init(&in, buf, w.len);
		copy = new_role();
		if (role_decode_peers(&in, copy) == 0)
			assert_int_equal(wire_get_end(&in), -1);
		else
			assert_int_equal(errno, EPROTO);
		role_free(copy);
	}
	/* A name that is empty. */
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, 1);
	wire_put_u8(&w, PEER_USER);
	wire_put_u32(&w, 8);
	wire_put_str(&w, "");
	wire_in_init(&in, buf, w.len);
	copy = new_role();
	assert_int_equal(role_decode_peers(&in, copy), -1);
	assert_int_equal(copy->npeers, 0);
	role_free(copy);
	role_free(role);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_denied_directories),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_unclean_paths),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_writing_roots),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_shadows),
		cmocka_unit_test(test_admits),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_encoding),
		cmocka_unit_test(test_decoding_faults),
		cmocka_unit_test(test_decoding_header),
		cmocka_unit_test(test_encoding_peers),
		cmocka_unit_test(test_decoding_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
