/*
 * test_types.c: the table of messages between the broker's own processes, and
 * that neither side takes a message of the other table.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "ipc/msg.h"
#include "ipc/types.h"
#include "tests/unit/prototable.h"
#include "tests/unit/util.h"

static const struct prototable_row rows[] = {
	{ 64,	"ADMIT",	1, 1,		1, 1,	0, false },
	{ 65,	"SETUP",	1, 1,		4, 5,	0, false },
	{ 66,	"STARTED",	1, 1,		0, 0,	0, false },
	{ 67,	"LOG",		1, 1,		0, 0,	0, false },
	{ 68,	"POLICY",	1, 1,		1, 1,	0, false },
	{ 69,	"END",		1, 1,		0, 0,	0, false },
	{ 70,	"AUDIT",	1, 1,		0, 0,	0, false },
	{ 71,	"SHARE",	1, 1,		0, 0,	0, false },
	{ 72,	"LISTENER",	1, 1,		4, 4,	0, false },
	{ 73,	"NAMES",	1, 1,		0, 0,	0, false },
	{ 74,	"NAME_ASK",	1, 1,		0, 0,	0, false },
	{ 75,	"NAME_ANSWER",	1, 1,		0, 0,	0, false },
	{ 76,	"FLOOD",	1, 1,		0, 0,	0, false },
	{ 80,	"CONTROL",	1, 1,		0, 0,	0, false },
	{ 81,	"CONTROL_REPLY", 1, 1,		0, 1,	0, false },
	{ 82,	"CONTROL_ASK",	1, 1,		0, 1,	0, false },
	{ 83,	"CONTROL_ANSWER", 1, 1,		0, 1,	0, false },
	{ 84,	"MONITOR",	1, 1,		0, 0,	0, false },
	{ 85,	"SUMMARY",	1, 1,		0, 0,	0, false }
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static const struct prototable	 table = {
	rows, NROWS, ipc_check, ipc_type_name
};

static void
test_items(void **state)
{
	(void)state;
	prototable_check_items(&table);
}

static void
test_descriptors(void **state)
{
	(void)state;
	prototable_check_descriptors(&table);
}

static void
test_flags(void **state)
{
	(void)state;
	prototable_check_flags(&table);
}

static void
test_generation(void **state)
{
	(void)state;
	prototable_check_generation(&table);
}

static void
test_types(void **state)
{
	(void)state;
	prototable_check_types(&table);
}

/* A parser that takes our messages refuses clients', and the reverse. */
static void
test_apart(void **state)
{
	struct util_header	 uh = { .items = 1 };
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m = { .nfds = 0 };
	const char		*why;
	uint8_t			 buf[PROTO_HEADER];
	size_t			 i, len;

	(void)state;
	for (i = 0; i < NROWS; i++) {
		uh.type = (uint16_t)rows[i].type;
		uh.fds = (uint16_t)rows[i].min_fds;
		len = util_message(buf, sizeof(buf), &uh, NULL, 0);
		assert_int_equal(ipc_check(buf, len, uh.fds, &h, &in, &why),
		    0);
		assert_int_equal(proto_parse(buf, len, uh.fds, &h, &in, &why),
		    -1);
		assert_string_equal(why, "unknown type");
		assert_string_equal(proto_name(rows[i].type), "unknown");
	}
	uh.type = PROTO_HELLO;
	uh.fds = 0;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	assert_int_equal(proto_parse(buf, len, 0, &h, &in, &why), 0);
	assert_int_equal(ipc_check(buf, len, 0, &h, &in, &why), -1);
	assert_string_equal(why, "unknown type");
	assert_int_equal(ipc_parse(buf, len, &m, &h, &in), -1);
	assert_non_null(strstr(util_logged(), "unknown type"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_items),
		UTIL_TEST(test_descriptors),
		UTIL_TEST(test_flags),
		UTIL_TEST(test_generation),
		UTIL_TEST(test_types),
		UTIL_TEST(test_apart)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
