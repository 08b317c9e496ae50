/*
 * test_serve.c: the opener's side of a session: messages in and out of their
 * order, tokens, and garbage.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "util.h"

#define MUTATIONS	100000

static struct client	 c;
static struct answer	 a;

static void
start(void)
{
	client_start(&c, client_small_role(), false);
}

/* Serve what was sent: it ends the session, and the worker is told why. */
static void
expect_over(const char *text)
{
	assert_int_equal(serve_one(&c.sv), -1);
	client_expect_ended(&c, text);
	client_end(&c);
}

static void
test_session(void **state)
{
	(void)state;
	start();
	assert_int_equal(serve_one(&c.sv), 0);
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	assert_true(util_is_cloexec(a.fd));
	assert_int_equal(a.st.size, 4);
	assert_true(S_ISREG(a.st.mode));
	assert_true(util_fd_reads(a.fd, "text"));
	assert_int_equal(fcntl(a.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(a.fd);
	assert_int_equal(client_open(&c, 0, client_path("tree/secret"), &a),
	    EACCES);
	assert_int_equal(a.status.reason, FDB_REASON_POLICY);
	assert_string_equal(a.status.where, "test.conf:2 \"label\"");
	assert_int_equal(client_open(&c, 0, "etc/passwd", &a), EACCES);
	assert_int_equal(a.status.reason, FDB_REASON_POLICY);
	assert_string_equal(a.status.where,
	    "no rule of role \"test\" permits it");
	client_end(&c);
}

/* Must there be one descriptor? */
static bool
has_fd(unsigned int type)
{
	return type == PROTO_START || type == PROTO_HANDOFF ||
	    type == PROTO_WELCOME || type == PROTO_POLICY;
}

/* Every message that there is, before START and after it. */
static void
send_type(unsigned int type, int *fds)
{
	struct util_header	 uh = { .type = (uint16_t)type, .id = 9 };
	uint8_t			 buf[PROTO_HEADER + 16];
	size_t			 len;

	uh.items = type == PROTO_START || type == PROTO_HANDOFF ? 0 : 1;
	uh.fds = has_fd(type) ? 1 : type == PROTO_SETUP ? 2 : 0;
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	client_send_raw(&c, buf, len, fds, uh.fds);
}

static void
test_states(void **state)
{
	static const unsigned int	 requests[] = {
		PROTO_OPEN, PROTO_STAT, PROTO_LIST, PROTO_FORGET
	}, others[] = {
		PROTO_HELLO, PROTO_WELCOME, PROTO_REFUSED, PROTO_ENDED,
		PROTO_OPEN_REPLY, PROTO_STAT_REPLY, PROTO_LIST_REPLY,
		PROTO_HANDOFF, PROTO_ADMIT, PROTO_STARTED, PROTO_LOG,
		PROTO_POLICY, PROTO_END, PROTO_AUDIT, PROTO_SHARE,
		PROTO_CONTROL,
		PROTO_CONTROL_REPLY, PROTO_CONTROL_ASK,
		PROTO_CONTROL_ANSWER, PROTO_MONITOR
	};
	size_t				 i;
	int				 p[2];

	(void)state;
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		start();
		c.sv.started = false;
		send_type(requests[i], p);
		expect_over("out of order");
	}
	start();
	send_type(PROTO_START, p);
	/* No descriptor is taken any more, nor START without one. */
	expect_over("descriptors are not taken");
	start();
	send_type(PROTO_SETUP, p);
	expect_over("descriptors are not taken");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		start();
		c.sv.started = false;
		send_type(others[i], p);
		expect_over("not for an opener");
		if (has_fd(others[i]))
			continue;
		start();
		send_type(others[i], p);
		expect_over("not for an opener");
	}
	fdmsg_close_fds(p, 2);
}

/* START comes with a pipe, and with nothing else. */
static void
test_start(void **state)
{
	struct util_header	 uh = { .type = PROTO_START, .fds = 1 };
	uint8_t			 buf[PROTO_HEADER + 1];
	size_t			 len;
	int			 p[2], fd;

	(void)state;
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	assert_return_code(fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    errno);
	len = util_message(buf, sizeof(buf), &uh, NULL, 0);
	for (int i = 0; i < 4; i++) {
		client_make(&c, client_small_role(), false);
		assert_int_equal(serve_init(&c.sv, &c.su, NULL, NULL,
		    NULL), 0);
		if (i == 0) {
			client_send_raw(&c, buf, len, &fd, 1);
			expect_over("cannot be decoded");
		} else if (i == 1) {
			client_send_raw(&c, buf, len, p, 2);
			expect_over("descriptors are not taken");
		} else if (i == 2) {
			client_send_raw(&c, buf, len, NULL, 0);
			expect_over("differ");
		} else {
			len = util_message(buf, sizeof(buf), &uh, "x", 1);
			client_send_raw(&c, buf, len, p, 1);
			expect_over("cannot be decoded");
		}
	}
	close(fd);
	fdmsg_close_fds(p, 2);
}

