/*
 * test_ctl_monitor.c: the lines of fdbrokerctl monitor: what is printed of
 * them, and which of them.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/monitor.h"
#include "ipc/auditline.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

static char				 line[AUDITLINE_MAX];
static const struct audit_subject	 subject = {
	.session = 7, .uid = 4294967000U, .pid = 99, .role = "nightly"
};

/* What is printed of a line, without the time. */
static void
expect(const struct monitor_filter *f, bool json, const char *want)
{
	struct ctl	 ctl = { .json = json };
	char		*text = NULL, *got;
	size_t		 len;

	assert_non_null(ctl.out = open_memstream(&text, &len));
	monitor_line(&ctl, f, line);
	assert_int_equal(fclose(ctl.out), 0);
	got = text;
	if (!json && strlen(text) > 21 && text[4] == '-')
		got += 21;
	assert_string_equal(got, want);
	free(text);
}

static void
denial(const char *path)
{
	struct audit_entry	 a;

	memset(&a, 0, sizeof(a));
	a.subject = subject;
	a.event.op = POLICY_OP_READ;
	a.event.error = EACCES;
	a.event.reason = FDB_REASON_POLICY;
	a.event.policy = POLICY_DENIED;
	a.event.id = 0x7001;
	event_set_path(&a.event, path);
	event_set_where(&a.event, "fdbroker.conf:9 \"keys\"");
	assert_true(auditline_format(line, sizeof(line), &a) > 0);
}

static void
event(const char *name, const char *why)
{
	assert_true(auditline_format_event(line, sizeof(line), name, &subject,
	    why) > 0);
}

static void
test_text(void **state)
{
	const struct monitor_filter	 all = { 0 };
	char				 want[AUDITLINE_MAX + 1];

	(void)state;
	denial("/a\\b\"c\n");
	expect(&all, false, "session 7  denied read \"/a\\\\b\"c\\012\": "
	    "fdbroker.conf:9 \"keys\", id 7001  (user 4294967000, role "
	    "nightly, pid 99)\n");
	(void)snprintf(want, sizeof(want), "%s\n", line);
	expect(&all, true, want);
	event("begun", NULL);
	expect(&all, false, "session 7  begun  (user 4294967000, role "
	    "nightly, pid 99)\n");
	event("refused", "too \303\251 \"many\"");
	expect(&all, false, "session 7  refused: too ?? \"many\"  (user "
	    "4294967000, role nightly, pid 99)\n");
	assert_true(auditline_format_event(line, sizeof(line), "reloaded",
	    NULL, "generation 2") > 0);
	expect(&all, false, "reloaded: generation 2\n");
	assert_true(auditline_format_lost(line, sizeof(line), 12) > 0);
	expect(&all, false, "12 lines lost: this monitor, or the daemon, was "
	    "too busy\n");
	/* What is no object is printed as it is. */
	(void)strlcpy(line, "session 7: \a", sizeof(line));
	expect(&all, false, "session 7: \\007\n");
	(void)strlcpy(line, "{\"a\":{}}", sizeof(line));
	expect(&all, false, "{\"a\":{}}\n");
	(void)strlcpy(line, "{\"a\":\"\\", sizeof(line));
	expect(&all, false, "{\"a\":\"\\\n");
}

static void
test_filters(void **state)
{
	struct monitor_filter	 role = { .role = "nightly" };
	struct monitor_filter	 other = { .role = "night" };
	struct monitor_filter	 user = { .by_uid = true, .uid = 7 };
	struct monitor_filter	 denied = { .denied = true };

	(void)state;
	event("begun", NULL);
	expect(&role, false, "session 7  begun  (user 4294967000, role "
	    "nightly, pid 99)\n");
	expect(&other, false, "");
	expect(&user, false, "");
	expect(&denied, false, "");
	user.uid = subject.uid;
	expect(&user, false, "session 7  begun  (user 4294967000, role "
	    "nightly, pid 99)\n");
	event("refused", "no");
	expect(&denied, false, "session 7  refused: no  (user 4294967000, role "
	    "nightly, pid 99)\n");
	/* What was lost concerns everybody. */
	assert_true(auditline_format_lost(line, sizeof(line), 1) > 0);
	expect(&other, false, "1 lines lost: this monitor, or the daemon, was "
	    "too busy\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_text),
		UTIL_TEST(test_filters)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
