/*
 * test_peeracl.c: the access control list of the socket for peers: its bytes,
 * and whom the kernel lets connect.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "daemon/peeracl.h"
#include "daemon/publicsock.h"
#include "policy/role.h"
#include "tests/unit/util.h"

#define USER	64191
#define OTHER	64192
#define GROUP	64193
#define STRANGER 64194
#define MANY	9000

static const struct idmap	 all = { UINT32_MAX, UINT32_MAX };

static struct shutout	 shut;
static struct role	*roles[2];
static struct conf	 conf = { .roles = roles };

static int
begin(void **state)
{
	assert_non_null(roles[0] = role_new("a", "test.conf", 1));
	assert_non_null(roles[1] = role_new("b", "test.conf", 2));
	conf.nroles = 2;
	memset(&shut, 0, sizeof(shut));
	return util_setup(state);
}

static int
end(void **state)
{
	role_free(roles[0]);
	role_free(roles[1]);
	return util_teardown(state);
}

static void
add(size_t role, enum peer_kind kind, uint32_t id)
{
	assert_int_equal(role_add_peer(roles[role], kind, id, "x"), 0);
}

static void
expect(const struct idmap *im, const uint8_t *want, size_t want_len)
{
	uint8_t	*buf;
	size_t	 len;

	assert_int_equal(peeracl_encode(&conf, im, &shut, &buf, &len), 0);
	assert_int_equal(len, want_len);
	assert_memory_equal(buf, want, len);
	free(buf);
}

#define FIXED(tag, rights)	tag, 0, rights, 0, 0xff, 0xff, 0xff, 0xff
#define NAMED(tag, low, high)	tag, 0, 6, 0, low, high, 0, 0

static void
test_no_peers(void **state)
{
	static const uint8_t	 want[] = {
		2, 0, 0, 0, FIXED(0x01, 6), FIXED(0x04, 0), FIXED(0x10, 6),
		FIXED(0x20, 0)
	};

	(void)state;
	expect(&all, want, sizeof(want));
	conf.nroles = 0;
	expect(&all, want, sizeof(want));
}

/* Of all roles, sorted, each once; a uid is no gid. */
static void
test_peers(void **state)
{
	static const uint8_t	 want[] = {
		2, 0, 0, 0, FIXED(0x01, 6), NAMED(0x02, 0, 0),
		NAMED(0x02, 0x34, 0x12), NAMED(0x02, 0xfe, 0xff),
		FIXED(0x04, 0), NAMED(0x08, 7, 0), NAMED(0x08, 0xfe, 0xff),
		FIXED(0x10, 6), FIXED(0x20, 0)
	};

	(void)state;
	add(0, PEER_USER, UTIL_NOBODY);
	add(0, PEER_USER, 0x1234);
	add(0, PEER_GROUP, UTIL_NOBODY);
	add(1, PEER_USER, 0);
	add(1, PEER_USER, 0x1234);
	add(1, PEER_GROUP, 7);
	add(1, PEER_GROUP, UTIL_NOBODY);
	expect(&all, want, sizeof(want));
}

/* What stands for nobody is nobody's, each kind by its own id. */
static void
test_nobody(void **state)
{
	static const struct idmap	 some = { 1, 2 };
	static const uint8_t		 want[] = {
		2, 0, 0, 0, FIXED(0x01, 6), NAMED(0x02, 2, 0), FIXED(0x04, 0),
		NAMED(0x08, 1, 0), FIXED(0x10, 6), FIXED(0x20, 0)
	};

	(void)state;
	add(0, PEER_USER, 1);
	add(0, PEER_USER, 2);
	add(0, PEER_GROUP, 1);
	add(0, PEER_GROUP, 2);
	expect(&some, want, sizeof(want));
}

/* Who is shut out has an entry without rights, whatever lets others in. */
static void
test_shut_out(void **state)
{
	static const uint8_t	 want[] = {
		2, 0, 0, 0, FIXED(0x01, 6), 2, 0, 0, 0, 5, 0, 0, 0,
		NAMED(0x02, 6, 0), 2, 0, 0, 0, 7, 0, 0, 0, FIXED(0x04, 0),
		NAMED(0x08, 7, 0), FIXED(0x10, 6), FIXED(0x20, 0)
	};

	(void)state;
	add(0, PEER_USER, 6);
	add(0, PEER_USER, 7);
	add(1, PEER_GROUP, 7);
	shut.uids[0].uid = 7;
	shut.uids[1].uid = 5;
	shut.n = 2;
	expect(&all, want, sizeof(want));
}

/* The last number that fits in an attribute, and one more. */
static void
test_too_many(void **state)
{
	uint8_t	*buf;
	size_t	 len;
	uint32_t i;

	(void)state;
	for (i = 0; i < (PEERACL_MAX - 4) / 8 - 4; i++)
		add(i % 2, i % 3 == 0 ? PEER_GROUP : PEER_USER, i);
	assert_int_equal(peeracl_encode(&conf, &all, &shut, &buf, &len), 0);
	assert_in_range(len, PEERACL_MAX - 7, PEERACL_MAX);
	free(buf);
	add(0, PEER_USER, MANY);
	assert_int_equal(peeracl_encode(&conf, &all, &shut, &buf, &len), -1);
	assert_int_equal(errno, E2BIG);
	assert_null(buf);
}

