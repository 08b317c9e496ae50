/*
 * test_peerid.c: who is at the other end of a connection, whatever the listener
 * that passes it on may say or send.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "daemon/membership.h"
#include "daemon/peerid.h"
#include "policy/role.h"
#include "tests/unit/daemonfake.h"
#include "tests/unit/namesfake.h"
#include "tests/unit/util.h"

#define USER	64191
#define GROUP	64192

static struct daemonfake	 fake;
static struct namesfake		 names;
static const struct idmap	 all = { UINT32_MAX, UINT32_MAX };

/* This is no connection of a client. */
static void
refuse(int fd, const char *text)
{
	struct peerid	 id;
	const char	*why;

	errno = 0;
	assert_int_equal(peerid_get(&id, fd, fake.rendezvous.path, NULL, &why),
	    -1);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(why, text);
	assert_null(id.gids);
	assert_int_equal(id.uid, UINT32_MAX);
}

static void
get(struct peerid *id, int fd)
{
	const char	*why;

	if (peerid_get(id, fd, fake.rendezvous.path, NULL, &why) == -1)
		fail_msg("%s", why);
}

static void
test_ids(void **state)
{
	static const gid_t	 gids[] = { 5, 7, GROUP };
	struct peerid		 id;
	int			 fd;

	(void)state;
	daemonfake_begin(&fake);
	fd = daemonfake_connect_in(&fake, USER, GROUP + 1, gids, 3);
	get(&id, fd);
	assert_int_equal(id.uid, USER);
	assert_int_equal(id.gid, GROUP + 1);
	assert_int_equal(id.pid, getpid());
	assert_int_equal(id.ngids, 3);
	assert_memory_equal(id.gids, gids, sizeof(gids));
	peerid_clear(&id);
	/* What the client does later changes nothing, its death neither. */
	fd_close(&fake.clients[0]);
	get(&id, fd);
	assert_int_equal(id.uid, USER);
	assert_int_equal(id.ngids, 3);
	peerid_clear(&id);
	peerid_clear(&id);
	close(fd);
}

/* As many groups as a process can have; some of each number beneath that. */
static void
test_many_groups(void **state)
{
	static gid_t	 gids[NGROUPS_MAX];
	static const size_t	 numbers[] = { 0, 1, 31, 32, 33, 64, 65, 1000,
				    NGROUPS_MAX };
	struct peerid	 id;
	struct role	*role;
	size_t		 i, n;
	int		 fd;

	(void)state;
	daemonfake_begin(&fake);
	assert_non_null(role = role_new("g", "test.conf", 1));
	for (i = 0; i < NGROUPS_MAX; i++)
		gids[i] = 100000 + (gid_t)i;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		n = numbers[i];
		fd = daemonfake_connect_in(&fake, USER, GROUP, gids, n);
		get(&id, fd);
		assert_int_equal(id.ngids, n);
		assert_memory_equal(id.gids, gids, n * sizeof(gids[0]));
		peerid_clear(&id);
		close(fd);
	}
	/* The last of them counts as the first one does. */
	assert_int_equal(role_add_peer(role, PEER_GROUP,
	    gids[NGROUPS_MAX - 1], "last"), 0);
	fd = daemonfake_connect_in(&fake, USER, GROUP, gids, NGROUPS_MAX);
	get(&id, fd);
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_YES);
	peerid_clear(&id);
	close(fd);
	role_free(role);
}

