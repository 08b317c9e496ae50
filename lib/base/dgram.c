/*
 * dgram.c: local datagram sockets and the files that name them; see dgram.h.
 *
 * Runs in every process.  Nothing else in the tree binds, connects or
 * unlinks a socket.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"

/* Random names to try in a directory before giving up. */
#define NAME_TRIES	8

void
dgram_init(struct dgram *d)
{
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}

int
dgram_address(struct sockaddr_un *sun, const char *path)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	/* On Linux it would be an abstract address, which anyone may bind. */
	if (path[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	if (strlcpy(sun->sun_path, path, sizeof(sun->sun_path)) >=
	    sizeof(sun->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
dgram_open(struct dgram *d)
{
	if (d->fd == -1)
		d->fd = socket(AF_UNIX,
		    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return d->fd == -1 ? -1 : 0;
}

int
dgram_open_seq(struct dgram *d)
{
	if (d->fd == -1)
		d->fd = socket(AF_UNIX,
		    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return d->fd == -1 ? -1 : 0;
}

/*
 * Remember which file bind(2) made, so that no other is ever removed.  If the
 * path names no socket of ours, somebody has replaced the file in between.
 */
static int
dgram_note_file(struct dgram *d, const char *path, mode_t mode)
{
	struct stat	 st;

	if (lstat(path, &st) == -1)
		return -1;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid()) {
		errno = EADDRINUSE;
		return -1;
	}
	d->dev = st.st_dev;
	d->ino = st.st_ino;
	d->owner = getpid();
	(void)strlcpy(d->path, path, sizeof(d->path));
	/* The umask may have cleared bits, or fchmod(2) had no effect. */
	if ((st.st_mode & 07777) != mode &&
	    fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) == -1) {
		dgram_unlink(d);
		return -1;
	}
	return 0;
}

int
dgram_bind(struct dgram *d, const char *path, mode_t mode)
{
	struct sockaddr_un	 sun;

	if (dgram_address(&sun, path) == -1 || dgram_open(d) == -1)
		return -1;
#ifdef __linux__
	/* The file gets the socket's mode less the umask, from the start. */
	if (fchmod(d->fd, mode) == -1)
		return -1;
#endif
	if (bind(d->fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		return -1;
	return dgram_note_file(d, path, mode);
}

int
dgram_choose(char *path, const char *dir, const char *prefix)
{
	char		 digits[DGRAM_NAME_LEN + 1];
	uint32_t	 r[4];
	int		 n;

	arc4random_buf(r, sizeof(r));
	(void)snprintf(digits, sizeof(digits), "%08x%08x%08x%08x", r[0], r[1],
	    r[2], r[3]);
	n = snprintf(path, DGRAM_PATH_MAX, "%s/%s%s", dir, prefix,
	    digits + strlen(prefix));
	if (n < 0 || (size_t)n >= DGRAM_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
dgram_bind_random(struct dgram *d, const char *dir, mode_t mode)
{
	char	 path[DGRAM_PATH_MAX];
	int	 i;

	for (i = 0; i < NAME_TRIES; i++) {
		if (dgram_choose(path, dir, "") == -1)
			return -1;
		if (dgram_bind(d, path, mode) == 0)
			return 0;
		if (errno != EADDRINUSE)
			return -1;
	}
	return -1;
}

/* Is it a name that dgram_choose() makes? */
static bool
is_chosen(const char *name, const char *prefix)
{
	size_t	 len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 &&
	    strlen(name) == DGRAM_NAME_LEN &&
	    strspn(name + len, "0123456789abcdef") == DGRAM_NAME_LEN - len;
}

/* Has no process this socket any more?  Connecting does not disturb one. */
static bool
is_dead(const char *path)
{
	struct dgram	 d;
	bool		 dead;

	dgram_init(&d);
	dead = dgram_connect(&d, path) == -1 && errno == ECONNREFUSED;
	dgram_close(&d);
	return dead;
}

/* Remove an entry of a directory if it is a socket that nobody has. */
static void
sweep_name(int dirfd, const char *dir, const char *name)
{
	char		 path[DGRAM_PATH_MAX];
	struct stat	 st;
	time_t		 now = time(NULL);
	int		 n;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return;
	/* The clock may have been set back since. */
	if (st.st_mtime > now - DGRAM_STALE && st.st_mtime < now + DGRAM_STALE)
		return;
	n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n > 0 && (size_t)n < sizeof(path) && is_dead(path))
		(void)unlinkat(dirfd, name, 0);
}

void
dgram_sweep(const char *dir, const char *prefix)
{
	struct dirent	*de;
	DIR		*d;
	int		 fd, n, saved = errno;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		errno = saved;
		return;
	}
	for (n = 0; n < DGRAM_SWEEP_MAX && (de = readdir(d)) != NULL; n++) {
		if (is_chosen(de->d_name, prefix))
			sweep_name(fd, dir, de->d_name);
	}
	(void)closedir(d);
	errno = saved;
}

void
dgram_remove(const char *path)
{
	struct stat	 st;
	int		 saved = errno;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_uid == geteuid())
		(void)unlink(path);
	errno = saved;
}

int
dgram_connect(struct dgram *d, const char *path)
{
	struct sockaddr_un	 sun;

	if (dgram_address(&sun, path) == -1 || dgram_open(d) == -1)
		return -1;
	return connect(d->fd, (struct sockaddr *)&sun, sizeof(sun));
}

int
dgram_connect_inode(struct dgram *d, int pathfd, uid_t uid)
{
	struct stat	 st;

	if (fstat(pathfd, &st) == -1)
		return -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	if (st.st_uid != uid) {
		errno = EPERM;
		return -1;
	}
#ifdef __linux__
	{
		char	 path[FD_PATH_MAX];

		fd_path(path, pathfd);
		if (dgram_connect(d, path) == 0)
			return 0;
		if (!fd_path_works(pathfd))
			errno = ENOTSUP;
		return -1;
	}
#else
	(void)d;
	errno = ENOTSUP;
	return -1;
#endif
}

int
dgram_connect_owned(struct dgram *d, const char *path, uid_t uid)
{
	struct sockaddr_un	 sun;
#ifdef __linux__
	int			 fd, ret;

	if (dgram_address(&sun, path) == -1)
		return -1;
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return -1;
	ret = dgram_connect_inode(d, fd, uid);
	fd_close(&fd);
	return ret;
#else
	struct stat		 st;

	if (dgram_address(&sun, path) == -1 || lstat(path, &st) == -1)
		return -1;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != uid) {
		errno = S_ISSOCK(st.st_mode) ? EPERM : ENOTSOCK;
		return -1;
	}
	return dgram_connect(d, path);
#endif
}

int
dgram_set_sndbuf(struct dgram *d, int bytes)
{
	if (dgram_open(d) == -1)
		return -1;
	return setsockopt(d->fd, SOL_SOCKET, SO_SNDBUF, &bytes,
	    sizeof(bytes));
}

void
dgram_unlink(struct dgram *d)
{
	struct stat	 st;
	int		 saved = errno;

	if (d->path[0] != '\0' && d->owner == getpid() &&
	    lstat(d->path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_dev == d->dev && st.st_ino == d->ino)
		(void)unlink(d->path);
	d->path[0] = '\0';
	errno = saved;
}

void
dgram_close(struct dgram *d)
{
	int	 saved = errno;

	dgram_unlink(d);
	if (d->fd != -1)
		close(d->fd);
	dgram_init(d);
	errno = saved;
}

int
dgram_release(struct dgram *d)
{
	int	 fd = d->fd;

	d->fd = -1;
	dgram_close(d);
	return fd;
}

int
dgram_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, fds);
}

int
dgram_pair_seq(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, fds);
}

int
dgram_pair_stream(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

int
dgram_pair_bound(int fds[2], const char *dir)
{
	struct dgram	 one, other;

	dgram_init(&one);
	dgram_init(&other);
	if (dgram_bind_random(&one, dir, 0600) == -1 ||
	    dgram_bind_random(&other, dir, 0600) == -1 ||
	    dgram_connect(&one, other.path) == -1 ||
	    dgram_connect(&other, one.path) == -1) {
		dgram_close(&one);
		dgram_close(&other);
		return -1;
	}
	fds[0] = dgram_release(&one);
	fds[1] = dgram_release(&other);
	return 0;
}

/* Let connect(2) and each send wait for ms milliseconds at most. */
static int
set_wait(int fd, int64_t ms)
{
	struct timeval	 tv;

	/* A time of 0 would mean for ever. */
	if (ms < 1)
		ms = 1;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

int
dgram_connect_seq(const char *path, int ms)
{
	struct sockaddr_un	 addr;
	int64_t			 end = clock_ms() + ms;
	int			 fd, ret = -1;

	if (dgram_address(&addr, path) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	/* connect(2) waits while the backlog of the listener is full. */
	do {
		if (ms >= 0 && set_wait(fd, end - clock_ms()) == -1)
			break;
		ret = connect(fd, (const struct sockaddr *)&addr,
		    sizeof(addr));
	} while (ret == -1 && errno == EINTR);
	if (ret == -1)
		fd_close(&fd);
	return fd;
}

int
dgram_check(int fd, int type)
{
	int		 domain = AF_UNIX, got = 0;
	socklen_t	 len = sizeof(got);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &got, &len) == -1)
		return -1;
#ifdef SO_DOMAIN
	len = sizeof(domain);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == -1)
		return -1;
#endif
	if (domain == AF_UNIX && got == type)
		return 0;
	errno = EPROTOTYPE;
	return -1;
}
