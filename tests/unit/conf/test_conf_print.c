/*
 * test_conf_print.c: the warnings about a valid configuration, and its
 * canonical form.
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

#include "base/idset.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "tests/unit/conffake.h"
#include "tests/unit/util.h"

/* Check a configuration, instead of loading it. */
static struct conf *
check_only(const char *text, unsigned int *warnings, unsigned int *missing)
{
	struct conffake_file	 files[2] = { { CONFFAKE_NAME, text, 0 } };
	struct confsys		 sys = conffake_sys(files);

	conffake_logged[0] = '\0';
	return conf_check_from(&sys, CONFFAKE_NAME, NULL, warnings, missing);
}

static void
test_warnings(void **state)
{
	struct conf	*conf;
	unsigned int	 warnings, missing;

	(void)state;
	conf = check_only(ROLE("peer user 5\npermit read \"/a/b\"\n"
	    "deny \"/bin\" \"/bin/x\" \"/dangling/?\"\n"
	    "permit read \"/missing/1\" \"/missing/2\"\n"
	    "deny read, write \"/a/b/c\"\npermit read \"/a\"\n"
	    "deny write \"/a/b\""), &warnings, &missing);
	assert_non_null(conf);
	conf_free(conf);
	assert_string_equal(conffake_logged, CONFFAKE_NAME ":5: "
	    "/missing/1: No such file or directory; the daemon does not start "
	    "without it\n"
	    CONFFAKE_NAME ":5: /missing/2: No such file or directory; "
	    "the daemon does not start without it\n"
	    CONFFAKE_NAME ":3: warning: permit \"/a/b\" has no effect; permit "
	    "\"/a\" at "
	    CONFFAKE_NAME ":7 comes later and covers all of it\n"
	    CONFFAKE_NAME ":4: warning: \"/bin\" denies only the link itself; "
	    "/bin is a symbolic link, and the real path of /bin is /usr/bin\n"
	    CONFFAKE_NAME ":4: warning: \"/bin/x\" denies nothing; /bin is a "
	    "symbolic link, and the real path of /bin/x is /usr/bin/x\n"
	    CONFFAKE_NAME ":4: warning: \"/dangling/?\" denies nothing; "
	    "/dangling is a symbolic link, and /dangling does not exist\n"
	    CONFFAKE_NAME ":6: warning: deny \"/a/b/c\" has no effect; "
	    "permit \"/a\" at " CONFFAKE_NAME ":7 comes later and decides, "
	    "since the last rule counts; write the deny after it\n"
	    CONFFAKE_NAME ":8: warning: deny \"/a/b\" has no effect; no rule "
	    "permits these operations there\n");
	assert_int_equal(missing, 2);
	assert_int_equal(warnings, 8);

	conf = check_only(ROLE(GOOD), &warnings, &missing);
	assert_non_null(conf);
	conf_free(conf);
	assert_int_equal(warnings, 0);
	assert_null(check_only(ROLE("permit read \"/missing\"\nfrob"),
	    &warnings, &missing));
	assert_int_equal(warnings, 1);
}

/* Print a configuration, read that, and print it again: the texts are equal. */
static void
check_printed(const char *text, const char *expected)
{
	struct conf	*conf = conffake_good(text);
	char		*once = NULL, *twice = NULL;
	size_t		 len;
	FILE		*fp;

	assert_non_null(fp = open_memstream(&once, &len));
	assert_int_equal(conf_print(conf, fp), 0);
	fclose(fp);
	conf_free(conf);
	if (expected != NULL)
		assert_string_equal(once, expected);
	conf = conffake_good(once);
	assert_non_null(fp = open_memstream(&twice, &len));
	assert_int_equal(conf_print(conf, fp), 0);
	fclose(fp);
	conf_free(conf);
	assert_string_equal(once, twice);
	free(once);
	free(twice);
}

static void
test_printing(void **state)
{
	(void)state;
	check_printed("user \"ann\"\n",
	    "rundir \"" RUNDIR "\"\n"
	    "user \"ann\"\n"
	    "confinement required\n"
	    "log audit denied to syslog\n"
	    "limit sessions 64\n"
	    "limit sessions 16 per uid\n");
	check_printed(
	    "a = \"/a\"\n"
	    "rundir \"/r\\\"\\\\\"\n"
	    "confinement optional\n"
	    "log audit none\n"
	    "limit sessions 7\n"
	    "control group 77\n"
	    "worker user \"ann\"\n"
	    "role \"one\" {\n"
	    "permit read $a \"/b\" label \"one \\\"1\\\"\"\n"
	    "permit create, append, special \"/c\\*\" \\\n"
	    "  exclusive mode 7\n"
	    "deny \"**/x\"\n"
	    "deny list, write \"/y\"\n"
	    "option single-link\noption follow\nlimit bytes 64K\n"
	    "as user \"ann\"\npeer group \"staff\"\npeer user 5\n"
	    "}\n", NULL);
}

