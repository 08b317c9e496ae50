/*
 * test_listenerchan.c: what the supervisor takes from a listener, before and
 * after it is at work; the test is the listener, which may have been taken
 * over.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "conf/conf.h"
#include "daemon/listenerchan.h"
#include "ipc/admit.h"
#include "ipc/control.h"
#include "ipc/msg.h"
#include "ipc/types.h"
#include "tests/unit/util.h"

#define LISTENER_PID	77

static struct listenerchan	 listener;
static struct admission		 admission;
static struct controlcmd	 control;
static struct conf		 conf;		/* without roles */
static struct dgram		 rendezvous;
static int			 client;	/* connected to it */
static struct event_base	*base;
static int			 channel[2];	/* the supervisor's is 0 */
static int			 readies, breaks;
static uint32_t			 flooder;

static void
ready(void *arg)
{
	assert_ptr_equal(arg, &listener);
	readies++;
}

static void
broken(void *arg)
{
	assert_ptr_equal(arg, &listener);
	breaks++;
}

static void
floods(void *arg, uint32_t uid)
{
	assert_ptr_equal(arg, &listener);
	flooder = uid;
}

static void
begin(void)
{
	char	 path[DGRAM_PATH_MAX];

	memset(&listener, 0, sizeof(listener));
	memset(&admission, 0, sizeof(admission));
	memset(&control, 0, sizeof(control));
	dgram_init(&rendezvous);
	client = -1;
	(void)strlcpy(path, util_path("sock"), sizeof(path));
	assert_return_code(dgram_open_seq(&rendezvous), errno);
	assert_return_code(dgram_bind(&rendezvous, path, 0600), errno);
	assert_return_code(listen(rendezvous.fd, 8), errno);
	admission.env.rendezvous = rendezvous.path;
	admission.conf = &conf;
	admission.idmap.nobody_uid = admission.idmap.nobody_gid = UINT32_MAX;
	control.admission = &admission;
	control.path = rendezvous.path;
	readies = breaks = 0;
	assert_return_code(dgram_pair_seq(channel), errno);
	assert_non_null(base = event_base_new());
	control.channel = channel[0];
	listener.fd = channel[0];
	listener.pid = LISTENER_PID;
	listener.admission = &admission;
	listener.control = &control;
	listener.ready = ready;
	listener.flood = floods;
	listener.broken = broken;
	listener.arg = &listener;
	assert_int_equal(listenerchan_init(&listener, base), 0);
}

static void
end(void)
{
	listenerchan_close(&listener);
	assert_int_equal(listener.fd, -1);
	event_base_free(base);
	fd_close(&channel[1]);
	fd_close(&client);
	dgram_close(&rendezvous);
}

