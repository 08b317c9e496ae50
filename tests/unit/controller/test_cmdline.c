/*
 * test_cmdline.c: the command line of fdbackup.
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

#include "base/rolename.h"
#include "controller/cmdarg.h"
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
	assert_int_equal(options.compression, COMPRESSION_ZSTD);
	assert_int_equal(options.level, 0);
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
	assert_int_equal(options.compression, COMPRESSION_ZSTD);
	assert_int_equal(options.threads, 0);
	assert_int_equal(parse("fdbackup create -f a --zstd=1 "
	    "--threads 2 --digest none p"), 0);
	assert_int_equal(options.level, 1);
	assert_int_equal(options.threads, 2);
	assert_true(options.no_digest);
	assert_int_equal(parse("fdbackup create -f a --none "
	    "--digest sha256 p"), 0);
	assert_int_equal(options.compression, COMPRESSION_NONE);
	assert_false(options.no_digest);
	assert_int_equal(parse("fdbackup create -f a --zstd=20 p"), -1);
	assert_string_equal(why, "--zstd 20: not a number from 1 to 19");
	assert_int_equal(parse("fdbackup create -f a --zstd=x p"), -1);
	assert_int_equal(parse("fdbackup create -f a --threads 0 p"), -1);
	assert_string_equal(why, "--threads 0: not a number from 1 to 64");
	assert_int_equal(parse("fdbackup create -f a --digest md5 p"), -1);
	assert_string_equal(why, "--digest md5: must be sha256 or none");
	assert_int_equal(parse("fdbackup list -f a --threads 2"), -1);
	assert_string_equal(why, "--threads belongs to create");
}

/* The end of the name says how to compress, unless an option does. */
static void
test_suffixes(void **state)
{
	static const struct {
		const char		*name;
		enum compression	 compression;
	} rows[] = {
		{ "a.tar", COMPRESSION_NONE },
		{ "d/a.tar", COMPRESSION_NONE },
		{ "a.tar.bz2", COMPRESSION_BZIP2 },
		{ "a.tbz2", COMPRESSION_BZIP2 },
		{ "a.tbz", COMPRESSION_BZIP2 },
		{ "a.tar.gz", COMPRESSION_GZIP },
		{ "a.tgz", COMPRESSION_GZIP },
		{ "a.tar.lz4", COMPRESSION_LZ4 },
		{ "a.tar.xz", COMPRESSION_XZ },
		{ "a.txz", COMPRESSION_XZ },
		{ "a.tar.zst", COMPRESSION_ZSTD },
		{ "a.tzst", COMPRESSION_ZSTD },
		{ "a", COMPRESSION_ZSTD },
		{ "-", COMPRESSION_ZSTD },
		{ "a.gz", COMPRESSION_ZSTD },
		{ "a.tar.gz.new", COMPRESSION_ZSTD },
		{ "a.TGZ", COMPRESSION_ZSTD },
		/* Nothing but a suffix is a hidden file. */
		{ ".tar", COMPRESSION_ZSTD },
		{ "d/.tar", COMPRESSION_ZSTD }
	};
	char	 line[128];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(line, sizeof(line), "fdbackup create -f %s p",
		    rows[i].name);
		assert_int_equal(parse(line), 0);
		if (options.compression != rows[i].compression)
			fail_msg("%s: %d", rows[i].name,
			    (int)options.compression);
	}
	assert_int_equal(parse("fdbackup create --none -f a.tar.gz p"), 0);
	assert_int_equal(options.compression, COMPRESSION_NONE);
	assert_int_equal(parse("fdbackup create --xz=2 -f a.tar.gz p"), 0);
	assert_int_equal(options.compression, COMPRESSION_XZ);
	assert_int_equal(options.level, 2);
	assert_int_equal(parse("fdbackup create --lz4 -f a p"), 0);
	assert_int_equal(options.compression, COMPRESSION_LZ4);
	assert_int_equal(options.level, 0);
	assert_int_equal(parse("fdbackup create --gzip=10 -f a p"), -1);
	assert_string_equal(why, "--gzip 10: not a number from 1 to 9");
	assert_int_equal(parse("fdbackup create --bzip2 --gzip -f a p"), -1);
	assert_string_equal(why, "--bzip2 and --gzip exclude each other");
}

static void
test_dry_run(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup create -n p"), 0);
	assert_true(options.dry_run);
	assert_null(options.archive);
	assert_int_equal(parse("fdbackup create --dry-run -f a p"), 0);
	assert_string_equal(options.archive, "a");
	assert_int_equal(parse("fdbackup create -n"), -1);
	assert_string_equal(why, "create needs a path to store");
	assert_int_equal(parse("fdbackup create -n --file= p"), -1);
}

