/*
 * test_setup.c: SETUP and POLICY: sent and received, damaged, and with wrong
 * descriptors.
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

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/proto.h"
#include "base/rights.h"
#include "ipc/event.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/role.h"
#include "policy/role_wire.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

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

/* Make a setup with this number of groups and rules. */
static void
make(struct setup *su, size_t ngids, size_t nrules)
{
	size_t	 i;

	setup_init(su);
	su->info.id = 5;
	su->info.generation = 6;
	su->info.window = 8;
	su->info.batch = FDB_BATCH_MAX;
	su->info.bytes = PROTO_MAX;
	su->info.tokens = 256;
	(void)strlcpy(su->info.role, "test", sizeof(su->info.role));
	su->caps = RIGHTS_CAP_DAC_READ_SEARCH;
	su->uid = 123;
	su->gid = 456;
	su->nofile = 789;
	su->opens = 1000;
	su->audit = AUDITMODE_ALL;
	su->ngids = ngids;
	for (i = 0; i < ngids; i++)
		su->gids[i] = (uint32_t)i + 1000;
	su->sock = null_fd();
	su->client = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	su->conn = open("/dev/full", O_RDONLY | O_CLOEXEC);
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
	assert_int_equal(a->info.id, b->info.id);
	assert_true(a->info.generation == b->info.generation);
	assert_string_equal(a->info.role, b->info.role);
	assert_int_equal(a->private, b->private);
	assert_int_equal(a->optional, b->optional);
	assert_int_equal(a->caps, b->caps);
	assert_int_equal(a->peer_uid, b->peer_uid);
	assert_int_equal(a->peer_gid, b->peer_gid);
	assert_int_equal(a->audit, b->audit);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	assert_int_equal(a->nofile, b->nofile);
	assert_int_equal(a->opens, b->opens);
	assert_int_equal(a->audit, b->audit);
	assert_int_equal(a->ngids, b->ngids);
	if (a->ngids > 0)
		assert_memory_equal(a->gids, b->gids,
		    a->ngids * sizeof(a->gids[0]));
	assert_true(util_same_file(a->sock, b->sock));
	assert_true(util_same_file(a->client, b->client));
	assert_true(util_same_file(a->conn, b->conn));
	assert_true(util_is_cloexec(b->client));
	assert_true(util_is_cloexec(b->conn));
	assert_int_equal(a->empty_dir == -1, b->empty_dir == -1);
	assert_true(util_is_cloexec(b->sock));
	if (a->empty_dir != -1) {
		assert_true(util_same_file(a->empty_dir, b->empty_dir));
		assert_true(util_is_cloexec(b->empty_dir));
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
	assert_int_equal(got.client, -1);
	assert_int_equal(got.conn, -1);
	assert_int_equal(got.empty_dir, -1);
	assert_null(got.role);
	setup_clear(su);
	/* To clear it twice is harmless. */
	setup_clear(su);
	fd_close_all(p, 2);
}

static void
test_round_trip(void **state)
{
	struct setup	 su;

	(void)state;
	make(&su, 2, 5);
	round_trip(&su);
	make(&su, 0, 1);
	su.private = su.optional = true;
	su.caps = 0;
	su.audit = AUDITMODE_NONE;
	round_trip(&su);
	make(&su, 0, 1);
	su.empty_dir = open("/tmp", O_PATH | O_CLOEXEC);
	round_trip(&su);
	/* A role that permits nothing. */
	make(&su, 0, 0);
	round_trip(&su);
	make(&su, SETUP_GROUPS_MAX, 1);
	su.empty_dir = open("/tmp", O_PATH | O_CLOEXEC);
	round_trip(&su);
	make(&su, 0, 20000);
	round_trip(&su);
}

static void
expect_not_sent(struct setup *su, int error)
{
	int	 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	assert_int_equal(setup_send(p[0], su), -1);
	assert_int_equal(errno, error);
	fd_close_all(p, 2);
	setup_clear(su);
}

static void
test_not_sent(void **state)
{
	struct setup	 su;
	int		 p[2], ret, error;

	(void)state;
	make(&su, 0, 1);
	su.ngids = SETUP_GROUPS_MAX + 1;
	expect_not_sent(&su, EMSGSIZE);
	make(&su, 0, 1);
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

/* A SETUP that was sent; it is changed and passed on. */
static struct {
	uint8_t		 buf[PROTO_MAX + 8];
	size_t		 len;
	size_t		 role_len;
	struct fdmsg	 m;
	int		 pair[2];
} sent;

/* The offset of the length of the role's file: after the flags. */
#define ROLE_LEN_AT	(PROTO_HEADER + 1)

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
	sent.role_len = role_encoded_size(su->role);
	setup_clear(su);
}

static void
release(void)
{
	fdmsg_close(&sent.m);
	fd_close_all(sent.pair, 2);
}

/* Pass on buf with nfds of the descriptors.  0 or the errno. */
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

/* The same with one byte changed, which is restored afterwards. */
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

/* The same with another length of the role's file. */
static int
deliver_told(uint64_t told)
{
	uint8_t	 old[sizeof(told)];
	int	 error;

	memcpy(old, sent.buf + ROLE_LEN_AT, sizeof(old));
	memcpy(sent.buf + ROLE_LEN_AT, &told, sizeof(told));
	error = deliver(sent.buf, sent.len, sent.m.nfds);
	memcpy(sent.buf + ROLE_LEN_AT, old, sizeof(old));
	return error;
}

static void
test_wrong_fields(void **state)
{
	struct setup	 su;
	size_t		 fds, end, bit;
	uint64_t	 told;

	(void)state;
	make(&su, 0, 1);
	su.empty_dir = null_fd();
	catch(&su);
	fds = util_count_fds();
	assert_int_equal(deliver(sent.buf, sent.len, sent.m.nfds), 0);
	/* A message of another type; garbage. */
	assert_int_equal(deliver_with(6, PROTO_HANDOFF), EPROTO);
	assert_int_equal(deliver((const uint8_t *)"x", 1, 2), EPROTO);
	/* Unknown flags. */
	for (bit = 0x08; bit < 0x100; bit <<= 1)
		assert_int_equal(deliver_with(PROTO_HEADER,
		    (uint8_t)(sent.buf[PROTO_HEADER] | bit)), EPROTO);
	/* No flag for the descriptor of the empty directory. */
	assert_int_equal(deliver_with(PROTO_HEADER,
	    sent.buf[PROTO_HEADER] & 0x03), EPROTO);
	/* It ends with the number of groups, opens, audit and nofile. */
	end = sent.len;
	assert_int_equal(sent.buf[end - 5], AUDITMODE_ALL);
	assert_int_equal(deliver_with(end - 11, 1), EPROTO);
	assert_int_equal(deliver_with(end - 10, (SETUP_GROUPS_MAX >> 8) + 1),
	    EPROTO);
	assert_int_equal(deliver_with(end - 10, 0xff), EPROTO);
	/* The length of the role. */
	memcpy(&told, sent.buf + ROLE_LEN_AT, sizeof(told));
	assert_int_equal(told, sent.role_len);
	assert_int_equal(deliver_told(0), EPROTO);
	assert_int_equal(deliver_told(told - 1), EPROTO);
	assert_int_equal(deliver_told(told + 1), EPROTO);
	assert_int_equal(deliver_told((64U << 20) + 1), EPROTO);
	assert_int_equal(deliver_told(UINT64_MAX), EPROTO);
	assert_int_equal(util_count_fds(), fds);
	release();
}

/* A wrong number of descriptors. */
static void
test_wrong_descriptors(void **state)
{
	struct setup	 su;
	size_t		 n;
	uint16_t	 claim;

	(void)state;
	make(&su, 0, 1);
	catch(&su);
	assert_int_equal(sent.m.nfds, 4);
	sent.m.fds[4] = sent.m.fds[5] = sent.m.fds[0];
	for (n = 0; n <= 6; n++) {
		if (n == sent.m.nfds)
			continue;
		/* The header has the right number, or the real one. */
		assert_int_equal(deliver(sent.buf, sent.len, n),
		    n > 5 ? EBADMSG : EPROTO);
		claim = (uint16_t)n;
		memcpy(sent.buf + 14, &claim, sizeof(claim));
		assert_int_equal(deliver(sent.buf, sent.len, n),
		    n > 5 ? EBADMSG : EPROTO);
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
	make(&su, 5, 1);
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
	make(&su, 5, 1);
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

/* Pass it on with another file for the role, of these bytes. */
static int
deliver_role(const void *bytes, size_t len)
{
	int	 fd, old = sent.m.fds[3], error;

	assert_return_code(fd = memfd_create("role", MFD_CLOEXEC), errno);
	assert_int_equal(write(fd, bytes, len), len);
	sent.m.fds[3] = fd;
	error = deliver_told(len);
	sent.m.fds[3] = old;
	close(fd);
	return error;
}

/* The file of the role: cut, longer, changed. */
static void
test_role_file(void **state)
{
	uint8_t		 good[1024], bad[1024];
	struct setup	 su;
	size_t		 n, i, len;
	ssize_t		 got;
	int		 fd, lived = 0;

	(void)state;
	make(&su, 0, 4);
	catch(&su);
	got = pread(sent.m.fds[3], good, sizeof(good), 0);
	assert_true(got > 0 && (size_t)got < sizeof(good));
	len = (size_t)got;
	assert_int_equal(len, sent.role_len);
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
	/* It is sealed: nobody can change it while the opener reads it. */
	fd = sent.m.fds[3];
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	release();
}

/* In a child: the file is shorter than the message says. */
static int
deliver_short(void *arg)
{
	const off_t	*len = arg;
	int		 fd;

	assert_return_code(fd = memfd_create("role", MFD_CLOEXEC), errno);
	assert_int_equal(ftruncate(fd, *len), 0);
	close(sent.m.fds[3]);
	sent.m.fds[3] = fd;
	return deliver_told(3 * 4096);
}

/* The file is empty, shorter by pages, or no regular file. */
static void
test_role_file_lies(void **state)
{
	struct setup	 su;
	off_t		 len;
	int		 fd, null;

	(void)state;
	make(&su, 0, 500);
	catch(&su);
	for (len = 0; len <= 8192; len += 4096)
		assert_int_equal(util_run(deliver_short, &len), EPROTO << 8);
	fd = sent.m.fds[3];
	null = null_fd();
	sent.m.fds[3] = null;
	assert_int_equal(deliver(sent.buf, sent.len, sent.m.nfds), EPROTO);
	sent.m.fds[3] = fd;
	close(null);
	release();
}

/*
 * Send POLICY and receive it.  The part after the header is put into body; its
 * length.
 */
static size_t
send_policy(const struct role *role, uint64_t generation, uint8_t audit,
    uint8_t *body, size_t size, struct fdmsg *m)
{
	static uint8_t		 buf[PROTO_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;
	ssize_t			 n;
	size_t			 len;
	int			 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	assert_return_code(setup_send_policy(p[0], role, generation, audit),
	    errno);
	n = fdmsg_recv(p[1], buf, sizeof(buf), 1, m);
	assert_true(n > 0);
	fd_close_all(p, 2);
	assert_int_equal(ipc_check(buf, (size_t)n, m->nfds, &h, &in, &what),
	    0);
	assert_int_equal(h.type, IPC_POLICY);
	len = in.left;
	assert_true(len <= size);
	memcpy(body, in.buf, len);
	return len;
}

/* Decode the body and the file of a POLICY. */
static struct role *
get_policy(const uint8_t *body, size_t len, int fd, uint64_t *generation,
    uint8_t *audit)
{
	struct wire_in	 in;

	wire_in_init(&in, body, len);
	return setup_get_policy(&in, fd, generation, audit);
}

static void
test_policy(void **state)
{
	static const size_t	 nrules[] = { 0, 1, 20000 };
	struct role		*role, *got;
	uint8_t			 body[64], audit;
	uint64_t		 generation;
	struct fdmsg		 m;
	size_t			 i, len, n;

	(void)state;
	for (i = 0; i < sizeof(nrules) / sizeof(nrules[0]); i++) {
		role = role_of(nrules[i]);
		len = send_policy(role, UINT64_MAX - i, AUDITMODE_DENIED, body,
		    sizeof(body) - 1, &m);
		got = get_policy(body, len, m.fds[0], &generation, &audit);
		assert_non_null(got);
		assert_true(generation == UINT64_MAX - i);
		assert_int_equal(audit, AUDITMODE_DENIED);
		expect_same_role(role, got);
		role_free(got);
		/* The descriptor is still open, and can be read again. */
		body[len] = 0;
		for (n = 0; n <= len + 1; n++) {
			errno = 0;
			got = get_policy(body, n, m.fds[0], &generation,
			    &audit);
			assert_int_equal(got != NULL, n == len);
			if (got == NULL)
				assert_int_equal(errno, EPROTO);
			role_free(got);
		}
		role_free(role);
		fdmsg_close(&m);
	}
}

/* The message has another length than the file. */
static void
test_policy_wrong_size(void **state)
{
	static const int64_t	 off[] = { -1, 1, 100 };
	static const uint64_t	 whole[] = { 0, 1, (64U << 20) + 1,
				    UINT32_MAX, UINT64_MAX };
	struct role		*role;
	uint8_t			 body[64], audit;
	uint64_t		 generation, size;
	struct fdmsg		 m;
	size_t			 i, len;

	(void)state;
	role = role_of(3);
	len = send_policy(role, 2, AUDITMODE_NONE, body, sizeof(body), &m);
	for (i = 0; i < 3; i++) {
		size = role_encoded_size(role) + (uint64_t)off[i];
		memcpy(body + 8, &size, sizeof(size));
		assert_null(get_policy(body, len, m.fds[0], &generation,
		    &audit));
		assert_int_equal(errno, EPROTO);
	}
	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		memcpy(body + 8, &whole[i], sizeof(whole[i]));
		assert_null(get_policy(body, len, m.fds[0], &generation,
		    &audit));
		assert_int_equal(errno, EPROTO);
	}
	fdmsg_close(&m);
	role_free(role);
}

/* A channel that is full or closed: no waiting, no descriptor left. */
static void
test_policy_not_sent(void **state)
{
	struct role	*role = role_of(3);
	struct fdmsg	 m;
	uint8_t		 buf[256];
	size_t		 fds, n = 0, got = 0;
	int		 p[2];

	(void)state;
	assert_return_code(dgram_pair_seq(p), errno);
	fds = util_count_fds();
	while (n < 100000 && setup_send_policy(p[0], role, n, 0) == 0)
		n++;
	assert_true(n > 0 && n < 100000);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(util_count_fds(), fds);
	while (fdmsg_recv(p[1], buf, sizeof(buf), 1, &m) > 0) {
		assert_int_equal(m.nfds, 1);
		fdmsg_close(&m);
		got++;
	}
	assert_int_equal(got, n);
	close(p[1]);
	assert_int_equal(setup_send_policy(p[0], role, 1, 0), -1);
	assert_int_equal(errno, EPIPE);
	close(p[0]);
	role_free(role);
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
		UTIL_TEST(test_role_file),
		UTIL_TEST(test_role_file_lies),
		UTIL_TEST(test_policy),
		UTIL_TEST(test_policy_wrong_size),
		UTIL_TEST(test_policy_not_sent)
	};

	util_program_needs(FEATURE_MEMFD);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
