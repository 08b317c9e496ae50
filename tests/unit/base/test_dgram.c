/*
 * test_dgram.c: sockets and the files that name them.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "tests/unit/util.h"

static mode_t
mode_of(const char *path)
{
	struct stat	 st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
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

static void
bind_in_dir(struct dgram *d, const char *name)
{
	dgram_init(d);
	if (dgram_bind(d, util_path(name), 0600) == -1)
		fail_msg("%s: %s", util_path(name), strerror(errno));
}

/* No socket is created before it is needed. */
static void
test_lazy(void **state)
{
	struct dgram	 d;
	size_t		 before = util_count_fds();
	int		 fd;

	(void)state;
	dgram_init(&d);
	assert_int_equal(d.fd, -1);
	assert_int_equal(util_count_fds(), before);
	dgram_close(&d);
	assert_int_equal(dgram_open(&d), 0);
	assert_true(util_is_cloexec(d.fd));
	assert_true(fcntl(d.fd, F_GETFL) & O_NONBLOCK);
	fd = d.fd;
	assert_int_equal(dgram_open(&d), 0);
	assert_int_equal(d.fd, fd);
	assert_int_equal(count_files(), 0);
	errno = EXDEV;
	dgram_close(&d);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(d.fd, -1);
	/* It can be used again. */
	bind_in_dir(&d, "s");
	dgram_close(&d);
}

/* A path of len bytes in the test's directory. */
static const char *
path_of(size_t len)
{
	static char	 path[256];

	memset(path, 'x', sizeof(path));
	(void)snprintf(path, sizeof(path), "%s/", util_dir());
	path[strlen(path)] = 'x';
	path[len] = '\0';
	return path;
}

static void
test_path_length(void **state)
{
	struct sockaddr_un	 sun;
	struct dgram		 d, to;
	size_t			 len;

	(void)state;
	for (len = 106; len <= 109; len++) {
		dgram_init(&d);
		dgram_init(&to);
		errno = 0;
		if (len < DGRAM_PATH_MAX) {
			assert_int_equal(dgram_bind(&d, path_of(len), 0600),
			    0);
			assert_int_equal(strlen(d.path), len);
			assert_int_equal(dgram_connect(&to, path_of(len)), 0);
			assert_int_equal(dgram_address(&sun, path_of(len)), 0);
		} else {
			assert_int_equal(dgram_bind(&d, path_of(len), 0600),
			    -1);
			assert_int_equal(errno, ENAMETOOLONG);
			assert_int_equal(dgram_connect(&to, path_of(len)), -1);
			assert_int_equal(errno, ENAMETOOLONG);
			assert_int_equal(dgram_address(&sun, path_of(len)),
			    -1);
		}
		dgram_close(&to);
		dgram_close(&d);
		assert_int_equal(count_files(), 0);
	}
}

/*
 * An empty path is refused: it must not become an address without a file, which
 * anybody may bind.
 */