static void
test_all_options(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup create -f a -C d --none -v -s sock "
	    "--role r --logfile !l p"), 0);
	assert_string_equal(options.dir, "d");
	assert_int_equal(options.compression, COMPRESSION_NONE);
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
		assert_int_equal(cmdarg_parse_log(&log, good[i].arg, &phrase),
		    0);
		assert_int_equal(log.where, good[i].where);
		if (good[i].path != NULL)
			assert_string_equal(log.path, good[i].path);
		assert_int_equal(log.overwrite, good[i].overwrite);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		phrase = NULL;
		if (cmdarg_parse_log(&log, bad[i], &phrase) == 0)
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
test_questions(void **state)
{
	(void)state;
	assert_int_equal(parse("fdbackup --help"), 0);
	assert_int_equal(options.show, SHOW_HELP);
	assert_null(options.command);
	assert_int_equal(parse("fdbackup -h"), 0);
	assert_int_equal(options.show, SHOW_HELP);
	assert_int_equal(parse("fdbackup --version"), 0);
	assert_int_equal(options.show, SHOW_VERSION);
	assert_int_equal(parse("fdbackup list --help"), 0);
	assert_int_equal(options.show, SHOW_HELP);
	assert_string_equal(options.command->name, "list");
	/* Nothing else needs to be right. */
	assert_int_equal(parse("fdbackup create -s x -vh"), 0);
	assert_int_equal(options.show, SHOW_HELP);
	assert_int_equal(parse("fdbackup verify --version"), 0);
	assert_int_equal(options.show, SHOW_VERSION);
}

/* Options may follow paths, as programs of GNU take them. */
static void
test_order(void **state)
{
	(void)state;
	assert_int_equal(unsetenv("POSIXLY_CORRECT"), 0);
	assert_int_equal(parse("fdbackup create p -v q -f a"), 0);
	assert_int_equal(options.npaths, 2);
	assert_string_equal(options.paths[1], "q");
	assert_true(options.verbose);
	assert_int_equal(parse("fdbackup create -f a p -- -v"), 0);
	assert_int_equal(options.npaths, 2);
	assert_string_equal(options.paths[1], "-v");
	assert_false(options.verbose);
	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	assert_int_equal(parse("fdbackup create -f a p -v"), 0);
	assert_int_equal(options.npaths, 2);
	assert_false(options.verbose);
	assert_int_equal(unsetenv("POSIXLY_CORRECT"), 0);
	/* -v may be repeated: nothing is lost. */
	assert_int_equal(parse("fdbackup create -vv -f a p"), 0);
}

