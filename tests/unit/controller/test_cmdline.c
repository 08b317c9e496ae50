/*
 * test_cmdline.c: the command line of fdbackup.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rolename.h"
#include "controller/cmdline.h"
#include "tests/unit/util.h"

#define ARGS_MAX	16

static char		 why[CMDLINE_WHY_MAX];
static struct options	 options;

/* Parse a command line; blanks separate its words. */
static int
parse(const char *line)
{
	static char	 words[256];
	static char	*argv[ARGS_MAX];
	int		 argc = 0;
	char		*p, *word;

	assert_true(strlcpy(words, line, sizeof(words)) < sizeof(words));
	p = words;
	while ((word = strsep(&p, " ")) != NULL) {
		assert_true(argc < ARGS_MAX - 1);
		if (word[0] != '\0')
			argv[argc++] = word;
	}
	argv[argc] = NULL;
	why[0] = '\0';
	return cmdline_parse(&options, argc, argv, why);
}

static void
test_commands(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup create -f a p q"), 0);
	assert_string_equal(options.command->name, "create");
	assert_string_equal(options.archive, "a");
	assert_int_equal(options.npaths, 2);
	assert_string_equal(options.paths[0], "p");
	assert_string_equal(options.paths[1], "q");
	assert_null(options.role);
	assert_int_equal(options.level, OPTIONS_LEVEL);
	assert_false(options.no_digest);
	assert_int_equal(options.log.where, LOG_NOWHERE);
	assert_int_equal(parse("fdbackup list -f a"), 0);
	assert_string_equal(options.command->name, "list");
	assert_int_equal(parse("fdbackup verify -v -f -"), 0);
	assert_string_equal(options.command->name, "verify");
	assert_true(options.verbose);
	assert_string_equal(options.archive, "-");
}

static void
test_compression(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup create -f a --zstd p"), 0);
	assert_int_equal(options.level, OPTIONS_LEVEL);
	assert_int_equal(options.threads, 0);
	assert_int_equal(parse("fdbackup create -f a --none --zstd=1 "
	    "--threads 2 --digest none p"), 0);
	assert_int_equal(options.level, 1);
	assert_int_equal(options.threads, 2);
	assert_true(options.no_digest);
	assert_int_equal(parse("fdbackup create -f a --zstd=19 --none "
	    "--digest none --digest sha256 p"), 0);
	assert_int_equal(options.level, 0);
	assert_false(options.no_digest);
	assert_int_equal(parse("fdbackup create -f a --zstd=20 p"), -1);
	assert_string_equal(why, "--zstd 20: not a number from 1 to 19");
	assert_int_equal(parse("fdbackup create -f a --zstd=x p"), -1);
	assert_int_equal(parse("fdbackup create -f a --threads 0 p"), -1);
	assert_string_equal(why, "--threads 0: not a number from 1 to 64");
	assert_int_equal(parse("fdbackup create -f a --digest md5 p"), -1);
	assert_string_equal(why, "--digest md5: must be sha256 or none");
	assert_int_equal(parse("fdbackup list -f a --threads 2"), -1);
	assert_string_equal(why, "list does not take --threads");
}

static void
test_all_options(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup create -f a -C d --none -v -s sock "
	    "--role r --logfile !l p"), 0);
	assert_string_equal(options.dir, "d");
	assert_int_equal(options.level, 0);
	assert_string_equal(options.role, "r");
	assert_string_equal(options.socket, "sock");
	assert_int_equal(options.log.where, LOG_PATH);
	assert_true(options.log.overwrite);
	assert_string_equal(options.log.path, "l");
	assert_int_equal(parse("fdbackup create --file=a --directory=d "
	    "--verbose --socket=s --role=r -- -p"), 0);
	assert_string_equal(options.paths[0], "-p");
}

