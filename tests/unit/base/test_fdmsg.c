/*
 * test_fdmsg.c: messages with descriptors.  Each descriptor that arrives is
 * handed out or closed, whatever else arrives with it.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
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
#include "tests/unit/util.h"

static void
pair_make(int p[2])
{
	assert_return_code(dgram_pair(p), errno);
}

static void
pair_close(int p[2])
{
	fd_close_all(p, 2);
}

/* n descriptors, all of the same file. */
static void
fds_make(int *fds, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		assert_return_code(fds[i], errno);
	}
}

/* Receive and expect the fault, with nothing left open. */
static void
expect_fault(int sock, size_t size, size_t maxfds, int error)
{
	char		 buf[64];
	struct fdmsg	 m;
	size_t		 before = util_count_fds();

	assert_true(size <= sizeof(buf));
	errno = 0;
	assert_int_equal(fdmsg_recv(sock, buf, size, maxfds, &m), -1);
	assert_int_equal(errno, error);
	assert_int_equal(m.nfds, 0);
	assert_int_equal(util_count_fds(), before);
	/* It was consumed. */
	assert_int_equal(fdmsg_recv(sock, buf, size, maxfds, &m), -1);
	assert_true(errno == EAGAIN || error == EPIPE);
}

static void
test_payload(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2];

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_send(p[0], "x", 1, NULL, 0), 0);
	assert_int_equal(fdmsg_send(p[0], "12345678", 8, NULL, 0), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 0, &m), 1);
	assert_int_equal(m.nfds, 0);
	assert_false(m.has_cred);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 0, &m), 8);
	assert_memory_equal(buf, "12345678", 8);
	errno = 0;
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 0, &m), -1);
	assert_int_equal(errno, EAGAIN);
	pair_close(p);
}

static void
test_send_arguments(void **state)
{
	int	 p[2], fd = -1;

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_send(p[0], "x", 0, NULL, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdmsg_send(p[0], "x", 1, NULL, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fdmsg_send(p[0], "x", 1, &fd, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(fdmsg_send(-1, "x", 1, NULL, 0), -1);
	assert_int_equal(errno, EBADF);
	expect_fault(p[1], 8, 1, EAGAIN);
	pair_close(p);
}

/* n descriptors there and back, each close-on-exec and the right file. */
static void
fds_round_trip(size_t n)
{
	int		 p[2], fds[FDMSG_MAXFD];
	char		 buf[8];
	struct fdmsg	 m;
	size_t		 i;

	pair_make(p);
	fds_make(fds, n);
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, n), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), n, &m), 1);
	assert_int_equal(m.nfds, n);
	for (i = 0; i < n; i++) {
		assert_true(util_is_cloexec(m.fds[i]));
		assert_true(util_same_file(m.fds[i], fds[i]));
	}
	fdmsg_close(&m);
	assert_int_equal(m.nfds, 0);
	fd_close_all(fds, n);
	pair_close(p);
}

static void
test_descriptors(void **state)
{
	(void)state;
	fds_round_trip(0);
	fds_round_trip(1);
	fds_round_trip(2);
	fds_round_trip(FDMSG_MAXFD);
}

/* One too many: refused here, and the kernel's own limit is the same. */
static void
test_254_descriptors(void **state)
{
	int		 p[2], fds[FDMSG_MAXFD + 1], i;
	union {
		char		 buf[CMSG_SPACE(sizeof(fds))];
		struct cmsghdr	 align;
	} ctl;
	struct iovec	 iov = { .iov_base = ctl.buf, .iov_len = 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = ctl.buf,
			    .msg_controllen = sizeof(ctl.buf) };
	struct cmsghdr	*cmsg;

	(void)state;
	pair_make(p);
	for (i = 0; i < FDMSG_MAXFD + 1; i++)
		fds[i] = p[0];
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, FDMSG_MAXFD + 1), -1);
	assert_int_equal(errno, EINVAL);

	memset(&ctl, 0, sizeof(ctl));
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	assert_int_equal(sendmsg(p[0], &msg, 0), -1);
	assert_int_equal(errno, EINVAL);
	expect_fault(p[1], 8, FDMSG_MAXFD, EAGAIN);
	pair_close(p);
}

