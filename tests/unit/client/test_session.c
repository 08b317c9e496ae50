/*
 * test_session.c: how a session begins and ends, on the library's side.
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
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

static char	why[FDB_WHY_MAX];

/* One end of a session whose other end is closed. */
static int
some_socket(void)
{
	int	 p[2];

	assert_return_code(dgram_pair(p), errno);
	close(p[1]);
	return p[0];
}

static void
test_attach(void **state)
{
	struct fdb_session_info		 info;
	const struct fdb_session_info	*got;
	struct pollfd			 pfds[FDB_POLLFDS];
	struct fake			 f;

	(void)state;
	fake_info(&info);
	info.confined = FDB_CONFINED_NNP | FDB_CONFINED_CLONE;
	fake_attach(&f, &info);
	got = fdb_session_info(f.s);
	assert_int_equal(got->id, info.id);
	assert_true(got->generation == info.generation);
	assert_int_equal(got->window, info.window);
	assert_int_equal(got->batch, info.batch);
	assert_int_equal(got->bytes, info.bytes);
	assert_int_equal(got->tokens, info.tokens);
	assert_int_equal(got->confined, info.confined);
	assert_string_equal(got->role, info.role);
	assert_string_equal(fdb_session_error(f.s), "");
	assert_int_equal(fdb_outstanding(f.s), 0);
	fdb_session_pollfds(f.s, pfds);
	assert_int_equal(pfds[0].events, POLLIN);
	assert_true(util_is_cloexec(pfds[0].fd));
	assert_true(util_is_cloexec(pfds[1].fd));
	assert_int_equal(poll(pfds, FDB_POLLFDS, 0), 0);
	fake_end(&f);
	fdb_disconnect(NULL);
}

/* Each side sees by the connection when the other ends. */
static void
test_ends_are_seen(void **state)
{
	struct pollfd	 pfds[FDB_POLLFDS], worker;
	struct fake	 f;

	(void)state;
	fake_attach(&f, NULL);
	worker.fd = f.conn;
	worker.events = 0;
	assert_int_equal(poll(&worker, 1, 0), 0);
	fdb_disconnect(f.s);
	f.s = NULL;
	assert_int_equal(poll(&worker, 1, 0), 1);
	assert_int_equal(worker.revents, POLLHUP);
	fake_end(&f);

	fake_attach(&f, NULL);
	fake_die(&f);
	fdb_session_pollfds(f.s, pfds);
	assert_int_equal(poll(pfds, FDB_POLLFDS, 0), 1);
	assert_int_equal(pfds[1].revents, POLLHUP);
	fake_end(&f);
}

