/*
 * test_ctl_text.c: how fdbrokerctl prints: text, tables of several widths,
 * JSON, metrics.
 */

#include "config.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "confine/layers.h"
#include "ctl/metrics.h"
#include "ctl/rules.h"
#include "ctl/show.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/ctlfake.h"
#include "tests/unit/util.h"

static char	*text;
static size_t	 textlen;

static FILE *
begin(void)
{
	FILE	*f = open_memstream(&text, &textlen);

	assert_non_null(f);
	return f;
}

/* Compare what was printed. */
static void
expect(FILE *f, const char *want)
{
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, want);
	free(text);
	text = NULL;
}

static void
test_copy(void **state)
{
	char	 buf[12];

	(void)state;
	text_copy(buf, sizeof(buf), "a\\b\n\033\303");
	assert_string_equal(buf, "a\\b\\012\\033");
	text_copy(buf, sizeof(buf), "\177\177\177");
	assert_string_equal(buf, "\\177\\177");
	text_copy(buf, sizeof(buf), "");
	assert_string_equal(buf, "");
	text_add_word(buf, sizeof(buf), "one");
	assert_string_equal(buf, "one");
	text_add_word(buf, sizeof(buf), "two");
	assert_string_equal(buf, "one, two");
	text_add_word(buf, sizeof(buf), "three");
	assert_string_equal(buf, "one, two, t");
}

static void
test_wrap(void **state)
{
	FILE	*f;

	(void)state;
	f = begin();
	text_wrap(f, 10, 2, "ab cd ef  gh ijklmnopqrst u\033");
	expect(f, "  ab cd ef\n  gh\n  ijklmnopqrst\n  u\\033\n");
	f = begin();
	text_wrap(f, 0, 0, "one line");
	expect(f, "one line\n");
}

static void
test_age(void **state)
{
	char	 buf[TEXT_SHORT];

	(void)state;
	text_age(buf, -5);
	assert_string_equal(buf, "0s");
	text_age(buf, 59);
	assert_string_equal(buf, "59s");
	text_age(buf, 61);
	assert_string_equal(buf, "1m01s");
	text_age(buf, 7199);
	assert_string_equal(buf, "1h59m");
	text_age(buf, 86400 * 400 + 3600);
	assert_string_equal(buf, "400d01h");
}

static void
test_time(void **state)
{
	char	 buf[TEXT_SHORT];

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	text_time(buf, 1000000000);
	assert_string_equal(buf, "2001-09-09 01:46:40");
}

static const struct table_column	 columns[] = {
	{ "N", true, false }, { "NAME", false, false },
	{ "PATH", false, true }
};

static void
make_table(struct table *t)
{
	table_init(t, columns, 3);
	table_add(t, "%d", 5);
	table_add(t, "short");
	table_add(t, "/a/rather/long/path");
	table_add(t, "%d", 12345);
	table_add(t, "longer");
	table_add(t, "/x\t");
}

static void
test_table(void **state)
{
	struct table	 t;
	FILE		*f;

	(void)state;
	make_table(&t);
	f = begin();
	assert_int_equal(table_print(&t, f, 0), 0);
	expect(f, "    N  NAME    PATH\n"
	    "    5  short   /a/rather/long/path\n"
	    "12345  longer  /x\\011\n");
	f = begin();
	assert_int_equal(table_print(&t, f, 34), 0);
	expect(f, "    N  NAME    PATH\n"
	    "    5  short   /a/rather/long/path\n"
	    "12345  longer  /x\\011\n");
	/* What does not fit moves beneath its row, and nothing is lost. */
	f = begin();
	assert_int_equal(table_print(&t, f, 25), 0);
	expect(f, "    N  NAME\n  PATH\n"
	    "    5  short\n  /a/rather/long/path\n"
	    "12345  longer\n  /x\\011\n");
	f = begin();
	assert_int_equal(table_print(&t, f, 14), 0);
	expect(f, "    N  NAME\n  PATH\n"
	    "    5  short\n  /a/rather/lo\n  ng/path\n"
	    "12345  longer\n  /x\\011\n");
	/* Numbers are not cut as long as text can be cut. */
	f = begin();
	assert_int_equal(table_print(&t, f, 10), 0);
	expect(f, "    N NAME\n  PATH\n"
	    "    5 s...\n  /a/rathe\n  r/long/p\n  ath\n"
	    "12345 l...\n  /x\\011\n");
	table_free(&t);
	/* A table without rows has its titles. */
	f = begin();
	assert_int_equal(table_print(&t, f, 80), 0);
	expect(f, "N  NAME  PATH\n");
}