/* Send with two control messages of one descriptor each. */
static void
send_two_rights(int sock, const int fds[2])
{
	union {
		char		 buf[2 * CMSG_SPACE(sizeof(int))];
		struct cmsghdr	 align;
	} ctl;
	char		 byte = 'x';
	struct iovec	 iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = ctl.buf,
			    .msg_controllen = sizeof(ctl.buf) };
	struct cmsghdr	*cmsg;
	int		 i;

	memset(&ctl, 0, sizeof(ctl));
	cmsg = CMSG_FIRSTHDR(&msg);
	for (i = 0; i < 2; i++) {
		assert_non_null(cmsg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fds[i], sizeof(int));
		cmsg = CMSG_NXTHDR(&msg, cmsg);
	}
	assert_int_equal(sendmsg(sock, &msg, 0), 1);
}

/* Two descriptors arrive, in one control message or in two. */
static void
test_two_rights(void **state)
{
	int		 p[2], fds[2];
	char		 buf[8];
	struct fdmsg	 m;

	(void)state;
	pair_make(p);
	fds_make(fds, 2);
	send_two_rights(p[0], fds);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 2, &m), 1);
	assert_int_equal(m.nfds, 2);
	fdmsg_close(&m);
	send_two_rights(p[0], fds);
	expect_fault(p[1], 8, 1, EBADMSG);
	send_two_rights(p[0], fds);
	expect_fault(p[1], 8, 0, EBADMSG);
	fd_close_all(fds, 2);
	pair_close(p);
}

/* More than wanted, by every number. */
static void
test_too_many(void **state)
{
	static const size_t	 counts[] = { 1, 2, 3, 4, 5, 6, 8, 64,
				    FDMSG_MAXFD };
	int			 p[2], fds[FDMSG_MAXFD];
	size_t			 i;

	(void)state;
	pair_make(p);
	fds_make(fds, FDMSG_MAXFD);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(fdmsg_send(p[0], "x", 1, fds, counts[i]), 0);
		expect_fault(p[1], 8, 0, EBADMSG);
		assert_int_equal(fdmsg_send(p[0], "x", 1, fds, counts[i]), 0);
		expect_fault(p[1], 8, counts[i] - 1, EBADMSG);
	}
	fd_close_all(fds, FDMSG_MAXFD);
	pair_close(p);
}

/* A datagram of no bytes, with and without descriptors. */
static void
test_empty(void **state)
{
	int		 p[2];
	union {
		char		 buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr	 align;
	} ctl;
	struct msghdr	 msg = { .msg_control = ctl.buf,
			    .msg_controllen = sizeof(ctl.buf) };
	struct cmsghdr	*cmsg;

	(void)state;
	pair_make(p);
	assert_int_equal(send(p[0], "", 0, 0), 0);
	expect_fault(p[1], 8, 1, EPIPE);

	memset(&ctl, 0, sizeof(ctl));
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &p[0], sizeof(int));
	assert_int_equal(sendmsg(p[0], &msg, 0), 0);
	expect_fault(p[1], 8, 1, EPIPE);
	assert_int_equal(sendmsg(p[0], &msg, 0), 0);
	expect_fault(p[1], 8, 0, EBADMSG);
	pair_close(p);
}

static void
test_truncated(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2], fds[3];

	(void)state;
	pair_make(p);
	fds_make(fds, 3);
	assert_int_equal(fdmsg_send(p[0], "123456789", 9, fds, 3), 0);
	expect_fault(p[1], 8, 3, EMSGSIZE);
	assert_int_equal(fdmsg_send(p[0], "123456789", 9, NULL, 0), 0);
	expect_fault(p[1], 8, 0, EMSGSIZE);
	assert_int_equal(fdmsg_send(p[0], "12345678", 8, fds, 3), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, 8, 3, &m), 8);
	fdmsg_close(&m);
	fd_close_all(fds, 3);
	pair_close(p);
}

/* At the limit of open descriptors all arrive or none. */
static void
test_no_room(void **state)
{
	int		 p[2], fds[4], room;
	char		 buf[8];
	struct fdmsg	 m;
	ssize_t		 n;

	(void)state;
	pair_make(p);
	fds_make(fds, 4);
	for (room = 0; room <= 4; room++) {
		assert_int_equal(fdmsg_send(p[0], "x", 1, fds, 4), 0);
		util_limit_fds(room);
		n = fdmsg_recv(p[1], buf, sizeof(buf), 4, &m);
		util_unlimit_fds();
		if (room < 4) {
			assert_int_equal(n, -1);
			assert_int_equal(errno, EMFILE);
			assert_int_equal(m.nfds, 0);
		} else {
			assert_int_equal(n, 1);
			assert_int_equal(m.nfds, 4);
			fdmsg_close(&m);
		}
		/* util_teardown() sees what is left open. */
	}
	/* Credentials that are not wanted are refused. */
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, 4), 0);
	util_limit_fds(0);
	n = fdmsg_recv(p[1], buf, sizeof(buf), 0, &m);
	util_unlimit_fds();
	assert_int_equal(n, -1);
	assert_int_equal(errno, EBADMSG);
	fd_close_all(fds, 4);
	pair_close(p);
}

