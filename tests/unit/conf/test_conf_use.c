/*
 * test_conf_use.c: roles that use the rules of others: order, places of the
 * rules, what is no role of its own, and chains that are circles or too long.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy/role.h"
#include "tests/unit/conffake.h"

#define HEAD(name)	"role \"" name "\" {\npeer user 5\n"
#define COMMON		"role \"common\" {\ndeny \"/a/x\" label \"x\"\n" \
			"deny write \"/a/y\"\n}\n"

/* The patterns of a role's rules, with their lines. */
static void
check_rules(const struct conf *conf, const char *name, const char *expected)
{
	const struct role	*role = conf_role(conf, name);
	char			 text[512] = "";
	size_t			 i, n = 0;

	assert_non_null(role);
	for (i = 0; i < role->nrules; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s:%d",
		    i > 0 ? " " : "", role->rules[i].pattern,
		    role->rules[i].line);
	assert_string_equal(text, expected);
}

/* The rules stand where the statement is, and decide there. */
static void
test_order(void **state)
{
	struct verdict	 v;
	struct conf	*conf;

	(void)state;
	conf = conffake_good(COMMON
	    HEAD("r") "permit read \"/a\"\nuse \"common\"\n"
	    "permit read \"/a/x/z\"\n}\n"
	    HEAD("s") "use \"common\"\npermit read \"/a\"\n}\n");
	assert_int_equal(conf->nroles, 2);
	check_rules(conf, "r", "/a:7 /a/x:2 /a/y:3 /a/x/z:9");
	check_rules(conf, "s", "/a/x:2 /a/y:3 /a:14");
	v = policy_decide(conf_role(conf, "r"), POLICY_OP_READ, "/a/x/q");
	assert_false(v.permit);
	assert_int_equal(v.rule->line, 2);
	assert_string_equal(v.rule->file, CONFFAKE_NAME);
	assert_string_equal(v.rule->label, "x");
	assert_true(policy_decide(conf_role(conf, "r"), POLICY_OP_READ,
	    "/a/x/z").permit);
	assert_true(policy_decide(conf_role(conf, "s"), POLICY_OP_READ,
	    "/a/x").permit);
	conf_free(conf);
}

/* It may be defined later, use others itself, and be a role of its own. */
static void
test_chains(void **state)
{
	struct conf	*conf;

	(void)state;
	conf = conffake_good(
	    HEAD("r") "use \"s\"\nuse \"p\"\nuse \"p\"\n}\n"
	    HEAD("s") "permit read \"/a\"\nuse \"p\"\n}\n"
	    "role \"p\" {\nuse \"q\"\ndeny \"/b\"\n}\n"
	    "role \"q\" {\npermit create \"/a\" mode 0640 exclusive\n}\n");
	assert_int_equal(conf->nroles, 2);
	check_rules(conf, "r", "/a:9 /a:17 /b:14 /a:17 /b:14 /a:17 /b:14");
	check_rules(conf, "s", "/a:9 /a:17 /b:14");
	assert_int_equal(conf_role(conf, "r")->rules[1].create.mode, 0640);
	assert_true(conf_role(conf, "r")->rules[1].create.exclusive);
	/* Statements of a role are its own. */
	conf_free(conf);
	conf = conffake_good(
	    HEAD("r") "use \"s\"\n}\n"
	    HEAD("s") "permit read \"/a\"\noption follow\nlimit opens 3\n}\n");
	assert_int_equal(conf_role(conf, "r")->options, 0);
	assert_int_equal(conf_role(conf, "r")->limits[LIMIT_OPENS], 0);
	conf_free(conf);
}

