/*
 * test_reload.c: a configuration that is read again, with names that the test
 * knows, as the names process.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "daemon/reload.h"
#include "policy/named.h"
#include "policy/role.h"
#include "tests/unit/namesfake.h"
#include "tests/unit/util.h"

static struct accounts		 accounts;
static struct namesfake		 fake;
static struct event_base	*base;
static struct reload		 reload;
static struct conf		*result;	/* of the last reload */
static char			 result_why[512];
static char			 result_lines[4096];
static bool			 was_dry;
static size_t			 ended;

static void
done(void *arg, struct conf *conf, const char *why, const char *lines)
{
	assert_ptr_equal(arg, &reload);
	conf_free(result);
	result = conf;
	(void)strlcpy(result_why, why, sizeof(result_why));
	(void)strlcpy(result_lines, lines, sizeof(result_lines));
	was_dry = reload.dry;
	ended++;
}

/* Write a configuration of one role, and the text. */
static void
write_conf(const char *daemon_user, const char *text)
{
	char	 all[4096];

	(void)snprintf(all, sizeof(all), "user \"%s\"\n%s\nrole \"r\" {\n"
	    "peer user \"ann\"\npeer group \"staff\"\npermit read \"%s\"\n}\n",
	    daemon_user, text, util_dir());
	util_write_file(util_path("conf"), all);
}

static void
begin(void)
{
	static char	 path[256];

	(void)strlcpy(path, util_path("conf"), sizeof(path));
	assert_non_null(base = event_base_new());
	namesfake_begin(&fake, &accounts, base);
	memset(&reload, 0, sizeof(reload));
	reload.file = path;
	reload.accounts = &accounts;
	reload.done = done;
	reload.arg = &reload;
	assert_int_equal(reload_init(&reload, base), 0);
	result = NULL;
	ended = 0;
	result_why[0] = '\0';
}

static int
teardown(void **state)
{
	log_set_sink(NULL, NULL);
	if (base != NULL) {
		reload_stop(&reload);
		namesfake_end(&fake);
		event_base_free(base);
	}
	base = NULL;
	conf_free(result);
	result = NULL;
	return util_teardown(state);
}

/* Answer all questions with a number, but for a name that is missing. */
static size_t
answer_all(const char *missing, uint32_t number)
{
	struct nameask	 q;
	size_t		 n = 0;

	while (namesfake_hear(&fake, &q)) {
		namesfake_answer(&fake, q.id, strcmp(q.name, missing) == 0 ?
		    ENOENT : 0, q.kind == NAMEASK_USER ? number : 0,
		    number + 1);
		reload_answered(&reload);
		n++;
	}
	return n;
}

static void
test_names(void **state)
{
	(void)state;
	begin();
	write_conf("daemon", "control group \"ctl\"");
	reload_begin(&reload, false);
	assert_int_equal(ended, 0);
	/* A user and a group of the role, the daemon's user, a group. */
	assert_int_equal(answer_all("", 1000), 4);
	assert_int_equal(ended, 1);
	assert_non_null(result);
	assert_int_equal(result->uid, 1000);
	assert_int_equal(result->control_gid, 1001);
	assert_int_equal(result->roles[0]->peers[0].id, 1000);
	assert_int_equal(result->roles[0]->peers[1].id, 1001);
	assert_false(reload.running);
	/* The next one asks again. */
	reload_begin(&reload, false);
	assert_int_equal(ended, 1);
	assert_int_equal(answer_all("", 2000), 4);
	assert_int_equal(ended, 2);
	assert_int_equal(result->uid, 2000);
}

