/*
 * test_controlsock.c: the listener's side of the control socket, with the test
 * as the supervisor and as its clients.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "daemon/controlsock.h"
#include "ipc/auditline.h"
#include "ipc/control.h"
#include "ipc/types.h"
#include "tests/unit/util.h"

static struct controlsock	 control;
static struct event_base	*base;
static struct dgram		 listening;
static int			 channel[2];	/* the listener's is 0 */

static void
begin(void)
{
	char	 path[DGRAM_PATH_MAX];

	(void)strlcpy(path, util_path("control.sock"), sizeof(path));
	dgram_init(&listening);
	assert_return_code(dgram_open_seq(&listening), errno);
	assert_return_code(dgram_bind(&listening, path, 0600), errno);
	assert_return_code(listen(listening.fd, CONTROLSOCK_CLIENTS + 8),
	    errno);
	assert_return_code(dgram_pair_seq(channel), errno);
	assert_non_null(base = event_base_new());
	assert_int_equal(controlsock_init(&control, base, listening.fd,
	    channel[0]), 0);
}

static void
end(void)
{
	controlsock_close_all(&control, true);
	acceptor_free(&control.acceptor);
	event_base_free(base);
	dgram_close(&listening);
	fd_close_all(channel, 2);
}

/* Let it see what has just arrived. */
static void
turn(void)
{
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static int
connect_client(void)
{
	int	 fd;

	assert_return_code(fd = dgram_connect_seq(listening.path, 10000),
	    errno);
	turn();
	return fd;
}

static void
send_request(int fd, uint8_t command, uint32_t number, const char *role)
{
	struct control_request	 r = { .command = command,
				    .number = number };
	uint8_t			 buf[MESSAGE_SHORT];
	struct message		 m;

	(void)strlcpy(r.role, role, sizeof(r.role));
	message_begin(&m, IPC_CONTROL, buf, sizeof(buf));
	control_put_request(&m.w, &r);
	assert_return_code(message_send(fd, &m, NULL, 0), errno);
}

/* What the supervisor is asked; the client's number. */
static uint32_t
hear_request(struct control_request *r)
{
	uint8_t			 buf[MESSAGE_SHORT];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	uint32_t		 number;
	ssize_t			 n;

	n = fdmsg_recv(channel[1], buf, sizeof(buf), 1, &m);
	assert_true(n > 0);
	assert_int_equal(ipc_check(buf, (size_t)n, m.nfds, &h, &in, &why), 0);
	assert_int_equal(h.type, IPC_CONTROL_ASK);
	number = wire_get_u32(&in);
	control_get_request(&in, r);
	assert_int_equal(wire_get_end(&in), 0);
	/* The connection comes with it, so that the kernel says who asks. */
	assert_int_equal(m.nfds, number != 0 ? 1 : 0);
	fdmsg_close(&m);
	return number;
}

static bool
nothing_is_asked(void)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct fdmsg	 m;

	return fdmsg_recv(channel[1], buf, sizeof(buf), 0, &m) == -1 &&
	    errno == EAGAIN;
}

/* Encode what the supervisor answers; the result of passing it on. */
static int
pass_answer(uint32_t number, uint32_t error, const char *text, int fd)
{
	struct control_reply	 r = { .error = error, .len = 77 };
	uint8_t			 buf[MESSAGE_SHORT];
	struct fdmsg		 m;
	struct wire_out		 w;
	struct wire_in		 in;

	(void)strlcpy(r.text, text, sizeof(r.text));
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, number);
	control_put_reply(&w, &r);
	assert_int_equal(wire_put_end(&w), 0);
	wire_in_init(&in, buf, w.len);
	memset(&m, 0, sizeof(m));
	if (fd != -1)
		m.fds[m.nfds++] = fd;
	return controlsock_answer(&control, &in, &m);
}

/* Receive one message of a type; the descriptor with it, or -1. */
static int
hear(int fd, unsigned int type, struct wire_in *in)
{
	static uint8_t		 buf[AUDITLINE_MESSAGE];
	struct proto_header	 h;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	n = fdmsg_recv(fd, buf, sizeof(buf), 1, &m);
	assert_true(n > 0);
	assert_int_equal(ipc_check(buf, (size_t)n, m.nfds, &h, in, &why), 0);
	assert_int_equal(h.type, type);
	return m.nfds > 0 ? fdmsg_take(&m, 0) : -1;
}

static void
expect_reply(int fd, uint32_t error, const char *text)
{
	struct control_reply	 r;
	struct wire_in		 in;

	assert_int_equal(hear(fd, IPC_CONTROL_REPLY, &in), -1);
	control_get_reply(&in, &r);
	assert_int_equal(wire_get_end(&in), 0);
	assert_int_equal(r.error, error);
	assert_string_equal(r.text, text);
}