/* A file system without such lists. */
static void
test_not_supported(void **state)
{
	(void)state;
	util_need_root();
	assert_int_equal(peeracl_set("/proc/self/status", &conf, &all,
	    &shut), -1);
	assert_int_equal(errno, ENOTSUP);
}

/* Connect as somebody.  0, or errno. */
static int
try_connect(const char *path, uid_t uid, gid_t gid, gid_t more)
{
	int	 fd, error;

	assert_return_code(setgroups(1, &more), errno);
	assert_return_code(setegid(gid), errno);
	assert_return_code(seteuid(uid), errno);
	fd = dgram_connect_seq(path, 1000);
	error = fd == -1 ? errno : 0;
	fd_close(&fd);
	assert_return_code(seteuid(0), errno);
	assert_return_code(setegid(0), errno);
	assert_return_code(setgroups(0, NULL), errno);
	return error;
}

static void
publish(struct publicsock *ps)
{
	publicsock_open(ps, util_dir(), 0);
	publicsock_set_peers(ps, &conf, &all, &shut);
}

static bool
has_lists(const struct publicsock *ps)
{
	if (peeracl_set(ps->peers.path, &conf, &all, &shut) == 0)
		return true;
	assert_int_equal(errno, ENOTSUP);
	return false;
}

static void
test_kernel(void **state)
{
	struct publicsock	 ps;
	const char		*path;

	(void)state;
	util_need_root();
	add(0, PEER_USER, USER);
	add(1, PEER_GROUP, GROUP);
	publish(&ps);
	path = ps.peers.path;
	if (!has_lists(&ps)) {
		publicsock_close(&ps);
		util_skip("needs a file system with ACLs");
	}
	assert_non_null(strstr(path, "/fdbroker.sock.peers"));
	assert_int_equal(try_connect(path, USER, OTHER, OTHER), 0);
	assert_int_equal(try_connect(path, OTHER, GROUP, OTHER), 0);
	assert_int_equal(try_connect(path, OTHER, OTHER, GROUP), 0);
	assert_int_equal(try_connect(path, OTHER, OTHER, OTHER), EACCES);
	assert_int_equal(try_connect(path, GROUP, USER, 0), EACCES);
	assert_int_equal(try_connect(ps.rendezvous.path, OTHER, OTHER, OTHER),
	    0);
	/* Another configuration. */
	role_free(roles[0]);
	assert_non_null(roles[0] = role_new("a", "test.conf", 1));
	add(0, PEER_USER, OTHER);
	publicsock_set_peers(&ps, &conf, &all, &shut);
	assert_int_equal(try_connect(path, USER, USER, USER), EACCES);
	assert_int_equal(try_connect(path, OTHER, USER, USER), 0);
	assert_int_equal(try_connect(path, USER, GROUP, USER), 0);
	/* Somebody is shut out for a while, whatever groups it has. */
	shut.uids[0].uid = USER;
	shut.n = 1;
	publicsock_set_peers(&ps, &conf, &all, &shut);
	assert_int_equal(try_connect(path, USER, GROUP, GROUP), EACCES);
	assert_int_equal(try_connect(path, STRANGER, GROUP, OTHER), 0);
	shut.n = 0;
	publicsock_set_peers(&ps, &conf, &all, &shut);
	assert_int_equal(try_connect(path, USER, GROUP, USER), 0);
	publicsock_close(&ps);
}

/* With a list that is too long, nobody but root gets in. */
static void
test_unusable(void **state)
{
	struct publicsock	 ps;
	struct stat		 st;
	uint32_t		 i;

	(void)state;
	util_need_root();
	add(0, PEER_USER, USER);
	publish(&ps);
	if (!has_lists(&ps)) {
		publicsock_close(&ps);
		util_skip("needs a file system with ACLs");
	}
	for (i = 0; i < MANY; i++)
		add(1, PEER_GROUP, i);
	publicsock_set_peers(&ps, &conf, &all, &shut);
	assert_non_null(strstr(util_logged(),
	    "not for peers: the roles name too many users and groups"));
	assert_int_equal(try_connect(ps.peers.path, USER, USER, USER), EACCES);
	assert_int_equal(try_connect(ps.peers.path, USER, 5, USER), EACCES);
	assert_return_code(stat(ps.peers.path, &st), errno);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(try_connect(ps.rendezvous.path, USER, 5, USER), 0);
	/* And back. */
	role_free(roles[1]);
	assert_non_null(roles[1] = role_new("b", "test.conf", 2));
	publicsock_set_peers(&ps, &conf, &all, &shut);
	assert_int_equal(try_connect(ps.peers.path, USER, USER, USER), 0);
	publicsock_close(&ps);
}

#define PEERACL_TEST(f)	cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		PEERACL_TEST(test_no_peers),
		PEERACL_TEST(test_peers),
		PEERACL_TEST(test_nobody),
		PEERACL_TEST(test_shut_out),
		PEERACL_TEST(test_too_many),
		PEERACL_TEST(test_not_supported),
		PEERACL_TEST(test_kernel),
		PEERACL_TEST(test_unusable)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
