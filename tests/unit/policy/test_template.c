/*
 * test_template.c: %u and %h in patterns: what is allowed, what a peer fills
 * in, and what is certain of a rule before that.
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
#include "policy/effects.h"
#include "policy/glob.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/template.h"
#include "tests/unit/util.h"

static void
check_parse(const char *pattern, int permit, int deny)
{
	const char	*why = NULL;

	assert_int_equal(template_parse(pattern, true, &why), permit);
	assert_true(permit != -1 || why != NULL);
	assert_int_equal(template_parse(pattern, false, &why), deny);
}

static void
test_parse(void **state)
{
	(void)state;
	check_parse("/a", 0, 0);
	check_parse("/a%b/%", 0, 0);
	check_parse("/a\\%u", 0, 0);
	check_parse("/%%u", TEMPLATE_PERCENT, TEMPLATE_PERCENT);
	check_parse("/home/%u", TEMPLATE_USER, TEMPLATE_USER);
	check_parse("/home/%u.d/*", TEMPLATE_USER, TEMPLATE_USER);
	check_parse("%h", TEMPLATE_HOME, TEMPLATE_HOME);
	check_parse("%h/**/*.c", TEMPLATE_HOME, TEMPLATE_HOME);
	check_parse("%h/%u%%", TEMPLATE_ALL, TEMPLATE_ALL);
	/* %h elsewhere, or with more of its component. */
	check_parse("/%h", -1, -1);
	check_parse("%hx", -1, -1);
	check_parse("%h%h", -1, -1);
	check_parse("%h/%h", -1, -1);
	/* What could match another user's name. */
	check_parse("/home/%u*", -1, -1);
	check_parse("/home/?%u/x", -1, -1);
	check_parse("/home/[%u]", -1, -1);
	/* A root of all users. */
	check_parse("/home/*/%u", -1, TEMPLATE_USER);
	check_parse("**/%u", -1, TEMPLATE_USER);
	assert_true(template_is_own("%h"));
	assert_true(template_is_own("/home/%u"));
	assert_false(template_is_own("%h/x"));
	assert_false(template_is_own("/x%%"));
}

/* A role with these patterns; a deny begins with "-". */
static struct role *
make(const char *const *patterns)
{
	struct rule_spec	 spec;
	struct role		*role;
	const char		*why;
	int			 line, vars;

	assert_non_null(role = role_new("r", "f", 1));
	for (line = 1; *patterns != NULL; patterns++, line++) {
		memset(&spec, 0, sizeof(spec));
		policy_create_init(&spec.create);
		spec.action = **patterns == '-' ? POLICY_DENY : POLICY_PERMIT;
		spec.ops = spec.action == POLICY_DENY ? POLICY_OP_ALL :
		    POLICY_OP_READ;
		spec.pattern = *patterns + (**patterns == '-');
		vars = template_parse(spec.pattern,
		    spec.action == POLICY_PERMIT, &why);
		assert_true(vars >= 0);
		spec.vars = (uint8_t)vars;
		spec.file = "f";
		spec.line = line;
		assert_int_equal(role_add(role, &spec, &why), 0);
	}
	return role;
}

static bool
permits(const struct role *role, const char *path)
{
	return policy_decide(role, POLICY_OP_READ, path).permit;
}