/* A role with `owner by-name': all users and groups are asked for, too. */
static void
test_by_name(void **state)
{
	static const uint32_t	 users[] = { 0, 5 }, groups[] = { 7, 7 };
	const struct named	*named;
	struct nameask		 q;
	char			 role[256];

	(void)state;
	begin();
	(void)snprintf(role, sizeof(role), "role \"n\" {\npeer user \"ann\"\n"
	    "permit setmeta \"%s\" owner by-name\n}", util_dir());
	write_conf("daemon", role);
	reload_begin(&reload, false);
	while (namesfake_hear(&fake, &q)) {
		if (q.kind == NAMEASK_UIDS)
			namesfake_answer_groups(&fake, q.id, users, 2);
		else if (q.kind == NAMEASK_GIDS)
			namesfake_answer_groups(&fake, q.id, groups, 2);
		else
			namesfake_answer(&fake, q.id, 0, q.kind ==
			    NAMEASK_USER ? 1000 : 0, 1001);
		reload_answered(&reload);
	}
	assert_int_equal(ended, 1);
	if (result == NULL)
		fail_msg("%s", result_why);
	assert_non_null(named = result->roles[0]->named);
	assert_true(named_has(named, false, 5) && named_has(named, true, 7));
	assert_false(named_has(named, false, 7) || named_has(named, true, 5));
	assert_null(result->roles[1]->named);
	/* The list is made anew; a failure keeps the old configuration. */
	reload_begin(&reload, false);
	while (namesfake_hear(&fake, &q)) {
		namesfake_answer(&fake, q.id, q.kind == NAMEASK_GIDS ? EIO : 0,
		    q.kind == NAMEASK_USER ? 1000 : 0,
		    q.kind == NAMEASK_UIDS || q.kind == NAMEASK_GIDS ? 0 :
		    1001);
		reload_answered(&reload);
	}
	assert_int_equal(ended, 2);
	assert_null(result);
	assert_non_null(strstr(result_why, "owner by-name: the groups of this "
	    "machine cannot be listed: "));
}

/* The first fault says which name is missing, and nothing else is logged. */
static void
test_missing(void **state)
{
	char	 expected[512];

	(void)state;
	begin();
	write_conf("daemon", "");
	reload_begin(&reload, false);
	assert_string_equal(util_logged(), "");
	assert_int_equal(answer_all("ann", 1000), 3);
	assert_int_equal(ended, 1);
	assert_null(result);
	(void)snprintf(expected, sizeof(expected), "%s:4: user \"ann\" does "
	    "not exist", reload.file);
	assert_string_equal(result_why, expected);
}

/* Without an answer in time it fails, and names who is not known. */
static void
test_late(void **state)
{
	struct nameask	 q;
	char		 expected[512];

	(void)state;
	begin();
	write_conf("daemon", "");
	reload_begin(&reload, false);
	while (namesfake_hear(&fake, &q))
		if (strcmp(q.name, "staff") != 0)
			namesfake_answer(&fake, q.id, 0, 1000, 1000);
	reload_answered(&reload);
	assert_int_equal(ended, 0);
	event_active(reload.timer, EV_TIMEOUT, 1);
	namesfake_turn(&fake);
	assert_int_equal(ended, 1);
	assert_null(result);
	(void)snprintf(expected, sizeof(expected), "%s:5: group \"staff\" "
	    "cannot be looked up: Connection timed out", reload.file);
	assert_string_equal(result_why, expected);
	assert_false(reload.running);
	/* What is not asked in time is not asked at all: no wait is endless. */
	reload_begin(&reload, false);
	write_conf("daemon", "control group \"new\"");
	event_active(reload.timer, EV_TIMEOUT, 1);
	namesfake_turn(&fake);
	assert_int_equal(ended, 2);
	assert_null(result);
}

/* Warnings come with a good configuration, as far as no path is looked at. */
static void
test_warnings(void **state)
{
	char	 expected[512];

	(void)state;
	begin();
	write_conf("daemon", "role \"w\" {\npeer user \"ann\"\n"
	    "permit read \"/\"\ndeny \"/missing\" \"/dev/null/x*\"\n"
	    "permit read \"/\"\n}");
	reload_begin(&reload, false);
	while (answer_all("", 1000) > 0)
		;
	assert_int_equal(ended, 1);
	assert_non_null(result);
	(void)snprintf(expected, sizeof(expected), "%s:4: warning: permit "
	    "\"/\" has no effect;", reload.file);
	assert_memory_equal(result_lines, expected, strlen(expected));
	assert_non_null(strstr(result_lines, ":5: warning: deny \"/missing\""));
	assert_null(strstr(result_lines, "does not exist"));
	assert_null(strstr(result_lines, "no directory"));
}