static void
test_credentials(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2];

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_want_cred(p[1]), 0);
	assert_int_equal(fdmsg_send(p[0], "x", 1, p, 2), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 2, &m), 1);
	assert_true(m.has_cred);
	assert_int_equal(m.uid, getuid());
	assert_int_equal(m.gid, getgid());
	assert_int_equal(m.pid, getpid());
	assert_int_equal(m.nfds, 2);
	fdmsg_close(&m);
	assert_int_equal(fdmsg_send(p[0], "x", 1, p, 1), 0);
	expect_fault(p[1], 8, 0, EBADMSG);
	pair_close(p);
}

static void
test_credentials_and_253(void **state)
{
	int		 p[2], fds[FDMSG_MAXFD];
	char		 buf[8];
	struct fdmsg	 m;

	(void)state;
	pair_make(p);
	fds_make(fds, FDMSG_MAXFD);
	assert_int_equal(fdmsg_want_cred(p[1]), 0);
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, FDMSG_MAXFD), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), FDMSG_MAXFD, &m),
	    1);
	assert_true(m.has_cred);
	assert_int_equal(m.nfds, FDMSG_MAXFD);
	fdmsg_close(&m);
	fd_close_all(fds, FDMSG_MAXFD);
	pair_close(p);
}

/* A message that was queued before has no sender. */
static void
test_credentials_too_late(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2];

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_send(p[0], "x", 1, NULL, 0), 0);
	assert_int_equal(fdmsg_want_cred(p[1]), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 1, &m), 1);
	assert_true(!m.has_cred || (m.pid == 0 && m.uid != getuid()));
	pair_close(p);
}

static int
send_then_end(void *arg)
{
	int	*sock = arg;

	return fdmsg_send(*sock, "x", 1, NULL, 0) == 0 ? 0 : 1;
}

/* The credentials are the sender's, even if it was reaped since. */
static void
test_credentials_of_the_dead(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	pid_t		 pid;
	int		 p[2];

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_want_cred(p[1]), 0);
	pid = util_start(send_then_end, &p[0]);
	assert_int_equal(util_wait(pid), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 1, &m), 1);
	assert_true(m.has_cred);
	assert_int_equal(m.uid, getuid());
	assert_true(m.pid == pid || m.pid == 0);
	pair_close(p);
}

static int
forge(void *arg)
{
	int		*sock = arg;
	union {
		char		 buf[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr	 align;
	} ctl;
	char		 byte = 'x';
	struct iovec	 iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = ctl.buf,
			    .msg_controllen = sizeof(ctl.buf) };
	struct cmsghdr	*cmsg;
	struct ucred	 cred = { .pid = getppid(), .uid = 0, .gid = 0 };

	if (geteuid() == 0 && util_become(UTIL_NOBODY) == -1)
		return 1;
	memset(&ctl, 0, sizeof(ctl));
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_CREDENTIALS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(cred));
	memcpy(CMSG_DATA(cmsg), &cred, sizeof(cred));
	if (sendmsg(*sock, &msg, 0) != -1 || errno != EPERM)
		return 2;
	/* Its own pid, another's uid. */
	cred.pid = getpid();
	memcpy(CMSG_DATA(cmsg), &cred, sizeof(cred));
	if (sendmsg(*sock, &msg, 0) != -1 || errno != EPERM)
		return 3;
	return 0;
}

/* Only root can claim to be another. */
static void
test_credentials_forged(void **state)
{
	int	 p[2];

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_want_cred(p[1]), 0);
	assert_int_equal(util_run(forge, &p[0]), 0);
	expect_fault(p[1], 8, 0, EAGAIN);
	pair_close(p);
}