static void
test_garbage(void **state)
{
	static uint8_t	 big[PROTO_MAX + 1];
	int		 fds[2];

	(void)state;
	start();
	client_send_raw(&c, "x", 1, NULL, 0);
	expect_over("shorter than a header");
	start();
	assert_int_equal(send(c.sock, "", 0, 0), 0);
	expect_over("an empty message");
	start();
	client_send_raw(&c, big, sizeof(big), NULL, 0);
	expect_over("a message too long");
	start();
	client_send_raw(&c, big, sizeof(big) - 1, NULL, 0);
	expect_over("wrong magic");
	start();
	fds[0] = fds[1] = c.sock;
	client_begin(&c, PROTO_OPEN);
	client_item(&c, 0, "a");
	client_send_raw(&c, c.outbuf, proto_finish(&c.out, &c.h), fds, 1);
	expect_over("descriptors are not taken");
	/* The opener has no room for what it does not take either. */
	start();
	fds[0] = fds[1] = c.sock;
	client_send_raw(&c, "x", 1, fds, 2);
	util_limit_fds(0);
	expect_over("descriptors are not taken");
	util_unlimit_fds();
}

/* Items that are short, long, too many for the number said, too few. */
static void
test_items(void **state)
{
	static const unsigned int	 types[] = {
		PROTO_OPEN, PROTO_STAT, PROTO_LIST, PROTO_FORGET
	};
	size_t				 i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++) {
			start();
			client_begin(&c, types[i]);
			if (types[i] == PROTO_FORGET)
				client_token(&c, 1);
			else
				client_item(&c, 0, "a");
			if (k == 0)
				c.out.len--;
			else if (k == 1)
				wire_put_u8(&c.out, 0);
			else if (k == 2)
				c.h.items++;
			else
				c.h.items--;
			client_send(&c);
			/* Two items, or none, are too many for a LIST. */
			expect_over(k < 2 || (k == 2 && types[i] !=
			    PROTO_LIST) ? "cannot be decoded" :
			    "wrong number of items");
		}
	}
}

/* A name with a NUL in it, or longer than any path: no name at all. */
static void
test_names_undecodable(void **state)
{
	static char	 name[PROTO_PATH_MAX + 1];

	(void)state;
	start();
	client_begin(&c, PROTO_OPEN);
	wire_put_u32(&c.out, 0);
	wire_put_u8(&c.out, FDB_READ);
	wire_put_u16(&c.out, 3);
	wire_put_bytes(&c.out, "a\0b", 3);
	c.h.items = 1;
	client_send(&c);
	expect_over("cannot be decoded");
	memset(name, 'n', PROTO_PATH_MAX);
	start();
	client_begin(&c, PROTO_STAT);
	client_item(&c, 0, name);
	client_send(&c);
	expect_over("cannot be decoded");
	start();
	client_begin(&c, PROTO_OPEN);
	client_item(&c, 0, "fine");
	wire_put_u32(&c.out, 0);
	wire_put_u8(&c.out, FDB_READ);
	wire_put_u16(&c.out, UINT16_MAX);
	c.h.items++;
	client_send(&c);
	expect_over("cannot be decoded");
}

/* What is asked of a file: what can be asked, and what is permitted. */
static void
test_access(void **state)
{
	unsigned int	 access;
	bool		 valid;

	(void)state;
	start();
	for (access = 0; access < 256; access++) {
		if (access == FDB_READ)
			continue;
		valid = fdb_access_is_valid(access) != 0;
		client_begin(&c, PROTO_OPEN);
		wire_put_u32(&c.out, 0);
		wire_put_u8(&c.out, (uint8_t)access);
		wire_put_str(&c.out, client_path("tree/file"));
		c.h.items = 1;
		assert_int_equal(client_call(&c), 1);
		assert_true(client_next(&c, &a));
		assert_int_equal(a.status.error, valid ? EACCES : EINVAL);
		assert_int_equal(a.status.reason, valid ? FDB_REASON_POLICY :
		    FDB_REASON_NAME);
		assert_int_equal(a.fd, -1);
		assert_false(client_next(&c, &a));
	}
	assert_int_equal(client_open(&c, 0, client_path("tree/file"), &a), 0);
	assert_true(util_fd_reads(a.fd, "text"));
	close(a.fd);
	client_end(&c);
}

