/*
 * test_request.c: what a client may ask "fdbackup serve" for: each option is
 * decided here, and random words and bytes get nothing that the command line of
 * serve does not leave open.
 *
 * TEST_SEED in the environment replaces the seed.
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

#include "controller/cmdarg.h"
#include "controller/cmdline.h"
#include "controller/narrow.h"
#include "controller/request.h"
#include "sandbox/commands.h"
#include "tests/unit/polref.h"
#include "tests/unit/served.h"
#include "tests/unit/util.h"

#define REQUESTS	40000	/* random ones */
#define WORDS_MAX	10

/*
 * A client of serve and an option.  REFUSED: it may not give it.  HARMLESS: it
 * may, with any argument, since that asks for less, or for nothing that the
 * command line of serve fixes.  NARROWED: some arguments are refused.
 */
enum decision { REFUSED, HARMLESS, NARROWED };

/* Whoever adds an option decides here.  good and bad are arguments. */
static const struct {
	const char	*name;
	enum decision	 create, extract;
	const char	*good, *bad;
} decisions[] = {
	{ "bzip2", HARMLESS, REFUSED, "9", NULL },
	{ "compare", REFUSED, REFUSED, NULL, NULL },
	{ "denied", HARMLESS, REFUSED, "ok", NULL },
	{ "digest", HARMLESS, HARMLESS, "none", NULL },
	{ "directory", NARROWED, NARROWED, "/d", "/e" },
	{ "dry-run", HARMLESS, HARMLESS, NULL, NULL },
	{ "estimate", HARMLESS, REFUSED, NULL, NULL },
	{ "exclude", HARMLESS, REFUSED, "a", NULL },
	{ "exclude-caches", HARMLESS, REFUSED, NULL, NULL },
	{ "exclude-from", REFUSED, REFUSED, NULL, NULL },
	{ "exclude-if-present", HARMLESS, REFUSED, "a", NULL },
	{ "fail-fast", REFUSED, HARMLESS, NULL, NULL },
	{ "file", REFUSED, REFUSED, NULL, NULL },
	{ "files-from", REFUSED, REFUSED, NULL, NULL },
	{ "gzip", HARMLESS, REFUSED, "9", NULL },
	{ "host", REFUSED, REFUSED, NULL, NULL },
	{ "json", HARMLESS, HARMLESS, NULL, NULL },
	{ "keep", REFUSED, REFUSED, NULL, NULL },
	{ "keep-damaged", REFUSED, HARMLESS, NULL, NULL },
	{ "known-owners", REFUSED, REFUSED, NULL, NULL },
	{ "logfile", REFUSED, REFUSED, NULL, NULL },
	{ "lz4", HARMLESS, REFUSED, "9", NULL },
	{ "manifest", REFUSED, REFUSED, NULL, NULL },
	{ "max-manifest", REFUSED, NARROWED, "64M", "65M" },
	{ "max-memory", NARROWED, NARROWED, "100M", "101M" },
	{ "max-size", REFUSED, HARMLESS, "9G", NULL },
	{ "newer", NARROWED, REFUSED, "@1", "/etc/passwd" },
	{ "no-owner", REFUSED, HARMLESS, NULL, NULL },
	{ "none", HARMLESS, REFUSED, NULL, NULL },
	{ "null", REFUSED, REFUSED, NULL, NULL },
	{ "numeric-owner", REFUSED, HARMLESS, NULL, NULL },
	{ "one-file-system", HARMLESS, REFUSED, NULL, NULL },
	{ "only", REFUSED, REFUSED, NULL, NULL },
	{ "overwrite", REFUSED, HARMLESS, "replace", NULL },
	{ "progress", REFUSED, REFUSED, NULL, NULL },
	{ "quiet", REFUSED, REFUSED, NULL, NULL },
	{ "removed", REFUSED, REFUSED, NULL, NULL },
	{ "retries", HARMLESS, REFUSED, "1000", NULL },
	{ "role", NARROWED, NARROWED, "r", "q" },
	{ "rsh", REFUSED, REFUSED, NULL, NULL },
	{ "sample", REFUSED, REFUSED, NULL, NULL },
	{ "seed", REFUSED, REFUSED, NULL, NULL },
	{ "since", REFUSED, REFUSED, NULL, NULL },
	{ "socket", NARROWED, NARROWED, "/s", "/t" },
	{ "strip-components", REFUSED, HARMLESS, "4096", NULL },
	{ "threads", HARMLESS, REFUSED, "64", NULL },
	{ "to-stdout", REFUSED, REFUSED, NULL, NULL },
	{ "verbose", HARMLESS, HARMLESS, NULL, NULL },
	{ "xz", HARMLESS, REFUSED, "9", NULL },
	{ "zstd", HARMLESS, REFUSED, "19", NULL }
};
#define NDECISIONS	(sizeof(decisions) / sizeof(decisions[0]))

/* Words of requests: those that are right come more often. */
static const char	*const words[] = {
	"create", "extract", "create", "extract", "list", "serve", "",
	"/home/bob", "alice", "..", "a", "-", "--",
	"-C", "-C/srv/x", "-C/home", "-C/", "--directory=/srv/x/",
	"--role=nightly", "--role=restore", "--role", "-rx", "-s/s", "-s/t",
	"--max-memory=1G", "--max-memory=3G", "--max-memory=1K",
	"--newer=@1", "--newer=/etc/passwd", "--newer=2020-01-01",
	"--exclude=a", "--exclude-if-present=n", "--exclude-caches",
	"--overwrite=replace", "--digest=none", "--json", "-v", "-n", "-x",
	"--zstd", "--none", "--xz=9", "--threads=2", "--denied=ok",
	"--strip-components=1", "--no-owner", "--estimate", "--retries=1",
	"-f/x", "--file=/x", "-T/x", "--files-from=/x", "--exclude-from=/x",
	"--logfile=/x", "--manifest=/x", "--since=/x", "--host=h", "--rsh=r",
	"--progress=1", "--removed", "-O", "--only=create", "-0", "--help",
	"--version", "-h", "--max-manifest=1M", "--max-manifest=1G",
	"--max-size=1", "--quiet", "--fail-fast", "--sample=1%", "--seed=1",
	"--keep", "--e", "-W"
};
#define NWORDS	(sizeof(words) / sizeof(words[0]))