/* What a listener that was taken over could send. */
static void
test_no_connection(void **state)
{
	struct dgram	 other;
	char		 path[DGRAM_PATH_MAX];
	int		 p[2], fd, client;

	(void)state;
	daemonfake_begin(&fake);
	refuse(-1, "not a socket of sequenced packets");
	assert_return_code(fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    errno);
	refuse(fd, "not a socket of sequenced packets");
	close(fd);
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	refuse(p[0], "not a socket of sequenced packets");
	fd_close_all(p, 2);
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, p), errno);
	refuse(p[0], "not a socket of sequenced packets");
	fd_close_all(p, 2);
	assert_return_code(dgram_pair(p), errno);
	refuse(p[0], "not a socket of sequenced packets");
	fd_close_all(p, 2);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	refuse(fd, "not a socket of sequenced packets");
	fd_close(&fd);
	/* Not connected. */
	assert_return_code(fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), errno);
	refuse(fd, "not connected to the daemon's socket");
	close(fd);
	/* The listener's channel: at its other end is root. */
	assert_return_code(dgram_pair_seq(p), errno);
	refuse(p[0], "not connected to the daemon's socket");
	fd_close_all(p, 2);
	/* The rendezvous itself: it was made to listen by root. */
	refuse(fake.rendezvous.fd, "a socket that listens");
	/* A connection of another socket, the control socket for example. */
	dgram_init(&other);
	(void)strlcpy(path, util_path("run/control.sock"), sizeof(path));
	assert_return_code(dgram_open_seq(&other), errno);
	assert_return_code(dgram_bind(&other, path, 0600), errno);
	assert_return_code(listen(other.fd, 1), errno);
	assert_return_code(client = dgram_connect_seq(path, 1000), errno);
	assert_return_code(fd = accept(other.fd, NULL, NULL), errno);
	refuse(fd, "not connected to the daemon's socket");
	/* The client's end: at its other end is root. */
	refuse(client, "not connected to the daemon's socket");
	close(fd);
	close(client);
	dgram_close(&other);
	assert_return_code(fd = daemonfake_connect(&fake, USER), errno);
	refuse(fake.clients[0], "not connected to the daemon's socket");
	close(fd);
}

/* A connection of the second socket, where one is allowed. */
static void
test_two_sockets(void **state)
{
	struct peerid	 id;
	struct dgram	 peers;
	const char	*why;
	char		 path[DGRAM_PATH_MAX];
	int		 fd, client;

	(void)state;
	daemonfake_begin(&fake);
	dgram_init(&peers);
	(void)strlcpy(path, util_path("run/fdbroker.sock.peers"),
	    sizeof(path));
	assert_return_code(dgram_open_seq(&peers), errno);
	assert_return_code(dgram_bind(&peers, path, 0600), errno);
	assert_return_code(listen(peers.fd, 1), errno);
	assert_return_code(client = dgram_connect_seq(path, 1000), errno);
	assert_return_code(fd = accept(peers.fd, NULL, NULL), errno);
	refuse(fd, "not connected to the daemon's socket");
	assert_int_equal(peerid_get(&id, fd, fake.rendezvous.path, path,
	    &why), 0);
	assert_int_equal(id.uid, 0);
	peerid_clear(&id);
	assert_int_equal(peerid_get(&id, client, fake.rendezvous.path, path,
	    &why), -1);
	assert_int_equal(peerid_get(&id, peers.fd, fake.rendezvous.path, path,
	    &why), -1);
	assert_string_equal(why, "a socket that listens");
	close(fd);
	close(client);
	dgram_close(&peers);
	/* One of the first socket still counts. */
	assert_return_code(fd = daemonfake_connect(&fake, USER), errno);
	assert_int_equal(peerid_get(&id, fd, fake.rendezvous.path, path,
	    &why), 0);
	peerid_clear(&id);
	close(fd);
}

static void
begin_with_names(void)
{
	daemonfake_begin(&fake);
	namesfake_begin(&names, &fake.accounts, fake.env.base);
}

/* What the databases say of a user who is in one group. */
static enum membership
by_database(const struct role *role, const struct peerid *id,
    const struct idmap *im, uint32_t gid)
{
	accounts_flush(&fake.accounts);
	assert_int_equal(membership_by_database(&fake.accounts, role, id, im),
	    MEMBERSHIP_UNKNOWN);
	namesfake_answer_groups(&names, namesfake_expect(&names,
	    NAMEASK_GROUPS, id->uid, ""), &gid, 1);
	return membership_by_database(&fake.accounts, role, id, im);
}

