/*
 * test_setup.c: what an opener is told, there and back, and broken on the
 * way.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dgram.h"
#include "fdmsg.h"
#include "proto.h"
#include "setup.h"
#include "util.h"

#define MUTATIONS	100000

static int
null_fd(void)
{
	int	 fd;

	assert_return_code(fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    errno);
	return fd;
}

static struct role *
role_of(size_t nrules)
{
	struct role	*role;
	const char	*what;
	char		 pattern[64];
	size_t		 i;

	assert_non_null(role = role_new("test", "/etc/test.conf", 3));
	role->options = POLICY_ONE_FILESYSTEM;
	for (i = 0; i < nrules; i++) {
		(void)snprintf(pattern, sizeof(pattern), "/srv/%zu/*.log", i);
		assert_int_equal(role_add_rule(role, i % 2 == 0 ?
		    POLICY_PERMIT : POLICY_DENY, POLICY_OP_READ, pattern,
		    i % 3 == 0 ? "label" : NULL, "/etc/test.conf",
		    (int)i + 4, &what), 0);
	}
	return role;
}

/* A setup with that many roots and groups, and rules. */
static void
make(struct setup *su, size_t nroots, size_t ngids, size_t nrules)
{
	char	 path[64];
	size_t	 i;

	setup_init(su);
	su->info.id = 5;
	su->info.generation = 6;
	su->info.window = 8;
	su->info.batch = FDB_BATCH_MAX;
	su->info.bytes = PROTO_MAX;
	su->info.tokens = 256;
	(void)strlcpy(su->info.role, "test", sizeof(su->info.role));
	su->read_search = true;
	su->uid = 123;
	su->gid = 456;
	su->nofile = 789;
	su->ngids = ngids;
	for (i = 0; i < ngids; i++)
		su->gids[i] = (uint32_t)i + 1000;
	su->sock = null_fd();
	assert_non_null(su->roots = calloc(nroots + 1, sizeof(*su->roots)));
	for (i = 0; i < nroots; i++) {
		(void)snprintf(path, sizeof(path), "/srv/%zu", i);
		assert_non_null(su->roots[i].path = strdup(path));
		su->roots[i].fd = open("/", O_PATH | O_CLOEXEC);
		su->roots[i].clone = i % 2 == 0;
		su->nroots++;
	}
	su->role = role_of(nrules);
}

static void
expect_same_role(const struct role *a, const struct role *b)
{
	size_t	 i;

	assert_string_equal(a->name, b->name);
	assert_int_equal(a->options, b->options);
	assert_int_equal(a->nrules, b->nrules);
	for (i = 0; i < a->nrules; i++) {
		assert_int_equal(a->rules[i].action, b->rules[i].action);
		assert_int_equal(a->rules[i].ops, b->rules[i].ops);
		assert_int_equal(a->rules[i].line, b->rules[i].line);
		assert_string_equal(a->rules[i].pattern, b->rules[i].pattern);
		assert_string_equal(a->rules[i].file, b->rules[i].file);
		if (a->rules[i].label == NULL)
			assert_null(b->rules[i].label);
		else
			assert_string_equal(a->rules[i].label,
			    b->rules[i].label);
	}
}

static void
expect_same(const struct setup *a, const struct setup *b)
{
	size_t	 i;

	assert_int_equal(a->info.id, b->info.id);
	assert_true(a->info.generation == b->info.generation);
	assert_string_equal(a->info.role, b->info.role);
	assert_int_equal(a->private, b->private);
	assert_int_equal(a->optional, b->optional);
	assert_int_equal(a->read_search, b->read_search);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	assert_int_equal(a->nofile, b->nofile);
	assert_int_equal(a->ngids, b->ngids);
	if (a->ngids > 0)
		assert_memory_equal(a->gids, b->gids,
		    a->ngids * sizeof(a->gids[0]));
	assert_true(util_same_file(a->sock, b->sock));
	assert_int_equal(a->empty_dir == -1, b->empty_dir == -1);
	if (a->empty_dir != -1)
		assert_true(util_same_file(a->empty_dir, b->empty_dir));
	assert_int_equal(a->nroots, b->nroots);
	for (i = 0; i < a->nroots; i++) {
		assert_string_equal(a->roots[i].path, b->roots[i].path);
		assert_int_equal(a->roots[i].clone, b->roots[i].clone);
		assert_true(util_same_file(a->roots[i].fd, b->roots[i].fd));
		assert_true(util_is_cloexec(b->roots[i].fd));
	}
	expect_same_role(a->role, b->role);
}

