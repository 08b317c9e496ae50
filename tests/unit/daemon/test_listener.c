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
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "daemon/listener.h"
#include "tests/unit/util.h"

/* More than are taken in a row, by far. */
#define FLOOD	500

static int	 channel[2];

static int
be_listener(void *arg)
{
	listener_run(channel[1], arg);
}

static size_t
count_queued(int sock)
{
	char	 buf[16];
	size_t	 n = 0;

	while (recv(sock, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/*
 * What comes over the channel, here its end, is seen to after some messages of
 * a flood and not after all of them.
 */
static void
test_flood(void **state)
{
	struct listensetup	 la;
	int			 flood[2], size = 1 << 20;
	size_t			 i, left;

	(void)state;
	util_need_root();
	memset(&la, 0, sizeof(la));
	assert_return_code(dgram_pair(flood), errno);
	assert_return_code(dgram_pair_seq(channel), errno);
	/* This is counted with its overhead. */
	assert_return_code(setsockopt(flood[0], SOL_SOCKET, SO_SNDBUFFORCE,
	    &size, sizeof(size)), errno);
	for (i = 0; i < FLOOD; i++)
		assert_return_code(fdmsg_send(flood[0], "junk", 4, NULL, 0),
		    errno);
	assert_return_code(mkdir(util_path("empty"), 0755), errno);
	assert_return_code(la.empty = open(util_path("empty"), O_RDONLY |
	    O_DIRECTORY | O_CLOEXEC), errno);
	la.rendezvous = flood[1];
	la.control = -1;
	la.uid = la.gid = UTIL_NOBODY;
	la.optional = true;
	close(channel[0]);
	assert_int_equal(util_run(be_listener, &la), 0);
	left = count_queued(flood[1]);
	assert_in_range(left, FLOOD / 2, FLOOD);
	close(la.empty);
	close(channel[1]);
	close(flood[0]);
	close(flood[1]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_flood)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
