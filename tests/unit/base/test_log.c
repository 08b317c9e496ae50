/*
 * test_log.c: lines for the administrator, with text that a client chose.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "tests/unit/util.h"

static char	got[32768];

static void
say(const char *text)
{
	errno = ENOENT;
	log_warnx("%s", text);
	assert_int_equal(errno, ENOENT);
}

static void
say_errno(const char *text)
{
	errno = ENOENT;
	log_warn("%s", text);
	assert_int_equal(errno, ENOENT);
}

static void
say_debug(const char *text)
{
	log_debug("%s", text);
}

/* What f writes to standard error when it is called with the text. */
static const char *
stderr_of(void (*f)(const char *), const char *text)
{
	ssize_t	 n;
	int	 p[2], old;

	log_set_sink(NULL, NULL);
	assert_return_code(pipe2(p, O_CLOEXEC | O_NONBLOCK), errno);
	old = dup(STDERR_FILENO);
	assert_return_code(dup2(p[1], STDERR_FILENO), errno);
	f(text);
	assert_return_code(dup2(old, STDERR_FILENO), errno);
	close(old);
	close(p[1]);
	assert_true((n = read(p[0], got, sizeof(got) - 1)) >= 0);
	got[n] = '\0';
	close(p[0]);
	return got;
}

/* One line each, and nothing in it that a terminal would obey. */
static void
test_encoded(void **state)
{
	static const struct {
		const char	*text, *line;
	} cases[] = {
		{ "plain text", "name: plain text\n" },
		{ "", "name: \n" },
		{ "two\nlines", "name: two\\nlines\n" },
		{ "tab\there", "name: tab\\there\n" },
		{ "back\\slash", "name: back\\\\slash\n" },
		{ "\033[2J", "name: \\033[2J\n" },
		{ "\r\177", "name: \\r\\177\n" },
		{ "\xff\x80", "name: \\377\\200\n" },
		{ "%s%n%d", "name: %s%n%d\n" },
	};
	size_t	 i;

	(void)state;
	log_init("name", LOG_TO_STDERR, 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(stderr_of(say, cases[i].text),
		    cases[i].line);
	assert_string_equal(stderr_of(say_errno, "file"),
	    "name: file: No such file or directory\n");
}

static void
test_verbose(void **state)
{
	(void)state;
	log_init("name", LOG_TO_STDERR, 0);
	assert_string_equal(stderr_of(say_debug, "text"), "");
	log_set_verbose(1);
	assert_string_equal(stderr_of(say_debug, "text"), "name: text\n");
	log_set_verbose(0);
}

/* Texts of each length around the limit. */
static void
test_long(void **state)
{
	static char	 text[8192];
	size_t		 len;

	(void)state;
	log_init("name", LOG_TO_STDERR, 0);
	memset(text, '\n', sizeof(text));
	for (len = 6100; len < 6200; len++) {
		text[len] = '\0';
		(void)stderr_of(say, text);
		text[len] = '\n';
		if (len < 6144)
			assert_int_equal(strlen(got), strlen("name: ") +
			    2 * len + 1);
		else
			assert_string_equal(got + strlen(got) - 4, "...\n");
		text[len] = '\0';
		(void)stderr_of(say_errno, text);
		text[len] = '\n';
		assert_int_equal(got[strlen(got) - 1], '\n');
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_encoded),
		UTIL_TEST(test_verbose),
		UTIL_TEST(test_long)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
