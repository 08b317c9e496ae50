/*
 * test_message.c: proto_parse() accepts what message_send() sends.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "tests/unit/util.h"

static void
test_round_trip(void **state)
{
	uint8_t			 buf[MESSAGE_SHORT], got[MESSAGE_SHORT];
	char			 text[PROTO_TEXT_MAX];
	struct message		 m;
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 msg;
	const char		*what;
	ssize_t			 n;
	int			 fds[2];

	(void)state;
	assert_int_equal(dgram_pair(fds), 0);
	message_begin(&m, PROTO_ENDED, buf, sizeof(buf));
	m.h.id = 7;
	wire_put_u32(&m.w, EPROTO);
	wire_put_str(&m.w, "a reason");
	assert_int_equal(message_send(fds[0], &m, NULL, 0), 0);
	n = fdmsg_recv(fds[1], got, sizeof(got), 0, &msg);
	assert_true(n > 0);
	assert_int_equal(proto_parse(got, (size_t)n, 0, &h, &in, &what), 0);
	assert_int_equal(h.type, PROTO_ENDED);
	assert_int_equal(h.items, 1);
	assert_int_equal(h.id, 7);
	assert_int_equal(wire_get_u32(&in), EPROTO);
	wire_get_str(&in, text, sizeof(text));
	assert_string_equal(text, "a reason");
	assert_int_equal(wire_get_end(&in), 0);
	fd_close_all(fds, 2);
}

/* The header counts the descriptors, which stay the caller's. */
static void
test_descriptors(void **state)
{
	uint8_t			 buf[MESSAGE_SHORT], got[MESSAGE_SHORT];
	struct message		 m;
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 msg;
	const char		*what;
	ssize_t			 n;
	int			 fds[2], p[2];

	(void)state;
	assert_int_equal(dgram_pair(fds), 0);
	assert_int_equal(pipe(p), 0);
	message_begin(&m, PROTO_HANDOFF, buf, sizeof(buf));
	m.h.items = 0;
	assert_int_equal(message_send(fds[0], &m, &p[0], 1), 0);
	n = fdmsg_recv(fds[1], got, sizeof(got), 1, &msg);
	assert_true(n > 0);
	assert_int_equal(msg.nfds, 1);
	assert_int_equal(proto_parse(got, (size_t)n, msg.nfds, &h, &in, &what),
	    0);
	assert_int_equal(h.fds, 1);
	fdmsg_close(&msg);
	assert_int_equal(close(p[0]), 0);
	fd_close(&p[1]);
	fd_close_all(fds, 2);
}

/* A message that does not fit is not sent. */
static void
test_too_long(void **state)
{
	uint8_t		 buf[PROTO_HEADER + 4];
	struct message	 m;
	struct fdmsg	 msg;
	int		 fds[2];

	(void)state;
	assert_int_equal(dgram_pair(fds), 0);
	message_begin(&m, PROTO_HELLO, buf, sizeof(buf));
	wire_put_str(&m.w, "longer than four");
	errno = 0;
	assert_int_equal(message_send(fds[0], &m, NULL, 0), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(fdmsg_recv(fds[1], buf, sizeof(buf), 0, &msg), -1);
	assert_int_equal(errno, EAGAIN);
	fd_close_all(fds, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_too_long)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