static void
test_fill(void **state)
{
	static const char *const patterns[] = { "%h", "-%h/.ssh",
	    "/mail/%u/new", "/100%%/%u", "-/mail/*/%u", NULL };
	struct role		*role = make(patterns), *own;
	struct policy_root	*roots;
	char			 why[OWNROLE_WHY_MAX];
	size_t			 n;

	(void)state;
	role->limits[LIMIT_OPENS] = 7;
	role->options = POLICY_FOLLOW;
	assert_non_null(own = ownrole_make(role, "a*n", "/home/[ann]", why));
	assert_int_equal(ownrole_vars(role), TEMPLATE_VARS);
	assert_int_equal(ownrole_vars(own), 0);
	assert_int_equal(own->limits[LIMIT_OPENS], 7);
	assert_int_equal(own->options, POLICY_FOLLOW);
	assert_int_equal(own->rules[2].line, 3);
	assert_true(permits(own, "/home/[ann]/x"));
	assert_false(permits(own, "/home/a/x"));
	assert_false(permits(own, "/home/[ann]/.ssh/id"));
	assert_true(permits(own, "/mail/a*n/new/1"));
	assert_false(permits(own, "/mail/axn/new/1"));
	assert_true(permits(own, "/100%/a*n"));
	assert_false(permits(own, "/mail/x/a*n"));
	/* What the kernel is told: the peer's own paths. */
	assert_int_equal(policy_roots(own, POLICY_OPS_READING, &roots, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(roots[0].path, "/100%/a*n");
	assert_string_equal(roots[1].path, "/home/[ann]");
	assert_string_equal(roots[2].path, "/mail/a*n/new");
	policy_roots_free(roots, n);
	role_free(own);
	role_free(role);
}

/* What a name service may say, and a path must not become. */
static void
test_misfits(void **state)
{
	static const char *const user[] = { "/home/%u", NULL };
	static const char *const home[] = { "%h/x", NULL };
	static const char *const names[] = { "", ".", "..", "a/b", "/", "a\nb",
	    "\001", NULL };
	static const char *const homes[] = { "", "/", "home", "/a/", "//a",
	    "/a/../b", "/./a", "/a\nb", "/\002", NULL };
	struct role	*of_user = make(user), *of_home = make(home), *own;
	char		 why[OWNROLE_WHY_MAX], text[2048];
	size_t		 i;

	(void)state;
	for (i = 0; names[i] != NULL; i++) {
		why[0] = '\0';
		assert_null(ownrole_make(of_user, names[i], "/a", why));
		assert_non_null(strstr(why, "cannot stand for %u"));
		assert_non_null(own = ownrole_make(of_home, names[i], "/a",
		    why));
		role_free(own);
	}
	for (i = 0; homes[i] != NULL; i++) {
		assert_null(ownrole_make(of_home, "ann", homes[i], why));
		assert_non_null(strstr(why, "cannot stand for %h"));
		assert_non_null(own = ownrole_make(of_user, "ann", homes[i],
		    why));
		role_free(own);
	}
	/* No component is that long; escapes make a pattern longer still. */
	memset(text, '*', sizeof(text) - 1);
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	for (i = 100; i < sizeof(text) - 1; i += 100)
		text[i] = '/';
	assert_null(ownrole_make(of_user, text + 1, "/a", why));
	own = ownrole_make(of_home, "ann", text, why);
	if (own != NULL)
		assert_true(permits(own, "/x") == false);
	role_free(own);
	role_free(of_user);
	role_free(of_home);
}

/* A template that is decoded must be one. */
static void
test_wrong_vars(void **state)
{
	struct rule_spec	 spec = { .action = POLICY_DENY,
				    .ops = POLICY_OP_READ, .file = "f" };
	struct role		*role = role_new("r", "f", 1);
	const char		*why;

	(void)state;
	assert_non_null(role);
	policy_create_init(&spec.create);
	spec.pattern = "/%u";
	spec.vars = TEMPLATE_HOME;
	assert_int_equal(role_add(role, &spec, &why), -1);
	spec.pattern = "/%h";
	assert_int_equal(role_add(role, &spec, &why), -1);
	spec.vars = 0;
	assert_int_equal(role_add(role, &spec, &why), 0);
	assert_true(glob_covers(role->rules[0].glob, "/%h/x"));
	role_free(role);
}

/* Has rule i an effect, as far as is certain? */
static void
check_effect(size_t i, bool expected, const char *a, const char *b)
{
	const char *const	 patterns[] = { a, b, NULL };
	struct role		*role = make(patterns);
	struct effects		*effects = effects_new(role);
	struct effect		 e;

	assert_non_null(effects);
	effects_of(effects, i, &e);
	if ((e.ops != 0) != expected)
		fail_msg("rule %zu of %s and %s", i, a, b);
	effects_free(effects);
	role_free(role);
}

static void
test_effects(void **state)
{
	(void)state;
	/* A deny may concern some peer. */
	check_effect(1, true, "%h", "-/home/ann/.ssh");
	check_effect(1, true, "/home/%u", "-/home/ann/.ssh");
	check_effect(1, true, "/home/ann", "-%h/.ssh");
	check_effect(1, true, "%h", "-/home/*/.ssh");
	check_effect(1, true, "/home/%u/x", "-/home/*/x/y");
	check_effect(1, true, "/home", "-/home/%u/x");
	check_effect(1, false, "/srv/%u", "-/home/%u/x");
	check_effect(1, false, "/srv", "-/home/%u/x");
	/* It denies nothing before the permit. */
	check_effect(0, false, "-/home/%u/x", "/home/%u");
	check_effect(0, false, "-%h/x", "%h");
	/* What comes later covers all of it, for each peer. */
	check_effect(0, false, "/home/%u/x", "-/home/%u");
	check_effect(0, false, "/home/%u/x", "-/home/*");
	check_effect(0, false, "/home/%u/x", "-/home");
	check_effect(0, false, "%h/x", "-%h");
	check_effect(0, false, "%h/x", "-/");
	/* Or for some. */
	check_effect(0, true, "/home/%u/x", "-/home/?");
	check_effect(0, true, "/home/%u/x", "-/home/[!a]");
	check_effect(0, true, "/home/%u/x", "-/home/a*");
	check_effect(0, true, "/home/%u/x", "-/home/ann");
	check_effect(0, true, "%h/x", "-/home");
	check_effect(0, true, "%h/x", "-/*/x");
	check_effect(0, true, "%h/x", "-/home/%u");
	check_effect(0, true, "/home/%u", "-%h");
}

static void
test_show(void **state)
{
	static const char *const patterns[] = { "%h/a", "/b/%u/c", "/d", NULL };
	struct role	*role = make(patterns);
	char		 text[TEMPLATE_TEXT_MAX];
	const char	*path;
	size_t		 i;
	static const size_t	 common[] = { 0, 2, 2 };

	(void)state;
	for (i = 0; patterns[i] != NULL; i++) {
		path = glob_literal(role->rules[i].glob);
		template_show(text, path);
		assert_string_equal(text, patterns[i]);
		assert_int_equal(template_common(path), common[i]);
	}
	role_free(role);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_misfits),
		cmocka_unit_test(test_wrong_vars),
		cmocka_unit_test(test_effects),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
