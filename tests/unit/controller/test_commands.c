/*
 * test_commands.c: each row of the table of commands is complete, and usage,
 * manual and completions have each command with exactly its options.
 */

#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buf.h"
#include "controller/cmdline.h"
#include "sandbox/commands.h"
#include "tests/unit/util.h"

#define LETTERS_END	128

/* Append a file of the source tree; skip the test if there is no tree. */
static void
read_source(const char *name, struct buf *b)
{
	const char	*dir = getenv("FDB_SRCDIR");
	char		 path[1024], chunk[4096];
	ssize_t		 n;
	int		 fd;

	if (dir == NULL)
		util_skip("needs FDB_SRCDIR");
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		assert_int_equal(buf_add(b, chunk, (size_t)n), 0);
	assert_int_equal(n, 0);
	close(fd);
}

static bool
is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* True if the text has the word, with neither letter nor dash next to it. */
static bool
has_word(const char *text, const char *word)
{
	const char	*p = text;
	size_t		 len = strlen(word);

	for (; (p = strstr(p, word)) != NULL; p++) {
		if ((p == text || !is_word_char(p[-1])) &&
		    !is_word_char(p[len]))
			return true;
	}
	return false;
}

/* True if an option can also be given as one letter. */
static bool
has_short_form(const char *command, int letter)
{
	struct options	 options;
	char		 why[CMDLINE_WHY_MAX], program[] = "fdbackup";
	char		 name[32], option[] = "-?";
	char		*argv[] = { program, name, option, NULL };

	assert_true(strlcpy(name, command, sizeof(name)) < sizeof(name));
	option[1] = (char)letter;
	assert_int_equal(cmdline_parse(&options, 3, argv, why), -1);
	return strncmp(why, "unknown option", 14) != 0;
}

static void
test_rows(void **state)
{
	const struct command	*cmd;
	size_t			 i, n;

	(void)state;
	for (n = 0; (cmd = commands_at(n)) != NULL; n++) {
		assert_non_null(cmd->name);
		assert_non_null(cmd->usage);
		assert_non_null(cmd->letters);
		/* One that serves leaves the work to the others. */
		assert_true(cmd->serves == (cmd->run == NULL));
		/* Names are unique. */
		assert_ptr_equal(commands_find(cmd->name), cmd);
		assert_true(cmd->spools <= COMMAND_SPOOLS_MAX);
		/* What prepare() makes is released. */
		assert_true((cmd->prepare != NULL) == (cmd->release != NULL));
		/* An archive is written, restored, listed or compared. */
		assert_int_equal(cmd->stores + cmd->restores + cmd->prints +
		    cmd->compares + cmd->serves, 1);
		for (i = 0; cmd->letters[i] != '\0'; i++) {
			assert_non_null(cmdline_long_name(cmd->letters[i]));
			assert_null(strchr(cmd->letters + i + 1,
			    cmd->letters[i]));
		}
		assert_true(cmd->serves == (strchr(cmd->letters, 'f') ==
		    NULL));
		/* What another machine may ask for names no file. */
		for (i = 0; cmd->remote != NULL && cmd->remote[i] != '\0'; i++)
			assert_non_null(strchr(cmd->letters, cmd->remote[i]));
		if (cmd->remote != NULL)
			assert_null(strpbrk(cmd->remote, "BEGPTUYZfly"));
		/* Only what walks paths has a session and a directory. */
		assert_true(cmd->walks || !cmd->stores);
		if (!cmd->walks && !cmd->restores && !cmd->serves)
			assert_null(strpbrk(cmd->letters, "Crs"));
	}
	assert_true(n >= 4);
	assert_null(commands_at(n + 1));
	assert_null(commands_find(""));
	assert_null(commands_find("creat"));
}

/* Each option is taken by some command. */
static void
test_options(void **state)
{
	const struct command	*cmd;
	size_t			 i;
	int			 letter, taken;

	(void)state;
	for (letter = 0; letter < LETTERS_END; letter++) {
		if (cmdline_long_name(letter) == NULL)
			continue;
		for (i = taken = 0; (cmd = commands_at(i)) != NULL; i++)
			taken += strchr(cmd->letters, letter) != NULL;
		if (taken == 0)
			fail_msg("no command takes --%s",
			    cmdline_long_name(letter));
	}
}

