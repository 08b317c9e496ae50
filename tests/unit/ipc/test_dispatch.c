/*
 * test_dispatch.c: a message reaches the handler that its row names, in the
 * states that the row names, and no handler sees any other.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ipc/dispatch.h"
#include "ipc/types.h"

enum { STATE_EARLY = 0x01, STATE_LATE = 0x02, STATE_OVER = 0x04 };

/* What the handlers note. */
static struct {
	const char			*called;
	int				 calls;
	void				*arg;
	const struct proto_header	*h;
	struct wire_in			*in;
	struct fdmsg			*m;
} seen;

/* What the next handler returns, with errno. */
static int	 result, result_errno;

static int
note(const char *name, void *arg, const struct proto_header *h,
    struct wire_in *in, struct fdmsg *m)
{
	seen.called = name;
	seen.calls++;
	seen.arg = arg;
	seen.h = h;
	seen.in = in;
	seen.m = m;
	errno = result_errno;
	return result;
}

static int
handle_log(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	return note("log", arg, h, in, m);
}

static int
handle_started(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	return note("started", arg, h, in, m);
}

static int
handle_admit(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	return note("admit", arg, h, in, m);
}

static int
handle_admit_over(void *arg, const struct proto_header *h,
    struct wire_in *in, struct fdmsg *m)
{
	return note("admit when over", arg, h, in, m);
}

static const struct dispatch_row rows[] = {
	{ IPC_LOG,	DISPATCH_ALWAYS,	handle_log },
	{ IPC_STARTED,	STATE_EARLY,		handle_started },
	{ IPC_ADMIT,	STATE_LATE,		handle_admit },
	{ IPC_ADMIT,	STATE_OVER,		handle_admit_over }
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static const char	*why;

static int
send_type(unsigned int type, uint32_t state)
{
	static struct proto_header	 h;
	static struct wire_in		 in;
	static struct fdmsg		 m;
	static int			 arg;
	int				 ret;

	memset(&seen, 0, sizeof(seen));
	memset(&h, 0, sizeof(h));
	h.type = (uint16_t)type;
	why = "untouched";
	errno = 0;
	ret = dispatch(rows, NROWS, state, &arg, &h, &in, &m, &why);
	if (seen.calls > 0) {
		assert_int_equal(seen.calls, 1);
		assert_null(why);
		assert_ptr_equal(seen.arg, &arg);
		assert_ptr_equal(seen.h, &h);
		assert_ptr_equal(seen.in, &in);
		assert_ptr_equal(seen.m, &m);
	}
	return ret;
}

static void
expect_handled(unsigned int type, uint32_t state, const char *name)
{
	assert_int_equal(send_type(type, state), 0);
	assert_non_null(seen.called);
	assert_string_equal(seen.called, name);
}

static void
expect_refused(unsigned int type, uint32_t state, const char *text)
{
	assert_int_equal(send_type(type, state), -1);
	assert_int_equal(errno, strcmp(text, "out of order") == 0 ?
	    EPROTO : ENOMSG);
	assert_null(seen.called);
	assert_string_equal(why, text);
}

static void
test_states(void **state)
{
	(void)state;
	expect_handled(IPC_LOG, STATE_EARLY, "log");
	expect_handled(IPC_LOG, STATE_LATE, "log");
	expect_handled(IPC_LOG, STATE_OVER, "log");
	expect_handled(IPC_STARTED, STATE_EARLY, "started");
	expect_refused(IPC_STARTED, STATE_LATE, "out of order");
	expect_refused(IPC_STARTED, STATE_OVER, "out of order");
	expect_refused(IPC_ADMIT, STATE_EARLY, "out of order");
	/* The second row for a type is found, too. */
	expect_handled(IPC_ADMIT, STATE_LATE, "admit");
	expect_handled(IPC_ADMIT, STATE_OVER, "admit when over");
}

/* No number without a row reaches a handler in any state. */
static void
test_types(void **state)
{
	unsigned int	 type;

	(void)state;
	for (type = 0; type <= UINT16_MAX; type++) {
		if (type == IPC_LOG || type == IPC_STARTED ||
		    type == IPC_ADMIT)
			continue;
		expect_refused(type, STATE_EARLY, "unexpected type");
		expect_refused(type, STATE_LATE, "unexpected type");
		expect_refused(type, DISPATCH_ALWAYS, "unexpected type");
	}
}

/* A handler's result and errno are the caller's. */
static void
test_result(void **state)
{
	(void)state;
	result = -1;
	result_errno = EBADMSG;
	assert_int_equal(send_type(IPC_LOG, STATE_LATE), -1);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(seen.called, "log");
	result = 17;
	result_errno = 0;
	assert_int_equal(send_type(IPC_LOG, STATE_LATE), 17);
	result = 0;
}

/* Without rows or without a state nothing is taken. */
static void
test_nothing(void **state)
{
	struct proto_header	 h = { .type = IPC_LOG };
	struct wire_in		 in = { .left = 7 };
	struct fdmsg		 m = { .nfds = 1, .fds = { 77 } };

	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(dispatch(rows, 0, STATE_EARLY, NULL, &h, &in, &m,
	    &why), -1);
	assert_int_equal(errno, ENOMSG);
	assert_string_equal(why, "unexpected type");
	expect_refused(IPC_LOG, 0, "out of order");
	/* What was refused is left as it came. */
	assert_int_equal(in.left, 7);
	assert_int_equal(m.nfds, 1);
	assert_int_equal(m.fds[0], 77);
}

/* A handler that gets too little, or leaves something, says so. */
static void
test_end(void **state)
{
	static const uint8_t	 body[4];
	struct wire_in		 in;
	size_t			 len;

	(void)state;
	for (len = 0; len <= 4; len++) {
		wire_in_init(&in, body, len);
		(void)wire_get_u16(&in);
		errno = 0;
		assert_int_equal(dispatch_end(&in), len == 2 ? 0 : -1);
		assert_int_equal(errno, len == 2 ? 0 : EBADMSG);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_end)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
