/*
 * test_quota.c: how the limits of the daemon, of a role, of a user and of
 * descriptors decide about a session, and what it gets.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "daemon/quota.h"
#include "daemon/session.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

#define ANN	1001
#define BOB	1002

static struct quota	 quota;
static struct conf	 conf;
static struct session_list live;
static struct role	*roles[2];	/* "a" and "b" */
static struct session	 sessions[400];
static size_t		 nsessions;
static struct grant	 grant;
static char		 why[256];

static void
begin(uint32_t nofile)
{
	size_t	 i;

	memset(&conf, 0, sizeof(conf));
	memset(&grant, 0, sizeof(grant));
	nsessions = 0;
	for (i = 0; i < 2; i++) {
		roles[i] = role_new(i == 0 ? "a" : "b", "test.conf", 1);
		assert_non_null(roles[i]);
	}
	for (i = 0; i < POLICY_LIMITS; i++)
		conf.limits[i] = policy_limit_row(i)->of_daemon;
	conf.roles = roles;
	conf.nroles = 2;
	LIST_INIT(&live);
	quota.conf = &conf;
	quota.sessions = &live;
	quota.nofile = nofile;
}

static void
end(void)
{
	role_free(roles[0]);
	role_free(roles[1]);
}

/* Ask for a session; 0 if the limits allow it. */
static int
ask(uint32_t uid, int role)
{
	why[0] = '\0';
	return quota_grant(&quota, uid, roles[role], &grant, why, sizeof(why));
}

/* Ask for a session, which must be allowed, and add it. */
static struct session *
add(uint32_t uid, int role)
{
	struct session	*s = &sessions[nsessions++];

	if (ask(uid, role) == -1)
		fail_msg("%s", why);
	memset(s, 0, sizeof(*s));
	s->peer.uid = uid;
	s->grant = grant;
	(void)strlcpy(s->role, roles[role]->name, sizeof(s->role));
	LIST_INSERT_HEAD(&live, s, entry);
	return s;
}

static void
expect_refused(uint32_t uid, int role, const char *text)
{
	assert_int_equal(ask(uid, role), -1);
	assert_string_equal(why, text);
}

static void
test_defaults(void **state)
{
	(void)state;
	begin(1 << 20);
	assert_int_equal(ask(ANN, 0), 0);
	assert_int_equal(grant.tokens, 256);
	assert_int_equal(grant.bytes, 262144);
	assert_int_equal(grant.opens, 0);
	end();
}

/* All sessions that a uid can begin in a role.  How many there were. */
static int
take_all(uint32_t uid, int role)
{
	int	 n = 0;

	while (ask(uid, role) == 0) {
		(void)add(uid, role);
		n++;
	}
	return n;
}

/*
 * In a role with groups, each uid takes what it can: the next one always finds
 * some, until there are hardly any.
 */
static void
test_fair_share(void **state)
{
	static const int	 of_8[] = { 4, 2, 1, 1, 0 };
	static const int	 of_3[] = { 1, 1, 1, 0 };
	uint32_t		 i;

	(void)state;
	begin(1 << 20);
	assert_int_equal(role_add_peer(roles[0], PEER_GROUP, 5, "g"), 0);
	assert_int_equal(role_add_peer(roles[1], PEER_GROUP, 5, "g"), 0);
	roles[0]->limits[LIMIT_SESSIONS] = 8;
	for (i = 0; i < sizeof(of_8) / sizeof(of_8[0]); i++)
		assert_int_equal(take_all(ANN + i, 0), of_8[i]);
	expect_refused(ANN, 0,
	    "limit of 8 sessions of role \"a\" is reached");
	roles[1]->limits[LIMIT_SESSIONS] = 3;
	for (i = 0; i < sizeof(of_3) / sizeof(of_3[0]); i++)
		assert_int_equal(take_all(ANN + i, 1), of_3[i]);
	end();

	/* Of the daemon's sessions, too; the message says whose they are. */
	begin(1 << 20);
	assert_int_equal(role_add_peer(roles[0], PEER_GROUP, 5, "g"), 0);
	conf.limits[LIMIT_SESSIONS] = 8;
	conf.limits[LIMIT_SESSIONS_PER_UID] = 8;
	for (i = 0; i < sizeof(of_8) / sizeof(of_8[0]) - 2; i++)
		assert_int_equal(take_all(ANN + i, 0), of_8[i]);
	expect_refused(ANN, 0, "share of 2 of the 8 sessions of the daemon "
	    "is reached by uid 1001");
	roles[0]->limits[LIMIT_SESSIONS] = 8;
	conf.limits[LIMIT_SESSIONS] = 100;
	expect_refused(ANN, 0, "share of 2 of the 8 sessions of role \"a\" "
	    "is reached by uid 1001");
	end();

	/* A role with users only is not affected. */
	begin(1 << 20);
	assert_int_equal(role_add_peer(roles[0], PEER_USER, ANN, "a"), 0);
	roles[0]->limits[LIMIT_SESSIONS] = 8;
	assert_int_equal(take_all(ANN, 0), 8);
	end();
}