/* Attach to a socket with a message queued, which must fail like this. */
static void
attach_fault(const void *buf, size_t len, const int *fds, size_t nfds,
    int error, const char *text)
{
	struct fdb_session	*s = (struct fdb_session *)why;
	int			 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	if (len > 0)
		assert_int_equal(fdmsg_send(p[0], buf, len, fds, nfds), 0);
	errno = 0;
	assert_int_equal(fdb_attach(&s, p[1], 0, why), -1);
	assert_int_equal(errno, error);
	assert_null(s);
	if (strstr(why, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, text);
	/* The descriptor was taken over. */
	assert_int_equal(fcntl(p[1], F_GETFD), -1);
	close(p[0]);
}

static size_t
welcome_of(void *buf, size_t size, const struct fdb_session_info *info,
    size_t nfds)
{
	struct util_header	 h = { .type = PROTO_WELCOME, .items = 1,
				    .fds = (uint16_t)nfds };
	struct wire_out		 w;
	uint8_t			 body[256];

	wire_out_init(&w, body, sizeof(body));
	proto_put_info(&w, info);
	assert_int_equal(wire_put_end(&w), 0);
	return util_message(buf, size, &h, body, w.len);
}

static void
test_bad_welcome(void **state)
{
	struct fdb_session_info	 info;
	uint8_t			 buf[512];
	size_t			 len, n;
	int			 fds[2], p[2], stream[2], inet;

	(void)state;
	fds[0] = some_socket();
	fds[1] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fake_info(&info);
	len = welcome_of(buf, sizeof(buf), &info, 1);
	attach_fault(NULL, 0, NULL, 0, ETIMEDOUT, "no answer");
	attach_fault("hello", 5, NULL, 0, EPROTO,
	    "not a broker's answer: shorter");
	attach_fault(buf, len, NULL, 0, EPROTO, "differ");
	attach_fault(buf, len, fds, 2, EBADMSG, "no answer");
	/* A file, a pipe, a stream, and a socket that is not local. */
	attach_fault(buf, len, &fds[1], 1, EPROTO, "without a socket");
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	attach_fault(buf, len, p, 1, EPROTO, "without a socket");
	fd_close_all(p, 2);
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    stream), errno);
	attach_fault(buf, len, stream, 1, EPROTO, "without a socket");
	fd_close_all(stream, 2);
	inet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (inet != -1)
		attach_fault(buf, len, &inet, 1, EPROTO, "without a socket");
	fd_close(&inet);
	/* Cut anywhere, or with something after it. */
	for (n = 1; n < len; n++) {
		uint32_t	 claim = (uint32_t)n;

		memcpy(buf + 16, &claim, sizeof(claim));
		attach_fault(buf, n, fds, 1, EPROTO, n < PROTO_HEADER ?
		    "shorter" : "cannot be decoded");
	}
	n = len + 1;
	memcpy(buf + 16, &(uint32_t){ (uint32_t)n }, sizeof(uint32_t));
	attach_fault(buf, n, fds, 1, EPROTO, "cannot be decoded");

	/* The library makes room for the window: it must have a bound. */
	info.window = 0;
	len = welcome_of(buf, sizeof(buf), &info, 1);
	attach_fault(buf, len, fds, 1, EPROTO, "cannot be decoded");
	info.window = 65;
	len = welcome_of(buf, sizeof(buf), &info, 1);
	attach_fault(buf, len, fds, 1, EPROTO, "cannot be decoded");
	fd_close_all(fds, 2);
}

static size_t
refusal_of(void *buf, size_t size, uint32_t error, const char *text)
{
	struct util_header	 h = { .type = PROTO_REFUSED, .items = 1 };
	struct wire_out		 w;
	uint8_t			 body[512];

	wire_out_init(&w, body, sizeof(body));
	wire_put_u32(&w, error);
	wire_put_str(&w, text);
	assert_int_equal(wire_put_end(&w), 0);
	return util_message(buf, size, &h, body, w.len);
}

static void
test_refused(void **state)
{
	struct util_header	 h = { .type = PROTO_ENDED, .items = 1 };
	uint8_t			 buf[1024];
	char			 text[FDB_WHY_MAX + 1];
	size_t			 len;

	(void)state;
	len = refusal_of(buf, sizeof(buf), EAGAIN, "limit of 4 sessions");
	attach_fault(buf, len, NULL, 0, EAGAIN, "limit of 4 sessions");
	/* Without a valid error it is EACCES. */
	len = refusal_of(buf, sizeof(buf), 0, "no");
	attach_fault(buf, len, NULL, 0, EACCES, "no");
	len = refusal_of(buf, sizeof(buf), UINT32_MAX, "no");
	attach_fault(buf, len, NULL, 0, EACCES, "no");
	/* The longest text, cut; and one that is too long. */
	memset(text, 't', sizeof(text));
	text[FDB_WHY_MAX - 1] = '\0';
	len = refusal_of(buf, sizeof(buf), EACCES, text);
	attach_fault(buf, len, NULL, 0, EACCES, "refused: ttt");
	text[FDB_WHY_MAX - 1] = 't';
	text[FDB_WHY_MAX] = '\0';
	len = refusal_of(buf, sizeof(buf), EACCES, text);
	attach_fault(buf, len, NULL, 0, EPROTO, "cannot be decoded");
	/* Something else. */
	len = util_message(buf, sizeof(buf), &h, "", 0);
	attach_fault(buf, len, NULL, 0, EPROTO, "answered with ENDED");
}