/* Where commands are described, and how options are written there. */
struct place {
	const char	*name;
	/* Append what the text says about the command. */
	void		(*section)(const char *text, const char *command,
			    struct buf *);
	const char	*before_short, *before_long;
	bool		 both;	/* it must have both forms */
};

/* True if a section has an option, in the forms that the place wants. */
static bool
has_option(const struct place *place, const char *section, int letter,
    bool is_short)
{
	char	 short_form[64], long_form[64];
	bool	 has_short, has_long;

	(void)snprintf(short_form, sizeof(short_form), "%s%c",
	    place->before_short, letter);
	(void)snprintf(long_form, sizeof(long_form), "%s%s",
	    place->before_long, cmdline_long_name(letter));
	has_short = has_word(section, short_form);
	has_long = has_word(section, long_form);
	if (has_short && !is_short)
		fail_msg("%s: there is no \"%s\"", place->name, short_form);
	if (place->both && is_short && has_short != has_long)
		fail_msg("%s: \"%s\" and \"%s\" do not come together",
		    place->name, short_form, long_form);
	return has_short || has_long;
}

/* The place knows the options of the command and no others. */
static void
assert_options(const struct place *place, const struct command *cmd,
    const char *section)
{
	int	 letter;
	bool	 is_taken;

	for (letter = '0'; letter < LETTERS_END; letter++) {
		if (cmdline_long_name(letter) == NULL)
			continue;
		is_taken = strchr(cmd->letters, letter) != NULL;
		if (has_option(place, section, letter,
		    has_short_form(cmd->name, letter)) != is_taken)
			fail_msg("%s: %s --%s is %s", place->name, cmd->name,
			    cmdline_long_name(letter), is_taken ? "missing" :
			    "wrong here");
	}
}

/* Every command, in the text of one place. */
static void
assert_place(const struct place *place, const char *text)
{
	const struct command	*cmd;
	struct buf		 section = { NULL, 0, 0 };
	size_t			 i;

	for (i = 0; (cmd = commands_at(i)) != NULL; i++) {
		buf_cut(&section, 0);
		place->section(text, cmd->name, &section);
		if (section.len == 0)
			fail_msg("%s: nothing about %s", place->name,
			    cmd->name);
		assert_options(place, cmd, buf_str(&section));
	}
	buf_free(&section);
}

static void
assert_file(const struct place *place)
{
	struct buf	 text = { NULL, 0, 0 };

	read_source(place->name, &text);
	assert_place(place, buf_str(&text));
	buf_free(&text);
}

/* Append the text from one string up to another, if it has both. */
static void
add_between(struct buf *b, const char *text, const char *from, const char *to)
{
	const char	*start, *end;

	if ((start = strstr(text, from)) == NULL ||
	    (end = strstr(start + strlen(from), to)) == NULL)
		return;
	assert_int_equal(buf_add(b, start, (size_t)(end - start)), 0);
}

static void
usage_section(const char *text, const char *command, struct buf *b)
{
	(void)text;
	assert_int_equal(buf_puts(b, commands_find(command)->usage), 0);
}

static void
test_usage(void **state)
{
	const struct place	 usage = {
		"usage", usage_section, "-", "--", false
	};
	char			*text = NULL;
	const char		*line;
	size_t			 size, len;
	FILE			*fp;

	(void)state;
	assert_place(&usage, "");
	assert_non_null(fp = open_memstream(&text, &size));
	cmdline_usage(fp);
	assert_int_equal(fclose(fp), 0);
	for (line = text; *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		if (len > 80)
			fail_msg("%zu columns: %s", len, line);
	}
	free(text);
}

/* The synopsis of the command. */
static void
manual_section(const char *text, const char *command, struct buf *b)
{
	char	 from[64];

	(void)snprintf(from, sizeof(from), "\n.Nm\n.Cm %s\n", command);
	text = strstr(text, from);
	if (text != NULL)
		add_between(b, text + strlen("\n.Nm\n"), ".Cm", "\n.Sh");
	/* The rest is about other commands. */
	if (b->len > 0 && (text = strstr(buf_str(b), "\n.Nm\n")) != NULL)
		buf_cut(b, (size_t)(text - buf_str(b)));
}