/* Once one that is not dry has begun, what ends is not dry. */
static void
test_dry(void **state)
{
	(void)state;
	begin();
	write_conf("daemon", "");
	reload_begin(&reload, true);
	reload_begin(&reload, true);
	while (answer_all("", 1000) > 0)
		;
	assert_int_equal(ended, 1);
	assert_true(was_dry);
	reload_begin(&reload, true);
	reload_begin(&reload, false);
	reload_begin(&reload, true);
	while (answer_all("", 1000) > 0)
		;
	assert_int_equal(ended, 2);
	assert_false(was_dry);
	reload_begin(&reload, true);
	while (answer_all("", 1000) > 0)
		;
	assert_int_equal(ended, 3);
	assert_true(was_dry);
}

/* A reload that is asked for while one runs sees what was written since. */
static void
test_again(void **state)
{
	(void)state;
	begin();
	write_conf("daemon", "");
	reload_begin(&reload, false);
	write_conf("other", "");
	reload_begin(&reload, false);
	assert_int_equal(ended, 0);
	while (answer_all("daemon", 1000) > 0)
		;
	assert_int_equal(ended, 1);
	assert_non_null(result);
	assert_string_equal(result->user, "other");
}

/* More names than may be asked at once. */
static void
test_many(void **state)
{
	static char	 text[65536];
	size_t		 i, len = 0;

	(void)state;
	begin();
	write_conf("daemon", "");
	len = strlcpy(text, "user \"daemon\"\nrole \"r\" {\n", sizeof(text));
	for (i = 0; i < 3 * NAMEASK_OUTSTANDING; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "peer user \"u%zu\"\n", i);
	(void)snprintf(text + len, sizeof(text) - len,
	    "permit read \"%s\"\n}\n", util_dir());
	util_write_file(util_path("conf"), text);
	reload_begin(&reload, false);
	assert_int_equal(answer_all("", 1000), 3 * NAMEASK_OUTSTANDING + 1);
	assert_int_equal(ended, 1);
	assert_non_null(result);
	assert_int_equal(result->roles[0]->npeers, 3 * NAMEASK_OUTSTANDING);
}

/* The names process is gone: no reload waits for it. */
static void
test_gone(void **state)
{
	char	 expected[512];

	(void)state;
	begin();
	accounts_reaped(&accounts, 9);
	write_conf("daemon", "");
	reload_begin(&reload, false);
	assert_int_equal(ended, 1);
	assert_null(result);
	(void)snprintf(expected, sizeof(expected), "%s:1: user \"daemon\" "
	    "cannot be looked up: No such process", reload.file);
	assert_string_equal(result_why, expected);
}

/* A fault that has nothing to do with names. */
static void
test_fault(void **state)
{
	(void)state;
	begin();
	util_write_file(util_path("conf"), "frob\n");
	reload_begin(&reload, false);
	while (answer_all("", 1000) > 0)
		;
	assert_int_equal(ended, 1);
	assert_null(result);
	assert_non_null(strstr(result_why, "conf:1: "));
}

#define RELOAD_TEST(f) \
	cmocka_unit_test_setup_teardown(f, util_setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		RELOAD_TEST(test_names),
		RELOAD_TEST(test_by_name),
		RELOAD_TEST(test_missing),
		RELOAD_TEST(test_late),
		RELOAD_TEST(test_warnings),
		RELOAD_TEST(test_dry),
		RELOAD_TEST(test_again),
		RELOAD_TEST(test_many),
		RELOAD_TEST(test_gone),
		RELOAD_TEST(test_fault)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
