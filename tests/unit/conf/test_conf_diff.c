/*
 * test_conf_diff.c: how two configurations differ.
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

#include "conf/conf.h"
#include "conf/diff.h"
#include "conf/load.h"
#include "tests/unit/conffake.h"
#include "tests/unit/util.h"

static struct conf *
load(const char *text)
{
	struct conffake_file	 files[2] = { { CONFFAKE_NAME, text, 0 } };
	struct confsys		 sys = conffake_sys(files);
	struct conf		*conf = conf_load_from(&sys, CONFFAKE_NAME,
				    NULL);

	assert_non_null(conf);
	return conf;
}

/* Compare two configurations. */
static void
expect(const char *old, const char *new, unsigned int n, const char *want)
{
	struct conf	*a = load(old), *b = load(new);
	char		*text = NULL;
	size_t		 len;
	FILE		*fp = open_memstream(&text, &len);

	assert_non_null(fp);
	assert_int_equal(confdiff(a, b, fp), n);
	assert_int_equal(fclose(fp), 0);
	assert_string_equal(text, want);
	free(text);
	conf_free(a);
	conf_free(b);
}

#define R	"role \"r\" {\npeer user 5\npermit read \"/a\"\n"

#define S	"}\nrole \"s\" {\npeer user 5\npermit read \"/a\"\n}\n"

static void
test_same(void **state)
{
	(void)state;
	expect(R "}\n", R "}\n", 0, "");
	/* Other lines, and the default in words. */
	expect(R "}\n", "\n\nlog audit denied to syslog\n" R "\n}\n", 0, "");
}

static void
test_roles(void **state)
{
	(void)state;
	expect(R "}\n", R S, 1,
	    "role \"s\" is added\n");
	expect(R S, R "}\n", 1,
	    "role \"s\" is removed\n");
	expect(R "}\n", R "peer user 6\noption noatime\nlimit sessions 9\n}\n",
	    1, "role \"r\" changes: peers, options, limits\n"
	    "  +\toption noatime\n  +\tlimit sessions 9\n");
	expect(R "deny \"/a/b\"\n}\n", R "deny \"/a/b\" label \"x\"\n}\n", 1,
	    "role \"r\" changes: rules\n  -\tdeny \"/a/b\"\n"
	    "  +\tdeny \"/a/b\" label \"x\"\n");
	/* Only what differs is listed. */
	expect(R "deny \"/a/1\" \"/a/2\" \"/a/3\"\n}\n",
	    R "deny \"/a/1\" \"/a/3\"\n}\n", 1,
	    "role \"r\" changes: rules\n  -\tdeny \"/a/2\"\n");
	expect(R "deny \"/a/1\" \"/a/1\"\n}\n", R "deny \"/a/1\"\n}\n", 1,
	    "role \"r\" changes: rules\n  -\tdeny \"/a/1\"\n");
}

/* Who has an account counts for `owner by-name' alone. */
static void
test_accounts(void **state)
{
#define T(owner) R "permit setmeta \"/a\"" owner "\n}\n"
	struct conf	*a = load(T(" owner by-name")), *b;
	struct conf	*c = load(T(" owner any")), *d;
	char		*text = NULL;
	size_t		 len;
	FILE		*fp = open_memstream(&text, &len);

	(void)state;
	assert_non_null(fp);
	conffake_more_users = 77;
	b = load(T(" owner by-name"));
	d = load(T(" owner any"));
	conffake_more_users = 0;
	assert_int_equal(confdiff(a, b, fp), 1);
	assert_int_equal(confdiff(c, d, fp), 0);
	assert_int_equal(fclose(fp), 0);
	assert_string_equal(text, "role \"r\" changes: which users and groups "
	    "have accounts\n");
	free(text);
	conf_free(a);
	conf_free(b);
	conf_free(c);
	conf_free(d);
	expect(T(" owner any"), T(" owner by-name"), 1,
	    "role \"r\" changes: rules\n"
	    "  -\tpermit setmeta \"/a\" owner any\n"
	    "  +\tpermit setmeta \"/a\" owner by-name\n");
}

static void
test_many(void **state)
{
	char	 text[8192] = R, want[4096], *p;
	size_t	 i;

	(void)state;
	for (i = 0; i < CONFDIFF_RULES + 2; i++) {
		p = text + strlen(text);
		(void)snprintf(p, sizeof(text) - strlen(text),
		    "deny \"/a/%zu\"\n", i);
	}
	(void)strlcat(text, "}\n", sizeof(text));
	(void)strlcpy(want, "role \"r\" changes: rules\n", sizeof(want));
	for (i = 0; i < CONFDIFF_RULES; i++) {
		p = want + strlen(want);
		(void)snprintf(p, sizeof(want) - strlen(want),
		    "  +\tdeny \"/a/%zu\"\n", i);
	}
	(void)strlcat(want, "  + ... and 2 more rules\n", sizeof(want));
	expect(R "}\n", text, 1, want);
}

static void
test_daemon(void **state)
{
	(void)state;
	expect(R "}\n", "limit sessions 9\nlog audit all\n" R "}\n", 1,
	    "the daemon changes: log audit, limits\n"
	    "  -\tlimit sessions 64\n  +\tlimit sessions 9\n");
	expect("confinement optional\n" R "}\n", R "}\n", 1,
	    "the daemon changes: confinement (of openers; of others: when the "
	    "daemon starts)\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_daemon)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