static void
round_trip(struct setup *su)
{
	struct setup	 got;
	int		 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	if (setup_send(p[0], su) == -1)
		fail_msg("setup_send: %s", strerror(errno));
	if (setup_recv(p[1], &got) == -1)
		fail_msg("setup_recv: %s", strerror(errno));
	expect_same(su, &got);
	setup_clear(&got);
	assert_int_equal(got.sock, -1);
	assert_int_equal(got.nroots, 0);
	setup_clear(su);
	/* It can be cleared again. */
	setup_clear(su);
	fdmsg_close_fds(p, 2);
}

static void
test_round_trip(void **state)
{
	struct setup	 su;

	(void)state;
	make(&su, 3, 2, 5);
	round_trip(&su);
	make(&su, 1, 0, 1);
	su.private = su.optional = true;
	su.read_search = false;
	round_trip(&su);
	make(&su, 1, 0, 1);
	su.empty_dir = open("/tmp", O_PATH | O_CLOEXEC);
	round_trip(&su);
	/* A role that permits nothing has no root. */
	make(&su, 0, 0, 0);
	round_trip(&su);
	make(&su, SETUP_ROOTS_MAX, SETUP_GROUPS_MAX, 1);
	su.empty_dir = open("/tmp", O_PATH | O_CLOEXEC);
	round_trip(&su);
	make(&su, 1, 0, 20000);
	round_trip(&su);
}

static void
expect_not_sent(struct setup *su, int error)
{
	int	 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	assert_int_equal(setup_send(p[0], su), -1);
	assert_int_equal(errno, error);
	fdmsg_close_fds(p, 2);
	setup_clear(su);
}

static void
test_not_sent(void **state)
{
	struct setup	 su;
	char		*path;
	size_t		 i;
	int		 p[2], ret, error;

	(void)state;
	make(&su, SETUP_ROOTS_MAX + 1, 0, 1);
	expect_not_sent(&su, EMSGSIZE);
	make(&su, 1, 0, 1);
	su.ngids = SETUP_GROUPS_MAX + 1;
	expect_not_sent(&su, EMSGSIZE);
	/* Names that take more than a message. */
	make(&su, SETUP_ROOTS_MAX, 0, 1);
	for (i = 0; i < SETUP_ROOTS_MAX; i++) {
		assert_non_null(path = calloc(1, 512));
		memset(path, 'p', 511);
		path[0] = path[200] = path[400] = '/';
		free(su.roots[i].path);
		su.roots[i].path = path;
	}
	expect_not_sent(&su, EMSGSIZE);
	make(&su, 1, 0, 1);
	assert_return_code(dgram_pair_seq(p), errno);
	util_limit_fds(0);
	ret = setup_send(p[0], &su);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EMFILE);
	close(p[1]);
	assert_int_equal(setup_send(p[0], &su), -1);
	assert_int_equal(errno, EPIPE);
	close(p[0]);
	setup_clear(&su);
}

static void
test_nobody_sends(void **state)
{
	struct setup	 su;
	int		 p[2];

	(void)state;
	assert_return_code(dgram_pair_seq(p), errno);
	close(p[0]);
	assert_int_equal(setup_recv(p[1], &su), -1);
	assert_int_equal(errno, EPIPE);
	close(p[1]);
}

/* A SETUP as it was sent, to be changed and sent on. */
static struct {
	uint8_t		 buf[PROTO_MAX + 8];
	size_t		 len;
	struct fdmsg	 m;
	int		 pair[2];
} sent;