static void
test_attach_no_socket(void **state)
{
	struct fdb_session	*s;
	int			 fd;

	(void)state;
	assert_int_equal(fdb_attach(&s, -1, 0, why), -1);
	assert_null(s);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(fdb_attach(&s, fd, 0, NULL), -1);
	assert_int_equal(errno, ENOTSOCK);
	assert_null(s);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	/* The session's own socket is no connection. */
	fd = some_socket();
	assert_int_equal(fdb_attach(&s, fd, 0, NULL), -1);
	assert_int_equal(errno, EPROTOTYPE);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* Sockets that block are made non-blocking, since fdb_next() never blocks. */
static void
test_attach_blocking_socket(void **state)
{
	struct fdb_session_info	 info;
	struct pollfd		 pfds[FDB_POLLFDS];
	struct fdb_session	*s;
	int			 p[2], conn[2], i;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, conn), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, p), 0);
	fake_info(&info);
	fake_welcome(conn[0], &info, p[1]);
	assert_int_equal(fdb_attach(&s, conn[1], 0, why), 0);
	fdb_session_pollfds(s, pfds);
	for (i = 0; i < FDB_POLLFDS; i++) {
		assert_true(fcntl(pfds[i].fd, F_GETFL) & O_NONBLOCK);
		assert_true(util_is_cloexec(pfds[i].fd));
	}
	fdb_disconnect(s);
	close(p[0]);
	close(conn[0]);
}

/* No room for the descriptor of WELCOME. */
static void
test_attach_no_room(void **state)
{
	struct fdb_session_info	 info;
	struct fdb_session	*s;
	int			 p[2], room, ret, error;

	(void)state;
	fake_info(&info);
	for (room = 0; room < 2; room++) {
		assert_return_code(dgram_pair_seq(p), errno);
		fake_welcome(p[0], &info, some_socket());
		util_limit_fds(room);
		ret = fdb_attach(&s, p[1], 0, why);
		error = errno;
		util_unlimit_fds();
		assert_int_equal(ret, room < 1 ? -1 : 0);
		if (ret == -1)
			assert_int_equal(error, EMFILE);
		fdb_disconnect(s);
		close(p[0]);
	}
}