static void
test_printed_role(void **state)
{
	(void)state;
	check_printed(
	    "log audit all to \"/l\"\n"
	    "role \"one\" {\n"
	    "permit read \"/a\" \"/b\" label \"one \\\"1\\\"\"\n"
	    "permit create, append \"/c\\*\" \\\n"
	    "  exclusive owner \"ann\" mode 7\n"
	    "permit create \"/c\" group 8\n"
	    "deny \"**/x\"\n"
	    "deny list, write \"/y\"\n"
	    "option single-link\noption follow\nlimit bytes 64K\n"
	    "limit sessions 3 per uid\n"
	    "peer group \"staff\"\npeer user 5\n"
	    "}\n",
	    "rundir \"" RUNDIR "\"\n"
	    "user \"" PRIVSEP_USER "\"\n"
	    "confinement required\n"
	    "log audit all to \"/l\"\n"
	    "limit sessions 64\n"
	    "limit sessions 16 per uid\n"
	    "\n"
	    "role \"one\" {\n"
	    "	peer group \"staff\"\n"
	    "	peer user \"5\"\n"
	    "	option follow\n"
	    "	option single-link\n"
	    "	limit sessions 3 per uid\n"
	    "	limit tokens 256\n"
	    "	limit bytes 65536\n"
	    "	permit list, read \"/a\" label \"one \\\"1\\\"\"\n"
	    "	permit list, read \"/b\" label \"one \\\"1\\\"\"\n"
	    "	permit append, create \"/c\\\\*\" mode 0007 owner \"ann\" "
	    "group \"1001\" exclusive\n"
	    "	permit create \"/c\" mode 0600 group \"8\"\n"
	    "	deny \"**/x\"\n"
	    "	deny list, write \"/y\"\n"
	    "	# beneath its roots for writing, its opener may: write to "
	    "files, make files\n"
	    "	# its opener keeps: CAP_DAC_OVERRIDE, CAP_CHOWN\n"
	    "}\n");
}

static void
test_printed_by_name(void **state)
{
	(void)state;
	check_printed(
	    "role \"r\" {\npeer user 5\npermit setmeta \"/a\" owner by-name\n"
	    "permit mkdir \"/b\" owner any\npermit link \"/c\" owner self\n"
	    "}\n",
	    "rundir \"" RUNDIR "\"\n"
	    "user \"" PRIVSEP_USER "\"\n"
	    "confinement required\n"
	    "log audit denied to syslog\n"
	    "limit sessions 64\n"
	    "limit sessions 16 per uid\n"
	    "\n"
	    "role \"r\" {\n"
	    "	peer user \"5\"\n"
	    "	limit tokens 256\n"
	    "	limit bytes 262144\n"
	    "	permit setmeta \"/a\" owner by-name\n"
	    "	permit mkdir \"/b\" owner any\n"
	    "	permit link \"/c\"\n"
	    "	# beneath its roots for writing, its opener may: make "
	    "directories, give files other names, make FIFOs\n"
	    "	# its opener keeps: CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER\n"
	    "	# owner by-name: 3 users and 5 groups have accounts here\n"
	    "}\n");
}

/* Every account and root in the sample configurations exists. */
static int
any_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	(void)name;
	/* The daemon's user and the worker user must differ. */
	*uid = *gid = strcmp(name, "_worker") == 0 ? 1001 : 1000;
	return 0;
}

static int
any_group(void *arg, const char *name, uint32_t *gid)
{
	return any_user(arg, name, gid, gid);
}

static int
any_numbers(void *arg, bool groups, struct idset *set)
{
	uint32_t	 id = 1000;

	(void)arg;
	(void)groups;
	return idset_make(set, &id, 1);
}

static int
any_root(void *arg, const char *path, char link[PATH_MAX], char real[PATH_MAX])
{
	(void)arg;
	(void)path;
	link[0] = real[0] = '\0';
	return 1;
}

/* Read a file whoever owns it: the source tree may be anybody's. */
static int
sample_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	FILE	*fp;

	(void)arg;
	(void)why;
	assert_non_null(fp = fopen(path, "r"));
	assert_non_null(*text = malloc(65536));
	*len = fread(*text, 1, 65536, fp);
	fclose(fp);
	return 0;
}

/* Load and print a configuration.  The caller frees the text. */
static char *
print_sample(struct confsys *sys, const char *name)
{
	struct conf	*conf;
	char		*text = NULL;
	size_t		 len;
	FILE		*fp;

	conffake_logged[0] = '\0';
	if ((conf = conf_load_from(sys, name, NULL)) == NULL)
		fail_msg("%s", conffake_logged);
	assert_non_null(fp = open_memstream(&text, &len));
	assert_int_equal(conf_print(conf, fp), 0);
	fclose(fp);
	conf_free(conf);
	return text;
}

static void
test_samples(void **state)
{
	static const char	*const samples[] = { "etc/fdbroker.conf",
				    "tests/fuzz/conf/all.conf" };
	struct conffake_file	 files[2] = { { CONFFAKE_NAME, NULL, 0 } };
	struct confsys		 sys = confsys_real, printed;
	const char		*dir = getenv("FDB_SRCDIR");
	char			 path[PATH_MAX], *once, *twice;
	size_t			 i;

	(void)state;
	if (dir == NULL)
		util_skip("needs FDB_SRCDIR in the environment");
	sys.read = sample_read;
	sys.user = any_user;
	sys.group = any_group;
	sys.numbers = any_numbers;
	sys.root = any_root;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, samples[i]);
		once = print_sample(&sys, path);
		assert_non_null(strstr(once, "role \"nightly\""));
		files[0].text = once;
		printed = conffake_sys(files);
		printed.user = any_user;
		printed.group = any_group;
		printed.numbers = any_numbers;
		printed.root = any_root;
		twice = print_sample(&printed, CONFFAKE_NAME);
		assert_string_equal(once, twice);
		free(once);
		free(twice);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_printing),
		cmocka_unit_test(test_printed_role),
		cmocka_unit_test(test_printed_by_name),
		cmocka_unit_test(test_samples),
	};

	return cmocka_run_group_tests(tests, conffake_setup, NULL);
}
