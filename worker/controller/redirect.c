/*
 * redirect.c: another log for a run; see controller/redirect.h.
 *
 * Runs in the controller, which answers confined, and in fdbackup redirect.
 * The socket is bound in the first of these directories that belongs to the
 * user alone: in $XDG_RUNTIME_DIR, in /run/user/UID, /tmp/fdbackup-UID.  Who
 * redirects looks in all of them: its environment may differ.  The kernel tells
 * both sides who the other one is.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/wire.h"
#include "controller/redirect.h"

/* Names of sockets begin so; the process ID follows, as 8 digits. */
#define PREFIX		"redirect-"
#define PREFIX_MAX	(sizeof(PREFIX) + 8)

#define MAGIC		0x46445231U
#define REQUEST_MAX	(PROTO_PATH_MAX + 64)
#define BACKLOG		8
#define PLACES		3
#define TRIES		3	/* a run that ends removes the directory */
#define ANSWER_MS	30000

/* The directory number i.  0, or -1: there is none, or its name is too long. */
static int
place(char *path, unsigned int i, char *parent)
{
	const char	*run = getenv("XDG_RUNTIME_DIR");
	const uintmax_t	 uid = geteuid();
	int		 n = -1;

	parent[0] = '\0';
	if (i == 0 && run != NULL && run[0] == '/')
		n = snprintf(parent, DGRAM_PATH_MAX, "%s", run);
	else if (i == 1)
		n = snprintf(parent, DGRAM_PATH_MAX, "/run/user/%ju", uid);
	else if (i == 2)
		n = snprintf(path, DGRAM_PATH_MAX, "/tmp/fdbackup-%ju", uid);
	if (n >= 0 && n < (int)DGRAM_PATH_MAX && parent[0] != '\0')
		n = snprintf(path, DGRAM_PATH_MAX, "%s/fdbackup", parent);
	return n >= 0 && n < (int)DGRAM_PATH_MAX ? 0 : -1;
}

/* Does it belong to us, and can nobody else make or remove a name there? */
static bool
is_ours(const char *dir)
{
	struct stat	 st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 0077) == 0;
}

static void
name_of(char *prefix, long pid)
{
	(void)snprintf(prefix, PREFIX_MAX, PREFIX "%08lx", pid);
}

void
redirect_init(struct redirect *r)
{
	memset(r, 0, sizeof(*r));
	dgram_init(&r->sock);
	r->conn = r->fd = -1;
}

/* 0, or -1: not in this directory. */
static int
listen_in(struct redirect *r, const char *dir)
{
	char	 prefix[PREFIX_MAX], path[DGRAM_PATH_MAX];

	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		return -1;
	name_of(prefix, (long)getpid());
	if (!is_ours(dir) || dgram_choose(path, dir, prefix) == -1 ||
	    dgram_open_seq(&r->sock) == -1)
		return -1;
	dgram_sweep(dir, PREFIX);
	if (dgram_bind(&r->sock, path, 0600) == -1)
		return -1;
	(void)strlcpy(r->dir, dir, sizeof(r->dir));
	return listen(r->sock.fd, BACKLOG);
}

void
redirect_listen(struct redirect *r)
{
	char		 path[DGRAM_PATH_MAX], parent[DGRAM_PATH_MAX];
	unsigned int	 i, tries;

	for (i = 0; i < PLACES; i++) {
		if (place(path, i, parent) == -1 ||
		    (parent[0] != '\0' && !is_ours(parent)))
			continue;
		for (tries = 0; tries < TRIES; tries++) {
			if (listen_in(r, path) == 0)
				return;
			dgram_close(&r->sock);
		}
	}
}

void
redirect_close(struct redirect *r)
{
	fd_close(&r->fd);
	fd_close(&r->conn);
	dgram_close(&r->sock);
	/* Another run may use it. */
	if (r->dir[0] != '\0')
		(void)unlinkat(AT_FDCWD, r->dir, AT_REMOVEDIR);
	r->dir[0] = '\0';
}

void
redirect_pollfds(const struct redirect *r, struct pollfd *pfd)
{
	/* One request at a time; a new one drives out who says nothing. */
	pfd[0].fd = r->fd == -1 ? r->sock.fd : -1;
	pfd[1].fd = r->fd == -1 ? r->conn : -1;
	pfd[0].events = pfd[1].events = POLLIN;
}

static void
take_connection(struct redirect *r)
{
	uid_t	 uid;
	gid_t	 gid;
	int	 fd;

	fd = accept4(r->sock.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1)
		return;
	if (getpeereid(fd, &uid, &gid) == -1 ||
	    (uid != geteuid() && uid != 0)) {
		close(fd);
		return;
	}
	fd_close(&r->conn);
	r->conn = fd;
}

/* May the log be written to it?  0, or an errno value. */
static int
check_log(int fd)
{
	int	 flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return errno;
#ifdef O_PATH
	if (flags & O_PATH)
		return EBADF;
#endif
	return (flags & O_ACCMODE) == O_RDONLY ? EBADF : 0;
}