static void
test_sessions(void **state)
{
	int	 i;

	(void)state;
	begin(1 << 20);
	conf.limits[LIMIT_SESSIONS] = 8;
	roles[0]->limits[LIMIT_SESSIONS_PER_UID] = 2;
	roles[0]->limits[LIMIT_SESSIONS] = 3;
	(void)add(ANN, 0);
	(void)add(ANN, 0);
	expect_refused(ANN, 0, "limit of 2 sessions of uid 1001 in role "
	    "\"a\" is reached");
	(void)add(BOB, 0);
	expect_refused(BOB, 0, "limit of 3 sessions of role \"a\" is "
	    "reached");
	/* One user leaves a quarter for others. */
	for (i = 0; i < 4; i++)
		(void)add(ANN, 1);
	expect_refused(ANN, 1, "limit of 6 sessions of uid 1001 is reached");
	(void)add(BOB, 1);
	expect_refused(3, 1, "limit of 8 sessions is reached");
	end();
}

/* Tokens are set aside until the session ends. */
static void
test_tokens(void **state)
{
	struct session	*s;

	(void)state;
	begin(1 << 20);
	conf.limits[LIMIT_TOKENS_PER_UID] = 300;
	(void)add(ANN, 0);
	assert_int_equal(grant.tokens, 256);
	s = add(ANN, 1);
	assert_int_equal(grant.tokens, 44);
	expect_refused(ANN, 0, "limit of 300 tokens of uid 1001 is reached");
	(void)add(BOB, 0);
	assert_int_equal(grant.tokens, 256);
	LIST_REMOVE(s, entry);
	(void)add(ANN, 0);
	assert_int_equal(grant.tokens, 44);
	end();

	begin(1 << 20);
	roles[0]->limits[LIMIT_TOKENS_PER_UID] = 271;
	(void)add(ANN, 1);
	(void)add(ANN, 0);
	assert_int_equal(grant.tokens, 256);
	/* The 15 that are left are less than the minimum. */
	expect_refused(ANN, 0, "limit of 271 tokens of uid 1001 in role "
	    "\"a\" is reached");
	(void)add(ANN, 1);
	assert_int_equal(grant.tokens, 256);
	/* But the role itself may allow less than the minimum. */
	roles[0]->limits[LIMIT_TOKENS] = 10;
	(void)add(ANN, 0);
	assert_int_equal(grant.tokens, 10);
	expect_refused(ANN, 0, "limit of 271 tokens of uid 1001 in role "
	    "\"a\" is reached");
	end();
}

static void
test_bytes(void **state)
{
	(void)state;
	begin(1 << 20);
	conf.limits[LIMIT_BYTES_PER_UID] = 400000;
	roles[1]->limits[LIMIT_BYTES_PER_UID] = 70000;
	(void)add(ANN, 0);
	assert_int_equal(grant.bytes, 262144);
	(void)add(ANN, 1);
	assert_int_equal(grant.bytes, 70000);
	expect_refused(ANN, 1, "limit of 70000 bytes of uid 1001 in role "
	    "\"b\" is reached");
	(void)add(ANN, 0);
	assert_int_equal(grant.bytes, 400000 - 262144 - 70000);
	expect_refused(ANN, 0, "limit of 400000 bytes of uid 1001 is "
	    "reached");
	(void)add(BOB, 0);
	assert_int_equal(grant.bytes, 262144);
	end();
}