/* Users and groups of a role, by the kernel's word and by the databases. */
static void
test_membership(void **state)
{
	static uint32_t	 gids[] = { 5, GROUP };
	struct peerid	 id = { .uid = USER, .gid = 9, .gids = gids,
			    .ngids = 2 };
	struct role	*role;

	(void)state;
	begin_with_names();
	assert_non_null(role = role_new("m", "test.conf", 1));
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_NO);
	/* The number of a group is no user's, and the other way round. */
	assert_int_equal(role_add_peer(role, PEER_USER, GROUP, "x"), 0);
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_NO);
	assert_int_equal(role_add_peer(role, PEER_GROUP, USER, "x"), 0);
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_UNKNOWN);
	assert_int_equal(by_database(role, &id, &all, 5), MEMBERSHIP_NO);
	assert_int_equal(by_database(role, &id, &all, USER), MEMBERSHIP_YES);
	/* A lookup that fails, and a user whom nobody knows. */
	accounts_flush(&fake.accounts);
	assert_int_equal(membership_by_database(&fake.accounts, role, &id,
	    &all), MEMBERSHIP_UNKNOWN);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_GROUPS,
	    USER, ""), ETIMEDOUT, 0, 0);
	assert_int_equal(membership_by_database(&fake.accounts, role, &id,
	    &all), MEMBERSHIP_FAILED);
	assert_int_equal(errno, ETIMEDOUT);
	accounts_flush(&fake.accounts);
	assert_int_equal(membership_by_database(&fake.accounts, role, &id,
	    &all), MEMBERSHIP_UNKNOWN);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_GROUPS,
	    USER, ""), ENOENT, 0, 0);
	assert_int_equal(membership_by_database(&fake.accounts, role, &id,
	    &all), MEMBERSHIP_NO);
	assert_int_equal(role_add_peer(role, PEER_GROUP, GROUP, "x"), 0);
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_YES);
	id.ngids = 1;
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_UNKNOWN);
	id.gid = GROUP;
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_YES);
	id.gid = 9;
	assert_int_equal(role_add_peer(role, PEER_USER, USER, "x"), 0);
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_YES);
	role_free(role);
	namesfake_end(&names);
}

/* The overflow ids match nothing, whatever the role names. */
static void
test_nobody(void **state)
{
	static const struct idmap	 some = { UTIL_NOBODY, UTIL_NOBODY };
	static uint32_t			 gids[] = { 5, UTIL_NOBODY };
	struct peerid			 id = { .uid = UTIL_NOBODY, .gid = 5,
					    .gids = gids, .ngids = 2 };
	struct role			*role;

	(void)state;
	begin_with_names();
	assert_non_null(role = role_new("m", "test.conf", 1));
	assert_int_equal(role_add_peer(role, PEER_USER, UTIL_NOBODY, "n"), 0);
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_YES);
	assert_int_equal(membership_by_kernel(role, &id, &some),
	    MEMBERSHIP_NO);
	/* Nor is it a member of a group that is somebody's. */
	assert_int_equal(role_add_peer(role, PEER_GROUP, 5, "g"), 0);
	assert_int_equal(membership_by_kernel(role, &id, &some),
	    MEMBERSHIP_NO);
	role_free(role);

	assert_non_null(role = role_new("m", "test.conf", 1));
	assert_int_equal(role_add_peer(role, PEER_GROUP, UTIL_NOBODY, "n"), 0);
	id.uid = USER;
	assert_int_equal(membership_by_kernel(role, &id, &all),
	    MEMBERSHIP_YES);
	assert_int_equal(membership_by_kernel(role, &id, &some),
	    MEMBERSHIP_NO);
	id.gid = UTIL_NOBODY;
	assert_int_equal(membership_by_kernel(role, &id, &some),
	    MEMBERSHIP_NO);
	assert_int_equal(by_database(role, &id, &all, UTIL_NOBODY),
	    MEMBERSHIP_YES);
	assert_int_equal(by_database(role, &id, &some, UTIL_NOBODY),
	    MEMBERSHIP_NO);
	role_free(role);
	namesfake_end(&names);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		DAEMONFAKE_TEST(test_ids),
		DAEMONFAKE_TEST(test_many_groups),
		DAEMONFAKE_TEST(test_no_connection),
		DAEMONFAKE_TEST(test_two_sockets),
		DAEMONFAKE_TEST(test_membership),
		DAEMONFAKE_TEST(test_nobody)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
