/*
 * test_acceptor.c: how many connections are accepted, with and without a limit
 * on the rate.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "daemon/acceptor.h"
#include "tests/unit/util.h"

#define CLIENTS	200

static struct event_base	*base;
static struct acceptor		 acceptor;
static struct dgram		 sock;
static int			 clients[CLIENTS];
static int			 taken;

static void
take(void *arg, int fd)
{
	(void)arg;
	fd_close(&fd);
	taken++;
}

static void
begin(void)
{
	char	 path[DGRAM_PATH_MAX];
	int	 i;

	dgram_init(&sock);
	(void)strlcpy(path, util_path("sock"), sizeof(path));
	assert_return_code(dgram_open_seq(&sock), errno);
	assert_return_code(dgram_bind(&sock, path, 0600), errno);
	assert_return_code(listen(sock.fd, CLIENTS), errno);
	for (i = 0; i < CLIENTS; i++) {
		clients[i] = dgram_connect_seq(path, 10000);
		assert_return_code(clients[i], errno);
	}
	taken = 0;
	memset(&acceptor, 0, sizeof(acceptor));
	assert_non_null(base = event_base_new());
	assert_int_equal(acceptor_init(&acceptor, base, sock.fd, take, NULL),
	    0);
}

static void
end(void)
{
	acceptor_free(&acceptor);
	event_base_free(base);
	fd_close_all(clients, CLIENTS);
	dgram_close(&sock);
}

static void
turn(int flags)
{
	assert_return_code(event_base_loop(base, flags), errno);
}

/* Each turn takes some, so that other events come in between. */
static void
test_any_rate(void **state)
{
	int	 turns;

	(void)state;
	begin();
	turn(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_in_range(taken, 1, CLIENTS / 2);
	for (turns = 0; taken < CLIENTS && turns < CLIENTS; turns++)
		turn(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(taken, CLIENTS);
	assert_true(event_pending(acceptor.ev_accept, EV_READ, NULL));
	end();
}

/* After the burst, the socket is not even polled until time has passed. */
static void
test_paced(void **state)
{
	int64_t	 start = clock_ms(), most;
	int	 i;

	(void)state;
	begin();
	acceptor_pace(&acceptor, 1, 10);
	for (i = 0; i < 100; i++)
		turn(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	most = 10 + 1 + (clock_ms() - start) / 1000 + 1;
	assert_in_range(taken, 10, most);
	assert_false(event_pending(acceptor.ev_accept, EV_READ, NULL));
	assert_true(event_pending(acceptor.ev_pause, EV_TIMEOUT, NULL));
	end();
}

/* All come in, in time, and no faster. */
static void
test_paced_all(void **state)
{
	int64_t	 start = clock_ms();

	(void)state;
	begin();
	acceptor_pace(&acceptor, 1000, 10);
	while (taken < CLIENTS) {
		turn(EVLOOP_ONCE);
		assert_true(taken <= 10 + 1 + clock_ms() - start + 1);
	}
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_any_rate),
		UTIL_TEST(test_paced),
		UTIL_TEST(test_paced_all)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