static bool
is_closed(int fd)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct fdmsg	 m;

	return fdmsg_recv(fd, buf, sizeof(buf), 0, &m) == -1 &&
	    (errno == EPIPE || errno == ECONNRESET);
}

/* A request goes to the supervisor, and its answer comes back with a file. */
static void
test_request(void **state)
{
	struct control_request	 r;
	struct control_reply	 reply;
	struct wire_in		 in;
	uint32_t		 number, other;
	int			 fd, second, file;

	(void)state;
	begin();
	fd = connect_client();
	second = connect_client();
	send_request(fd, CONTROL_ROLE, 5, "nightly");
	turn();
	number = hear_request(&r);
	assert_int_not_equal(number, 0);
	assert_int_equal(r.command, CONTROL_ROLE);
	assert_int_equal(r.number, 5);
	assert_string_equal(r.role, "nightly");
	send_request(second, CONTROL_KILL, 9, "");
	turn();
	other = hear_request(&r);
	assert_int_not_equal(other, number);
	assert_int_equal(r.command, CONTROL_KILL);
	assert_int_equal(r.number, 9);

	/* The answers come in the other order. */
	assert_int_equal(pass_answer(other, ESRCH, "no session 9", -1), 0);
	expect_reply(second, ESRCH, "no session 9");
	assert_int_equal(pass_answer(number, 0, "", listening.fd), 0);
	file = hear(fd, IPC_CONTROL_REPLY, &in);
	control_get_reply(&in, &reply);
	assert_int_equal(reply.len, 77);
	assert_true(util_same_file(file, listening.fd));
	close(file);

	/* It may ask again now. */
	send_request(fd, CONTROL_STATE, 0, "");
	turn();
	assert_int_equal(hear_request(&r), number);
	close(fd);
	close(second);
	end();
}

/* What a client may not send ends it, and the supervisor hears nothing. */
static void
test_refused(void **state)
{
	static const uint8_t	 body[16] = { CONTROL_STATE };
	struct util_header	 uh = { .items = 1 };
	uint8_t			 buf[PROTO_HEADER + sizeof(body)];
	size_t			 len;
	int			 fd;

	(void)state;
	begin();
	for (uh.type = 0; uh.type < 128; uh.type++) {
		if (uh.type == IPC_CONTROL)
			continue;
		fd = connect_client();
		len = util_message(buf, sizeof(buf), &uh, NULL, 0);
		assert_return_code(fdmsg_send(fd, buf, len, NULL, 0), errno);
		turn();
		assert_true(is_closed(fd));
		close(fd);
	}
	uh.type = IPC_CONTROL;
	/* u8, u32 and an empty string are 7 bytes. */
	for (len = 0; len < sizeof(body); len++) {
		if (len == 7)
			continue;
		fd = connect_client();
		assert_return_code(fdmsg_send(fd, buf, util_message(buf,
		    sizeof(buf), &uh, body, len), NULL, 0), errno);
		turn();
		assert_true(is_closed(fd));
		close(fd);
	}
	fd = connect_client();
	assert_return_code(fdmsg_send(fd, "x", 1, &channel[1], 1), errno);
	turn();
	assert_true(is_closed(fd));
	close(fd);
	assert_true(nothing_is_asked());
	end();
}

/* A second request before the answer to the first. */
static void
test_impatient(void **state)
{
	struct control_request	 r;
	uint32_t		 number;
	int			 fd;

	(void)state;
	begin();
	fd = connect_client();
	send_request(fd, CONTROL_STATE, 0, "");
	turn();
	number = hear_request(&r);
	send_request(fd, CONTROL_STATE, 0, "");
	turn();
	assert_true(is_closed(fd));
	assert_true(nothing_is_asked());
	/* The answer has nobody to go to. */
	assert_int_equal(pass_answer(number, 0, "", -1), 0);
	close(fd);
	end();
}

/* The supervisor does not read: the client is told, and may ask again. */
static void
test_busy(void **state)
{
	int	 fd;

	(void)state;
	begin();
	while (fdmsg_send(channel[0], "full", 4, NULL, 0) == 0)
		;
	assert_int_equal(errno, EAGAIN);
	fd = connect_client();
	send_request(fd, CONTROL_STATE, 0, "");
	turn();
	expect_reply(fd, EBUSY, "the daemon is busy");
	send_request(fd, CONTROL_STATE, 0, "");
	turn();
	expect_reply(fd, EBUSY, "the daemon is busy");
	close(fd);
	end();
}