/* Descriptors of every kind arrive as they are. */
static void
test_kinds(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	struct stat	 st;
	int		 p[2], fds[3], i;

	(void)state;
	pair_make(p);
	fds[0] = open(util_dir(), O_PATH | O_CLOEXEC);
	fds[1] = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds[2] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, 3), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 3, &m), 1);
	assert_int_equal(m.nfds, 3);
	for (i = 0; i < 3; i++)
		assert_true(util_same_file(m.fds[i], fds[i]));
	assert_true(fcntl(m.fds[0], F_GETFL) & O_PATH);
	assert_int_equal(fstat(m.fds[2], &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	fdmsg_close(&m);
	fd_close_all(fds, 3);
	pair_close(p);
}

/* A socket sent through itself, received; and one never received. */
static void
test_socket_in_itself(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2];

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_send(p[0], "x", 1, p, 2), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 2, &m), 1);
	assert_true(util_same_file(m.fds[1], p[1]));
	/* It is the same socket. */
	assert_int_equal(fdmsg_send(m.fds[0], "y", 1, NULL, 0), 0);
	fdmsg_close(&m);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 0, &m), 1);
	assert_int_equal(fdmsg_send(p[0], "x", 1, &p[1], 1), 0);
	assert_int_equal(fdmsg_send(p[1], "x", 1, &p[0], 1), 0);
	pair_close(p);
}

static void
test_take(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2], fd;

	(void)state;
	pair_make(p);
	assert_int_equal(fdmsg_send(p[0], "x", 1, p, 2), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 2, &m), 1);
	assert_int_equal(fdmsg_take(&m, 2), -1);
	assert_true((fd = fdmsg_take(&m, 0)) >= 0);
	assert_int_equal(fdmsg_take(&m, 0), -1);
	fdmsg_close(&m);
	assert_int_equal(fdmsg_take(&m, 0), -1);
	/* It outlives its message. */
	assert_true(util_same_file(fd, p[0]));
	close(fd);
	pair_close(p);
}

/* Runs, gaps and closed descriptors; errno stays. */
static void
test_close_fds(void **state)
{
	int	 fds[8], keep;

	(void)state;
	fds_make(fds, 8);
	keep = fds[5];
	close(fds[2]);
	fds[2] = -1;
	fds[5] = -1;
	errno = EXDEV;
	fd_close_all(fds, 8);
	assert_int_equal(errno, EXDEV);
	for (int i = 0; i < 8; i++)
		assert_int_equal(fds[i], -1);
	assert_int_equal(fcntl(keep, F_GETFD), FD_CLOEXEC);
	fd_close_all(fds, 8);
	fd_close_all(NULL, 0);
	close(keep);
}

/* Descending numbers are no run. */
static void
test_close_fds_descending(void **state)
{
	int	 fds[4], down[4], i;

	(void)state;
	fds_make(fds, 4);
	for (i = 0; i < 4; i++)
		down[i] = fds[3 - i];
	fd_close_all(down, 4);
}

static void
test_seqpacket_end(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2];

	(void)state;
	assert_int_equal(dgram_pair_seq(p), 0);
	expect_fault(p[1], 8, 1, EAGAIN);
	assert_int_equal(fdmsg_send(p[0], "x", 1, p, 1), 0);
	fd_close(&p[0]);
	/* What was sent before the end is still received. */
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 1, &m), 1);
	assert_int_equal(m.nfds, 1);
	fdmsg_close(&m);
	expect_fault(p[1], 8, 1, EPIPE);
	/* No SIGPIPE. */
	assert_int_equal(fdmsg_send(p[1], "x", 1, NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
	fd_close(&p[1]);
}

static void
test_peer_gone(void **state)
{
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2], fds[2];

	(void)state;
	pair_make(p);
	fds_make(fds, 2);
	/* What it sent before is there, until one more message is sent. */
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, 2), 0);
	assert_int_equal(fdmsg_send(p[0], "x", 1, fds, 2), 0);
	fd_close(&p[0]);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 2, &m), 1);
	fdmsg_close(&m);
	assert_int_equal(fdmsg_send(p[1], "x", 1, NULL, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 2, &m), -1);
	assert_int_equal(errno, EAGAIN);
	fd_close(&p[1]);
	fd_close_all(fds, 2);
}

/* Fill a socket until it takes no more. */
static void
test_full(void **state)
{
	static char	 big[32768];
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2], n = 0;

	(void)state;
	pair_make(p);
	while (fdmsg_send(p[0], big, sizeof(big), p, 1) == 0)
		assert_true(++n < 10000);
	assert_int_equal(errno, EAGAIN);
	assert_true(n > 0);
	for (; n > 0; n--) {
		assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 1, &m),
		    -1);
		assert_int_equal(errno, EMSGSIZE);
	}
	assert_int_equal(fdmsg_send(p[0], big, sizeof(big), p, 1), 0);
	pair_close(p);
}