/* Read a request.  0, or an errno value; EAGAIN: none has come. */
static int
take_request(struct redirect *r)
{
	static uint8_t	 buf[REQUEST_MAX];
	struct wire_in	 in;
	struct fdmsg	 m;
	uint32_t	 magic;
	uint8_t		 overwrite;
	ssize_t		 len;

	if ((len = fdmsg_recv(r->conn, buf, sizeof(buf), 1, &m)) == -1)
		return errno;
	wire_in_init(&in, buf, (size_t)len);
	magic = wire_get_u32(&in);
	overwrite = wire_get_u8(&in);
	wire_get_str(&in, r->target, sizeof(r->target));
	if (wire_get_end(&in) == -1 || magic != MAGIC || overwrite > 1 ||
	    m.nfds != 1) {
		fdmsg_close(&m);
		return EPROTO;
	}
	r->overwrite = overwrite;
	r->fd = fdmsg_take(&m, 0);
	return check_log(r->fd);
}

bool
redirect_take(struct redirect *r, const struct pollfd *pfd)
{
	int	 error;

	if (r->conn != -1 && pfd[1].fd == r->conn && pfd[1].revents != 0) {
		if ((error = take_request(r)) == 0)
			return true;
		if (error != EAGAIN)
			redirect_answer(r, error, "");
	}
	if (r->fd == -1 && pfd[0].fd != -1 && pfd[0].revents != 0)
		take_connection(r);
	return false;
}

void
redirect_answer(struct redirect *r, int error, const char *why)
{
	uint8_t		 buf[REDIRECT_WHY_MAX + 16];
	struct wire_out	 w;

	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, MAGIC);
	wire_put_u32(&w, (uint32_t)error);
	wire_put_str(&w, why);
	/* Who asked may be gone. */
	if (r->conn != -1 && wire_put_end(&w) == 0)
		(void)fdmsg_try_send(r->conn, buf, w.len);
	fd_close(&r->conn);
	fd_close(&r->fd);
}

static int
send_fail(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A message that does not fit is cut. */
static int
send_fail(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, REDIRECT_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

/* Connect to the socket of a process that is in this directory.  Or -1. */
static int
connect_in(const char *dir, const char *prefix)
{
	char		 path[DGRAM_PATH_MAX];
	struct dirent	*de;
	DIR		*d;
	uid_t		 uid;
	gid_t		 gid;
	int		 n, fd = -1;

	if (!is_ours(dir) || (d = opendir(dir)) == NULL)
		return -1;
	while (fd == -1 && (de = readdir(d)) != NULL) {
		if (strncmp(de->d_name, prefix, strlen(prefix)) != 0)
			continue;
		n = snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		if (n < 0 || (size_t)n >= sizeof(path))
			continue;
		fd = dgram_connect_seq(path, ANSWER_MS);
		if (fd != -1 && (getpeereid(fd, &uid, &gid) == -1 ||
		    uid != geteuid()))
			fd_close(&fd);
	}
	(void)closedir(d);
	return fd;
}

static int
connect_to(long pid)
{
	char		 path[DGRAM_PATH_MAX], parent[DGRAM_PATH_MAX];
	char		 prefix[PREFIX_MAX];
	unsigned int	 i;
	int		 fd = -1;

	name_of(prefix, pid);
	for (i = 0; i < PLACES && fd == -1; i++)
		if (place(path, i, parent) == 0)
			fd = connect_in(path, prefix);
	return fd;
}

/* Wait for the answer.  0, or -1 with the reason. */
static int
await_answer(int fd, char *why)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	uint8_t		 buf[REDIRECT_WHY_MAX + 16];
	struct wire_in	 in;
	struct fdmsg	 m;
	const int64_t	 end = clock_ms() + ANSWER_MS;
	int64_t		 left;
	uint32_t	 magic, error;
	ssize_t		 len;
	int		 n;

	do {
		left = end - clock_ms();
		n = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (n == -1 && errno == EINTR);
	if (n == 0)
		return send_fail(why, "no answer in %d seconds; the log may "
		    "still be redirected", ANSWER_MS / 1000);
	if ((len = fdmsg_recv(fd, buf, sizeof(buf), 0, &m)) == -1)
		return send_fail(why, "%s", errno == EPIPE ||
		    errno == ECONNRESET ? "the run ended meanwhile" :
		    strerror(errno));
	wire_in_init(&in, buf, (size_t)len);
	magic = wire_get_u32(&in);
	error = wire_get_u32(&in);
	wire_get_str(&in, why, REDIRECT_WHY_MAX);
	if (wire_get_end(&in) == -1 || magic != MAGIC || error > INT32_MAX)
		return send_fail(why, "unexpected answer: is that another "
		    "version of fdbackup?");
	if (error != 0 && why[0] == '\0')
		return send_fail(why, "%s", strerror((int)error));
	return error == 0 ? 0 : -1;
}

int
redirect_send(long pid, int fd, bool overwrite, const char *target, char *why)
{
	static uint8_t	 buf[REQUEST_MAX];
	struct wire_out	 w;
	int		 sock, ret = -1;

	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, MAGIC);
	wire_put_u8(&w, overwrite);
	wire_put_str(&w, target);
	if (wire_put_end(&w) == -1 || strlen(target) >= PROTO_PATH_MAX)
		return send_fail(why, "%s", strerror(ENAMETOOLONG));
	if ((sock = connect_to(pid)) == -1)
		return send_fail(why, "no fdbackup of this user runs with "
		    "process ID %ld; see pgrep(1)", pid);
	if (fdmsg_send(sock, buf, w.len, &fd, 1) == -1)
		(void)send_fail(why, "%s", strerror(errno));
	else
		ret = await_answer(sock, why);
	close(sock);
	return ret;
}