static const struct show *
find_show(const char *name)
{
	const struct show	*show = shows;

	while (strcmp(show->name, name) != 0)
		show++;
	return show;
}

static size_t
longest_line(const char *s)
{
	size_t	 len, max = 0;

	for (; *s != '\0'; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		if (len > max)
			max = len;
	}
	return max;
}

static void
test_table_fits(void **state)
{
	struct table	 t;
	size_t		 width;
	FILE		*f;

	(void)state;
	make_table(&t);
	for (width = 1; width < 60; width++) {
		f = begin();
		assert_int_equal(table_print(&t, f, width), 0);
		assert_int_equal(fclose(f), 0);
		assert_true(longest_line(text) <= width);
		free(text);
	}
	table_free(&t);
}

/* Every table fits the terminal and is printable. */
static void
test_shows_fit(void **state)
{
	struct control_state	 st;
	struct ctl		 ctl = { .socket = "" };
	const struct show	*show;
	size_t			 i;

	(void)state;
	ctlfake_state(&st);
	(void)ctlfake_deny_policy(&st, "nightly", 7, 1, "/home/a/rather/long/"
	    "name/of/a/file/with/a\033bell\a", POLICY_DENIED,
	    "fdbroker.conf:9 \"a label that is not short\"");
	(void)strlcpy(st.roles[1].file, "/etc/\303\251", 8);
	for (show = shows; show->name != NULL; show++) {
		if (show->run == NULL || strcmp(show->name, "metrics") == 0)
			continue;
		for (ctl.width = 40; ctl.width <= 200; ctl.width += 40) {
			ctl.out = begin();
			assert_int_equal(show->run(&ctl, &st), 0);
			assert_int_equal(fclose(ctl.out), 0);
			assert_true(longest_line(text) <= ctl.width);
			for (i = 0; i < textlen; i++)
				assert_true(text[i] == '\n' ||
				    (text[i] >= 0x20 && text[i] <= 0x7e));
			free(text);
		}
	}
	control_state_free(&st);
}

static void
test_sessions(void **state)
{
	struct control_state	 st;
	struct ctl		 ctl = { .socket = "" };

	(void)state;
	ctlfake_state(&st);
	ctl.out = begin();
	assert_int_equal(find_show("sessions")->run(&ctl, &st), 0);
	expect(ctl.out,
	    "SESSION  USER         PID  OPENER    AGE  REFUSED  STATE     "
	    "ROLE\n"
	    "      7  root        4711    4712  1m30s       12  open      "
	    "nightly\n"
	    "  12345  4294967000    99     100  2d07h        0  starting  "
	    "web\n");
	control_state_free(&st);
}

/* The rules of a role in their order, with what is not in their words. */
static void
test_rules(void **state)
{
	struct role	*role = ctlfake_role();
	struct ctl	 ctl = { .socket = "" };
	const char	*why;

	(void)state;
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_WRITE,
	    "/srv/*.log", NULL, "/etc/fdbroker.conf", 10, &why), 0);
	ctl.out = begin();
	assert_int_equal(rules_show(&ctl, role), 0);
	expect(ctl.out,
	    "N  WHERE                  RULE                          "
	    "MEANS\n"
	    "1  /etc/fdbroker.conf:8   permit read \"/etc\"            "
	    "list, it and all beneath\n"
	    "2  /etc/fdbroker.conf:9   deny \"/etc/ssh\" label \"keys\"  "
	    "all operations, it and all beneath\n"
	    "3  /etc/fdbroker.conf:10  permit write \"/srv/*.log\"     "
	    "what matches, root /srv\n");
	ctl.json = true;
	ctl.out = begin();
	assert_int_equal(rules_show(&ctl, role), 0);
	assert_int_equal(fclose(ctl.out), 0);
	assert_non_null(strstr(text, "\"label\": \"keys\""));
	assert_non_null(strstr(text,
	    "\"rule\": \"permit read \\\"/etc\\\"\""));
	free(text);
	role_free(role);
}