/* Directories: their tokens are given, used, forgotten and given anew. */
static void
test_tokens(void **state)
{
	uint32_t	 first, second;

	(void)state;
	start();
	assert_int_equal(mkdir(util_path("tree/dir"), 0755), 0);
	util_write_file(util_path("tree/dir/inner"), "inner");
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	first = c.token;
	assert_int_equal(client_list(&c, first, "dir"), 0);
	second = c.token;
	assert_int_not_equal(first, second);
	assert_int_equal(client_open(&c, first, "file", &a), 0);
	close(a.fd);
	assert_int_equal(client_open(&c, first, "secret", &a), EACCES);
	assert_int_equal(client_open(&c, first, "dir/inner", &a), 0);
	close(a.fd);
	assert_int_equal(client_open(&c, second, "inner", &a), 0);
	close(a.fd);
	assert_int_equal(client_stat(&c, second, "", &a), 0);
	assert_true(S_ISDIR(a.st.mode));
	assert_int_equal(client_open(&c, second, "", &a), EINVAL);
	assert_int_equal(client_open(&c, 16, "file", &a), EBADF);
	assert_int_equal(a.status.reason, FDB_REASON_NAME);
	assert_int_equal(client_open(&c, UINT32_MAX, "file", &a), EBADF);
	assert_int_equal(client_stat(&c, 17, "file", &a), EBADF);
	assert_int_equal(client_list(&c, 17, "file"), EBADF);

	client_begin(&c, PROTO_FORGET);
	client_token(&c, first);
	assert_int_equal(client_call(&c), 1);
	assert_int_equal(client_open(&c, first, "file", &a), EBADF);
	assert_int_equal(client_open(&c, second, "inner", &a), 0);
	close(a.fd);
	/* The number stands for another directory now. */
	assert_int_equal(client_list(&c, 0, client_path("tree/dir")), 0);
	assert_int_equal(c.token, first);
	assert_int_equal(client_open(&c, first, "inner", &a), 0);
	close(a.fd);
	assert_int_equal(client_open(&c, first, "file", &a), ENOENT);
	client_end(&c);
}

static void
forget_two(uint32_t one, uint32_t other)
{
	client_begin(&c, PROTO_FORGET);
	client_token(&c, one);
	client_token(&c, other);
	client_send(&c);
}

/* Only what is held can be forgotten, and once. */
static void
test_forget_wrong(void **state)
{
	(void)state;
	start();
	forget_two(1, 2);
	expect_over("cannot be decoded");
	start();
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	forget_two(c.token, c.token);
	expect_over("cannot be decoded");
	start();
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	forget_two(c.token, 0);
	expect_over("cannot be decoded");
	start();
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	forget_two(c.token, UINT32_MAX);
	expect_over("cannot be decoded");
}

/* A good request of a type, to be changed. */
static void
good_request(unsigned int type)
{
	client_begin(&c, type);
	c.h.id = 7;
	switch (type) {
	case PROTO_FORGET:
		client_token(&c, 1);
		client_token(&c, 2);
		break;
	case PROTO_LIST:
		client_item(&c, 0, client_path("tree"));
		break;
	default:
		client_item(&c, 0, client_path("tree/file"));
		client_item(&c, 1, "file");
		client_item(&c, 2, "secret");
	}
}

/* Change or cut a finished message; its new length. */
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

/* Two directories held, and what was said of them thrown away. */
static void
start_with_tokens(void)
{
	start();
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
}

static void
test_mutations(void **state)
{
	static const unsigned int	 types[] = {
		PROTO_OPEN, PROTO_STAT, PROTO_LIST, PROTO_FORGET
	};
	struct fdmsg			 m;
	size_t				 len, held = 0;
	int				 i, ret, over = 0;

	(void)state;
	start_with_tokens();
	for (i = 0; i < MUTATIONS; i++) {
		good_request(types[i % 4]);
		assert_true((len = proto_finish(&c.out, &c.h)) > 0);
		len = mutate(c.outbuf, len);
		client_send_raw(&c, c.outbuf, len, NULL, 0);
		ret = serve_one(&c.sv);
		assert_true(ret == 1 || ret == -1);
		while (fdmsg_recv(c.sock, c.inbuf, sizeof(c.inbuf),
		    FDMSG_MAXFD, &m) > 0) {
			held += m.nfds;
			fdmsg_close(&m);
		}
		if (ret == 1 && types[i % 4] != PROTO_FORGET &&
		    c.sv.tokens.used < 10)
			continue;
		over += ret == -1;
		client_end(&c);
		start_with_tokens();
	}
	client_end(&c);
	assert_in_range(over, MUTATIONS / 100, MUTATIONS - 1);
	assert_true(held > 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_session),
		UTIL_TEST(test_states),
		UTIL_TEST(test_start),
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