static void
test_empty_path(void **state)
{
	struct sockaddr_un	 sun;
	struct dgram		 d, to;
	socklen_t		 len = sizeof(sun);

	(void)state;
	dgram_init(&d);
	dgram_init(&to);
	assert_int_equal(dgram_address(&sun, ""), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(dgram_bind(&d, "", 0600), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(dgram_connect(&to, ""), -1);
	assert_int_equal(errno, ENOENT);
	if (d.fd != -1) {
		assert_int_equal(getsockname(d.fd, (struct sockaddr *)&sun,
		    &len), 0);
		assert_int_equal(len, sizeof(sa_family_t));
	}
	dgram_close(&to);
	dgram_close(&d);
}

/* A file that is in the way stays there unchanged. */
static void
test_path_taken(void **state)
{
	struct dgram	 d, first;
	struct stat	 before, after;
	const char	*path;
	int		 kind;

	(void)state;
	bind_in_dir(&first, "socket");
	util_write_file(util_path("file"), "text");
	assert_int_equal(symlink("file", util_path("link")), 0);
	assert_int_equal(symlink("nowhere", util_path("dangling")), 0);
	assert_int_equal(mkdir(util_path("dir"), 0755), 0);
	for (kind = 0; kind < 5; kind++) {
		static const char *const names[] = {
			"socket", "file", "link", "dangling", "dir"
		};

		path = util_path(names[kind]);
		assert_int_equal(lstat(path, &before), 0);
		dgram_init(&d);
		errno = 0;
		assert_int_equal(dgram_bind(&d, path, 0600), -1);
		assert_int_equal(errno, EADDRINUSE);
		dgram_close(&d);
		assert_int_equal(lstat(path, &after), 0);
		assert_int_equal(after.st_ino, before.st_ino);
		assert_int_equal(after.st_mode, before.st_mode);
	}
	assert_false(util_exists(util_path("nowhere")));
	dgram_close(&first);
}

/* So does a stale socket: only its owner removes it. */
static void
test_path_stale(void **state)
{
	struct dgram	 d;
	char		*path;

	(void)state;
	bind_in_dir(&d, "stale");
	assert_non_null(path = strdup(d.path));
	close(d.fd);
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, path, 0600), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(dgram_connect(&d, path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	dgram_close(&d);
	assert_true(util_exists(path));
	free(path);
}

static void
test_mode(void **state)
{
	static const mode_t	 modes[] = { 0600, 0666, 0622, 0400, 0777 };
	static const mode_t	 masks[] = { 0, 022, 077, 0777 };
	struct dgram		 d;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		for (k = 0; k < sizeof(masks) / sizeof(masks[0]); k++) {
			(void)umask(masks[k]);
			dgram_init(&d);
			assert_int_equal(dgram_bind(&d, util_path("s"),
			    modes[i]), 0);
			assert_int_equal(mode_of(d.path) & 07777, modes[i]);
			dgram_close(&d);
		}
	}
}

static void
test_no_directory(void **state)
{
	struct dgram	 d;

	(void)state;
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, util_path("no/s"), 0600), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(dgram_bind_random(&d, util_path("no"), 0600), -1);
	assert_int_equal(errno, ENOENT);
	/* The same object, elsewhere. */
	assert_int_equal(dgram_bind(&d, util_path("s"), 0600), 0);
	/* It is bound: it cannot be bound again, and keeps its file. */
	assert_int_equal(dgram_bind(&d, util_path("t"), 0600), -1);
	assert_int_equal(errno, EINVAL);
	assert_true(util_exists(util_path("s")));
	dgram_close(&d);
	assert_int_equal(count_files(), 0);
}

static void
test_random(void **state)
{
	struct dgram	 a, b;
	const char	*base;
	char		 dir[DGRAM_PATH_MAX];

	(void)state;
	dgram_init(&a);
	dgram_init(&b);
	assert_int_equal(dgram_bind_random(&a, util_dir(), 0600), 0);
	assert_int_equal(dgram_bind_random(&b, util_dir(), 0600), 0);
	assert_string_not_equal(a.path, b.path);
	base = strrchr(a.path, '/') + 1;
	assert_int_equal(strlen(base), DGRAM_NAME_LEN);
	assert_int_equal(strspn(base, "0123456789abcdef"), DGRAM_NAME_LEN);
	assert_int_equal(mode_of(a.path) & 07777, 0600);
	dgram_close(&b);
	dgram_close(&a);

	memset(dir, 'x', sizeof(dir));
	dir[0] = '/';
	dir[sizeof(dir) - DGRAM_NAME_LEN - 1] = '\0';
	assert_int_equal(dgram_bind_random(&a, dir, 0600), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	dgram_close(&a);
	assert_int_equal(count_files(), 0);
}

static void
test_unlink(void **state)
{
	struct dgram	 d;
	char		 path[DGRAM_PATH_MAX];

	(void)state;
	bind_in_dir(&d, "s");
	(void)strlcpy(path, d.path, sizeof(path));
	assert_true(S_ISSOCK(mode_of(path)));
	errno = EXDEV;
	dgram_unlink(&d);
	assert_int_equal(errno, EXDEV);
	assert_false(util_exists(path));
	assert_true(d.fd != -1);
	assert_string_equal(d.path, "");
	/* Once only: the name is free for others. */
	util_write_file(path, "");
	dgram_unlink(&d);
	dgram_close(&d);
	assert_true(util_exists(path));
}

/* Another file under the name: of another kind, and a socket of its own. */
static void
test_unlink_replaced(void **state)
{
	struct dgram	 d, other;
	char		 path[DGRAM_PATH_MAX];

	(void)state;
	bind_in_dir(&d, "s");
	(void)strlcpy(path, d.path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	util_write_file(path, "");
	dgram_close(&d);
	assert_true(S_ISREG(mode_of(path)));
	assert_int_equal(unlink(path), 0);

	bind_in_dir(&d, "s");
	assert_int_equal(rename(path, util_path("moved")), 0);
	bind_in_dir(&other, "s");
	dgram_close(&d);
	assert_true(S_ISSOCK(mode_of(path)));
	assert_true(util_exists(util_path("moved")));
	dgram_close(&other);
	assert_false(util_exists(path));

	/* It is gone already. */
	bind_in_dir(&d, "s");
	assert_int_equal(unlink(path), 0);
	dgram_close(&d);
}

static int
close_it(void *arg)
{
	struct dgram	*d = arg;

	dgram_unlink(d);
	dgram_close(d);
	return 0;
}

/* A child that inherited it leaves the file of its parent alone. */
static void
test_unlink_in_child(void **state)
{
	struct dgram	 d;

	(void)state;
	bind_in_dir(&d, "s");
	assert_int_equal(util_run(close_it, &d), 0);
	assert_true(util_exists(d.path));
	dgram_close(&d);
	assert_int_equal(count_files(), 0);
}

static void
test_release(void **state)
{
	struct dgram	 d;
	int		 fd;

	(void)state;
	bind_in_dir(&d, "s");
	fd = d.fd;
	dgram_unlink(&d);
	assert_int_equal(dgram_release(&d), fd);
	assert_int_equal(d.fd, -1);
	dgram_close(&d);
	assert_true(util_is_cloexec(fd));
	close(fd);
	/* Never opened: nothing to release. */
	assert_int_equal(dgram_release(&d), -1);
}

/* An O_PATH descriptor of a name in the test's directory. */
static int
path_open(const char *name)
{
	int	 fd;

	fd = open(util_path(name), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_return_code(fd, errno);
	return fd;
}

static void
test_connect_inode(void **state)
{
	struct dgram	 d, to;
	char		 buf[8];
	int		 fd;

	(void)state;
	bind_in_dir(&d, "s");
	fd = path_open("s");
	/* The name may be another file's by now. */
	assert_int_equal(rename(d.path, util_path("moved")), 0);
	util_write_file(util_path("s"), "");
	dgram_init(&to);
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid()), 0);
	assert_int_equal(send(to.fd, "x", 1, 0), 1);
	assert_int_equal(recv(d.fd, buf, sizeof(buf), 0), 1);
	dgram_close(&to);
	/* Nothing at all. */
	assert_int_equal(unlink(util_path("moved")), 0);
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid()), 0);
	dgram_close(&to);
	dgram_close(&d);
	/* Nobody is bound to it any more. */
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid()), -1);
	assert_int_equal(errno, ECONNREFUSED);
	dgram_close(&to);
	close(fd);
}