static void
test_refused(void **state)
{
	struct control_state	 st;
	struct ctl		 ctl = { .socket = "" };

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	ctlfake_state(&st);
	ctl.out = begin();
	assert_int_equal(find_show("refused")->run(&ctl, &st), 0);
	expect(ctl.out,
	    "TIME                 USER            PID  TIMES  ROLE     WHY\n"
	    "2001-09-08 23:00:00  4294967000  1234567      3  nightly  "
	    "uid 4294967000 is not a peer of role \"nightly\"\n");
	control_state_free(&st);
}

/* Every layer has its place in the JSON of each process, in place or not. */
static void
test_layers_json(void **state)
{
	struct control_state	 st;
	struct ctl		 ctl = { .socket = "", .json = true };
	const struct layer	*l;
	char			 key[64];
	const char		*p;
	int			 n;

	(void)state;
	ctlfake_state(&st);
	ctl.out = begin();
	assert_int_equal(find_show("confinement")->run(&ctl, &st), 0);
	assert_int_equal(fclose(ctl.out), 0);
	control_state_free(&st);
	assert_non_null(strstr(text, "\"supervisor\": {\n"
	    "    \"pid\": 80,\n"
	    "    \"no_new_privs\": true,\n"
	    "    \"not_dumpable\": true,\n"
	    "    \"paths\": false,\n"
	    "    \"system_calls\": false,\n"
	    "    \"read_only_clones\": false,\n"
	    "    \"capabilities\": true,\n"
	    "    \"own_user\": false,\n"
	    "    \"namespaces\": false\n"
	    "  }"));
	for (l = layers_table; l->bit != 0; l++) {
		(void)snprintf(key, sizeof(key), "\"%s\": ", l->key);
		n = 0;
		for (p = text; (p = strstr(p, key)) != NULL; p++)
			n++;
		/* Supervisor, listener, names process, two openers. */
		assert_int_equal(n, 5);
	}
	free(text);
}

/* Each sample follows the lines that describe its family. */
static void
test_metrics(void **state)
{
	struct control_state	 st;
	char			 family[80] = "", type[16] = "", *line, *p;
	char			 want[120];
	FILE			*f = begin();
	size_t			 n = 0;

	(void)state;
	ctlfake_state(&st);
	metrics_print(f, &st);
	control_state_free(&st);
	assert_int_equal(fclose(f), 0);
	assert_true(textlen > 6);
	assert_string_equal(text + textlen - 7, "\n# EOF\n");
	assert_non_null(strstr(text,
	    "\nfdbroker_requests_refused_total 123456789012\n"));
	assert_non_null(strstr(text,
	    "\nfdbroker_role_sessions_limit{role=\"nightly\"} 4\n"));
	assert_non_null(strstr(text, "\nfdbroker_start_time_seconds "
	    "999996400\n"));
	for (line = text; strcmp(line, "# EOF\n") != 0; line = p + 1) {
		assert_non_null(p = strchr(line, '\n'));
		if (sscanf(line, "# TYPE %79s %15s\n", family, type) == 2)
			continue;
		if (*line == '#') {
			assert_non_null(strstr(line, family));
			continue;
		}
		(void)snprintf(want, sizeof(want), "%s%s", family,
		    strcmp(type, "counter") == 0 ? "_total" : "");
		assert_int_equal(strncmp(line, want, strlen(want)), 0);
		assert_true(line[strlen(want)] == ' ' ||
		    line[strlen(want)] == '{');
		n++;
	}
	assert_true(n > 20);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_copy),
		UTIL_TEST(test_wrap),
		UTIL_TEST(test_age),
		UTIL_TEST(test_time),
		UTIL_TEST(test_table),
		UTIL_TEST(test_table_fits),
		UTIL_TEST(test_shows_fit),
		UTIL_TEST(test_rules),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_sessions),
		UTIL_TEST(test_layers_json),
		UTIL_TEST(test_metrics)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
