/*
 * test_choose.c: the options that choose what is stored, and the files that
 * they name.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fdbroker_types.h"
#include "controller/choose.h"
#include "tests/unit/util.h"

static struct options	 options;
static struct choice	 choice;
static char		 why[PATHS_WHY_MAX];

/* One argument of an option that may be repeated. */
static const char	*one[1];

static struct options_list
list(const char *arg)
{
	one[0] = arg;
	return (struct options_list){ one, 1 };
}

static int
make(void)
{
	static const struct command	 create = { .stores = true };

	why[0] = '\0';
	options.command = &create;
	return choose_make(&choice, &options, util_dir(), why);
}

/* The text of the only pattern is this path beneath the directory. */
static void
expect(const char *rest)
{
	char	 want[1024];

	if (make() == -1)
		fail_msg("%s", why);
	assert_int_equal(choice.excludes.n, 1);
	(void)snprintf(want, sizeof(want), "%s%s", util_dir(), rest);
	assert_string_equal(choice.excludes.v[0].text, want);
	assert_true(choice.excludes.v[0].anchored);
	choose_free(&choice);
}

static void
test_patterns(void **state)
{
	char	 link[1024], pattern[1100];

	(void)state;
	memset(&options, 0, sizeof(options));
	options.exclude = list("./a/*");
	expect("/a/*");
	/* Links in its directories are followed, the last name is not. */
	(void)strlcpy(link, util_path("link"), sizeof(link));
	assert_int_equal(symlink(util_dir(), link), 0);
	options.exclude = list("./link/a");
	expect("/a");
	options.exclude = list("./link/a/*");
	expect("/a/*");
	options.exclude = list("./link/*/a/");
	expect("/*/a/");
	options.exclude = list("./link");
	expect("/link");
	/* As far as the user can: there is no "none". */
	options.exclude = list("./link/none/a/b");
	expect("/none/a/b");
	(void)snprintf(pattern, sizeof(pattern), "%s/b", link);
	options.exclude = list(pattern);
	expect("/b");
	options.exclude = list("a");
	assert_int_equal(make(), 0);
	assert_string_equal(choice.excludes.v[0].text, "/a");
	assert_false(choice.excludes.v[0].anchored);
	choose_free(&choice);
	options.exclude = list("a/../b");
	assert_int_equal(make(), -1);
	assert_string_equal(why, "--exclude a/../b: a component is \".\" or "
	    "\"..\"");
	choose_free(&choice);
	options.exclude = list("");
	assert_int_equal(make(), -1);
	assert_string_equal(why, "--exclude \"\": there is no name in it");
	choose_free(&choice);
	assert_int_equal(unlink(link), 0);
}

static void
test_files(void **state)
{
	char	 name[1024], want[2048];

	(void)state;
	memset(&options, 0, sizeof(options));
	(void)strlcpy(name, util_path("list"), sizeof(name));
	util_write_file(name, "# comment\n\na\n\\#b\n *.c");
	options.exclude_from = list(name);
	assert_int_equal(make(), 0);
	assert_int_equal(choice.excludes.n, 3);
	assert_string_equal(choice.excludes.v[0].text, "/a");
	assert_string_equal(choice.excludes.v[1].text, "/\\#b");
	assert_string_equal(choice.excludes.v[2].text, "/ *.c");
	assert_false(choice.excludes.v[0].named);
	choose_free(&choice);
	util_write_file(name, "a\n\n#\na//b\n");
	assert_int_equal(make(), -1);
	(void)snprintf(want, sizeof(want), "%s:4: a//b: a component is empty",
	    name);
	assert_string_equal(why, want);
	choose_free(&choice);
	options.exclude_from = list("/nonexistent/list");
	assert_int_equal(make(), -1);
	assert_string_equal(why,
	    "/nonexistent/list: No such file or directory");
	choose_free(&choice);
	assert_int_equal(unlink(name), 0);
}

static void
test_others(void **state)
{
	const char	*names[33];
	size_t		 i;

	(void)state;
	memset(&options, 0, sizeof(options));
	assert_int_equal(make(), 0);
	assert_int_equal(choice.walk, FDB_WALK_XATTR | FDB_WALK_READAHEAD);
	choose_free(&choice);
	options.dry_run = true;
	assert_int_equal(make(), 0);
	assert_int_equal(choice.walk, FDB_WALK_NO_OPEN);
	choose_free(&choice);
	options.dry_run = false;
	options.caches = options.one_fs = true;
	options.if_present = list(".nobackup");
	assert_int_equal(make(), 0);
	assert_int_equal(choice.walk, FDB_WALK_XATTR | FDB_WALK_READAHEAD |
	    FDB_WALK_CACHEDIR | FDB_WALK_ONE_FS);
	assert_int_equal(choice.nif_present, 1);
	choose_free(&choice);
	options.if_present = list("a/b");
	assert_int_equal(make(), -1);
	assert_string_equal(why, "--exclude-if-present a/b: must be the name "
	    "of a file, without directories");
	choose_free(&choice);
	for (i = 0; i < 33; i++)
		names[i] = "x";
	options.if_present = (struct options_list){ names, 33 };
	assert_int_equal(make(), -1);
	assert_string_equal(why, "--exclude-if-present: at most 32 names");
	choose_free(&choice);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_patterns),
		UTIL_TEST(test_files),
		UTIL_TEST(test_others)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