static int
pass_line(const char *line, size_t extra)
{
	uint8_t		 buf[AUDITLINE_MESSAGE];
	struct wire_out	 w;
	struct wire_in	 in;

	wire_out_init(&w, buf, sizeof(buf));
	wire_put_str(&w, line);
	assert_int_equal(wire_put_end(&w), 0);
	wire_in_init(&in, buf, w.len + extra);
	return controlsock_monitor(&control, &in);
}

static void
expect_line(int fd, const char *line)
{
	char		 got[AUDITLINE_MAX];
	struct wire_in	 in;

	assert_int_equal(hear(fd, IPC_MONITOR, &in), -1);
	wire_get_str(&in, got, sizeof(got));
	assert_int_equal(wire_get_end(&in), 0);
	assert_string_equal(got, line);
}

static int
connect_monitor(void)
{
	struct control_request	 r;
	uint32_t		 number;
	int			 fd = connect_client();

	send_request(fd, CONTROL_MONITOR, 0, "");
	turn();
	number = hear_request(&r);
	assert_int_equal(r.command, CONTROL_MONITOR);
	assert_int_equal(r.number, 1);
	assert_int_equal(pass_answer(number, 0, "", -1), 0);
	expect_reply(fd, 0, "");
	return fd;
}

/* Lines go to those that monitor, until the last of them has gone. */
static void
test_monitor(void **state)
{
	char			 longest[AUDITLINE_MAX];
	struct control_request	 r;
	int			 one, two, other;

	(void)state;
	begin();
	one = connect_monitor();
	two = connect_monitor();
	other = connect_client();
	assert_int_equal(pass_line("a line", 0), 0);
	expect_line(one, "a line");
	expect_line(two, "a line");
	memset(longest, 'l', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(pass_line(longest, 0), 0);
	expect_line(one, longest);
	expect_line(two, longest);
	close(one);
	turn();
	assert_true(nothing_is_asked());
	close(two);
	turn();
	assert_int_equal(hear_request(&r), 0);
	assert_int_equal(r.command, CONTROL_MONITOR);
	assert_int_equal(r.number, 0);
	/* The one that asked for no lines got none. */
	send_request(other, CONTROL_STATE, 0, "");
	turn();
	assert_int_equal(pass_answer(hear_request(&r), 0, "ok", -1), 0);
	expect_reply(other, 0, "ok");
	close(other);
	end();
}

/* A monitor that does not read misses lines, and learns how many. */
static void
test_lost(void **state)
{
	const struct controlsock_client	*c;
	char				 got[AUDITLINE_MAX];
	struct wire_in			 in;
	size_t				 sent = 0;
	int				 fd;

	(void)state;
	begin();
	fd = connect_monitor();
	for (c = control.clients; !c->monitors;)
		c++;
	for (; c->lost < 3; sent++)
		assert_int_equal(pass_line("a line", 0), 0);
	for (sent -= 3; sent > 0; sent--)
		expect_line(fd, "a line");
	assert_int_equal(pass_line("another", 0), 0);
	assert_int_equal(hear(fd, IPC_MONITOR, &in), -1);
	wire_get_str(&in, got, sizeof(got));
	assert_non_null(strstr(got, "\"event\":\"lost\",\"lines\":3}"));
	expect_line(fd, "another");
	assert_true(c->lost == 0);
	close(fd);
	end();
}

/* What the supervisor would not send. */
static void
test_undecodable(void **state)
{
	static const uint8_t	 body[8];
	struct fdmsg		 m = { .nfds = 0 };
	struct wire_in		 in;

	(void)state;
	begin();
	wire_in_init(&in, body, sizeof(body));
	assert_int_equal(controlsock_answer(&control, &in, &m), -1);
	assert_int_equal(errno, EBADMSG);
	errno = 0;
	assert_int_equal(pass_line("a line", 1), -1);
	assert_int_equal(errno, EBADMSG);
	end();
}

/* Connect as another user: the kernel notes the effective uid. */
static int
connect_as(uid_t uid)
{
	int	 fd;

	assert_return_code(seteuid(uid), errno);
	fd = connect_client();
	assert_return_code(seteuid(0), errno);
	return fd;
}

/* Let a client ask, and get its answer. */
static void
use(int fd)
{
	struct control_request	 r;

	send_request(fd, CONTROL_STATE, 0, "");
	turn();
	assert_int_equal(pass_answer(hear_request(&r), 0, "ok", -1), 0);
	expect_reply(fd, 0, "ok");
}

static void
close_clients(int *fds, size_t n)
{
	controlsock_close_all(&control, true);
	fd_close_all(fds, n);
}

/*
 * One user has a quarter of the places: for the next client it loses the one
 * that has been idle for longest, unless all wait for an answer or monitor.
 */
static void
test_places_of_uid(void **state)
{
	struct control_request	 r;
	int			 fds[5], fd;
	size_t			 i;

	(void)state;
	util_need_root();
	begin();
	assert_return_code(chmod(listening.path, 0666), errno);
	for (i = 0; i < 4; i++)
		fds[i] = connect_as(UTIL_NOBODY);
	use(fds[0]);
	fds[4] = connect_as(UTIL_NOBODY);
	assert_true(is_closed(fds[1]));
	use(fds[0]);
	/* Another user has lost nothing, and gets its own. */
	fd = connect_as(UTIL_NOBODY - 1);
	use(fd);
	for (i = 0; i < 5; i++) {
		if (i == 1)
			continue;
		send_request(fds[i], i < 2 ? CONTROL_STATE : CONTROL_MONITOR,
		    0, "");
		turn();
		(void)hear_request(&r);
	}
	close(fds[1]);
	fds[1] = connect_as(UTIL_NOBODY);
	assert_true(is_closed(fds[1]));
	use(fd);
	close(fd);
	close_clients(fds, 5);
	end();
}

/* Others than root fill their places; root always gets one. */
static void
test_places_of_root(void **state)
{
	struct control_request	 r;
	int			 fds[CONTROLSOCK_CLIENTS + 4], fd;
	size_t			 i;

	(void)state;
	util_need_root();
	begin();
	assert_return_code(chmod(listening.path, 0666), errno);
	for (i = 0; i < CONTROLSOCK_CLIENTS - 2; i++)
		fds[i] = connect_as((uid_t)(UTIL_NOBODY - i / 4));
	/* The oldest idle one of all makes room for another user. */
	fd = connect_as(UTIL_NOBODY - 10);
	assert_true(is_closed(fds[0]));
	use(fds[1]);
	for (i = 0; i < 2; i++)
		use(fds[CONTROLSOCK_CLIENTS - 2 + i] = connect_as(0));
	/* Root's own are idle and go first. */
	use(fds[CONTROLSOCK_CLIENTS] = connect_as(0));
	assert_true(is_closed(fds[CONTROLSOCK_CLIENTS - 2]));
	for (i = CONTROLSOCK_CLIENTS - 1; i <= CONTROLSOCK_CLIENTS; i++) {
		send_request(fds[i], CONTROL_MONITOR, 0, "");
		turn();
		(void)hear_request(&r);
	}
	/* Then one of another user, even if all of these monitor. */
	use(fds[CONTROLSOCK_CLIENTS + 1] = connect_as(0));
	assert_true(is_closed(fds[2]));
	for (i = 1; i < CONTROLSOCK_CLIENTS - 2; i++) {
		if (i == 2)
			continue;
		send_request(fds[i], CONTROL_MONITOR, 0, "");
		turn();
		(void)hear_request(&r);
	}
	send_request(fd, CONTROL_MONITOR, 0, "");
	turn();
	(void)hear_request(&r);
	send_request(fds[CONTROLSOCK_CLIENTS + 1], CONTROL_MONITOR, 0, "");
	turn();
	(void)hear_request(&r);
	use(fds[CONTROLSOCK_CLIENTS + 2] = connect_as(0));
	assert_true(is_closed(fds[1]));
	fds[CONTROLSOCK_CLIENTS + 3] = fd;
	close_clients(fds, CONTROLSOCK_CLIENTS + 4);
	end();
}

/* Places are bounded and used again, and close_all() closes all of them. */
static void
test_places(void **state)
{
	int	 fds[CONTROLSOCK_CLIENTS], fd;
	size_t	 i;

	(void)state;
	util_need_root();
	begin();
	for (i = 0; i < CONTROLSOCK_CLIENTS; i++)
		fds[i] = connect_client();
	fd = connect_client();
	assert_true(is_closed(fds[0]));
	close(fds[0]);
	fds[0] = fd;
	close(fds[3]);
	turn();
	fds[3] = connect_client();
	controlsock_close_all(&control, true);
	for (i = 0; i < CONTROLSOCK_CLIENTS; i++) {
		assert_true(is_closed(fds[i]));
		close(fds[i]);
	}
	end();
}

/* A listener without a control socket. */
static void
test_none(void **state)
{
	(void)state;
	memset(&control, 0xff, sizeof(control));
	assert_int_equal(controlsock_init(&control, NULL, -1, -1), 0);
	controlsock_close_all(&control, true);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_request),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_impatient),
		UTIL_TEST(test_busy),
		UTIL_TEST(test_monitor),
		UTIL_TEST(test_lost),
		UTIL_TEST(test_undecodable),
		UTIL_TEST(test_places),
		UTIL_TEST(test_places_of_uid),
		UTIL_TEST(test_places_of_root),
		UTIL_TEST(test_none)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
