/*
 * test_reporter.c: what the worker reports, and in which order.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "sandbox/commands.h"
#include "sandbox/reporter.h"
#include "tests/unit/util.h"

static struct reporter		 rep;
static struct options		 options;
static struct channel_record	 record;
static uint8_t			 buf[CHANNEL_MAX];
static int			 fds[2];

static void
begin(void)
{
	assert_int_equal(dgram_pair_seq(fds), 0);
	memset(&options, 0, sizeof(options));
	options.command = commands_find("create");
	options.verbose = true;
	reporter_init(&rep, fds[1], &options);
}

static void
end(void)
{
	reporter_clear(&rep);
	close(fds[0]);
	close(fds[1]);
}

/* Take the one record of the next message.  False: there is none. */
static bool
receive(void)
{
	struct wire_in	 in;
	struct fdmsg	 m;
	ssize_t		 n;

	if ((n = fdmsg_recv(fds[0], buf, sizeof(buf), 0, &m)) == -1)
		return false;
	assert_true(n > 0);
	wire_in_init(&in, buf, (size_t)n);
	assert_int_equal(channel_get(&in, &record), 0);
	assert_int_equal(in.left, 0);
	return true;
}

static void
assert_report(enum report_kind kind, const char *text)
{
	assert_true(receive());
	assert_int_equal(record.type, CHANNEL_REPORT);
	assert_int_equal(record.kind, kind);
	assert_string_equal(record.detail, text);
}

/* Why the run fails is said last: other threads go on for a moment. */
static void
test_fatal_is_last(void **state)
{
	(void)state;
	begin();
	assert_int_equal(reporter_report(&rep, REPORT_DENIED, "a", "b"), 0);
	assert_report(REPORT_DENIED, "b");
	assert_int_equal(reporter_report(&rep, REPORT_FATAL, "", "why"), 0);
	assert_report(REPORT_FATAL, "why");
	assert_int_equal(reporter_report(&rep, REPORT_DENIED, "c", "d"), 0);
	assert_int_equal(reporter_report(&rep, REPORT_WARNING, "", "e"), 0);
	assert_int_equal(reporter_hidden(&rep, "f", 7), 0);
	assert_int_equal(reporter_flush(&rep), 0);
	assert_false(receive());
	assert_int_equal(rep.tally.denied, 1);
	assert_int_equal(rep.tally.hidden, 0);
	/* What explains it further is said. */
	assert_int_equal(reporter_no_memory(&rep), -1);
	assert_true(receive());
	assert_int_equal(record.kind, REPORT_FATAL);
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_fatal_is_last)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