/* A message larger than the socket's buffer. */
static void
test_too_large(void **state)
{
	static char	 big[1 << 20];
	int		 p[2], size = 4096;

	(void)state;
	pair_make(p);
	assert_int_equal(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)), 0);
	assert_int_equal(fdmsg_send(p[0], big, sizeof(big), NULL, 0), -1);
	assert_int_equal(errno, EMSGSIZE);
	pair_close(p);
}

/* Now or not at all, even on a socket that blocks. */
static void
test_try_send(void **state)
{
	int	 p[2], n = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    p), 0);
	assert_int_equal(fdmsg_try_send(p[0], "x", 0), -1);
	assert_int_equal(errno, EINVAL);
	while (fdmsg_try_send(p[0], "x", 1) == 0)
		n++;
	assert_int_equal(errno, EAGAIN);
	assert_true(n > 0);
	close(p[1]);
	/* The kernel tells first that what was sent was not read. */
	assert_int_equal(fdmsg_try_send(p[0], "x", 1), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(fdmsg_try_send(p[0], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(p[0]);
	assert_int_equal(fdmsg_try_send(-1, "x", 1), -1);
	assert_int_equal(errno, EBADF);
}

/* The kernel refuses the sender where it can; else the receiver does. */
static void
test_refuse_fds(void **state)
{
	int	 p[2];

	(void)state;
	pair_make(p);
	fdmsg_refuse_fds(p[1]);
	if (fdmsg_send(p[0], "x", 1, p, 1) == -1)
		assert_int_equal(errno, EPERM);
	else
		expect_fault(p[1], 8, 0, EBADMSG);
	assert_int_equal(fdmsg_send(p[0], "x", 1, NULL, 0), 0);
	fdmsg_refuse_fds(-1);
	pair_close(p);
}

/* In a child: 1 if the parent holds a lock on this file, 0 if not. */
static int
is_locked(void *arg)
{
	struct flock	 lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(*(int *)arg, F_GETLK, &lock) == -1)
		return 2;
	return lock.l_type == F_WRLCK;
}

/*
 * Where no descriptor is wanted, none is ever installed: closing it again could
 * hang, and has side effects.  One is that it releases the locks that the
 * process holds on the file through another descriptor.
 */
static void
test_none_installed(void **state)
{
	struct flock	 lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char		 buf[8];
	struct fdmsg	 m;
	int		 p[2], fd;

	(void)state;
	pair_make(p);
	util_write_file(util_path("file"), "text");
	assert_return_code(fd = open(util_path("file"), O_RDWR | O_CLOEXEC),
	    errno);
	assert_return_code(fcntl(fd, F_SETLK, &lock), errno);
	assert_int_equal(util_run(is_locked, &fd), 1 << 8);
	assert_int_equal(fdmsg_send(p[0], "x", 1, &fd, 1), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 0, &m), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(util_run(is_locked, &fd), 1 << 8);
	/* Where one is installed, the lock is gone. */
	assert_int_equal(fdmsg_send(p[0], "x", 1, &fd, 1), 0);
	assert_int_equal(fdmsg_recv(p[1], buf, sizeof(buf), 1, &m), 1);
	fdmsg_close(&m);
	assert_int_equal(util_run(is_locked, &fd), 0);
	close(fd);
	pair_close(p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_payload),
		UTIL_TEST(test_send_arguments),
		UTIL_TEST(test_descriptors),
		UTIL_TEST(test_254_descriptors),
		UTIL_TEST(test_two_rights),
		UTIL_TEST(test_too_many),
		UTIL_TEST(test_empty),
		UTIL_TEST(test_truncated),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_credentials),
		UTIL_TEST(test_credentials_and_253),
		UTIL_TEST(test_credentials_too_late),
		UTIL_TEST(test_credentials_of_the_dead),
		UTIL_TEST(test_credentials_forged),
		UTIL_TEST(test_kinds),
		UTIL_TEST(test_socket_in_itself),
		UTIL_TEST(test_take),
		UTIL_TEST(test_close_fds),
		UTIL_TEST(test_close_fds_descending),
		UTIL_TEST(test_seqpacket_end),
		UTIL_TEST(test_peer_gone),
		UTIL_TEST(test_full),
		UTIL_TEST(test_too_large),
		UTIL_TEST(test_try_send),
		UTIL_TEST(test_refuse_fds),
		UTIL_TEST(test_none_installed)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