/* Command lines that are refused, and why. */
static const char *const	 refused[][2] = {
	{ "fdbackup", "no command" },
	{ "fdbackup x", "unknown command: x" },
	{ "fdbackup -f a create p", "the command comes first, before "
	    "-f" },
	{ "fdbackup create p", "create needs -f archive" },
	{ "fdbackup create -f a", "create needs a path to store" },
	{ "fdbackup create -f a -y p", "unknown option: -y" },
	{ "fdbackup create -f a --nix p", "unknown option: --nix" },
	{ "fdbackup create --zsdt=3 -f a p",
	    "unknown option: --zsdt; did you mean --zstd?" },
	{ "fdbackup create --diretcory=d -f a p", "unknown option: "
	    "--diretcory; did you mean --directory?" },
	{ "fdbackup list --max-manifes=1 -f a p",
	    "--max-manifest belongs to drill, extract and verify" },
	{ "fdbackup create --m=1 -f a p", "--m=1 is the beginning of "
	    "several options: write it out" },
	{ "fdbackup creat -f a p",
	    "unknown command: creat; did you mean create?" },
	{ "fdbackup create --none=3 -f a p",
	    "--none takes no argument" },
	{ "fdbackup create --help=3", "--help takes no argument" },
	{ "fdbackup create --zstd=3 -dv p", "unknown option: -d" },
	{ "fdbackup create -f a -f b p", "-f is given twice" },
	{ "fdbackup create -f a --file b p", "-f is given twice" },
	{ "fdbackup create -C a --directory=b p", "-C is given twice" },
	{ "fdbackup create --role a --role b p",
	    "-r is given twice" },
	{ "fdbackup create -s a -s b p", "-s is given twice" },
	{ "fdbackup create --logfile a --logfile b p",
	    "--logfile is given twice" },
	{ "fdbackup create --digest none --digest sha256 p",
	    "--digest is given twice" },
	{ "fdbackup create --threads 1 --threads 2 p",
	    "--threads is given twice" },
	{ "fdbackup create --max-memory 1G --max-memory 2G p",
	    "--max-memory is given twice" },
	{ "fdbackup verify --max-manifest 1 --max-manifest 1 -f a",
	    "--max-manifest is given twice" },
	{ "fdbackup create --none --zstd p",
	    "--none and --zstd exclude each other" },
	{ "fdbackup create --zstd=1 --zstd=2 p",
	    "--zstd is given twice" },
	{ "fdbackup create p -f", "-f needs an argument" },
	{ "fdbackup create -f a -0 p", "-0 needs -T" },
	{ "fdbackup diff -f a -0 p", "-0 needs -T" },
	{ "fdbackup list -f a -0", "-0 needs --removed" },
	{ "fdbackup list -f a --removed --json",
	    "--removed and --json exclude each other" },
	{ "fdbackup diff -f a --denied fail p",
	    "--denied fail is for create" },
	{ "fdbackup diff -f a -T - --exclude-from -",
	    "standard input can be read only once" },
	{ "fdbackup list -f a -f b", "-f is given twice" },
	{ "fdbackup extract -f a -f - -C d",
	    "-f -: standard input can be read only once; several "
	    "archives must be files, which are read twice" },
	{ "fdbackup extract -f - --removed -C d",
	    "-f -: standard input can be read only once; archives "
	    "with --removed must be files, which are read twice" },
	{ "fdbackup extract -f a -f b -O",
	    "-O writes contents of one archive" },
	{ "fdbackup extract -f a -O --json", "contents and JSON "
	    "cannot both go to standard output" },
	{ "fdbackup create -f a -T - --exclude-from -",
	    "standard input can be read only once" },
	{ "fdbackup create -f a -T - -T -",
	    "standard input can be read only once" },
	{ "fdbackup list -f a -T -",
	    "--files-from belongs to create and diff" },
	{ "fdbackup create --newer @1 --newer @2 -f a p",
	    "--newer is given twice" },
	{ "fdbackup list -f a p", "list takes no paths: p" },
	{ "fdbackup list -f a --none", "--none belongs to create" },
	{ "fdbackup list -f a -C d",
	    "--directory belongs to create, diff, drill, extract "
	    "and serve" },
	{ "fdbackup list -f a --logfile l",
	    "--logfile belongs to create, diff, drill, extract "
	    "and verify" },
	{ "fdbackup verify -f a --role r",
	    "--role belongs to create, diff, drill, extract and "
	    "serve" },
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
	    "--max-manifest belongs to drill, extract and verify" },
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
	{ "fdbackup drill -f a -C d p", "drill takes no paths: p" },
	{ "fdbackup drill -f a", "drill needs -C directory, where it "
	    "restores; -C . is the current one" },
	{ "fdbackup drill -f a -C d --sample 101%", "--sample 101%: "
	    "not a share such as 10%, from 0.0001% to 100%" },
	{ "fdbackup drill -f a -C d --seed -1", "--seed -1: not a "
	    "number, as the summary of a drill has it" },
	{ "fdbackup create -f a --rsh x p", "--rsh needs --host" },
	{ "fdbackup create -f a --host h --rsh= p",
	    "--rsh: the command is empty" },
	{ "fdbackup create -f a --host -v p", "--host -v: must be a "
	    "host, or user@host, as ssh takes it" },
	{ "fdbackup create -f a --host= p", "--host : must be a "
	    "host, or user@host, as ssh takes it" },
	{ "fdbackup create -f a --host h;x p", "--host h;x: must be a "
	    "host, or user@host, as ssh takes it" },
	{ "fdbackup create -f a --host h -T l p",
	    "--files-from is not possible with --host" },
	{ "fdbackup extract -f a --host h -O",
	    "--to-stdout is not possible with --host" },
	{ "fdbackup diff -f a --host h p",
	    "--host belongs to create and extract" },
	{ "fdbackup serve p", "p needs --only create" },
	{ "fdbackup serve --only list", "--only list: must be create "
	    "or extract" },
	{ "fdbackup serve --only extract", "--only extract needs "
	    "--role or -C, which say where it may restore" },
	{ "fdbackup create -f - --logfile - p",
	    "archive and log cannot both go to standard output" }
};

static void
test_refusals(void **state)
{
	char	*none[] = { NULL };
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (parse(refused[i][0]) == 0)
			fail_msg("\"%s\" is accepted", refused[i][0]);
		assert_string_equal(why, refused[i][1]);
	}
	assert_int_equal(cmdline_parse(&options, 0, none, why), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_commands),
		UTIL_TEST(test_compression),
		UTIL_TEST(test_suffixes),
		UTIL_TEST(test_dry_run),
		UTIL_TEST(test_all_options),
		UTIL_TEST(test_log_targets),
		UTIL_TEST(test_bytes),
		UTIL_TEST(test_questions),
		UTIL_TEST(test_order),
		UTIL_TEST(test_refusals)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
