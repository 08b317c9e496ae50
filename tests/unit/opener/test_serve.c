/*
 * test_serve.c: the opener's side of a session: each message in and out of
 * order, tokens, and garbage.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/changewire.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/walkwire.h"
#include "ipc/types.h"
#include "opener/walk.h"
#include "opener/watch.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define MUTATIONS	100000

static struct client	 client;
static struct answer	 got;

static void
start(void)
{
	client_start(&client, client_small_role(), false);
}

/* What was sent ends the session, and the worker is told why. */
static void
expect_over(const char *text)
{
	assert_int_equal(serve_one(&client.sv), -1);
	client_expect_ended(&client, text);
	client_end(&client);
}

static void
test_session(void **state)
{
	(void)state;
	start();
	assert_int_equal(serve_one(&client.sv), 0);
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	assert_true(util_is_cloexec(got.fd));
	assert_int_equal(got.st.size, 4);
	assert_true(S_ISREG(got.st.mode));
	assert_true(util_fd_reads(got.fd, "text"));
	assert_int_equal(fcntl(got.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(got.fd);
	assert_int_equal(client_open(&client, 0, client_path("tree/secret"),
	    &got), EACCES);
	assert_int_equal(got.status.reason, FDB_REASON_POLICY);
	assert_string_equal(got.status.where, "test.conf:2 \"label\"");
	assert_int_equal(client_open(&client, 0, "etc/passwd", &got), EACCES);
	assert_int_equal(got.status.reason, FDB_REASON_POLICY);
	assert_string_equal(got.status.where,
	    "no rule of role \"test\" permits it");
	client_end(&client);
}

/* Does a message of this type have a descriptor? */
static bool
has_fd(unsigned int type)
{
	return type == PROTO_HANDOFF || type == PROTO_WELCOME ||
	    type == IPC_POLICY || type == IPC_ADMIT;
}

/* Send a message of this type, well-formed as far as the table knows. */
static void
send_type(unsigned int type, int *fds)
{
	struct util_header	 uh = { .type = (uint16_t)type, .id = 9 };
	uint8_t			 buf[PROTO_HEADER + 16];
	size_t			 len;

	uh.items = type == PROTO_HANDOFF ||
	    type == PROTO_CANCEL ? 0 : 1;
	uh.fds = has_fd(type) ? 1 : type == IPC_SETUP ? 4 : 0;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	client_send_raw(&client, buf, len, fds, uh.fds);
}

/* What a worker may ask for once the session has begun. */
static const unsigned int	 requests[] = {
	PROTO_OPEN, PROTO_STAT, PROTO_LIST, PROTO_FORGET,
	/* What follows does not consist of items that are alike. */
	PROTO_WALK, PROTO_CREDIT, PROTO_CANCEL, PROTO_CHANGE, PROTO_WATCH,
	PROTO_LIMIT
};
#define NALIKE		4
#define NREQUESTS	(sizeof(requests) / sizeof(requests[0]))

/* Each type of message is in one of two lists. */
static void
check_all_types(const unsigned int *others, size_t nothers)
{
	unsigned int	 type;
	size_t		 i, n;

	for (type = 0; type < IPC_ADMIT; type++) {
		if (strcmp(proto_name(type), "unknown") == 0)
			continue;
		n = 0;
		for (i = 0; i < NREQUESTS; i++)
			n += requests[i] == type;
		for (i = 0; i < nothers; i++)
			n += others[i] == type;
		if (n != 1)
			fail_msg("%s is in %zu lists", proto_name(type), n);
	}
}

static void
test_states(void **state)
{
	static const unsigned int	 others[] = {
		PROTO_HELLO, PROTO_WELCOME, PROTO_REFUSED, PROTO_ENDED,
		PROTO_OPEN_REPLY, PROTO_STAT_REPLY, PROTO_LIST_REPLY,
		PROTO_WALK_REPLY, PROTO_CHANGED, PROTO_WATCHED, PROTO_LIMITED,
		PROTO_HANDOFF,
		IPC_ADMIT, IPC_STARTED, IPC_LOG, IPC_POLICY, IPC_END,
		IPC_AUDIT, IPC_SHARE, IPC_CONTROL, IPC_CONTROL_REPLY,
		IPC_CONTROL_ASK, IPC_CONTROL_ANSWER, IPC_MONITOR
	};
	size_t				 i;
	int				 p[4] = { 0, 0, 0, 0 };

	(void)state;
	check_all_types(others, sizeof(others) / sizeof(others[0]));
	start();
	send_type(IPC_SETUP, p);
	expect_over("descriptors are not taken");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		start();
		send_type(others[i], p);
		expect_over(has_fd(others[i]) ? "descriptors are not taken" :
		    others[i] < IPC_ADMIT ? "not for an opener" :
		    "unknown type");
	}
}

/* The opener tells what it thinks of a message on the connection. */
static void
test_connection(void **state)
{
	struct pollfd	 pfd;

	(void)state;
	start();
	serve_protest_conn(&client.sv);
	client_expect_ended(&client, "a message on the connection");
	/* Its end shows the worker that the opener is gone. */
	pfd.fd = client.conn;
	pfd.events = 0;
	assert_int_equal(poll(&pfd, 1, 0), 0);
	serve_free(&client.sv);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	assert_int_equal(pfd.revents, POLLHUP);
	client_end(&client);
}

/* A session that cannot begin: the worker is told on the connection. */
static void
test_refuse(void **state)
{
	uint8_t		 buf[PROTO_MAX];
	struct fdmsg	 m;

	(void)state;
	start();
	serve_refuse(&client.sv, EPERM, "no");
	assert_true(fdmsg_recv(client.conn, buf, sizeof(buf), 0, &m) >
	    PROTO_HEADER);
	proto_peek(buf, &client.reply);
	assert_int_equal(client.reply.type, PROTO_REFUSED);
	assert_int_equal(fdmsg_recv(client.sock, buf, sizeof(buf), 0, &m), -1);
	client_end(&client);
}

static void
test_garbage(void **state)
{
	static uint8_t	 big[PROTO_MAX + 1];
	int		 fds[2];

	(void)state;
	start();
	client_send_raw(&client, "x", 1, NULL, 0);
	expect_over("shorter than a header");
	start();
	assert_int_equal(send(client.sock, "", 0, 0), 0);
	expect_over("an empty message");
	start();
	client_send_raw(&client, big, sizeof(big), NULL, 0);
	expect_over("a message too long");
	start();
	client_send_raw(&client, big, sizeof(big) - 1, NULL, 0);
	expect_over("wrong magic");
	start();
	fds[0] = fds[1] = client.sock;
	client_begin(&client, PROTO_OPEN);
	client_item(&client, 0, "a");
	client_send_raw(&client, client.outbuf, proto_finish(&client.out,
	    &client.h), fds, 1);
	expect_over("descriptors are not taken");
	/* The same if the opener has no room for the descriptors. */
	start();
	fds[0] = fds[1] = client.sock;
	client_send_raw(&client, "x", 1, fds, 2);
	util_limit_fds(0);
	expect_over("descriptors are not taken");
	util_unlimit_fds();
}

/* Items that are too short or too long, and a wrong number of them. */
static void
test_items(void **state)
{
	size_t	 i, k;

	(void)state;
	for (i = 0; i < NALIKE; i++) {
		for (k = 0; k < 4; k++) {
			start();
			client_begin(&client, requests[i]);
			if (requests[i] == PROTO_FORGET)
				client_token(&client, 1);
			else
				client_item(&client, 0, "a");
			if (k == 0)
				client.out.len--;
			else if (k == 1)
				wire_put_u8(&client.out, 0);
			else if (k == 2)
				client.h.items++;
			else
				client.h.items--;
			client_send(&client);
			/* The table knows that a LIST has one item. */
			expect_over(k < 2 || (k == 2 && requests[i] !=
			    PROTO_LIST) ? "cannot be decoded" :
			    "wrong number of items");
		}
	}
}

/* A name with a NUL in it, longer than any path, or cut off. */
static void
test_names_undecodable(void **state)
{
	static char	 name[PROTO_PATH_MAX + 1];

	(void)state;
	start();
	client_begin(&client, PROTO_OPEN);
	wire_put_u32(&client.out, 0);
	wire_put_u8(&client.out, FDB_READ);
	wire_put_u16(&client.out, 3);
	wire_put_bytes(&client.out, "a\0b", 3);
	client.h.items = 1;
	client_send(&client);
	expect_over("cannot be decoded");
	memset(name, 'n', PROTO_PATH_MAX);
	start();
	client_begin(&client, PROTO_STAT);
	client_item(&client, 0, name);
	client_send(&client);
	expect_over("cannot be decoded");
	start();
	client_begin(&client, PROTO_OPEN);
	client_item(&client, 0, "fine");
	wire_put_u32(&client.out, 0);
	wire_put_u8(&client.out, FDB_READ);
	wire_put_u16(&client.out, UINT16_MAX);
	client.h.items++;
	client_send(&client);
	expect_over("cannot be decoded");
}

/* Every access: invalid ones, and valid ones that the role denies. */
static void
test_access(void **state)
{
	unsigned int	 access;
	bool		 valid;

	(void)state;
	start();
	for (access = 0; access < 256; access++) {
		if ((access & ~(unsigned int)FDB_NOFOLLOW) == FDB_READ)
			continue;
		valid = proto_access_is_valid(access) != 0;
		client_begin(&client, PROTO_OPEN);
		wire_put_u32(&client.out, 0);
		wire_put_u8(&client.out, (uint8_t)access);
		wire_put_str(&client.out, client_path("tree/file"));
		client.h.items = 1;
		assert_int_equal(client_call(&client), 1);
		assert_true(client_next(&client, &got));
		assert_int_equal(got.status.error, valid ? EACCES : EINVAL);
		assert_int_equal(got.status.reason, valid ? FDB_REASON_POLICY :
		    FDB_REASON_NAME);
		assert_int_equal(got.fd, -1);
		assert_false(client_next(&client, &got));
	}
	assert_int_equal(client_open(&client, 0, client_path("tree/file"),
	    &got), 0);
	assert_true(util_fd_reads(got.fd, "text"));
	close(got.fd);
	client_end(&client);
}

/* Tokens are given, used, forgotten and given again. */
static void
test_tokens(void **state)
{
	uint32_t	 first, second;

	(void)state;
	start();
	assert_int_equal(mkdir(util_path("tree/dir"), 0755), 0);
	util_write_file(util_path("tree/dir/inner"), "inner");
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	first = client.token;
	assert_int_equal(client_list(&client, first, "dir"), 0);
	second = client.token;
	assert_int_not_equal(first, second);
	assert_int_equal(client_open(&client, first, "file", &got), 0);
	close(got.fd);
	assert_int_equal(client_open(&client, first, "secret", &got), EACCES);
	assert_int_equal(client_open(&client, first, "dir/inner", &got), 0);
	close(got.fd);
	assert_int_equal(client_open(&client, second, "inner", &got), 0);
	close(got.fd);
	assert_int_equal(client_stat(&client, second, "", &got), 0);
	assert_true(S_ISDIR(got.st.mode));
	assert_int_equal(client_open(&client, second, "", &got), EINVAL);
	assert_int_equal(client_open(&client, 16, "file", &got), EBADF);
	assert_int_equal(got.status.reason, FDB_REASON_NAME);
	assert_int_equal(client_open(&client, UINT32_MAX, "file", &got), EBADF);
	assert_int_equal(client_stat(&client, 17, "file", &got), EBADF);
	assert_int_equal(client_list(&client, 17, "file"), EBADF);

	client_begin(&client, PROTO_FORGET);
	client_token(&client, first);
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(client_open(&client, first, "file", &got), EBADF);
	assert_int_equal(client_open(&client, second, "inner", &got), 0);
	close(got.fd);
	/* The number is given to another directory. */
	assert_int_equal(client_list(&client, 0, client_path("tree/dir")), 0);
	assert_int_equal(client.token, first);
	assert_int_equal(client_open(&client, first, "inner", &got), 0);
	close(got.fd);
	assert_int_equal(client_open(&client, first, "file", &got), ENOENT);
	client_end(&client);
}

static void
forget_two(uint32_t one, uint32_t other)
{
	client_begin(&client, PROTO_FORGET);
	client_token(&client, one);
	client_token(&client, other);
	client_send(&client);
}

/* FORGET of a token that is not held, or twice of the same. */
static void
test_forget_wrong(void **state)
{
	(void)state;
	start();
	forget_two(1, 2);
	expect_over("cannot be decoded");
	start();
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	forget_two(client.token, client.token);
	expect_over("cannot be decoded");
	start();
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	forget_two(client.token, 0);
	expect_over("cannot be decoded");
	start();
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	forget_two(client.token, UINT32_MAX);
	expect_over("cannot be decoded");
}

/* Make a good request of this type. */
static void
good_request(unsigned int type)
{
	struct walkwire_start	 ws;

	client_begin(&client, type);
	client.h.id = 7;
	switch (type) {
	case PROTO_FORGET:
		client_token(&client, 1);
		client_token(&client, 2);
		break;
	case PROTO_LIST:
		client_item(&client, 0, client_path("tree"));
		break;
	case PROTO_WALK:
		memset(&ws, 0, sizeof(ws));
		ws.bytes = ws.fds = 20000;
		(void)strlcpy(ws.name, client_path("tree"), sizeof(ws.name));
		walkwire_put_start(&client.out, &ws);
		walkwire_put_text(&client.out, WALKWIRE_EXCLUDE, "a/[b-c]*");
		walkwire_put_text(&client.out, WALKWIRE_IF_PRESENT, "x");
		client.h.items = 3;
		break;
	case PROTO_CREDIT:
		wire_put_u32(&client.out, 20000);
		wire_put_u32(&client.out, 1);
		client.h.items = 1;
		break;
	case PROTO_CANCEL:
		break;
	case PROTO_WATCH:
		wire_put_u8(&client.out, FDB_READ);
		wire_put_u8(&client.out, FDB_WATCH_WRITTEN);
		wire_put_str(&client.out, client_path("tree/file"));
		client.h.items = 1;
		break;
	case PROTO_LIMIT:
		wire_put_str(&client.out, "permit read \"/\"\ndeny list "
		    "\"/x*\" label \"y\"\n");
		client.h.items = 1;
		break;
	case PROTO_CHANGE:
		wire_put_u8(&client.out, CHANGEWIRE_ABANDON);
		wire_put_u32(&client.out, 1);
		wire_put_u8(&client.out, CHANGEWIRE_REMOVE);
		wire_put_u32(&client.out, 0);
		wire_put_u8(&client.out, 0);
		wire_put_str(&client.out, "none");
		client.h.items = 2;
		break;
	default:
		client_item(&client, 0, client_path("tree/file"));
		client_item(&client, 1, "file");
		client_item(&client, 2, "secret");
	}
}

/* Change some bytes of a message, or cut it.  Its new length. */
static size_t
mutate(uint8_t *buf, size_t len)
{
	uint32_t	 claim, i;

	for (i = util_random(4); i < 4; i++)
		buf[util_random((uint32_t)len)] = (uint8_t)util_random(256);
	if (util_random(4) == 0) {
		len = PROTO_HEADER +
		    util_random((uint32_t)len - PROTO_HEADER + 1);
		claim = (uint32_t)len;
		memcpy(buf + 16, &claim, sizeof(claim));
	}
	return len;
}

/* Hold two directories; their entries are discarded. */
static void
start_with_tokens(void)
{
	start();
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
}

static void
test_mutations(void **state)
{
	struct fdmsg	 m;
	unsigned int	 type;
	size_t		 len, held = 0;
	int		 i, ret, over = 0;

	(void)state;
	start_with_tokens();
	for (i = 0; i < MUTATIONS; i++) {
		type = requests[(size_t)i % NREQUESTS];
		good_request(type);
		assert_true((len = proto_finish(&client.out, &client.h)) > 0);
		len = mutate(client.outbuf, len);
		client_send_raw(&client, client.outbuf, len, NULL, 0);
		ret = serve_one(&client.sv);
		assert_true(ret == 1 || ret == -1);
		if (ret == 1)
			assert_int_equal(walk_slice(&client.state) |
			    watch_slice(&client.state), 0);
		while (fdmsg_recv(client.sock, client.inbuf,
		    sizeof(client.inbuf), FDMSG_MAXFD, &m) > 0) {
			held += m.nfds;
			fdmsg_close(&m);
		}
		if (ret == 1 && type != PROTO_FORGET &&
		    client.state.tokens.used < 10)
			continue;
		over += ret == -1;
		client_end(&client);
		start_with_tokens();
	}
	client_end(&client);
	assert_in_range(over, MUTATIONS / 100, MUTATIONS - 1);
	assert_true(held > 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_session),
		UTIL_TEST(test_states),
		UTIL_TEST(test_connection),
		UTIL_TEST(test_refuse),
		UTIL_TEST(test_garbage),
		UTIL_TEST(test_items),
		UTIL_TEST(test_names_undecodable),
		UTIL_TEST(test_access),
		UTIL_TEST(test_tokens),
		UTIL_TEST(test_forget_wrong),
		UTIL_TEST(test_mutations)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
