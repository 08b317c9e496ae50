/*
 * test_policy_families.c: decisions about random families of rules, which have
 * all but the beginning or the end of one name in common, so that the index
 * tells them apart by these bytes; compared with the reference.
 *
 * TEST_SEED in the environment replaces the seed.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy/role.h"
#include "tests/unit/polref.h"
#include "tests/unit/rules.h"

#define FAMILY		16
#define AFFIX_MAX	6	/* with NUL */

static void
random_affix(char *buf, unsigned int least)
{
	unsigned int	 n = least + polref_random(AFFIX_MAX - 1 - least);

	while (n-- > 0)
		*buf++ = "ab."[polref_random(3)];
	*buf = '\0';
}

/* A name that is no "." or "..". */
static void
random_name(char *buf)
{
	do
		random_affix(buf, 1);
	while (strcmp(buf, ".") == 0 || strcmp(buf, "..") == 0);
}

/* A role of one family, and for each rule a name that it is about. */
static struct role *
random_family(char made[FAMILY + 1][2 * AFFIX_MAX], size_t *n)
{
	static const char *const	 befores[] = { "/s/", "/s/", "/*/",
					    "/**/" };
	static const char *const	 wilds[] = { "*", "*", "?", "[!b]*",
					    "*a*" };
	static const char *const	 afters[] = { "", "", "/x", "/**" };
	struct role	*role = role_new("test", "/etc/test.conf", 1);
	const char	*before = befores[polref_random(4)], *what;
	const char	*wild = wilds[polref_random(5)];
	const char	*after = afters[polref_random(4)];
	char		 begin[AFFIX_MAX], end[AFFIX_MAX], pattern[64];
	size_t		 i;

	assert_non_null(role);
	*n = 1 + polref_random(FAMILY);
	for (i = 0; i < *n; i++) {
		random_affix(begin, 0);
		random_affix(end, 0);
		(void)snprintf(pattern, sizeof(pattern), "%s%s%s%s%s", before,
		    begin, wild, end, after);
		(void)snprintf(made[i], sizeof(made[i]), "%sa%s", begin, end);
		assert_int_equal(role_add_rule(role, polref_random(2) == 0 ?
		    POLICY_PERMIT : POLICY_DENY,
		    polref_random(3) == 0 ? LIST : READ, pattern, NULL,
		    "/etc/test.conf", 1, &what), 0);
	}
	return role;
}

/* A path that a rule of the family may be about: n names were made. */
static void
random_member(char *path, size_t size, char made[][2 * AFFIX_MAX], size_t n)
{
	static const char *const	 afters[] = { "", "", "/x", "/a.b" };
	static const char *const	 befores[] = { "/s", "/s", "/a/b", "" };
	char				 name[AFFIX_MAX];

	random_name(name);
	(void)snprintf(path, size, "%s/%s%s", befores[polref_random(4)],
	    polref_random(2) == 0 ? name : made[polref_random((unsigned int)n)],
	    afters[polref_random(4)]);
}

static void
test_random_families(void **state)
{
	static char	 made[FAMILY + 1][2 * AFFIX_MAX];
	const char	*tried[FAMILY + 1];
	struct role	*role;
	char		 path[64];
	size_t		 n, i, k, decided = 0, count = 0;

	(void)state;
	polref_begin();
	for (n = 0; n < 2000; n++) {
		role = random_family(made, &k);
		for (i = 0; i < 20; i++, count++) {
			random_member(path, sizeof(path), made, k);
			polref_compare(role, "read", path,
			    polref_decide(role, READ, path),
			    policy_decide(role, READ, path));
			polref_compare(role, "list", path,
			    polref_decide(role, LIST, path),
			    policy_decide(role, LIST, path));
			decided += policy_decide(role, READ, path).rule != NULL;
		}
		/* What may be beneath is tried with all of the names. */
		(void)strlcpy(made[k], "x", sizeof(made[k]));
		for (i = 0; i <= k; i++)
			tried[i] = made[i];
		for (i = 0; n % 8 == 0 && i < 4; i++) {
			random_member(path, sizeof(path), made, k);
			if (i == 0)
				(void)strlcpy(path, "/s", sizeof(path));
			polref_compare(role, "enter", path,
			    polref_enter(role, path, tried, k + 1),
			    policy_enter(role, path));
		}
		role_free(role);
	}
	assert_in_range(decided * 100 / count, 10, 80);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