/* A stranger has bound the name since it was looked at. */
static void
test_connect_inode_squatted(void **state)
{
	struct dgram	 d, squatter, to;
	char		 buf[8];
	int		 fd;

	(void)state;
	bind_in_dir(&d, "s");
	fd = path_open("s");
	assert_int_equal(unlink(d.path), 0);
	bind_in_dir(&squatter, "s");
	dgram_init(&to);
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid()), 0);
	assert_int_equal(send(to.fd, "x", 1, 0), 1);
	assert_int_equal(recv(squatter.fd, buf, sizeof(buf), 0), -1);
	assert_int_equal(recv(d.fd, buf, sizeof(buf), 0), 1);
	dgram_close(&to);
	dgram_close(&squatter);
	dgram_close(&d);
	close(fd);
}

static void
test_connect_inode_wrong(void **state)
{
	struct dgram	 d, to;
	int		 fd;

	(void)state;
	dgram_init(&to);
	bind_in_dir(&d, "s");
	util_write_file(util_path("file"), "");
	assert_int_equal(symlink("s", util_path("link")), 0);
	fd = path_open("file");
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid()), -1);
	assert_int_equal(errno, ENOTSOCK);
	close(fd);
	fd = path_open("link");
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid()), -1);
	assert_int_equal(errno, ENOTSOCK);
	close(fd);
	fd = path_open("s");
	assert_int_equal(dgram_connect_inode(&to, fd, geteuid() + 1), -1);
	assert_int_equal(errno, EPERM);
	close(fd);
	assert_int_equal(dgram_connect_inode(&to, -1, geteuid()), -1);
	assert_int_equal(errno, EBADF);
	/* None of these created a socket. */
	assert_int_equal(to.fd, -1);
	dgram_close(&d);
}

/* Two bound sockets, each connected to the other. */
static void
connect_mutually(struct dgram *a, struct dgram *b)
{
	bind_in_dir(a, "a");
	bind_in_dir(b, "b");
	assert_int_equal(dgram_connect(a, b->path), 0);
	assert_int_equal(dgram_connect(b, a->path), 0);
}

