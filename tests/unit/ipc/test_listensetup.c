/*
 * test_listensetup.c: what the listener is told, and what it does not take.
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

static struct listensetup	 ls;
static int			 p[2];

static void
make(void)
{
	assert_return_code(dgram_pair_seq(p), errno);
	memset(&ls, 0, sizeof(ls));
	ls.rendezvous = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ls.control = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ls.empty = open("/tmp", O_PATH | O_CLOEXEC);
	ls.uid = 123;
	ls.gid = 456;
	ls.verbose = true;
}

static void
release(void)
{
	close(ls.rendezvous);
	close(ls.control);
	close(ls.empty);
	fd_close_all(p, 2);
}

static void
test_round_trip(void **state)
{
	struct listensetup	 got;

	(void)state;
	make();
	assert_int_equal(listensetup_send(p[0], &ls), 0);
	assert_int_equal(listensetup_recv(p[1], &got), 0);
	assert_true(util_same_file(ls.rendezvous, got.rendezvous));
	assert_true(util_same_file(ls.control, got.control));
	assert_true(util_same_file(ls.empty, got.empty));
	assert_true(util_is_cloexec(got.rendezvous));
	assert_true(util_is_cloexec(got.control));
	assert_true(util_is_cloexec(got.empty));
	assert_int_equal(got.uid, 123);
	assert_int_equal(got.gid, 456);
	assert_true(got.verbose);
	assert_false(got.optional);
	close(got.rendezvous);
	close(got.control);
	close(got.empty);
	release();
}

/* Sends a message of a type with so many bytes and descriptors. */
static void
refuse(uint16_t type, const uint8_t *body, size_t len, uint16_t nfds)
{
	struct util_header	 h = { .type = type, .items = 1,
	    .fds = nfds };
	struct listensetup	 got;
	uint8_t			 buf[PROTO_HEADER + 64];
	int			 fds[4];
	size_t			 n;

	fds[0] = fds[1] = fds[2] = fds[3] = ls.rendezvous;
	n = util_message(buf, sizeof(buf), &h, body, len);
	assert_int_equal(fdmsg_send(p[0], buf, n, fds, nfds), 0);
	assert_int_equal(listensetup_recv(p[1], &got), -1);
	assert_int_equal(got.rendezvous, -1);
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
		refuse(IPC_LISTENER, good, len, 3);
	refuse(IPC_LISTENER, good, BODY + 1, 3);
	refuse(IPC_LISTENER, odd, BODY, 3);
	refuse(IPC_LISTENER, good, BODY, 2);
	refuse(IPC_LISTENER, good, BODY, 4);
	refuse(IPC_SETUP, good, BODY, 3);
	assert_int_equal(fdmsg_send(p[0], "x", 1, NULL, 0), 0);
	assert_int_equal(listensetup_recv(p[1], &got), -1);
	fd_close(&p[0]);
	assert_int_equal(listensetup_recv(p[1], &got), -1);
	assert_int_equal(errno, EPIPE);
	release();
}

/* Descriptor 3 of who starts it by hand may be anything. */
static void
test_no_channel(void **state)
{
	struct listensetup	 got;

	(void)state;
	make();
	assert_int_equal(listensetup_recv(ls.rendezvous, &got), -1);
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