static void
catch(struct setup *su)
{
	ssize_t	 n;

	assert_return_code(dgram_pair_seq(sent.pair), errno);
	assert_int_equal(setup_send(sent.pair[0], su), 0);
	n = fdmsg_recv(sent.pair[1], sent.buf, sizeof(sent.buf), FDMSG_MAXFD,
	    &sent.m);
	assert_true(n > 0);
	sent.len = (size_t)n;
	setup_clear(su);
}

static void
release(void)
{
	fdmsg_close(&sent.m);
	fdmsg_close_fds(sent.pair, 2);
}

/* Send on what is in buf with nfds of the descriptors; 0 or the errno. */
static int
deliver(const uint8_t *buf, size_t len, size_t nfds)
{
	struct setup	 got;
	int		 ret;

	assert_int_equal(fdmsg_send(sent.pair[0], buf, len, sent.m.fds,
	    nfds), 0);
	ret = setup_recv(sent.pair[1], &got);
	if (ret == -1) {
		assert_int_equal(got.sock, -1);
		assert_null(got.role);
		return errno;
	}
	setup_clear(&got);
	return 0;
}

/* The same, after changing one byte of the body, and put back. */
static int
deliver_with(size_t at, uint8_t byte)
{
	uint8_t	 old = sent.buf[at];
	int	 error;

	sent.buf[at] = byte;
	error = deliver(sent.buf, sent.len, sent.m.nfds);
	sent.buf[at] = old;
	return error;
}

static void
test_wrong_fields(void **state)
{
	struct setup	 su;
	size_t		 fds, end, bit;

	(void)state;
	make(&su, 2, 0, 1);
	su.empty_dir = null_fd();
	catch(&su);
	fds = util_count_fds();
	assert_int_equal(deliver(sent.buf, sent.len, sent.m.nfds), 0);
	/* Another message; none at all. */
	assert_int_equal(deliver_with(6, PROTO_START), EPROTO);
	assert_int_equal(deliver((const uint8_t *)"x", 1, 2), EPROTO);
	/* Flags that nobody knows. */
	for (bit = 0x10; bit < 0x100; bit <<= 1)
		assert_int_equal(deliver_with(PROTO_HEADER,
		    (uint8_t)(sent.buf[PROTO_HEADER] | bit)), EPROTO);
	/* An empty directory less than there are descriptors. */
	assert_int_equal(deliver_with(PROTO_HEADER,
	    sent.buf[PROTO_HEADER] & 0x07), EPROTO);
	/* The roots: "/srv/0" and "/srv/1" with a length and a flag each. */
	end = sent.len;
	assert_memory_equal(sent.buf + end - 6, "/srv/1", 6);
	assert_int_equal(deliver_with(end - 6, 'x'), EPROTO);
	assert_int_equal(deliver_with(end - 3, '/'), EPROTO);
	assert_int_equal(deliver_with(end - 1, '/'), EPROTO);
	assert_int_equal(deliver_with(end - 1, '\0'), EPROTO);
	assert_int_equal(deliver_with(end - 8, 5), EPROTO);
	assert_int_equal(deliver_with(end - 9, 2), EPROTO);
	assert_int_equal(deliver_with(end - 20, 3), EPROTO);
	assert_int_equal(deliver_with(end - 20, 1), EPROTO);
	assert_int_equal(util_count_fds(), fds);
	release();
}

/* Any number of descriptors but the right one. */
static void
test_wrong_descriptors(void **state)
{
	struct setup	 su;
	size_t		 n;
	uint16_t	 claim;

	(void)state;
	make(&su, 3, 0, 1);
	catch(&su);
	for (n = 0; n < sent.m.nfds; n++) {
		/* Announced as it is, and announced as it should be. */
		assert_int_equal(deliver(sent.buf, sent.len, n), EPROTO);
		claim = (uint16_t)n;
		memcpy(sent.buf + 14, &claim, sizeof(claim));
		assert_int_equal(deliver(sent.buf, sent.len, n), EPROTO);
		claim = (uint16_t)sent.m.nfds;
		memcpy(sent.buf + 14, &claim, sizeof(claim));
	}
	assert_int_equal(deliver(sent.buf, sent.len, sent.m.nfds), 0);
	release();
}