static void
expect_exchange(const struct dgram *a, const struct dgram *b)
{
	char	 buf[8];

	assert_int_equal(fdmsg_send(a->fd, "to b", 4, NULL, 0), 0);
	assert_int_equal(recv(b->fd, buf, sizeof(buf), 0), 4);
	assert_int_equal(fdmsg_send(b->fd, "to a", 4, NULL, 0), 0);
	assert_int_equal(recv(a->fd, buf, sizeof(buf), 0), 4);
}

static void
test_session_without_names(void **state)
{
	struct dgram	 a, b;

	(void)state;
	connect_mutually(&a, &b);
	expect_exchange(&a, &b);
	dgram_unlink(&a);
	dgram_unlink(&b);
	assert_int_equal(count_files(), 0);
	expect_exchange(&a, &b);
	dgram_close(&a);
	assert_int_equal(fdmsg_send(b.fd, "x", 1, NULL, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	dgram_close(&b);
}

static void
test_third_party(void **state)
{
	struct sockaddr_un	 sun;
	struct dgram		 a, b, c;

	(void)state;
	connect_mutually(&a, &b);
	dgram_init(&c);
	assert_int_equal(dgram_open(&c), 0);
	assert_int_equal(dgram_address(&sun, a.path), 0);
	assert_int_equal(sendto(c.fd, "x", 1, 0, (struct sockaddr *)&sun,
	    sizeof(sun)), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(dgram_connect(&c, a.path), -1);
	assert_int_equal(errno, EPERM);
	/* One that had connected before is refused as well. */
	dgram_close(&c);
	dgram_close(&b);
	bind_in_dir(&b, "b");
	assert_int_equal(dgram_connect(&b, a.path), -1);
	dgram_close(&b);
	dgram_close(&a);
}

/* A pair that was bound: connected from the start, and without names. */
static void
test_pair_bound(void **state)
{
	struct sockaddr_un	 sun;
	socklen_t		 len;
	size_t			 fds = util_count_fds();
	char			 dir[64], byte;
	int			 p[2], i, other;

	(void)state;
	(void)strlcpy(dir, util_path("dir"), sizeof(dir));
	assert_int_equal(dgram_pair_bound(p, dir), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(util_count_fds(), fds);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(dgram_pair_bound(p, dir), 0);
	/* Nothing is left in it. */
	assert_int_equal(rmdir(dir), 0);
	assert_return_code(other = socket(AF_UNIX, SOCK_DGRAM, 0), errno);
	for (i = 0; i < 2; i++) {
		assert_int_equal(dgram_check(p[i], SOCK_DGRAM), 0);
		assert_true(util_is_cloexec(p[i]));
		assert_int_equal(send(p[i], "x", 1, 0), 1);
		assert_int_equal(recv(p[1 - i], &byte, 1, 0), 1);
		assert_int_equal(recv(p[1 - i], &byte, 1, 0), -1);
		assert_int_equal(errno, EAGAIN);
		/* Each was bound, and nobody can reach it by that. */
		len = sizeof(sun);
		assert_int_equal(getsockname(p[i], (struct sockaddr *)&sun,
		    &len), 0);
		assert_memory_equal(sun.sun_path, dir, strlen(dir));
		assert_int_equal(connect(other, (struct sockaddr *)&sun, len),
		    -1);
	}
	close(other);
	fd_close_all(p, 2);
	/* No room for one of both. */
	assert_int_equal(mkdir(dir, 0700), 0);
	for (i = 0; i < 2; i++) {
		util_limit_fds(i);
		assert_int_equal(dgram_pair_bound(p, dir), -1);
		util_unlimit_fds();
		assert_int_equal(util_count_fds(), fds);
	}
	assert_int_equal(rmdir(dir), 0);
}

/* Of which type is it? */
static void
test_check(void **state)
{
	int	 p[2], fd;

	(void)state;
	assert_int_equal(dgram_pair_seq(p), 0);
	assert_int_equal(dgram_check(p[0], SOCK_SEQPACKET), 0);
	assert_int_equal(dgram_check(p[0], SOCK_DGRAM), -1);
	assert_int_equal(errno, EPROTOTYPE);
	fd_close_all(p, 2);
	assert_int_equal(dgram_check(-1, SOCK_DGRAM), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(dgram_check(p[0], SOCK_DGRAM), -1);
	assert_int_equal(errno, ENOTSOCK);
	fd_close_all(p, 2);
	if ((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) != -1) {
		assert_int_equal(dgram_check(fd, SOCK_DGRAM), -1);
		assert_int_equal(errno, EPROTOTYPE);
		close(fd);
	}
}

/* Nobody accepts: it waits no longer than it may, and says so. */
static void
test_connect_seq(void **state)
{
	struct dgram	 d;
	char		 path[DGRAM_PATH_MAX];
	int		 fds[8], n = 0;

	(void)state;
	(void)strlcpy(path, util_path("sock"), sizeof(path));
	assert_int_equal(dgram_connect_seq(path, 0), -1);
	assert_int_equal(errno, ENOENT);
	dgram_init(&d);
	assert_int_equal(dgram_open_seq(&d), 0);
	assert_int_equal(dgram_bind(&d, path, 0600), 0);
	assert_int_equal(listen(d.fd, 1), 0);
	while (n < 8 && (fds[n] = dgram_connect_seq(path, 0)) != -1)
		assert_true(util_is_cloexec(fds[n++]));
	assert_in_range(n, 1, 7);
	assert_int_equal(errno, EAGAIN);
	fd_close_all(fds, (size_t)n);
	dgram_close(&d);
	assert_int_equal(dgram_bind(&d, path, 0600), 0);
	assert_int_equal(dgram_connect_seq(path, -1), -1);
	assert_int_equal(errno, EPROTOTYPE);
	dgram_close(&d);
}

static void
test_sndbuf(void **state)
{
	struct dgram	 d;
	socklen_t	 len = sizeof(int);
	int		 n = 0;

	(void)state;
	dgram_init(&d);
	assert_int_equal(dgram_set_sndbuf(&d, 32768), 0);
	assert_int_equal(getsockopt(d.fd, SOL_SOCKET, SO_SNDBUF, &n, &len), 0);
	assert_true(n >= 32768 && n <= 2 * 32768);
	dgram_close(&d);
}

static void
test_pairs(void **state)
{
	socklen_t	 len = sizeof(int);
	int		 p[2], i, type;

	(void)state;
	assert_int_equal(dgram_pair(p), 0);
	for (i = 0; i < 2; i++) {
		assert_true(util_is_cloexec(p[i]));
		assert_true(fcntl(p[i], F_GETFL) & O_NONBLOCK);
		assert_int_equal(getsockopt(p[i], SOL_SOCKET, SO_TYPE, &type,
		    &len), 0);
		assert_int_equal(type, SOCK_DGRAM);
	}
	fd_close_all(p, 2);
	assert_int_equal(dgram_pair_seq(p), 0);
	for (i = 0; i < 2; i++) {
		assert_true(util_is_cloexec(p[i]));
		assert_true(fcntl(p[i], F_GETFL) & O_NONBLOCK);
		assert_int_equal(getsockopt(p[i], SOL_SOCKET, SO_TYPE, &type,
		    &len), 0);
		assert_int_equal(type, SOCK_SEQPACKET);
	}
	fd_close_all(p, 2);
}

static void
test_no_descriptors(void **state)
{
	struct dgram	 d;
	int		 ret, error;

	(void)state;
	dgram_init(&d);
	util_limit_fds(0);
	ret = dgram_bind(&d, util_path("s"), 0600);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EMFILE);
	assert_int_equal(count_files(), 0);
	dgram_close(&d);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_lazy),
		UTIL_TEST(test_path_length),
		UTIL_TEST(test_empty_path),
		UTIL_TEST(test_path_taken),
		UTIL_TEST(test_path_stale),
		UTIL_TEST(test_mode),
		UTIL_TEST(test_no_directory),
		UTIL_TEST(test_random),
		UTIL_TEST(test_unlink),
		UTIL_TEST(test_unlink_replaced),
		UTIL_TEST(test_unlink_in_child),
		UTIL_TEST(test_release),
		UTIL_TEST(test_connect_inode),
		UTIL_TEST(test_connect_inode_squatted),
		UTIL_TEST(test_connect_inode_wrong),
		UTIL_TEST(test_session_without_names),
		UTIL_TEST(test_third_party),
		UTIL_TEST(test_pair_bound),
		UTIL_TEST(test_check),
		UTIL_TEST(test_connect_seq),
		UTIL_TEST(test_sndbuf),
		UTIL_TEST(test_pairs),
		UTIL_TEST(test_no_descriptors)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