static void
add_word(struct buf *b, const char *word)
{
	assert_int_equal(buf_add(b, word, strlen(word) + 1), 0);
}

/* Words, some bytes of which are changed. */
static void
random_request(struct buf *b)
{
	unsigned int	 n = polref_random(WORDS_MAX);

	buf_cut(b, 0);
	assert_int_equal(buf_putc(b, (int)polref_random(2)), 0);
	add_word(b, words[polref_random(polref_random(4) == 0 ? NWORDS : 2)]);
	while (n-- > 0)
		add_word(b, words[polref_random(NWORDS)]);
	while (polref_random(4) == 0)
		b->data[polref_random((unsigned int)b->len)] =
		    (char)polref_random(256);
	if (polref_random(16) == 0)
		buf_cut(b, polref_random((unsigned int)b->len));
}

static void
test_random(void **state)
{
	static struct options	 lines[SERVED_LINES];
	struct buf		 b = { NULL, 0, 0 };
	struct options		 o;
	char			 why[CMDARG_WHY_MAX];
	const char		*what;
	size_t			 i, which, good[SERVED_LINES] = { 0 };
	int			 ret;

	(void)state;
	polref_begin();
	served_init(lines);
	for (i = 0; i < REQUESTS; i++) {
		random_request(&b);
		which = i % SERVED_LINES;
		memset(why, 0, sizeof(why));
		ret = narrow_parse(&lines[which], &o, b.data, b.len, why);
		if (ret == 0) {
			if ((what = served_check(&lines[which], &o)) != NULL)
				fail_msg("command line %zu: %s", which, what);
			good[which]++;
		} else {
			assert_int_equal(ret, -1);
			assert_true(why[0] != '\0' &&
			    memchr(why, '\0', sizeof(why)) != NULL);
		}
		cmdline_free(&o);
	}
	/* Each command line permits something. */
	for (i = 0; i < SERVED_LINES; i++)
		assert_true(good[i] > 0);
	buf_free(&b);
	served_clear(lines);
}

/* Ask for a command with one option.  0, or -1 with the reason in why. */
static int
ask(const struct options *line, const char *command, const char *name,
    const char *arg, char *why)
{
	struct buf	 b = { NULL, 0, 0 };
	struct options	 o;
	const char	*what;
	int		 ret;

	assert_int_equal(buf_putc(&b, 0), 0);
	add_word(&b, command);
	assert_int_equal(buf_printf(&b, "--%s%s%s", name, arg != NULL ? "=" :
	    "", arg != NULL ? arg : ""), 0);
	add_word(&b, "");
	/* One that others need. */
	if (strcmp(name, "socket") == 0)
		add_word(&b, "--role=r");
	ret = narrow_parse(line, &o, b.data, b.len, why);
	if (ret == 0 && (what = served_check(line, &o)) != NULL)
		fail_msg("%s --%s: %s", command, name, what);
	cmdline_free(&o);
	buf_free(&b);
	return ret;
}

static void
check_decision(const struct options *line, const struct command *cmd,
    size_t i, enum decision d)
{
	const char	*name = decisions[i].name;
	char		 why[CMDARG_WHY_MAX] = "";

	if (d == REFUSED) {
		assert_int_equal(ask(line, cmd->name, name, NULL, why), -1);
		/* One that needs an argument is refused for lack of it. */
		if (strstr(why, "needs an argument") != NULL)
			assert_int_equal(ask(line, cmd->name, name, "1", why),
			    -1);
		if (strstr(why, "not possible from another") == NULL &&
		    strstr(why, "belongs to") == NULL)
			fail_msg("%s --%s: %s", cmd->name, name, why);
		return;
	}
	if (ask(line, cmd->name, name, decisions[i].good, why) == -1)
		fail_msg("%s --%s: %s", cmd->name, name, why);
	if (d == NARROWED)
		assert_int_equal(ask(line, cmd->name, name, decisions[i].bad,
		    why), -1);
}

/* Each option is decided, and what serve does is what was decided. */
static void
test_decisions(void **state)
{
	static struct options	 lines[SERVED_LINES];
	const char		*name;
	size_t			 i, n = 0;
	int			 letter;

	(void)state;
	served_init(lines);
	for (letter = 0; letter < REQUEST_LETTERS; letter++) {
		if ((name = cmdline_long_name(letter)) == NULL)
			continue;
		for (i = 0; i < NDECISIONS; i++)
			if (strcmp(decisions[i].name, name) == 0)
				break;
		if (i == NDECISIONS)
			fail_msg("--%s: decide what a client may do", name);
		check_decision(&lines[SERVED_CREATE], commands_find("create"),
		    i, decisions[i].create);
		check_decision(&lines[SERVED_EXTRACT],
		    commands_find("extract"), i, decisions[i].extract);
		n++;
	}
	assert_int_equal(n, NDECISIONS);
	served_clear(lines);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_decisions),
		UTIL_TEST(test_random)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