static void
test_faults(void **state)
{
	(void)state;
	conffake_bad(HEAD("r") "permit read \"/a\"\nuse \"x\"\n}\n",
	    "4: role \"r\" at " CONFFAKE_NAME ":1 uses \"x\", and there is no "
	    "such role");
	conffake_bad(HEAD("r") "permit read \"/a\"\nuse \"r\"\n}\n",
	    "4: role \"r\" at " CONFFAKE_NAME ":1 uses itself");
	conffake_bad(HEAD("r") "permit read \"/a\"\nuse \"s\"\n}\n"
	    "role \"s\" {\nuse \"t\"\n}\nrole \"t\" {\nuse \"r\"\n}\n",
	    "10: role \"t\" uses \"r\", which uses it in turn: use \"s\" at "
	    CONFFAKE_NAME ":4");
	conffake_bad(HEAD("r") "permit read \"/a\"\nuse\n}\n",
	    "4: unexpected end of line; expected \"name\" of a role");
	conffake_bad(HEAD("r") "use \"common\"\n}\n" COMMON,
	    "1: role \"r\" has no permit rule; expected at least one");
	/* Nobody uses this. */
	conffake_bad(COMMON, "1: role \"common\" has no peer; expected peer "
	    "user or peer group, or another role that uses it\n"
	    "1: role \"common\" has no permit rule; expected at least one");
	/* What would be lost. */
	conffake_bad(HEAD("r") "permit read \"/a\"\nuse \"s\"\n}\n"
	    "role \"s\" {\ndeny \"/b\"\noption follow\n}\n",
	    "6: role \"s\" has no peer, and who uses it uses its rules alone; "
	    "remove its options");
	conffake_bad(HEAD("r") "permit read \"/a\"\nuse \"s\"\n}\n"
	    "role \"s\" {\ndeny \"/b\"\nlimit opens 3\n}\n",
	    "6: role \"s\" has no peer, and who uses it uses its rules alone; "
	    "remove its limits");
	/* A rule is checked with the options of the role that uses it. */
	conffake_bad(HEAD("r") "option regular-only\nuse \"s\"\n}\n"
	    "role \"s\" {\npermit read, special \"/a\"\n}\n",
	    "7: \"/a\": permit special contradicts option regular-only at "
	    CONFFAKE_NAME ":3; remove one of them");
	/* A role that cannot be used has no uses. */
	conffake_bad("role \"a b\" {\nuse \"x\"\n}\n",
	    "1: invalid role name \"a b\"; expected a letter or digit, then "
	    "letters, digits, \"_\" and \"-\", at most 63 bytes");
}

/* A chain of n roles, each of which uses the next `times'. */
static char *
chain(int n, int times, bool backwards)
{
	size_t	 size = (size_t)n * 200 + 200, len = 0;
	char	*text = calloc(1, size);
	int	 i, k, t;

	assert_non_null(text);
	for (i = 0; i < n; i++) {
		k = backwards ? n - 1 - i : i;
		len += (size_t)snprintf(text + len, size - len,
		    "role \"r%d\" {\npeer user 5\npermit read \"/a\"\n", k);
		for (t = 0; t < times && k + 1 < n; t++)
			len += (size_t)snprintf(text + len, size - len,
			    "use \"r%d\"\n", k + 1);
		len += (size_t)snprintf(text + len, size - len, "}\n");
	}
	return text;
}

/* Bounds on what a few lines can make, in whatever order the roles are. */
static void
test_bounds(void **state)
{
	struct conf	*conf;
	char		*text;

	(void)state;
	text = chain(9, 1, false);
	conf_free(conffake_good(text));
	free(text);
	text = chain(9, 1, true);
	conf_free(conffake_good(text));
	free(text);
	text = chain(10, 1, false);
	assert_null(conffake_load(text));
	assert_non_null(strstr(conffake_logged, "more than 8 roles use each "
	    "other in a chain, from \"r"));
	free(text);
	text = chain(10, 1, true);
	assert_null(conffake_load(text));
	assert_non_null(strstr(conffake_logged, "more than 8 roles use each "
	    "other in a chain, from \"r0\" at "));
	free(text);
	text = chain(9, 5, false);
	assert_null(conf = conffake_load(text));
	assert_non_null(strstr(conffake_logged, "has more than 100000 rules"));
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, conffake_setup, NULL);
}
