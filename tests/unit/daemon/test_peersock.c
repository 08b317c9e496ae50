/*
 * test_peersock.c: the peer's own socket is reached, and no other.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "daemon/peersock.h"
#include "tests/unit/daemonfake.h"
#include "tests/unit/util.h"

static struct daemonfake	 fake;
static struct admit		 request;

static int
open_peer(void)
{
	int	 fd;

	daemonfake_admit(&fake, &request, 0);
	assert_return_code(fd = peersock_open(&fake.rundir, &request), errno);
	return fd;
}

/* The peer must have received REFUSED with this error and reason. */
static void
expect_told(int error, const char *text)
{
	uint8_t			 buf[PROTO_MAX];
	char			 why[PROTO_TEXT_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*fault;
	ssize_t			 n;

	n = fdmsg_recv(fake.peer.fd, buf, sizeof(buf), 0, &m);
	assert_return_code(n, errno);
	assert_int_equal(proto_parse(buf, (size_t)n, 0, &h, &in, &fault), 0);
	assert_int_equal(h.type, PROTO_REFUSED);
	assert_int_equal(wire_get_u32(&in), error);
	wire_get_str(&in, why, sizeof(why));
	assert_int_equal(wire_get_end(&in), 0);
	assert_string_equal(why, text);
	/* A peer trusts the answer because its sender is in session/. */
	assert_memory_equal(m.from.sun_path, fake.rundir.session,
	    strlen(fake.rundir.session));
}

/* No socket is left in session/. */
static void
expect_no_name(void)
{
	assert_int_equal(rmdir(util_path("run/session")), 0);
	assert_int_equal(mkdir(util_path("run/session"), 0711), 0);
}

static void
test_refuse(void **state)
{
	char	 why[PROTO_TEXT_MAX];
	size_t	 fds;
	int	 peer;

	(void)state;
	daemonfake_begin(&fake);
	peer = open_peer();
	assert_true(util_is_cloexec(peer));
	fds = util_count_fds();
	assert_int_equal(peersock_refuse(&fake.rundir, peer, 0, EACCES, "no"),
	    0);
	expect_told(EACCES, "no");
	/* The longest reason that there is. */
	memset(why, 'w', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	assert_int_equal(peersock_refuse(&fake.rundir, peer, 0, EAGAIN, why),
	    0);
	expect_told(EAGAIN, why);
	assert_int_equal(util_count_fds(), fds);
	expect_no_name();
	close(peer);
}

/* The name is gone, is no socket, or belongs to another user. */
static void
test_not_its_own(void **state)
{
	char	 moved[DGRAM_PATH_MAX];
	int	 peer;

	(void)state;
	daemonfake_begin(&fake);
	peer = open_peer();
	errno = 0;
	assert_int_equal(peersock_refuse(&fake.rundir, peer, UTIL_NOBODY,
	    EACCES, "no"), -1);
	assert_int_equal(errno, EPERM);
	close(peer);

	(void)strlcpy(moved, util_path("run/moved"), sizeof(moved));
	assert_int_equal(rename(fake.peer.path, moved), 0);
	assert_int_equal(peersock_open(&fake.rundir, &request), -1);
	assert_int_equal(errno, ENOENT);

	/* A link to a socket is not followed. */
	assert_int_equal(symlink(moved, fake.peer.path), 0);
	peer = open_peer();
	assert_int_equal(peersock_refuse(&fake.rundir, peer, 0, EACCES, "no"),
	    -1);
	assert_int_equal(errno, ENOTSOCK);
	close(peer);
	assert_int_equal(unlink(fake.peer.path), 0);

	util_write_file(fake.peer.path, "");
	peer = open_peer();
	assert_int_equal(peersock_refuse(&fake.rundir, peer, 0, EACCES, "no"),
	    -1);
	assert_int_equal(errno, ENOTSOCK);
	close(peer);
	assert_int_equal(unlink(fake.peer.path), 0);

	/* The peer's real socket received nothing. */
	assert_int_equal(recv(fake.peer.fd, moved, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	expect_no_name();
}

/* Another socket takes the name after it was opened: it gets nothing. */
static void
test_replaced(void **state)
{
	struct dgram	 other;
	char		 moved[DGRAM_PATH_MAX], byte;
	int		 peer;

	(void)state;
	daemonfake_begin(&fake);
	peer = open_peer();
	(void)strlcpy(moved, util_path("run/moved"), sizeof(moved));
	assert_int_equal(rename(fake.peer.path, moved), 0);
	dgram_init(&other);
	assert_int_equal(dgram_bind(&other, fake.peer.path, 0600), 0);
	assert_int_equal(peersock_refuse(&fake.rundir, peer, 0, EACCES, "no"),
	    0);
	expect_told(EACCES, "no");
	assert_int_equal(recv(other.fd, &byte, 1, MSG_DONTWAIT), -1);
	dgram_close(&other);
	close(peer);
}

/* Only one user can connect to the socket of a session. */
static void
test_connect(void **state)
{
	struct dgram	 d;
	struct stat	 st;
	int		 peer, size;
	socklen_t	 len = sizeof(size);

	(void)state;
	daemonfake_begin(&fake);
	assert_int_equal(chown(fake.peer.path, UTIL_NOBODY, (gid_t)-1), 0);
	peer = open_peer();
	dgram_init(&d);
	assert_int_equal(peersock_connect(&d, &fake.rundir, peer, UTIL_NOBODY,
	    131072), 0);
	assert_int_equal(lstat(d.path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, UTIL_NOBODY);
	assert_int_equal(getsockopt(d.fd, SOL_SOCKET, SO_SNDBUF, &size, &len),
	    0);
	assert_int_equal(size, 131072);
	dgram_close(&d);
	expect_no_name();
	close(peer);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		DAEMONFAKE_TEST(test_refuse),
		DAEMONFAKE_TEST(test_not_its_own),
		DAEMONFAKE_TEST(test_replaced),
		DAEMONFAKE_TEST(test_connect)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
