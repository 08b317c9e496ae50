/*
 * session.c: begin a session, at a broker's rendezvous or on a socket that is
 * already connected to an opener, and end it.
 *
 * Runs in the worker, before it is confined.  Binds one temporary socket in
 * the broker's peer directory and removes it on every path.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/pathname.h"
#include "client/session.h"

static void
why_set(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Write the reason, cut to its room, if the caller wants one.  Keeps errno. */
static void
why_set(char *why, const char *fmt, ...)
{
	int	 saved = errno;
	va_list	 ap;

	if (why != NULL) {
		va_start(ap, fmt);
		(void)vsnprintf(why, FDB_WHY_MAX, fmt, ap);
		va_end(ap);
	}
	errno = saved;
}

void
session_end(struct fdb_session *s, int error, const char *fmt, ...)
{
	va_list	 ap;

	fdmsg_close(&s->msg);
	s->have_reply = false;
	if (s->dead != 0)
		return;
	s->dead = error != 0 ? error : EPIPE;
	va_start(ap, fmt);
	(void)vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
}

static struct fdb_session *
session_new(void)
{
	struct fdb_session	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	s->sock = s->peer_alive = s->self_alive = -1;
	s->next_id = 1;
	return s;
}

void
fdb_disconnect(struct fdb_session *s)
{
	int	 saved = errno;

	if (s == NULL)
		return;
	fdmsg_close(&s->msg);
	fd_close(&s->sock);
	fd_close(&s->peer_alive);
	fd_close(&s->self_alive);
	ring_free(&s->ring);
	walks_free(&s->walks);
	free(s);
	errno = saved;
}

const struct fdb_session_info *
fdb_session_info(const struct fdb_session *s)
{
	return &s->info;
}

const char *
fdb_session_error(const struct fdb_session *s)
{
	return s->error;
}

bool
session_peer_is_gone(const struct fdb_session *s)
{
	struct pollfd	 pfd = { .fd = s->peer_alive };

	return poll(&pfd, 1, 0) == 1;
}

void
fdb_session_pollfds(const struct fdb_session *s,
    struct pollfd fds[FDB_POLLFDS])
{
	memset(fds, 0, FDB_POLLFDS * sizeof(fds[0]));
	fds[0].fd = s->sock;
	fds[0].events = POLLIN;
	if (s->blocked)
		fds[0].events |= POLLOUT;
	/* poll(2) reports the end of the pipe without being asked. */
	fds[1].fd = s->peer_alive;
}