/* The opener dies before it welcomes, or after it has. */
static void
test_attach_dead_opener(void **state)
{
	struct fdb_session_info	 info;
	struct fdb_session	*s;
	struct fdb_result	 r;
	int			 p[2];

	(void)state;
	fake_info(&info);
	assert_return_code(dgram_pair_seq(p), errno);
	close(p[0]);
	assert_int_equal(fdb_attach(&s, p[1], 0, why), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_string_equal(why,
	    "the opener closed the connection without an answer");

	assert_return_code(dgram_pair_seq(p), errno);
	fake_welcome(p[0], &info, some_socket());
	close(p[0]);
	assert_int_equal(fdb_attach(&s, p[1], 0, why), 0);
	assert_int_equal(fdb_next(s, &r), -1);
	assert_int_equal(errno, EPIPE);
	fdb_disconnect(s);
}

/*
 * A broker for fdb_connect(): run directory, rendezvous, and what a child
 * process does with one HELLO.
 */
struct broker {
	struct dgram	 rendezvous;
	char		 dir[64];
	char		 path[DGRAM_PATH_MAX];
	const char	*refuse;	/* a text, or NULL to welcome */
	const char	*role;		/* that it gives, or NULL: as asked */
	bool		 hangs_up;	/* it closes the connection at once */
};

static void
broker_start(struct broker *b)
{
	memset(b, 0, sizeof(*b));
	(void)strlcpy(b->dir, util_path("run"), sizeof(b->dir));
	(void)snprintf(b->path, sizeof(b->path), "%s/fdbroker.sock", b->dir);
	assert_int_equal(mkdir(b->dir, 0755), 0);
	dgram_init(&b->rendezvous);
	assert_int_equal(dgram_open_seq(&b->rendezvous), 0);
	assert_int_equal(dgram_bind(&b->rendezvous, b->path, 0666), 0);
	assert_int_equal(listen(b->rendezvous.fd, 4), 0);
}

static void
broker_end(struct broker *b)
{
	dgram_close(&b->rendezvous);
	/* Nothing of a handshake is left. */
	assert_int_equal(rmdir(b->dir), 0);
}

/* Accept a client, and take its HELLO: the role's name. */
static int
broker_hello(struct broker *b, char *role)
{
	uint8_t			 buf[512];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*what;
	ssize_t			 len;
	int			 conn;

	assert_true(util_readable(b->rendezvous.fd));
	conn = accept4(b->rendezvous.fd, NULL, NULL, SOCK_CLOEXEC);
	assert_return_code(conn, errno);
	len = fdmsg_recv(conn, buf, sizeof(buf), 0, &m);
	assert_true(len > 0);
	assert_int_equal(proto_parse(buf, (size_t)len, 0, &h, &in, &what), 0);
	assert_int_equal(h.type, PROTO_HELLO);
	assert_true(wire_get_str(&in, role, FDB_ROLE_MAX + 1) > 0);
	assert_int_equal(wire_get_end(&in), 0);
	return conn;
}

/* In a child: one session, with one OPEN. */
static int
broker_child(void *arg)
{
	struct broker		*b = arg;
	struct fdb_session_info	 info;
	uint8_t			 buf[512];
	size_t			 len;
	static struct fake	 fake;
	int			 conn, p[2];

	fake_info(&info);
	conn = broker_hello(b, info.role);
	if (b->hangs_up)
		return 0;
	if (b->refuse != NULL) {
		len = refusal_of(buf, sizeof(buf), EACCES, b->refuse);
		assert_int_equal(fdmsg_send(conn, buf, len, NULL, 0), 0);
		return 0;
	}
	if (b->role != NULL)
		(void)strlcpy(info.role, b->role, sizeof(info.role));
	assert_return_code(dgram_pair(p), errno);
	fake_welcome(conn, &info, p[1]);
	fake.sock = p[0];
	if (b->role == NULL) {
		assert_true(util_readable(fake.sock));
		fake_answer(&fake);
	}
	return 0;
}

/* Connect by a path to a broker that behaves as b says. */
static int
connect_to(struct broker *b, const char *path, struct fdb_session **s)
{
	pid_t	 pid;
	int	 fd = -1, ret, error;

	pid = util_start(broker_child, b);
	ret = fdb_connect(s, path, "nightly", 10000, why);
	error = errno;
	if (ret == 0) {
		assert_string_equal(fdb_session_info(*s)->role, "nightly");
		assert_return_code(fd = fdb_open(*s, "/a", O_RDONLY), errno);
		close(fd);
	}
	assert_int_equal(util_wait(pid), 0);
	errno = error;
	return ret;
}

static void
test_connect(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;

	(void)state;
	broker_start(&b);
	if (connect_to(&b, b.path, &s) == -1)
		fail_msg("%s", why);
	assert_string_equal(why, "");
	fdb_disconnect(s);
	broker_end(&b);
}

/* A run directory by another name: a link, a relative path. */
static void
test_connect_other_names(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;
	int			 cwd;

	(void)state;
	broker_start(&b);
	assert_int_equal(symlink("run", util_path("link")), 0);
	if (connect_to(&b, util_path("link/fdbroker.sock"), &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);

	assert_return_code(cwd = open(".", O_RDONLY | O_CLOEXEC), errno);
	assert_int_equal(chdir(b.dir), 0);
	if (connect_to(&b, "fdbroker.sock", &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	if (connect_to(&b, "../run/fdbroker.sock", &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	assert_int_equal(fchdir(cwd), 0);
	close(cwd);
	broker_end(&b);
}

static void
test_connect_refused(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;

	(void)state;
	broker_start(&b);
	b.refuse = "unknown role";
	assert_int_equal(connect_to(&b, b.path, &s), -1);
	assert_int_equal(errno, EACCES);
	assert_null(s);
	assert_string_equal(why, "refused: unknown role");
	b.refuse = NULL;
	b.hangs_up = true;
	assert_int_equal(connect_to(&b, b.path, &s), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_non_null(strstr(why, "closed the connection"));
	broker_end(&b);
}

/* A role that was not asked for. */
static void
test_connect_other_role(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;

	(void)state;
	broker_start(&b);
	b.role = "weekly";
	assert_int_equal(connect_to(&b, b.path, &s), -1);
	assert_int_equal(errno, EPROTO);
	assert_non_null(strstr(why, "gave another role, \"weekly\""));
	broker_end(&b);
}

/* A broker of a version that receives datagrams. */
static void
test_connect_other_version(void **state)
{
	struct fdb_session	*s;
	struct dgram		 d;
	char			 path[DGRAM_PATH_MAX];

	(void)state;
	dgram_init(&d);
	(void)strlcpy(path, util_path("sock"), sizeof(path));
	assert_int_equal(dgram_bind(&d, path, 0666), 0);
	assert_int_equal(fdb_connect(&s, path, "a", 1000, why), -1);
	assert_int_equal(errno, EPROTOTYPE);
	assert_non_null(strstr(why, "is of another version"));
	dgram_close(&d);
}

/* Nobody accepts, and the backlog is full: the time is kept. */
static void
test_connect_full(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;
	int			 fds[64], n = 0;

	(void)state;
	broker_start(&b);
	while (n < 64 && (fds[n] = dgram_connect_seq(b.path, 1)) != -1)
		n++;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fdb_connect(&s, b.path, "a", 1, why), -1);
	assert_int_equal(errno, ETIMEDOUT);
	fd_close_all(fds, (size_t)n);
	broker_end(&b);
}

static void
connect_fault(const char *path, const char *role, int error)
{
	struct fdb_session	*s = (struct fdb_session *)why;

	errno = 0;
	assert_int_equal(fdb_connect(&s, path, role, 1, why), -1);
	assert_int_equal(errno, error);
	assert_null(s);
	assert_string_not_equal(why, "");
}

static void
test_connect_nobody(void **state)
{
	struct broker	 b;

	(void)state;
	connect_fault(util_path("no/fdbroker.sock"), "a", ENOENT);
	broker_start(&b);
	/* It does not answer. */
	connect_fault(b.path, "a", ETIMEDOUT);
	assert_non_null(strstr(why, b.path));
	/* It is dead, and left its socket. */
	close(b.rendezvous.fd);
	connect_fault(b.path, "a", ECONNREFUSED);
	assert_int_equal(unlink(b.path), 0);
	connect_fault(b.path, "a", ENOENT);
	util_write_file(b.path, "");
	connect_fault(b.path, "a", ECONNREFUSED);
	assert_int_equal(unlink(b.path), 0);
	dgram_init(&b.rendezvous);
	broker_end(&b);
}

static void
test_connect_arguments(void **state)
{
	struct broker	 b;
	char		 role[FDB_ROLE_MAX + 2], path[DGRAM_PATH_MAX + 1];

	(void)state;
	broker_start(&b);
	memset(role, 'r', sizeof(role));
	role[sizeof(role) - 1] = '\0';
	connect_fault(b.path, "", EINVAL);
	connect_fault(b.path, role, EINVAL);
	connect_fault(b.path, "my role", EINVAL);
	connect_fault(b.path, "-r", EINVAL);
	role[FDB_ROLE_MAX] = '\0';
	connect_fault(b.path, role, ETIMEDOUT);
	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	connect_fault(path, "a", ENAMETOOLONG);
	path[DGRAM_PATH_MAX - 1] = '\0';
	connect_fault(path, "a", ENOENT);
	broker_end(&b);
}

/* A broker that listens as somebody else may be anybody. */
static void
test_connect_untrusted(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;

	(void)state;
	util_need_root();
	broker_start(&b);
	assert_int_equal(seteuid(UTIL_NOBODY), 0);
	/* This puts its ids down anew. */
	assert_int_equal(listen(b.rendezvous.fd, 4), 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(fdb_connect(&s, b.path, "a", 1000, why), -1);
	assert_int_equal(errno, EPERM);
	assert_non_null(strstr(why, "belongs to uid 65534, not to root"));
	broker_end(&b);
}

/* Put something beside the rendezvous where a broker has its second socket. */
static void
peers_start(struct dgram *peers, const struct broker *b, int backlog)
{
	char	 path[DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%.90s.peers", b->path);
	dgram_init(peers);
	assert_int_equal(dgram_open_seq(peers), 0);
	assert_int_equal(dgram_bind(peers, path, 0600), 0);
	if (backlog > 0)
		assert_int_equal(listen(peers->fd, backlog), 0);
}

/* The second socket comes first: nobody asks at the rendezvous. */
static void
test_connect_peers(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;
	struct dgram		 all;

	(void)state;
	broker_start(&b);
	all = b.rendezvous;
	peers_start(&b.rendezvous, &b, 4);
	if (connect_to(&b, b.path, &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	/* What is said there is the answer. */
	b.refuse = "go away";
	assert_int_equal(connect_to(&b, b.path, &s), -1);
	assert_string_equal(why, "refused: go away");
	/* So is silence. */
	connect_fault(b.path, "a", ETIMEDOUT);
	assert_int_equal(accept4(all.fd, NULL, NULL, SOCK_CLOEXEC), -1);
	assert_int_equal(errno, EAGAIN);
	dgram_close(&all);
	broker_end(&b);
}

/* A second socket that does not let us in, or is no broker's. */
static void
test_connect_no_peers(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;
	struct dgram		 peers;
	char			 path[DGRAM_PATH_MAX];
	int			 ret;

	(void)state;
	util_need_root();
	broker_start(&b);
	peers_start(&peers, &b, 0);
	(void)strlcpy(path, peers.path, sizeof(path));
	/* Nobody listens. */
	if (connect_to(&b, b.path, &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	/* Not for us. */
	assert_int_equal(listen(peers.fd, 4), 0);
	assert_int_equal(seteuid(UTIL_NOBODY), 0);
	ret = connect_to(&b, b.path, &s);
	assert_int_equal(seteuid(0), 0);
	if (ret == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	/* Another user's, which would never answer. */
	assert_int_equal(chown(path, UTIL_NOBODY, UTIL_NOBODY), 0);
	if (connect_to(&b, b.path, &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	assert_false(util_readable(peers.fd));
	assert_int_equal(chown(path, 0, 0), 0);
	dgram_close(&peers);
	/* No socket. */
	util_write_file(path, "");
	if (connect_to(&b, b.path, &s) == -1)
		fail_msg("%s", why);
	fdb_disconnect(s);
	assert_int_equal(unlink(path), 0);
	broker_end(&b);
}

static void
test_connect_no_room(void **state)
{
	struct fdb_session	*s;
	struct broker		 b;
	int			 ret, error;

	(void)state;
	broker_start(&b);
	util_limit_fds(0);
	ret = fdb_connect(&s, b.path, "a", 0, why);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EMFILE);
	broker_end(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_attach),
		UTIL_TEST(test_ends_are_seen),
		UTIL_TEST(test_bad_welcome),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_attach_no_socket),
		UTIL_TEST(test_attach_blocking_socket),
		UTIL_TEST(test_attach_no_room),
		UTIL_TEST(test_attach_dead_opener),
		UTIL_TEST(test_connect),
		UTIL_TEST(test_connect_other_names),
		UTIL_TEST(test_connect_other_role),
		UTIL_TEST(test_connect_other_version),
		UTIL_TEST(test_connect_full),
		UTIL_TEST(test_connect_refused),
		UTIL_TEST(test_connect_nobody),
		UTIL_TEST(test_connect_arguments),
		UTIL_TEST(test_connect_untrusted),
		UTIL_TEST(test_connect_peers),
		UTIL_TEST(test_connect_no_peers),
		UTIL_TEST(test_connect_no_room)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