/* The list of options has an item for each, with its long form. */
static void
assert_described(const char *text)
{
	struct buf	 items = { NULL, 0, 0 };
	char		 item[64];
	int		 letter;

	while ((text = strstr(text, "\n.It Fl")) != NULL) {
		assert_int_equal(buf_add(&items, text, strcspn(text + 1,
		    "\n") + 1), 0);
		text++;
	}
	for (letter = '0'; letter < LETTERS_END; letter++) {
		if (cmdline_long_name(letter) == NULL)
			continue;
		(void)snprintf(item, sizeof(item), "Fl -%s",
		    cmdline_long_name(letter));
		if (!has_word(buf_str(&items), item))
			fail_msg("the manual does not describe --%s",
			    cmdline_long_name(letter));
	}
	buf_free(&items);
}

static void
test_manual(void **state)
{
	const struct place	 manual = {
		"man/fdbackup.1", manual_section, "Fl ", "Fl -", false
	};
	struct buf		 text = { NULL, 0, 0 };

	(void)state;
	assert_file(&manual);
	read_source(manual.name, &text);
	assert_described(buf_str(&text));
	buf_free(&text);
}

/* The branch of the command, and the command where commands are completed. */
static void
bash_section(const char *text, const char *command, struct buf *b)
{
	struct buf	 commands = { NULL, 0, 0 };
	char		 from[64];

	add_between(&commands, text, "COMP_CWORD == 1", "\n\t\treturn");
	(void)snprintf(from, sizeof(from), "\n\t%s)", command);
	if (has_word(buf_str(&commands), command))
		add_between(b, text, from, ";;");
	buf_free(&commands);
}

static void
test_bash(void **state)
{
	const struct place	 bash = {
		"completions/fdbackup.bash", bash_section, "-", "--", true
	};

	(void)state;
	assert_file(&bash);
}

/* As for bash, with the options that commands have in common. */
static void
zsh_section(const char *text, const char *command, struct buf *b)
{
	char	 from[64];

	(void)snprintf(from, sizeof(from), "\n\t\t'%s:", command);
	if (strstr(text, from) == NULL)
		return;
	(void)snprintf(from, sizeof(from), "\n\t\t%s)", command);
	add_between(b, text, from, ";;");
	if (strstr(buf_str(b), "$common") != NULL)
		add_between(b, text, "\n\tcommon=(", "\n\t)");
}

static void
test_zsh(void **state)
{
	const struct place	 zsh = {
		"completions/fdbackup.zsh", zsh_section, "-", "--", true
	};

	(void)state;
	assert_file(&zsh);
}

/* Append the statements whose condition is that the command was given. */
static void
fish_section(const char *text, const char *command, struct buf *b)
{
	static const char	 given[] = "-n \"__fish_seen_subcommand_from";
	struct buf		 names = { NULL, 0, 0 };
	char			 item[64];
	const char		*p, *end;

	add_between(&names, text, "set -l commands", "\n");
	(void)snprintf(item, sizeof(item), "-a %s ", command);
	if (!has_word(buf_str(&names), command) || strstr(text, item) == NULL)
		goto out;
	for (p = text; (p = strstr(p, given)) != NULL; p++) {
		buf_cut(&names, 0);
		add_between(&names, p + strlen(given), " ", "\"");
		if (strcmp(buf_str(&names), " $commands") != 0 &&
		    !has_word(buf_str(&names), command))
			continue;
		/* A statement ends where the next one begins. */
		if ((end = strstr(p, "\ncomplete")) == NULL)
			end = p + strlen(p);
		assert_int_equal(buf_add(b, p, (size_t)(end - p)), 0);
	}
out:
	buf_free(&names);
}

static void
test_fish(void **state)
{
	const struct place	 fish = {
		"completions/fdbackup.fish", fish_section, "-s ", "-l ", true
	};

	(void)state;
	assert_file(&fish);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_rows),
		UTIL_TEST(test_options),
		UTIL_TEST(test_usage),
		UTIL_TEST(test_manual),
		UTIL_TEST(test_bash),
		UTIL_TEST(test_zsh),
		UTIL_TEST(test_fish)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