/* Wait until a socket is readable.  0, or -1: ETIMEDOUT, or as poll(2). */
static int
wait_readable(int fd, int64_t deadline)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	int64_t		 left = -1;
	int		 n;

	for (;;) {
		if (deadline >= 0 && (left = deadline - clock_ms()) < 0)
			left = 0;
		n = poll(&pfd, 1, (int)left);
		if (n > 0)
			return 0;
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

static int64_t
deadline_in(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
}

/* WELCOME: take its fields, and the pipe that tells when the opener dies. */
static int
session_welcomed(struct fdb_session *s, struct wire_in *in, char *why)
{
	struct stat	 st;

	proto_get_info(in, &s->info);
	if (wire_get_end(in) == -1) {
		why_set(why, "the broker's welcome cannot be decoded");
		return -1;
	}
	s->peer_alive = fdmsg_take(&s->msg, 0);
	if (fstat(s->peer_alive, &st) == -1 || !S_ISFIFO(st.st_mode)) {
		errno = EPROTO;
		why_set(why, "the broker's welcome came without a pipe");
		return -1;
	}
	if (ring_init(&s->ring, s->info.window) == -1) {
		why_set(why, "out of memory");
		return -1;
	}
	return 0;
}

/* REFUSED: take the reason and the errno that the broker gave. */
static int
session_refused(struct wire_in *in, char *why)
{
	char		 text[PROTO_TEXT_MAX];
	uint32_t	 error;

	error = wire_get_u32(in);
	wire_get_str(in, text, sizeof(text));
	if (wire_get_end(in) == -1) {
		why_set(why, "the broker's refusal cannot be decoded");
		return -1;
	}
	why_set(why, "refused: %s", text);
	errno = error > 0 && error < 4096 ? (int)error : EACCES;
	return -1;
}

/* The first message on a session's socket.  0 if it is a welcome. */
static int
session_first_message(struct fdb_session *s, ssize_t len, char *why)
{
	const char	*what;

	if (proto_parse(s->inbuf, (size_t)len, s->msg.nfds, &s->head, &s->in,
	    &what) == -1) {
		why_set(why, "not a broker's answer: %s", what);
		return -1;
	}
	if (s->head.type == PROTO_REFUSED)
		return session_refused(&s->in, why);
	if (s->head.type == PROTO_WELCOME)
		return session_welcomed(s, &s->in, why);
	why_set(why, "the broker answered with %s",
	    proto_name(s->head.type));
	errno = EPROTO;
	return -1;
}

/* Send START, with the pipe that tells when we die. */
static int
session_start(struct fdb_session *s, char *why)
{
	uint8_t		 buf[PROTO_HEADER];
	struct message	 m;
	int		 p[2] = { -1, -1 }, ret = -1;

	message_begin(&m, PROTO_START, buf, sizeof(buf));
	m.h.items = 0;
	if (pipe2(p, O_CLOEXEC) == 0) {
		s->self_alive = p[1];
		ret = message_send(s->sock, &m, &p[0], 1);
	}
	if (ret == -1)
		why_set(why, "cannot start the session: %s", strerror(errno));
	fd_close(&p[0]);
	return ret;
}

int
fdb_attach(struct fdb_session **sp, int sock, int timeout_ms, char *why)
{
	struct fdb_session	*s;
	ssize_t			 n;
	int			 flags;

	*sp = NULL;
	why_set(why, "%s", "");
	if ((s = session_new()) == NULL) {
		fd_close(&sock);
		why_set(why, "out of memory");
		return -1;
	}
	s->sock = sock;
	/* fdb_next() never blocks, whoever made the socket. */
	if (fcntl(sock, F_SETFD, FD_CLOEXEC) == -1 ||
	    (flags = fcntl(sock, F_GETFL)) == -1 ||
	    fcntl(sock, F_SETFL, flags | O_NONBLOCK) == -1) {
		why_set(why, "no socket: %s", strerror(errno));
		goto fail;
	}
	if (wait_readable(sock, deadline_in(timeout_ms)) == -1 ||
	    (n = fdmsg_recv(sock, s->inbuf, sizeof(s->inbuf), 1,
	    &s->msg)) == -1) {
		why_set(why, "no welcome from the opener: %s",
		    strerror(errno));
		goto fail;
	}
	if (session_first_message(s, n, why) == -1 ||
	    session_start(s, why) == -1)
		goto fail;
	*sp = s;
	return 0;

fail:
	fdb_disconnect(s);
	return -1;
}

/* Where the broker of a rendezvous socket keeps its sockets. */
struct places {
	char	 peer[DGRAM_PATH_MAX];		/* we bind there */
	char	 session[DGRAM_PATH_MAX];	/* it binds there */
};

static int
places_find(struct places *pl, const char *path)
{
	const char	*slash = strrchr(path, '/');
	struct stat	 st;
	int		 len = slash != NULL ? (int)(slash - path) : 1, n;

	if (slash == NULL)
		path = ".";
	n = snprintf(pl->peer, sizeof(pl->peer), "%.*s/peer", len, path);
	if (n < 0 || (size_t)n >= sizeof(pl->peer))
		goto toolong;
	n = snprintf(pl->session, sizeof(pl->session), "%.*s/session", len,
	    path);
	if (n < 0 || (size_t)n >= sizeof(pl->session))
		goto toolong;
	/* Whoever may bind there may speak for the broker. */
	if (stat(pl->session, &st) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode) || (st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    (st.st_uid != 0 && st.st_uid != geteuid())) {
		errno = EPERM;
		return -1;
	}
	return 0;

toolong:
	errno = ENAMETOOLONG;
	return -1;
}

/*
 * Send HELLO.  The rendezvous may be busy: wait for our turn, a minute at most,
 * even if the caller would wait for ever.
 */
static int
session_hello(struct dgram *d, const char *path, const char *role,
    int timeout_ms)
{
	uint8_t			 buf[MESSAGE_SHORT];
	struct sockaddr_un	 sun;
	struct message		 m;
	size_t			 len;

	if (dgram_address(&sun, path) == -1)
		return -1;
	message_begin(&m, PROTO_HELLO, buf, sizeof(buf));
	wire_put_str(&m.w, role);
	if ((len = message_finish(&m, 0)) == 0)
		return -1;
	if (dgram_set_send_wait(d, timeout_ms < 0 ? 60000 :
	    timeout_ms + 1) == -1 ||
	    fdmsg_sendto(d->fd, &sun, sizeof(sun), buf, len, NULL, 0) == -1)
		return -1;
	return dgram_set_send_wait(d, 0);
}

/*
 * The path, in the broker's session directory, of the socket that a message
 * came from.  False if that cannot be the broker's socket.  Only the last
 * component of the address is used: the broker may know the directory by
 * another name.
 */
static bool
broker_address(const struct fdmsg *m, const struct places *pl, char *path,
    size_t size)
{
	char		 name[DGRAM_PATH_MAX + 1];
	const char	*base;
	size_t		 head = offsetof(struct sockaddr_un, sun_path);
	int		 n;

	if (m->fromlen <= head || m->fromlen > sizeof(m->from))
		return false;
	/* It may lack a NUL, or begin with one. */
	memcpy(name, m->from.sun_path, m->fromlen - head);
	name[m->fromlen - head] = '\0';
	base = strrchr(name, '/');
	base = base != NULL ? base + 1 : name;
	if (strlen(base) != DGRAM_NAME_LEN ||
	    strspn(base, "0123456789abcdef") != DGRAM_NAME_LEN)
		return false;
	n = snprintf(path, size, "%s/%s", pl->session, base);
	return n > 0 && (size_t)n < size;
}

/* Wait for the broker's answer; discard what others send. */
static ssize_t
session_answer(struct fdb_session *s, struct dgram *d,
    const struct places *pl, int64_t deadline, char *from, size_t size)
{
	ssize_t	 n;

	for (;;) {
		if (wait_readable(d->fd, deadline) == -1)
			return -1;
		n = fdmsg_recv(d->fd, s->inbuf, sizeof(s->inbuf), 1, &s->msg);
		if (n > 0 && broker_address(&s->msg, pl, from, size))
			return n;
		if (n > 0)
			fdmsg_close(&s->msg);
		else if (errno != EAGAIN && errno != EBADMSG &&
		    errno != EMSGSIZE && errno != EPIPE)
			return -1;
	}
}

/* HELLO, the answer, and the connection back to where it came from. */
static int
session_handshake(struct fdb_session *s, struct dgram *d, const char *path,
    const char *role, int timeout_ms, char *why)
{
	struct places	 pl;
	char		 from[DGRAM_PATH_MAX];
	int64_t		 deadline = deadline_in(timeout_ms);
	ssize_t		 n;

	if (places_find(&pl, path) == -1) {
		why_set(why, "no broker at %s: %s", path, strerror(errno));
		return -1;
	}
	if (dgram_bind_random(d, pl.peer, 0600) == -1) {
		why_set(why, "cannot bind in %s: %s", pl.peer,
		    strerror(errno));
		return -1;
	}
	if (session_hello(d, path, role, timeout_ms) == -1) {
		why_set(why, "no broker at %s: %s", path, strerror(errno));
		return -1;
	}
	n = session_answer(s, d, &pl, deadline, from, sizeof(from));
	if (n == -1) {
		why_set(why, "no answer from the broker at %s: %s", path,
		    strerror(errno));
		return -1;
	}
	if (session_first_message(s, n, why) == -1)
		return -1;
	if (dgram_connect(d, from) == -1) {
		why_set(why, "cannot connect to %s: %s", from,
		    strerror(errno));
		return -1;
	}
	dgram_drain(d);
	dgram_unlink(d);
	return 0;
}

int
fdb_connect(struct fdb_session **sp, const char *path, const char *role,
    int timeout_ms, char *why)
{
	struct fdb_session	*s = NULL;
	struct dgram		 d;

	*sp = NULL;
	dgram_init(&d);
	why_set(why, "%s", "");
	if (strlen(role) == 0 || strlen(role) > FDB_ROLE_MAX) {
		errno = EINVAL;
		why_set(why, "a role's name has 1 to %d bytes",
		    FDB_ROLE_MAX);
		return -1;
	}
	if ((s = session_new()) == NULL) {
		why_set(why, "out of memory");
		return -1;
	}
	if (session_handshake(s, &d, path, role, timeout_ms, why) == -1)
		goto fail;
	s->sock = dgram_release(&d);
	if (session_start(s, why) == -1)
		goto fail;
	*sp = s;
	return 0;

fail:
	dgram_close(&d);
	fdb_disconnect(s);
	return -1;
}
