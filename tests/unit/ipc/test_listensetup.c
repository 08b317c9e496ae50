/*
 * test_listensetup.c: the message that starts the listener, and messages that
 * do not.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/proto.h"
#include "ipc/listensetup.h"
#include "ipc/types.h"
#include "tests/unit/util.h"

#define BODY	9	/* flags, uid, gid */

static struct listensetup	 sent;
static int			 channel[2];	/* the listener's is 1 */

static void
make(void)
{
	assert_return_code(dgram_pair_seq(channel), errno);
	memset(&sent, 0, sizeof(sent));
	sent.rendezvous = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sent.peers = open("/dev/full", O_RDONLY | O_CLOEXEC);
	sent.control = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	sent.empty = open("/tmp", O_PATH | O_CLOEXEC);
	sent.uid = 123;
	sent.gid = 456;
	sent.verbose = true;
}

static void
release(void)
{
	close(sent.rendezvous);
	close(sent.peers);
	close(sent.control);
	close(sent.empty);
	fd_close_all(channel, 2);
}

static void
test_round_trip(void **state)
{
	struct listensetup	 got;

	(void)state;
	make();
	assert_int_equal(listensetup_send(channel[0], &sent), 0);
	assert_int_equal(listensetup_recv(channel[1], &got), 0);
	assert_true(util_same_file(sent.rendezvous, got.rendezvous));
	assert_true(util_same_file(sent.peers, got.peers));
	assert_true(util_same_file(sent.control, got.control));
	assert_true(util_same_file(sent.empty, got.empty));
	assert_true(util_is_cloexec(got.rendezvous));
	assert_true(util_is_cloexec(got.peers));
	assert_true(util_is_cloexec(got.control));
	assert_true(util_is_cloexec(got.empty));
	assert_int_equal(got.uid, 123);
	assert_int_equal(got.gid, 456);
	assert_true(got.verbose);
	assert_false(got.optional);
	close(got.rendezvous);
	close(got.peers);
	close(got.control);
	close(got.empty);
	release();
}

/* Send a message of any form, and expect that it is refused whole. */
static void
refuse(uint16_t type, const uint8_t *body, size_t len, uint16_t nfds)
{
	struct util_header	 h = { .type = type, .items = 1,
	    .fds = nfds };
	struct listensetup	 got;
	uint8_t			 buf[PROTO_HEADER + 64];
	int			 fds[5];
	size_t			 n;

	fds[0] = fds[1] = fds[2] = fds[3] = fds[4] = sent.rendezvous;
	n = util_message(buf, sizeof(buf), &h, body, len);
	assert_int_equal(fdmsg_send(channel[0], buf, n, fds, nfds), 0);
	assert_int_equal(listensetup_recv(channel[1], &got), -1);
	assert_int_equal(got.rendezvous, -1);
	assert_int_equal(got.peers, -1);
	assert_int_equal(got.control, -1);
	assert_int_equal(got.empty, -1);
}

static void
test_refused(void **state)
{
	static const uint8_t	 good[BODY + 1], odd[BODY] = { 0x04 };
	struct listensetup	 got;
	size_t			 len;

	(void)state;
	make();
	for (len = 0; len < BODY; len++)
		refuse(IPC_LISTENER, good, len, 4);
	refuse(IPC_LISTENER, good, BODY + 1, 4);
	refuse(IPC_LISTENER, odd, BODY, 4);
	refuse(IPC_LISTENER, good, BODY, 3);
	refuse(IPC_LISTENER, good, BODY, 5);
	refuse(IPC_SETUP, good, BODY, 4);
	assert_int_equal(fdmsg_send(channel[0], "x", 1, NULL, 0), 0);
	assert_int_equal(listensetup_recv(channel[1], &got), -1);
	fd_close(&channel[0]);
	assert_int_equal(listensetup_recv(channel[1], &got), -1);
	assert_int_equal(errno, EPIPE);
	release();
}

/* Started by hand, its descriptor 3 may be anything. */
static void
test_no_channel(void **state)
{
	struct listensetup	 got;

	(void)state;
	make();
	assert_int_equal(listensetup_recv(sent.rendezvous, &got), -1);
	assert_int_equal(errno, ENOTSOCK);
	release();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_round_trip),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_no_channel)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