/* Let the supervisor take one message. */
static void
turn(void)
{
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void
say(uint16_t type, const void *body, size_t len)
{
	struct util_header	 uh = { .type = type, .items = 1 };
	uint8_t			 buf[PROTO_HEADER + 64];

	assert_return_code(fdmsg_send(channel[1], buf, util_message(buf,
	    sizeof(buf), &uh, body, len), NULL, 0), errno);
	turn();
}

static void
say_started(void)
{
	assert_return_code(ipc_send_started(channel[1], 0x3f), errno);
	turn();
}

/* Pass a client's wish on, with some descriptor. */
static void
say_admit_with(int fd)
{
	const struct admit	 a = { .role = "nightly" };
	uint8_t			 buf[MESSAGE_SHORT];
	struct message		 m;

	message_begin(&m, IPC_ADMIT, buf, sizeof(buf));
	admit_put(&m.w, &a);
	assert_return_code(message_send(channel[1], &m, &fd, 1), errno);
	turn();
}

/* A connection, the daemon's end. */
static int
connection(void)
{
	int	 fd;

	fd_close(&client);
	assert_return_code(client = dgram_connect_seq(rendezvous.path, 10000),
	    errno);
	assert_return_code(fd = accept4(rendezvous.fd, NULL, NULL,
	    SOCK_CLOEXEC), errno);
	return fd;
}

static void
say_admit(void)
{
	int	 fd = connection();

	say_admit_with(fd);
	close(fd);
}

static void
test_life(void **state)
{
	(void)state;
	begin();
	ipc_sink(&channel[1], 3, "a line of the listener");
	turn();
	assert_string_equal(util_logged(), "a line of the listener");
	assert_int_equal(readies, 0);
	say_started();
	assert_int_equal(readies, 1);
	assert_int_equal(control.listener, LISTENER_PID);
	assert_int_equal(control.listener_confined, 0x3f);
	say_admit();
	assert_non_null(strstr(util_logged(),
	    "refused: unknown role \"nightly\""));
	ipc_sink(&channel[1], 3, "another line");
	turn();
	assert_string_equal(util_logged(), "another line");
	assert_int_equal(breaks, 0);
	/* It ends. */
	fd_close(&channel[1]);
	turn();
	assert_int_equal(breaks, 1);
	end();
}

/* No room for a client's connection: that one is lost, and nothing else. */
static void
test_no_room(void **state)
{
	const struct admit	 a = { .role = "nightly" };
	uint8_t			 buf[MESSAGE_SHORT];
	struct message		 m;
	int			 fd;

	(void)state;
	begin();
	say_started();
	fd = connection();
	message_begin(&m, IPC_ADMIT, buf, sizeof(buf));
	admit_put(&m.w, &a);
	assert_return_code(message_send(channel[1], &m, &fd, 1), errno);
	util_limit_fds(0);
	turn();
	util_unlimit_fds();
	assert_int_equal(breaks, 0);
	close(fd);
	say_admit();
	assert_non_null(strstr(util_logged(), "unknown role"));
	assert_int_equal(breaks, 0);
	end();
}

/* What comes in place of a connection of a client is the end of it. */
static void
test_no_connection(void **state)
{
	(void)state;
	begin();
	say_started();
	say_admit_with(rendezvous.fd);
	assert_int_equal(breaks, 1);
	end();
	begin();
	say_started();
	say_admit_with(channel[1]);
	assert_int_equal(breaks, 1);
	end();
	begin();
	say_started();
	say_admit_with(STDIN_FILENO);
	assert_int_equal(breaks, 1);
	end();
}

/* A wish for a session counts only when the listener is confined. */
static void
test_admit_too_early(void **state)
{
	(void)state;
	begin();
	say_admit();
	assert_int_equal(breaks, 1);
	assert_string_equal(util_logged(), "the listener is gone or broken");
	end();
}

static void
test_started_twice(void **state)
{
	(void)state;
	begin();
	say_started();
	say_started();
	assert_int_equal(readies, 1);
	assert_int_equal(breaks, 1);
	end();
}

/* Requests of fdbrokerctl are answered in either state. */
static void
test_control(void **state)
{
	static const struct control_request	 q = {
		.command = CONTROL_MONITOR, .number = 1
	};
	uint8_t					 buf[MESSAGE_SHORT];
	struct message				 m;
	struct fdmsg				 got;
	char					 group[] = "group";
	int					 fd, i;

	(void)state;
	begin();
	conf.control_group = group;
	conf.control_gid = getegid();
	for (i = 0; i < 2; i++) {
		control.monitored = false;
		message_begin(&m, IPC_CONTROL_ASK, buf, sizeof(buf));
		wire_put_u32(&m.w, 5);
		control_put_request(&m.w, &q);
		fd = connection();
		assert_return_code(message_send(channel[1], &m, &fd, 1),
		    errno);
		close(fd);
		turn();
		assert_true(control.monitored);
		assert_true(fdmsg_recv(channel[1], buf, sizeof(buf), 0,
		    &got) > 0);
		if (i == 0)
			say_started();
	}
	assert_int_equal(breaks, 0);
	end();
}

/*
 * The daemon ends: the listener is told, its last lines are taken, and nobody
 * acts on anything else.
 */
static void
test_end(void **state)
{
	uint8_t			 buf[MESSAGE_SHORT];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	uint32_t		 error;
	char			 why[PROTO_TEXT_MAX];
	ssize_t			 n;

	(void)state;
	begin();
	say_started();
	listenerchan_end(&listener);
	assert_true((n = fdmsg_recv(channel[1], buf, sizeof(buf), 0, &m)) > 0);
	assert_int_equal(ipc_parse(buf, (size_t)n, &m, &h, &in), 0);
	assert_int_equal(h.type, IPC_END);
	assert_int_equal(ipc_get_end(&in, &error, why, sizeof(why)), 0);
	assert_int_not_equal(error, 0);
	say_admit();
	assert_string_equal(util_logged(), "");
	ipc_sink(&channel[1], 3, "a last line");
	turn();
	assert_string_equal(util_logged(), "a last line");
	fd_close(&channel[1]);
	turn();
	assert_int_equal(listener.fd, -1);
	assert_int_equal(breaks, 0);
	end();
}

/* What was sent before the listener was reaped is taken, and no more. */
static void
test_reaped(void **state)
{
	(void)state;
	begin();
	say_started();
	listenerchan_end(&listener);
	ipc_sink(&channel[1], 3, "the last line");
	/* Somebody else still has its end. */
	listenerchan_reaped(&listener);
	assert_string_equal(util_logged(), "the last line");
	assert_int_equal(listener.pid, -1);
	assert_int_equal(listener.fd, -1);
	assert_int_equal(breaks, 0);
	end();
}

/* Who floods; not before it is at work. */
static void
test_flood(void **state)
{
	static const uint8_t	 uid[4] = { 1, 1, 1, 1 };

	(void)state;
	begin();
	flooder = 0;
	say_started();
	say(IPC_FLOOD, uid, sizeof(uid));
	assert_int_equal(flooder, 0x01010101);
	assert_int_equal(breaks, 0);
	end();
	begin();
	say(IPC_FLOOD, uid, sizeof(uid));
	assert_int_equal(breaks, 1);
	end();
}

/* Whatever else it says, in either state, is the end of it. */
static void
test_others(void **state)
{
	static const uint8_t	 body[8];
	uint16_t		 type;
	int			 started;

	(void)state;
	for (type = 0; type < 128; type++) {
		for (started = 0; started < 2; started++) {
			begin();
			if (started)
				say_started();
			/* Of those that it may say, none decodes so. */
			say(type, body, sizeof(body));
			assert_int_equal(breaks, 1);
			assert_int_equal(readies, started);
			end();
		}
	}
}

/* A descriptor where none belongs. */
static void
test_descriptor(void **state)
{
	struct util_header	 uh = { .type = IPC_LOG, .items = 1,
				    .fds = 1 };
	uint8_t			 buf[PROTO_HEADER];

	(void)state;
	begin();
	assert_return_code(fdmsg_send(channel[1], buf, util_message(buf,
	    sizeof(buf), &uh, NULL, 0), &channel[1], 1), errno);
	turn();
	assert_int_equal(breaks, 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_life),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_no_connection),
		UTIL_TEST(test_admit_too_early),
		UTIL_TEST(test_started_twice),
		UTIL_TEST(test_control),
		UTIL_TEST(test_end),
		UTIL_TEST(test_reaped),
		UTIL_TEST(test_flood),
		UTIL_TEST(test_others),
		UTIL_TEST(test_descriptor)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
