/*
 * test_listener.c: the listener as a process, with a rendezvous and a channel
 * that the test has filled before it starts.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "daemon/listener.h"
#include "ipc/msg.h"
#include "ipc/types.h"
#include "tests/unit/util.h"

/* More than are taken in a row, by far. */
#define FLOOD	500

static int	 channel[2];

static int
be_listener(void *arg)
{
	listener_run(channel[1], arg);
}

/* The same beside a supervisor, whose end of the channel is its alone. */
static int
be_listener_of(void *arg)
{
	fd_close(&channel[0]);
	listener_run(channel[1], arg);
}

/* A socket that listens. */
static int
listen_at(const char *name, int backlog)
{
	struct dgram	 d;
	char		 path[DGRAM_PATH_MAX];

	dgram_init(&d);
	(void)strlcpy(path, util_path(name), sizeof(path));
	assert_return_code(dgram_open_seq(&d), errno);
	assert_return_code(dgram_bind(&d, path, 0666), errno);
	assert_return_code(listen(d.fd, backlog), errno);
	return d.fd;
}

static void
connect_to(const char *path, int *fds, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		fds[i] = dgram_connect_seq(path, 10000);
		assert_return_code(fds[i], errno);
		assert_return_code(fdmsg_send(fds[i], "junk", 4, NULL, 0),
		    errno);
	}
}

static size_t
count_waiting(int listening)
{
	size_t	 n = 0;
	int	 fd;

	while ((fd = accept(listening, NULL, NULL)) != -1) {
		fd_close(&fd);
		n++;
	}
	return n;
}

static void
make_setup(struct listensetup *ls, int backlog)
{
	memset(ls, 0, sizeof(*ls));
	ls->rendezvous = listen_at("sock", backlog);
	ls->peers = listen_at("peers", backlog);
	assert_return_code(mkdir(util_path("empty"), 0755), errno);
	assert_return_code(ls->empty = open(util_path("empty"), O_RDONLY |
	    O_DIRECTORY | O_CLOEXEC), errno);
	ls->control = -1;
	ls->uid = ls->gid = UTIL_NOBODY;
	ls->optional = true;
}

static void
release(struct listensetup *ls)
{
	close(ls->empty);
	close(ls->rendezvous);
	close(ls->peers);
	assert_int_equal(unlink(util_path("sock")), 0);
	assert_int_equal(unlink(util_path("peers")), 0);
	assert_int_equal(rmdir(util_path("empty")), 0);
}

/*
 * What comes over the channel, here its end, is seen to after some connections
 * of a flood and not after all of them.
 */
static void
flood(bool peers)
{
	static int		 fds[FLOOD];
	struct listensetup	 ls;
	size_t			 left;

	make_setup(&ls, FLOOD + 1);
	connect_to(util_path(peers ? "peers" : "sock"), fds, FLOOD);
	assert_return_code(dgram_pair_seq(channel), errno);
	close(channel[0]);
	assert_int_equal(util_run(be_listener, &ls), 0);
	left = count_waiting(peers ? ls.peers : ls.rendezvous);
	assert_in_range(left, FLOOD / 2, FLOOD);
	close(channel[1]);
	fd_close_all(fds, FLOOD);
	release(&ls);
}

static void
test_flood(void **state)
{
	(void)state;
	util_need_root();
	flood(false);
	flood(true);
}

/*
 * Everybody's socket is served at a limited rate: after the burst, the last one
 * of a flood waits for its turn.
 */
static void
test_paced(void **state)
{
	static int		 fds[FLOOD];
	struct listensetup	 ls;
	struct pollfd		 last = { .events = POLLIN };
	int64_t			 start;
	pid_t			 pid;

	(void)state;
	util_need_root();
	make_setup(&ls, FLOOD + 1);
	connect_to(util_path("sock"), fds, FLOOD);
	assert_return_code(dgram_pair_seq(channel), errno);
	start = clock_ms();
	pid = util_start(be_listener_of, &ls);
	/* It is refused for what it said. */
	last.fd = fds[FLOOD - 1];
	assert_int_equal(poll(&last, 1, 20000), 1);
	assert_true(clock_ms() - start >= (FLOOD - LISTENER_BURST - 1) *
	    1000 / LISTENER_PER_SECOND - 1);
	fd_close_all(channel, 2);
	assert_int_equal(util_wait(pid), 0);
	fd_close_all(fds, FLOOD);
	release(&ls);
}

/* Does a line that the listener has logged contain the text? */
static bool
has_logged(const char *text)
{
	uint8_t			 buf[IPC_MSG_MAX];
	char			 line[IPC_TEXT_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	while ((n = fdmsg_recv(channel[0], buf, sizeof(buf), 0, &m)) > 0) {
		assert_int_equal(ipc_check(buf, (size_t)n, 0, &h, &in, &why),
		    0);
		if (h.type != IPC_LOG)
			continue;
		(void)wire_get_u8(&in);
		wire_get_str(&in, line, sizeof(line));
		if (strstr(line, text) != NULL)
			return true;
	}
	return false;
}

/* A message that the supervisor never sends ends the listener. */
static void
test_channel(void **state)
{
	static const struct {
		uint16_t	 type;
		const char	*logged;
	} cases[] = {
		{ IPC_SHARE, "SHARE: unexpected type" },
		{ IPC_LOG, "LOG: unexpected type" },
		{ IPC_CONTROL_ASK, "CONTROL_ASK: unexpected type" },
		{ IPC_END, "END: " },
		{ IPC_CONTROL_ANSWER, "CONTROL_ANSWER: " },
		{ IPC_MONITOR, "MONITOR: " },
		{ PROTO_HELLO, "unknown type" }
	};
	static const uint8_t	 body[4];
	struct util_header	 uh = { .items = 1 };
	struct listensetup	 ls;
	uint8_t			 buf[PROTO_HEADER + sizeof(body)];
	size_t			 i, len;

	(void)state;
	util_need_root();
	make_setup(&ls, 8);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_return_code(dgram_pair_seq(channel), errno);
		/* This alone does not. */
		assert_return_code(ipc_send_end(channel[0], 0, ""), errno);
		uh.type = cases[i].type;
		len = util_message(buf, sizeof(buf), &uh, body,
		    sizeof(body));
		assert_return_code(fdmsg_send(channel[0], buf, len, NULL, 0),
		    errno);
		assert_int_equal(util_run(be_listener, &ls), 0);
		assert_true(has_logged(cases[i].logged));
		fd_close_all(channel, 2);
	}
	release(&ls);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_flood),
		UTIL_TEST(test_paced),
		UTIL_TEST(test_channel)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