static void
test_log_targets(void **state)
{
	static const struct {
		const char	*arg;
		enum log_where	 where;
		const char	*path;
		bool		 overwrite;
	} good[] = {
		{ "-", LOG_STDOUT, NULL, false },
		{ "-stdout", LOG_STDOUT, NULL, false },
		{ "-stderr", LOG_STDERR, NULL, false },
		{ "file", LOG_PATH, "file", false },
		{ "!file", LOG_PATH, "file", true },
		{ "!!", LOG_PATH, "!", true },
		{ "./-", LOG_PATH, "./-", false }
	};
	static const char *const bad[] = {
		"", "!", "!-", "!-stdout", "!-stderr", "-x", "--", "-stdin"
	};
	struct log_target	 log;
	const char		*phrase;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(cmdline_parse_log(&log, good[i].arg, &phrase),
		    0);
		assert_int_equal(log.where, good[i].where);
		if (good[i].path != NULL)
			assert_string_equal(log.path, good[i].path);
		assert_int_equal(log.overwrite, good[i].overwrite);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		phrase = NULL;
		if (cmdline_parse_log(&log, bad[i], &phrase) == 0)
			fail_msg("\"%s\" is accepted", bad[i]);
		assert_non_null(phrase);
	}
}

static void
test_bytes(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup create -f a p"), 0);
	assert_int_equal(options.max_memory, options.command->memory);
	assert_true(options.max_memory > 0);
	assert_int_equal(parse("fdbackup verify -f a --max-memory 1234567 "
	    "--max-manifest 3K"), 0);
	assert_int_equal(options.max_memory, 1234567);
	assert_int_equal(options.max_manifest, 3 * 1024);
	assert_int_equal(parse("fdbackup list -f a --max-memory=5M"), 0);
	assert_int_equal(options.max_memory, 5 * 1024 * 1024);
	assert_int_equal(parse("fdbackup list -f a --max-memory "
	    "8589934591G"), 0);
	assert_true(options.max_memory == (uint64_t)8589934591 << 30);
}

static void
test_refusals(void **state)
{
	static const char *const lines[][2] = {
		{ "fdbackup", "no command" },
		{ "fdbackup x", "unknown command: x" },
		{ "fdbackup -f a create p", "unknown command: -f" },
		{ "fdbackup create p", "create needs -f archive" },
		{ "fdbackup create -f a", "create needs a path to store" },
		{ "fdbackup create -f a -x p", "unknown option: -x" },
		{ "fdbackup create -f a --nix p", "unknown option: --nix" },
		{ "fdbackup create p -f", "-f needs an argument" },
		{ "fdbackup list -f a p", "list takes no paths: p" },
		{ "fdbackup list -f a --none", "list does not take --none" },
		{ "fdbackup list -f a -C d",
		    "list does not take --directory" },
		{ "fdbackup list -f a --logfile l",
		    "list does not take --logfile" },
		{ "fdbackup verify -f a --role r",
		    "verify does not take --role" },
		{ "fdbackup create -f a -s s p",
		    "-s needs --role" },
		{ "fdbackup create -f a --role= p",
		    "--role: no role can have the name \"\"; expected "
		    ROLENAME_RULE },
		{ "fdbackup create -f x --role=my\001role p", "--role: no role "
		    "can have the name \"my\001role\"; expected "
		    ROLENAME_RULE },
		{ "fdbackup create --file= p", "-f: the name is empty" },
		{ "fdbackup list -f a --max-manifest 1",
		    "list does not take --max-manifest" },
		{ "fdbackup list -f a --max-memory=", "--max-memory : "
		    "not a number of bytes, such as 512M" },
		{ "fdbackup list -f a --max-memory M", "--max-memory M: "
		    "not a number of bytes, such as 512M" },
		{ "fdbackup list -f a --max-memory 0", "--max-memory 0: "
		    "not a number of bytes, such as 512M" },
		{ "fdbackup list -f a --max-memory -1", "--max-memory -1: "
		    "not a number of bytes, such as 512M" },
		{ "fdbackup list -f a --max-memory 1MK", "--max-memory 1MK: "
		    "not a number of bytes, such as 512M" },
		{ "fdbackup verify -f a --max-manifest 8589934592G",
		    "--max-manifest 8589934592G: "
		    "not a number of bytes, such as 512M" },
		{ "fdbackup create -f - --logfile - p",
		    "archive and log cannot both go to standard output" }
	};
	char	*none[] = { NULL };
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (parse(lines[i][0]) == 0)
			fail_msg("\"%s\" is accepted", lines[i][0]);
		assert_string_equal(why, lines[i][1]);
	}
	assert_int_equal(cmdline_parse(&options, 0, none, why), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_commands),
		UTIL_TEST(test_compression),
		UTIL_TEST(test_all_options),
		UTIL_TEST(test_log_targets),
		UTIL_TEST(test_bytes),
		UTIL_TEST(test_refusals)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