static void
test_cut(void **state)
{
	struct setup	 su;
	uint32_t	 claim;
	size_t		 n;

	(void)state;
	make(&su, 3, 5, 1);
	catch(&su);
	for (n = 1; n <= sent.len + 1; n++) {
		claim = (uint32_t)n;
		memcpy(sent.buf + 16, &claim, sizeof(claim));
		assert_int_equal(deliver(sent.buf, n, sent.m.nfds),
		    n == sent.len ? 0 : EPROTO);
	}
	release();
}

static void
test_mutations(void **state)
{
	uint8_t		 bad[512];
	struct setup	 su;
	size_t		 fds, i, k, good = 0;

	(void)state;
	make(&su, 3, 5, 1);
	catch(&su);
	assert_true(sent.len <= sizeof(bad));
	fds = util_count_fds();
	for (i = 0; i < MUTATIONS; i++) {
		memcpy(bad, sent.buf, sent.len);
		for (k = util_random(3); k < 3; k++)
			bad[util_random((uint32_t)sent.len)] =
			    (uint8_t)util_random(256);
		good += deliver(bad, sent.len, sent.m.nfds) == 0;
		if (i % 100 == 0)
			assert_int_equal(util_count_fds(), fds);
	}
	assert_in_range(good, 1, MUTATIONS - 1);
	assert_int_equal(util_count_fds(), fds);
	release();
}

/* A file for the role with these bytes, in the place of the right one. */
static int
deliver_role(const void *bytes, size_t len)
{
	int	 fd, old = sent.m.fds[1], error;

	assert_return_code(fd = memfd_create("role", MFD_CLOEXEC), errno);
	assert_int_equal(write(fd, bytes, len), len);
	sent.m.fds[1] = fd;
	error = deliver(sent.buf, sent.len, sent.m.nfds);
	sent.m.fds[1] = old;
	close(fd);
	return error;
}

/* The role: cut, longer, changed, or no file at all. */
static void
test_role_file(void **state)
{
	uint8_t		 good[1024], bad[1024];
	struct setup	 su;
	size_t		 n, i, len;
	ssize_t		 got;
	int		 fd, null, lived = 0;

	(void)state;
	make(&su, 1, 0, 4);
	catch(&su);
	got = pread(sent.m.fds[1], good, sizeof(good), 0);
	assert_true(got > 0 && (size_t)got < sizeof(good));
	len = (size_t)got;
	assert_int_equal(deliver_role(good, len), 0);
	for (n = 0; n < len; n++)
		assert_int_equal(deliver_role(good, n), EPROTO);
	good[len] = 0;
	assert_int_equal(deliver_role(good, len + 1), EPROTO);
	for (n = 0; n < MUTATIONS / 4; n++) {
		memcpy(bad, good, len);
		for (i = util_random(3); i < 3; i++)
			bad[util_random((uint32_t)len)] =
			    (uint8_t)util_random(256);
		lived += deliver_role(bad, len) == 0;
	}
	assert_in_range(lived, 1, MUTATIONS / 4 - 1);
	/* It was sealed: nobody can change it under the opener. */
	fd = sent.m.fds[1];
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	null = null_fd();
	sent.m.fds[1] = null;
	assert_int_equal(deliver(sent.buf, sent.len, sent.m.nfds), EPROTO);
	sent.m.fds[1] = fd;
	close(null);
	release();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_round_trip),
		UTIL_TEST(test_not_sent),
		UTIL_TEST(test_nobody_sends),
		UTIL_TEST(test_wrong_fields),
		UTIL_TEST(test_wrong_descriptors),
		UTIL_TEST(test_cut),
		UTIL_TEST(test_mutations),
		UTIL_TEST(test_role_file)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