/* Opens are shared evenly; the smaller share counts; it is at least 1. */
static void
test_opens(void **state)
{
	struct session	*s, *t;

	(void)state;
	begin(1 << 20);
	conf.limits[LIMIT_OPENS_PER_UID] = 100;
	s = add(ANN, 0);
	assert_int_equal(grant.opens, 100);
	t = add(ANN, 1);
	assert_int_equal(grant.opens, 50);
	assert_int_equal(quota_opens(&quota, s), 50);
	(void)add(BOB, 1);
	assert_int_equal(grant.opens, 100);
	assert_int_equal(quota_opens(&quota, s), 50);
	roles[0]->limits[LIMIT_OPENS_PER_UID] = 7;
	assert_int_equal(quota_opens(&quota, s), 7);
	assert_int_equal(quota_opens(&quota, t), 50);
	conf.limits[LIMIT_OPENS_PER_UID] = 0;
	assert_int_equal(quota_opens(&quota, s), 7);
	assert_int_equal(quota_opens(&quota, t), 0);
	conf.limits[LIMIT_OPENS_PER_UID] = 1;
	assert_int_equal(quota_opens(&quota, t), 1);
	LIST_REMOVE(t, entry);
	conf.limits[LIMIT_OPENS_PER_UID] = 100;
	roles[0]->limits[LIMIT_OPENS_PER_UID] = 0;
	assert_int_equal(quota_opens(&quota, s), 100);
	/* The role was removed. */
	(void)strlcpy(s->role, "none", sizeof(s->role));
	assert_int_equal(quota_opens(&quota, s), 0);
	end();
}

/*
 * For every RLIMIT_NOFILE: no session takes descriptors that another one may
 * need, and as many sessions as fit can be added.
 */
static void
test_descriptors(void **state)
{
	uint32_t	 nofile, n, least = quota_nofile_min();

	(void)state;
	assert_int_equal(quota_fit(0), 0);
	assert_int_equal(quota_fit(least - 1), 0);
	assert_int_equal(quota_fit(least), 1);
	for (nofile = least; nofile < 300000; nofile += 997) {
		begin(nofile);
		conf.limits[LIMIT_SESSIONS] = 64;
		roles[0]->limits[LIMIT_BYTES] = 1048576;
		for (n = 0; n < quota_fit(nofile) && n < 64; n++) {
			(void)add(n, 0);
			assert_in_range(grant.bytes, QUOTA_BYTES_MIN, 1048576);
		}
		assert_int_equal(ask(n, 0), -1);
		end();
	}
	/* If there may be fewer sessions, each gets more. */
	begin(20000);
	roles[0]->limits[LIMIT_BYTES] = 1048576;
	conf.limits[LIMIT_SESSIONS] = 1;
	assert_int_equal(ask(ANN, 0), 0);
	assert_int_equal(grant.bytes, 1048576);
	conf.limits[LIMIT_SESSIONS] = 4;
	assert_int_equal(ask(ANN, 0), 0);
	assert_in_range(grant.bytes, 500000, 530000);
	/* A reload allows more sessions, but live ones keep their bytes. */
	for (n = 0; n < 4; n++)
		(void)add(n, 0);
	conf.limits[LIMIT_SESSIONS] = 64;
	expect_refused(ANN, 0, "limit of 20000 descriptors is reached");
	end();
}

/* The numbers of fdbrokerd(8), its units, startstop.t and ARCHITECTURE.md. */
static void
test_numbers(void **state)
{
	(void)state;
	assert_int_equal(quota_nofile_min(), 1755);
	assert_int_equal(quota_fit(4221), 4);
	assert_int_equal(quota_fit(4220), 3);
	assert_int_equal(quota_fit(16384), 18);
	assert_int_equal(quota_fit(53541), 64);
	assert_int_equal(quota_fit(53540), 63);
	assert_int_equal(quota_fit(524288), 636);
	assert_int_equal(quota_nofile(64), 162981);
	assert_int_equal(quota_nofile(4), 11061);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_defaults),
		UTIL_TEST(test_fair_share),
		UTIL_TEST(test_sessions),
		UTIL_TEST(test_tokens),
		UTIL_TEST(test_bytes),
		UTIL_TEST(test_opens),
		UTIL_TEST(test_descriptors),
		UTIL_TEST(test_numbers)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
