/*
 * session.c: begin a session, at a broker's rendezvous or on a connection to an
 * opener that is there already, and end it.
 *
 * Runs in the worker, before it is confined.  Makes one connection and no file.
 * The session's socket comes over this connection, which then shows each side
 * when the other is gone.
 */

#include "config.h"

#include <sys/socket.h>
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
#include "base/rolename.h"
#include "client/session.h"
#include "client/watched.h"

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
	s->text = s->error;
}

int
session_fail(struct fdb_session *s, int error, const char *text)
{
	if (s->dead == 0)
		s->text = text;
	errno = error;
	return -1;
}

static struct fdb_session *
session_new(void)
{
	struct fdb_session	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	s->sock = s->conn = -1;
	s->next_id = 1;
	s->text = "";
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
	fd_close(&s->conn);
	ring_free(&s->ring);
	walks_free(&s->walks);
	watched_free(s->watches);
	watched_free(s->watch_taken);
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
	return s->text;
}

bool
session_peer_is_gone(const struct fdb_session *s)
{
	struct pollfd	 pfd = { .fd = s->conn };

	return poll(&pfd, 1, 0) == 1;
}

void
fdb_session_pollfds(const struct fdb_session *s,
    struct pollfd fds[FDB_POLLFDS])
{
	memset(fds, 0, FDB_POLLFDS * sizeof(fds[0]));
	fds[0].fd = s->sock;
	fds[0].events = POLLIN;
	/* Results are there: the socket can nearly always be written. */
	if (s->blocked || watched_has_results(s->watches))
		fds[0].events |= POLLOUT;
	/* poll(2) reports the connection's end without being asked. */
	fds[1].fd = s->conn;
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

/*
 * WELCOME: take its fields, and the session's socket.  A private opener's is of
 * sequenced packets, so that it cannot send to anybody but its peer.
 */
static int
session_welcomed(struct fdb_session *s, bool private, char *why)
{
	int	 flags;

	proto_get_info(&s->in, &s->info);
	if (wire_get_end(&s->in) == -1) {
		why_set(why, "the broker's welcome cannot be decoded");
		return -1;
	}
	s->sock = fdmsg_take(&s->msg, 0);
	/* fdb_next() never blocks, whoever made the socket. */
	if ((dgram_check(s->sock, SOCK_DGRAM) == -1 && (!private ||
	    dgram_check(s->sock, SOCK_SEQPACKET) == -1)) ||
	    (flags = fcntl(s->sock, F_GETFL)) == -1 ||
	    fcntl(s->sock, F_SETFL, flags | O_NONBLOCK) == -1) {
		errno = EPROTO;
		why_set(why, "the broker's welcome came without a socket");
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

/* The first message on a connection.  0 if it is a welcome. */
static int
session_first_message(struct fdb_session *s, size_t len, bool private,
    char *why)
{
	const char	*what;

	if (proto_parse(s->inbuf, len, s->msg.nfds, &s->head, &s->in,
	    &what) == -1) {
		why_set(why, "not a broker's answer: %s", what);
		return -1;
	}
	if (s->head.type == PROTO_REFUSED)
		return session_refused(&s->in, why);
	if (s->head.type == PROTO_WELCOME)
		return session_welcomed(s, private, why);
	why_set(why, "the broker answered with %s",
	    proto_name(s->head.type));
	errno = EPROTO;
	return -1;
}

/*
 * Wait for the answer on the connection.  `who' answers, for a message.  0 if
 * the session has begun.
 */
static int
session_answer(struct fdb_session *s, bool private, int64_t deadline,
    const char *who, char *why)
{
	ssize_t	 n = -1;

	if (wait_readable(s->conn, deadline) == 0)
		n = fdmsg_recv(s->conn, s->inbuf, sizeof(s->inbuf), 1,
		    &s->msg);
	/* The kernel tells this once, before a message that is queued. */
	if (n == -1 && errno == ECONNRESET)
		n = fdmsg_recv(s->conn, s->inbuf, sizeof(s->inbuf), 1,
		    &s->msg);
	if (n >= 0)
		return session_first_message(s, (size_t)n, private, why);
	if (errno == EPIPE) {
		errno = ECONNRESET;
		why_set(why, "%s closed the connection without an answer",
		    who);
	} else {
		why_set(why, "no answer from %s: %s", who, strerror(errno));
	}
	return -1;
}

int
fdb_attach(struct fdb_session **sp, int sock, int timeout_ms, char *why)
{
	struct fdb_session	*s;
	int			 flags;

	*sp = NULL;
	why_set(why, "%s", "");
	if ((s = session_new()) == NULL) {
		fd_close(&sock);
		why_set(why, "out of memory");
		return -1;
	}
	s->conn = sock;
	if (dgram_check(sock, SOCK_SEQPACKET) == -1 ||
	    fcntl(sock, F_SETFD, FD_CLOEXEC) == -1 ||
	    (flags = fcntl(sock, F_GETFL)) == -1 ||
	    fcntl(sock, F_SETFL, flags | O_NONBLOCK) == -1) {
		why_set(why, "no connection to an opener: %s",
		    strerror(errno));
		goto fail;
	}
	if (session_answer(s, true, deadline_in(timeout_ms), "the opener",
	    why) == -1)
		goto fail;
	*sp = s;
	return 0;

fail:
	fdb_disconnect(s);
	return -1;
}

/* Whoever listens there may speak for the broker: is it root, or the user? */
static int
session_check_broker(struct fdb_session *s, const char *path, char *why)
{
	uid_t	 uid;
	gid_t	 gid;

	if (getpeereid(s->conn, &uid, &gid) == -1) {
		why_set(why, "no broker at %s: %s", path, strerror(errno));
		return -1;
	}
	if (uid == 0 || uid == geteuid())
		return 0;
	why_set(why, "the broker at %s belongs to uid %u, not to root", path,
	    (unsigned int)uid);
	errno = EPERM;
	return -1;
}

/*
 * Connect to the socket for peers, where a flood of strangers delays nobody:
 * the kernel refuses whom no role names.  Not every broker has one.  Whoever
 * put another's socket there, where somebody else may create files, must not
 * keep us from the rendezvous.
 */
static int
session_connect_peer(const char *path, int timeout_ms)
{
	char		 peers[DGRAM_PATH_MAX];
	struct stat	 st;
	int		 n;

	n = snprintf(peers, sizeof(peers), "%s%s", path, PROTO_PEERS_SUFFIX);
	if (n < 0 || (size_t)n >= sizeof(peers)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (stat(peers, &st) == -1)
		return -1;
	if (!S_ISSOCK(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != geteuid())) {
		errno = EPERM;
		return -1;
	}
	return dgram_connect_seq(peers, timeout_ms);
}

/* Connect as a peer, or else to the rendezvous, and send HELLO. */
static int
session_hello(struct fdb_session *s, const char *path, const char *role,
    int timeout_ms, char *why)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;
	int		 error;

	s->conn = session_connect_peer(path, timeout_ms);
	if (s->conn == -1 && errno != EAGAIN)
		s->conn = dgram_connect_seq(path, timeout_ms);
	if (s->conn == -1 && errno == EPROTOTYPE) {
		why_set(why, "the broker at %s is of another version", path);
		return -1;
	}
	if (s->conn == -1) {
		/* The broker accepted nobody in time. */
		error = errno == EAGAIN ? ETIMEDOUT : errno;
		why_set(why, "no broker at %s: %s%s", path, strerror(error),
		    error == ENOENT || error == ECONNREFUSED ?
		    "; is fdbrokerd running?" : "");
		errno = error;
		return -1;
	}
	if (session_check_broker(s, path, why) == -1)
		return -1;
	message_begin(&m, PROTO_HELLO, buf, sizeof(buf));
	wire_put_str(&m.w, role);
	/* A broker that has refused already may have closed. */
	if (message_try_send(s->conn, &m) == -1 && errno != EPIPE &&
	    errno != ECONNRESET) {
		why_set(why, "cannot ask the broker at %s: %s", path,
		    strerror(errno));
		return -1;
	}
	return 0;
}

int
session_dial(const char *path, const char *role, int timeout_ms, char *why)
{
	struct fdb_session	*s;
	int			 conn = -1;

	if ((s = session_new()) == NULL) {
		why_set(why, "out of memory");
		return -1;
	}
	if (session_hello(s, path, role, timeout_ms, why) == 0) {
		conn = s->conn;
		s->conn = -1;
	}
	fdb_disconnect(s);
	return conn;
}

int
session_begin(struct fdb_session **sp, int conn, const char *role,
    const char *who, int64_t deadline, char *why)
{
	struct fdb_session	*s;

	if ((s = session_new()) == NULL) {
		fd_close(&conn);
		why_set(why, "out of memory");
		return -1;
	}
	s->conn = conn;
	if (session_answer(s, false, deadline, who, why) == -1)
		goto fail;
	if (strcmp(s->info.role, role) != 0) {
		errno = EPROTO;
		why_set(why, "%s gave another role, \"%s\"", who,
		    s->info.role);
		goto fail;
	}
	*sp = s;
	return 0;

fail:
	fdb_disconnect(s);
	return -1;
}

int
fdb_connect(struct fdb_session **sp, const char *path, const char *role,
    int timeout_ms, char *why)
{
	char	 who[FDB_WHY_MAX];
	int64_t	 deadline = deadline_in(timeout_ms);
	int	 conn;

	*sp = NULL;
	why_set(why, "%s", "");
	/* The daemon would take it for an attack, and not answer at once. */
	if (!rolename_is_valid(role)) {
		errno = EINVAL;
		why_set(why, "no role can have this name: expected "
		    ROLENAME_RULE);
		return -1;
	}
	(void)snprintf(who, sizeof(who), "the broker at %s", path);
	if ((conn = session_dial(path, role, timeout_ms, why)) == -1)
		return -1;
	return session_begin(sp, conn, role, who, deadline, why);
}
