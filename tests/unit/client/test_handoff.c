/*
 * test_handoff.c: one descriptor from a process to another of the same user.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/proto.h"
#include "client/fdbroker.h"
#include "tests/unit/util.h"

static struct fdb_handoff	*handoff;

static void
listen_here(void)
{
	assert_return_code(fdb_handoff_listen(&handoff, util_dir()), errno);
	assert_true(util_exists(fdb_handoff_address(handoff)));
}

/* Names in the test's directory. */
static size_t
count_files(void)
{
	struct dirent	*de;
	size_t		 n = 0;
	DIR		*dir;

	assert_non_null(dir = opendir(util_dir()));
	while ((de = readdir(dir)) != NULL)
		n += de->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Receive, which must fail with this error and remove the socket. */
static void
expect_fault(int timeout_ms, int error)
{
	size_t	 fds = util_count_fds();

	errno = 0;
	assert_int_equal(fdb_handoff_receive(handoff, timeout_ms), -1);
	assert_int_equal(errno, error);
	assert_int_equal(count_files(), 0);
	assert_int_equal(util_count_fds(), fds - 1);
}

/* In a child: send the directory to the address. */
static int
send_directory(void *arg)
{
	const char	*address = arg;
	int		 fd = open(util_dir(), O_PATH | O_CLOEXEC);

	return fdb_handoff_send(address, fd) == 0 ? 0 : 1;
}

static void
test_between_processes(void **state)
{
	struct stat	 st;
	char		 address[FDB_ADDRESS_MAX];
	pid_t		 pid;
	int		 fd, dir;

	(void)state;
	listen_here();
	assert_true(strlcpy(address, fdb_handoff_address(handoff),
	    sizeof(address)) < sizeof(address));
	assert_int_equal(stat(address, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
	pid = util_start(send_directory, address);
	fd = fdb_handoff_receive(handoff, -1);
	assert_return_code(fd, errno);
	assert_int_equal(util_wait(pid), 0);
	assert_int_equal(count_files(), 0);
	assert_true(util_is_cloexec(fd));
	assert_return_code(dir = open(util_dir(), O_PATH | O_CLOEXEC), errno);
	assert_true(util_same_file(fd, dir));
	close(dir);
	close(fd);
	/* Nobody is there any more. */
	assert_int_equal(fdb_handoff_send(address, 1), -1);
	assert_int_equal(errno, ENOENT);
}

/* The sender may have finished before the receiver looks. */
static void
test_sent_before(void **state)
{
	int	 p[2], fd;

	(void)state;
	listen_here();
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	assert_int_equal(fdb_handoff_send(fdb_handoff_address(handoff), p[1]),
	    0);
	close(p[1]);
	assert_return_code(fd = fdb_handoff_receive(handoff, 0), errno);
	assert_int_equal(write(fd, "text", 4), 4);
	close(fd);
	assert_true(util_fd_reads(p[0], "text"));
	close(p[0]);
}

static void
test_timeout(void **state)
{
	(void)state;
	listen_here();
	expect_fault(0, ETIMEDOUT);
	listen_here();
	expect_fault(1, ETIMEDOUT);
}

static void
test_cancel(void **state)
{
	(void)state;
	listen_here();
	errno = EXDEV;
	fdb_handoff_cancel(handoff);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(count_files(), 0);
	fdb_handoff_cancel(NULL);
	/* With something that was not received. */
	listen_here();
	assert_int_equal(fdb_handoff_send(fdb_handoff_address(handoff), 1), 0);
	fdb_handoff_cancel(handoff);
}

static void
test_listen_faults(void **state)
{
	char	 dir[FDB_ADDRESS_MAX];

	(void)state;
	handoff = (struct fdb_handoff *)dir;
	assert_int_equal(fdb_handoff_listen(&handoff, util_path("no")), -1);
	assert_int_equal(errno, ENOENT);
	assert_null(handoff);
	memset(dir, 'd', sizeof(dir));
	dir[0] = '/';
	dir[sizeof(dir) - 1] = '\0';
	assert_int_equal(fdb_handoff_listen(&handoff, dir), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_null(handoff);
}

/* Without a directory it is $TMPDIR, if that is absolute, or /tmp. */
static void
test_directory(void **state)
{
	char	*old = getenv("TMPDIR");

	(void)state;
	if (old != NULL)
		assert_non_null(old = strdup(old));
	assert_int_equal(setenv("TMPDIR", util_dir(), 1), 0);
	assert_int_equal(fdb_handoff_listen(&handoff, NULL), 0);
	assert_memory_equal(fdb_handoff_address(handoff), util_dir(),
	    strlen(util_dir()));
	fdb_handoff_cancel(handoff);
	assert_int_equal(setenv("TMPDIR", "relative", 1), 0);
	assert_int_equal(fdb_handoff_listen(&handoff, NULL), 0);
	assert_memory_equal(fdb_handoff_address(handoff), "/tmp/", 5);
	fdb_handoff_cancel(handoff);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(fdb_handoff_listen(&handoff, NULL), 0);
	assert_memory_equal(fdb_handoff_address(handoff), "/tmp/", 5);
	fdb_handoff_cancel(handoff);
	if (old != NULL)
		assert_int_equal(setenv("TMPDIR", old, 1), 0);
	free(old);
}

/* Its descriptor is readable once there is something to receive. */
static void
test_descriptor(void **state)
{
	struct pollfd	 pfd = { .events = POLLIN };
	int		 fd;

	(void)state;
	listen_here();
	pfd.fd = fdb_handoff_fd(handoff);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_int_equal(fdb_handoff_send(fdb_handoff_address(handoff), 1), 0);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	assert_return_code(fd = fdb_handoff_receive(handoff, 0), errno);
	close(fd);
}

/* In a child: be killed while the socket exists. */
static int
be_killed(void *arg)
{
	const char	*dir = arg;

	if (fdb_handoff_listen(&handoff, dir) == -1)
		return 1;
	return raise(SIGKILL);
}

/* Make the only file of the test's directory this many seconds old. */
static void
set_age(time_t seconds)
{
	struct timespec	 t[2];
	struct dirent	*de;
	DIR		*dir;

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &t[0]), 0);
	t[0].tv_sec -= seconds;
	t[1] = t[0];
	assert_non_null(dir = opendir(util_dir()));
	while ((de = readdir(dir)) != NULL) {
		if (de->d_name[0] != '.')
			assert_int_equal(utimensat(dirfd(dir), de->d_name, t,
			    AT_SYMLINK_NOFOLLOW), 0);
	}
	closedir(dir);
}

/* The next receiver removes what one left that was killed. */
static void
test_killed(void **state)
{
	(void)state;
	assert_int_equal(util_run(be_killed, (void *)(uintptr_t)util_dir()),
	    SIGKILL);
	assert_int_equal(count_files(), 1);
	set_age(2 * DGRAM_STALE);
	listen_here();
	assert_int_equal(count_files(), 1);
	fdb_handoff_cancel(handoff);
	assert_int_equal(count_files(), 0);
}

/* It does not touch what others still wait at, however long. */
static void
test_alive(void **state)
{
	struct fdb_handoff	*old;
	int			 fd;

	(void)state;
	listen_here();
	old = handoff;
	set_age(2 * DGRAM_STALE);
	listen_here();
	assert_int_equal(count_files(), 2);
	fdb_handoff_cancel(handoff);
	assert_int_equal(fdb_handoff_send(fdb_handoff_address(old), 1), 0);
	assert_return_code(fd = fdb_handoff_receive(old, 0), errno);
	close(fd);
}

/* Send bytes and descriptors to the receiver as they are. */
static void
send_raw(const void *buf, size_t len, const int *fds, size_t nfds)
{
	struct dgram	 d;

	dgram_init(&d);
	assert_int_equal(dgram_connect(&d, fdb_handoff_address(handoff)), 0);
	assert_int_equal(fdmsg_send(d.fd, buf, len, fds, nfds), 0);
	dgram_close(&d);
}

static void
send_empty(void)
{
	struct dgram	 d;

	dgram_init(&d);
	assert_int_equal(dgram_connect(&d, fdb_handoff_address(handoff)), 0);
	assert_int_equal(send(d.fd, "", 0, 0), 0);
	dgram_close(&d);
}

static void
test_wrong_message(void **state)
{
	struct util_header	 uh = { .type = PROTO_HANDOFF, .fds = 1 };
	uint8_t			 buf[PROTO_HEADER + 8];
	int			 fds[FDMSG_MAXFD] = { 1, 1 };
	size_t			 i, len;

	(void)state;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	listen_here();
	send_raw(buf, len, NULL, 0);
	expect_fault(0, EPROTO);
	listen_here();
	send_raw(buf, len, fds, 2);
	expect_fault(0, EBADMSG);
	/* As many as a message can have. */
	for (i = 0; i < FDMSG_MAXFD; i++)
		fds[i] = 1;
	listen_here();
	send_raw(buf, len, fds, FDMSG_MAXFD);
	expect_fault(0, EBADMSG);
	uh.fds = FDMSG_MAXFD;
	(void)util_message(buf, sizeof(buf), &uh, NULL, 0);
	listen_here();
	send_raw(buf, len, fds, FDMSG_MAXFD);
	expect_fault(0, EBADMSG);
	uh.fds = 1;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	listen_here();
	send_raw("garbage", 7, fds, 1);
	expect_fault(0, EPROTO);
	/* Cut short, and empty. */
	listen_here();
	send_raw(buf, len - 1, fds, 1);
	expect_fault(0, EPROTO);
	listen_here();
	send_raw(buf, 1, fds, 1);
	expect_fault(0, EPROTO);
	listen_here();
	send_empty();
	expect_fault(0, EPIPE);
	listen_here();
	len = util_message(buf, sizeof(buf), &uh, "x", 1);
	send_raw(buf, len, fds, 1);
	expect_fault(0, EPROTO);
	listen_here();
	len = util_message(buf, sizeof(buf), &uh, "xx", 2);
	send_raw(buf, len, fds, 1);
	expect_fault(0, EMSGSIZE);
	listen_here();
	uh.type = PROTO_WELCOME;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	send_raw(buf, len, fds, 1);
	expect_fault(0, EPROTO);
}

static void
test_no_room(void **state)
{
	int	 ret, error;

	(void)state;
	listen_here();
	assert_int_equal(fdb_handoff_send(fdb_handoff_address(handoff), 1), 0);
	util_limit_fds(0);
	ret = fdb_handoff_receive(handoff, 0);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EMFILE);
	assert_int_equal(count_files(), 0);
}

static void
test_send_faults(void **state)
{
	char	 path[2 * FDB_ADDRESS_MAX];

	(void)state;
	assert_int_equal(fdb_handoff_send(util_path("no"), 1), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fdb_handoff_send("", 1), -1);
	assert_int_equal(errno, ENOENT);
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(fdb_handoff_send(path, 1), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	util_write_file(util_path("file"), "");
	assert_int_equal(fdb_handoff_send(util_path("file"), 1), -1);
	assert_int_equal(errno, ENOTSOCK);
	assert_int_equal(unlink(util_path("file")), 0);
	listen_here();
	assert_int_equal(fdb_handoff_send(fdb_handoff_address(handoff), -1),
	    -1);
	assert_int_equal(errno, EBADF);
	/* Another name of the socket is not its address. */
	assert_int_equal(symlink(fdb_handoff_address(handoff),
	    util_path("link")), 0);
	assert_int_equal(fdb_handoff_send(util_path("link"), 1), -1);
	assert_int_equal(errno, ENOTSOCK);
	assert_int_equal(unlink(util_path("link")), 0);
	fdb_handoff_cancel(handoff);
}

/* In a child, as another user: the socket's mode stops it. */
static int
send_as_other(void *arg)
{
	struct util_header	 uh = { .type = PROTO_HANDOFF, .fds = 1 };
	uint8_t			 buf[PROTO_HEADER];
	struct dgram		 d;
	size_t			 len;
	int			 fd = 1;

	if (util_become(UTIL_NOBODY) == -1)
		return 1;
	if (fdb_handoff_send(arg, 1) == 0)
		return 2;
	dgram_init(&d);
	if (dgram_connect(&d, arg) == -1)
		return errno == EACCES ? 0 : 3;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	return fdmsg_send(d.fd, buf, len, &fd, 1) == 0 ? 42 : 4;
}

static void
test_other_user(void **state)
{
	char	 address[FDB_ADDRESS_MAX];

	(void)state;
	util_need_root();
	listen_here();
	(void)strlcpy(address, fdb_handoff_address(handoff), sizeof(address));
	assert_int_equal(util_run(send_as_other, address), 0);
	/* If the mode does not stop it, its credentials do. */
	assert_int_equal(chmod(address, 0666), 0);
	assert_int_equal(util_run(send_as_other, address), 42 << 8);
	expect_fault(0, EPERM);
}

/* In a child: a user who is not root takes what root sends. */
static int
receive_from_root(void *arg)
{
	int	*channel = arg, fd;

	if (util_become(UTIL_NOBODY) == -1 ||
	    fdb_handoff_listen(&handoff, util_path("theirs")) == -1)
		return 1;
	if (write(*channel, fdb_handoff_address(handoff), FDB_ADDRESS_MAX) !=
	    FDB_ADDRESS_MAX)
		return 2;
	if ((fd = fdb_handoff_receive(handoff, 10000)) == -1)
		return 3;
	return util_fd_reads(fd, "text") ? 0 : 4;
}

static void
test_from_root(void **state)
{
	struct util_header	 uh = { .type = PROTO_HANDOFF, .fds = 1 };
	uint8_t			 buf[PROTO_HEADER];
	char			 address[FDB_ADDRESS_MAX];
	struct dgram		 d;
	pid_t			 pid;
	int			 p[2], fd;

	(void)state;
	util_need_root();
	assert_int_equal(mkdir(util_path("theirs"), 0700), 0);
	assert_int_equal(chown(util_path("theirs"), UTIL_NOBODY,
	    UTIL_NOBODY), 0);
	util_write_file(util_path("file"), "text");
	assert_return_code(fd = open(util_path("file"), O_RDONLY | O_CLOEXEC),
	    errno);
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	pid = util_start(receive_from_root, &p[1]);
	assert_int_equal(read(p[0], address, sizeof(address)),
	    sizeof(address));
	/* The receiver trusts root, but root does not send to other users. */
	assert_int_equal(fdb_handoff_send(address, fd), -1);
	assert_int_equal(errno, EPERM);
	dgram_init(&d);
	assert_int_equal(dgram_connect(&d, address), 0);
	assert_int_equal(fdmsg_send(d.fd, buf, util_message(buf, sizeof(buf),
	    &uh, NULL, 0), &fd, 1), 0);
	dgram_close(&d);
	assert_int_equal(util_wait(pid), 0);
	close(fd);
	fd_close_all(p, 2);
}

/* In a child: hand something to a socket that is another user's. */
static int
send_to_squatter(void *arg)
{
	if (util_become(UTIL_NOBODY) == -1)
		return 1;
	if (fdb_handoff_send(arg, 1) == 0)
		return 2;
	return errno == EPERM ? 0 : 3;
}

/*
 * When a receiver has died, another user can bind its name: nothing must be
 * sent there.
 */
static void
test_squatter(void **state)
{
	struct dgram	 d;
	char		 byte;

	(void)state;
	util_need_root();
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, util_path("squatted"), 0666), 0);
	assert_int_equal(util_run(send_to_squatter, d.path), 0);
	assert_int_equal(recv(d.fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	dgram_close(&d);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_between_processes),
		UTIL_TEST(test_sent_before),
		UTIL_TEST(test_timeout),
		UTIL_TEST(test_cancel),
		UTIL_TEST(test_listen_faults),
		UTIL_TEST(test_directory),
		UTIL_TEST(test_descriptor),
		UTIL_TEST(test_killed),
		UTIL_TEST(test_alive),
		UTIL_TEST(test_wrong_message),
		UTIL_TEST(test_no_room),
		UTIL_TEST(test_send_faults),
		UTIL_TEST(test_other_user),
		UTIL_TEST(test_from_root),
		UTIL_TEST(test_squatter)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
