/*
 * test_accounts.c: what the supervisor asks the names process, what it
 * remembers, and how it does without.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "daemon/accounts.h"
#include "ipc/msg.h"
#include "ipc/types.h"
#include "tests/unit/namesfake.h"
#include "tests/unit/util.h"

static struct accounts		 accounts;
static struct namesfake		 fake;
static struct event_base	*base;

static void
begin(void)
{
	assert_non_null(base = event_base_new());
	namesfake_begin(&fake, &accounts, base);
}

static int
teardown(void **state)
{
	namesfake_end(&fake);
	if (base != NULL)
		event_base_free(base);
	base = NULL;
	return util_teardown(state);
}

static enum accounts_answer
user(const char *name, uint32_t *uid)
{
	uint32_t	 gid;

	*uid = 0;
	return accounts_user(&accounts, name, uid, &gid);
}

static enum accounts_answer
groups(uint32_t uid, size_t *n)
{
	const uint32_t	*gids;
	uint32_t	 gid;

	*n = 0;
	return accounts_groups(&accounts, uid, &gid, &gids, n);
}

static bool
is_silent(void)
{
	struct nameask	 q;

	return !namesfake_hear(&fake, &q);
}

static struct account *
entry(uint32_t uid)
{
	struct account	*a;

	for (a = accounts.table; a < &accounts.table[ACCOUNTS_MAX]; a++)
		if (a->kind == NAMEASK_GROUPS && a->key == uid)
			return a;
	return NULL;
}

/* One question, one answer, and no question while the answer is remembered. */
static void
test_remembers(void **state)
{
	uint32_t	 uid, gid, id;

	(void)state;
	begin();
	assert_int_equal(user("ann", &uid), ACCOUNTS_ASKED);
	assert_int_equal(user("ann", &uid), ACCOUNTS_ASKED);
	id = namesfake_expect(&fake, NAMEASK_USER, 0, "ann");
	assert_true(is_silent());
	namesfake_answer(&fake, id, 0, 1001, 1002);
	assert_int_equal(fake.changed, 1);
	assert_int_equal(accounts_user(&accounts, "ann", &uid, &gid),
	    ACCOUNTS_KNOWN);
	assert_int_equal(uid, 1001);
	assert_int_equal(gid, 1002);
	assert_true(accounts.remembered == 0);
	assert_int_equal(user("ann", &uid), ACCOUNTS_KNOWN);
	assert_int_equal(user("ann", &uid), ACCOUNTS_KNOWN);
	assert_true(accounts.remembered == 2);
	assert_true(accounts.asked == 1);
	/* A group of that name is something else. */
	assert_int_equal(accounts_group(&accounts, "ann", &gid),
	    ACCOUNTS_ASKED);
	id = namesfake_expect(&fake, NAMEASK_GROUP, 0, "ann");
	namesfake_answer(&fake, id, 0, 0, 77);
	assert_int_equal(accounts_group(&accounts, "ann", &gid),
	    ACCOUNTS_KNOWN);
	assert_int_equal(gid, 77);
	assert_true(is_silent());
}

/* The name and home of a user are another question than its groups. */
static void
test_person(void **state)
{
	static struct nameanswer	 a;
	const char			*name, *home;
	size_t				 n;

	(void)state;
	begin();
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	assert_int_equal(accounts_person(&accounts, 7, &name, &home),
	    ACCOUNTS_ASKED);
	(void)namesfake_expect(&fake, NAMEASK_GROUPS, 7, "");
	nameask_answer_init(&a, namesfake_expect(&fake, NAMEASK_PERSON, 7,
	    ""));
	(void)strlcpy(a.name, "ann", sizeof(a.name));
	(void)strlcpy(a.home, "/home/ann", sizeof(a.home));
	assert_return_code(nameask_send_part(fake.channel, &a), errno);
	namesfake_turn(&fake);
	assert_int_equal(accounts_person(&accounts, 7, &name, &home),
	    ACCOUNTS_KNOWN);
	assert_string_equal(name, "ann");
	assert_string_equal(home, "/home/ann");
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	/* Nobody: there is no such user. */
	assert_int_equal(accounts_person(&accounts, 8, &name, &home),
	    ACCOUNTS_ASKED);
	namesfake_answer(&fake, namesfake_expect(&fake, NAMEASK_PERSON, 8,
	    ""), ENOENT, 0, 0);
	assert_int_equal(accounts_person(&accounts, 8, &name, &home),
	    ACCOUNTS_FAILED);
	assert_int_equal(errno, ENOENT);
	/* After a reload, it is asked for anew. */
	accounts_flush(&accounts);
	assert_int_equal(accounts_person(&accounts, 7, &name, &home),
	    ACCOUNTS_ASKED);
	assert_int_equal(accounts.nuids, 2);
}

/* All numbers, which are neither a uid's nor a name's. */
static void
test_numbers(void **state)
{
	const uint32_t	 answer[] = { 0, 7, 1000, 1000 }, *ends = NULL;
	size_t		 n;

	(void)state;
	begin();
	assert_int_equal(accounts_numbers(&accounts, false, &ends, &n),
	    ACCOUNTS_ASKED);
	assert_int_equal(accounts_numbers(&accounts, true, &ends, &n),
	    ACCOUNTS_ASKED);
	assert_int_equal(accounts_numbers(&accounts, false, &ends, &n),
	    ACCOUNTS_ASKED);
	assert_int_equal(accounts.nuids, 0);
	namesfake_answer_groups(&fake, namesfake_expect(&fake, NAMEASK_UIDS,
	    0, ""), answer, 4);
	namesfake_answer(&fake, namesfake_expect(&fake, NAMEASK_GIDS, 0, ""),
	    EIO, 0, 0);
	assert_int_equal(accounts_numbers(&accounts, false, &ends, &n),
	    ACCOUNTS_KNOWN);
	assert_int_equal(n, 2);
	assert_memory_equal(ends, answer, sizeof(answer));
	assert_int_equal(accounts_numbers(&accounts, true, &ends, &n),
	    ACCOUNTS_FAILED);
	assert_int_equal(errno, EIO);
	assert_true(is_silent());
	accounts_flush(&accounts);
	assert_int_equal(accounts_numbers(&accounts, false, &ends, &n),
	    ACCOUNTS_ASKED);
}

/* That there is no user is an answer; a failure is remembered for less long. */
static void
test_negative(void **state)
{
	size_t	 n;

	(void)state;
	begin();
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	namesfake_answer(&fake, namesfake_expect(&fake, NAMEASK_GROUPS, 7,
	    ""), ENOENT, 0, 0);
	assert_int_equal(groups(7, &n), ACCOUNTS_FAILED);
	assert_int_equal(errno, ENOENT);
	assert_true(accounts.failed == 0);
	assert_true(entry(7)->until > clock_ms() + ACCOUNTS_FAILURE_MS);
	assert_int_equal(groups(8, &n), ACCOUNTS_ASKED);
	namesfake_answer(&fake, namesfake_expect(&fake, NAMEASK_GROUPS, 8,
	    ""), EIO, 0, 0);
	assert_int_equal(groups(8, &n), ACCOUNTS_FAILED);
	assert_int_equal(errno, EIO);
	assert_true(accounts.failed == 1);
	assert_true(entry(8)->until <= clock_ms() + ACCOUNTS_FAILURE_MS);
	assert_int_equal(groups(7, &n), ACCOUNTS_FAILED);
	assert_int_equal(errno, ENOENT);
	assert_true(is_silent());
}

/* A user who has another uid by now is asked for again after a while. */
static void
test_expires(void **state)
{
	uint32_t	 uid;
	size_t		 n;

	(void)state;
	begin();
	(void)groups(7, &n);
	namesfake_answer_groups(&fake, namesfake_expect(&fake,
	    NAMEASK_GROUPS, 7, ""), (uint32_t[]){ 5, 6 }, 2);
	assert_int_equal(groups(7, &n), ACCOUNTS_KNOWN);
	assert_int_equal(n, 2);
	assert_true(entry(7)->until <= clock_ms() + ACCOUNTS_MS);
	entry(7)->until = clock_ms();
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	namesfake_answer_groups(&fake, namesfake_expect(&fake,
	    NAMEASK_GROUPS, 7, ""), (uint32_t[]){ 5 }, 1);
	assert_int_equal(groups(7, &n), ACCOUNTS_KNOWN);
	assert_int_equal(n, 1);

	(void)user("ann", &uid);
	namesfake_answer(&fake, namesfake_expect(&fake, NAMEASK_USER, 0,
	    "ann"), 0, 1001, 0);
	assert_int_equal(user("ann", &uid), ACCOUNTS_KNOWN);
	accounts_flush(&accounts);
	assert_int_equal(user("ann", &uid), ACCOUNTS_ASKED);
	namesfake_answer(&fake, namesfake_expect(&fake, NAMEASK_USER, 0,
	    "ann"), 0, 1005, 0);
	assert_int_equal(user("ann", &uid), ACCOUNTS_KNOWN);
	assert_int_equal(uid, 1005);
}

/* An answer that may be older than accounts_flush() is asked for again. */
static void
test_flush(void **state)
{
	uint32_t	 old, id;
	size_t		 n;

	(void)state;
	begin();
	(void)groups(7, &n);
	old = namesfake_expect(&fake, NAMEASK_GROUPS, 7, "");
	accounts_flush(&accounts);
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	assert_true(is_silent());
	namesfake_answer_groups(&fake, old, (uint32_t[]){ 5 }, 1);
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	id = namesfake_expect(&fake, NAMEASK_GROUPS, 7, "");
	assert_int_not_equal(id, old);
	namesfake_answer_groups(&fake, id, (uint32_t[]){ 5, 6 }, 2);
	assert_int_equal(groups(7, &n), ACCOUNTS_KNOWN);
	assert_int_equal(n, 2);
	assert_int_equal(accounts.nasked, 0);
	assert_int_equal(accounts.nuids, 0);
}

/* More than 64 groups, and as many as there can be. */
static void
test_many_groups(void **state)
{
	static uint32_t	 all[NAMEASK_GROUPS_MAX + 1];
	const uint32_t	*gids;
	uint32_t	 gid;
	size_t		 i, n;

	(void)state;
	begin();
	for (i = 0; i <= NAMEASK_GROUPS_MAX; i++)
		all[i] = (uint32_t)(i * 7);
	for (i = 65; i <= NAMEASK_GROUPS_MAX; i *= 2) {
		(void)groups((uint32_t)i, &n);
		namesfake_answer_groups(&fake, namesfake_expect(&fake,
		    NAMEASK_GROUPS, (uint32_t)i, ""), all, i);
		assert_int_equal(accounts_groups(&accounts, (uint32_t)i, &gid,
		    &gids, &n), ACCOUNTS_KNOWN);
		assert_int_equal(n, i);
		assert_memory_equal(gids, all, n * sizeof(*gids));
	}
	(void)groups(1, &n);
	namesfake_answer_groups(&fake, namesfake_expect(&fake,
	    NAMEASK_GROUPS, 1, ""), all, NAMEASK_GROUPS_MAX);
	assert_int_equal(groups(1, &n), ACCOUNTS_KNOWN);
	assert_int_equal(n, NAMEASK_GROUPS_MAX);
	assert_int_equal(fake.gone, 0);
	/* One more is nothing that our names process sends. */
	(void)groups(2, &n);
	namesfake_answer_groups(&fake, namesfake_expect(&fake,
	    NAMEASK_GROUPS, 2, ""), all, NAMEASK_GROUPS_MAX + 1);
	assert_int_equal(fake.gone, 1);
}

/* Answers with many groups make the oldest of all answers go. */
static void
test_memory(void **state)
{
	static uint32_t	 all[NAMEASK_GROUPS_MAX];
	uint32_t	 uid;
	size_t		 n;

	(void)state;
	begin();
	for (uid = 0; uid < 20; uid++) {
		(void)groups(uid, &n);
		namesfake_answer_groups(&fake, namesfake_expect(&fake,
		    NAMEASK_GROUPS, uid, ""), all, NAMEASK_GROUPS_MAX);
		assert_true(accounts.ngids <= ACCOUNTS_GIDS_MAX);
		entry(uid)->until -= 100 - uid;
	}
	assert_null(entry(3));
	assert_non_null(entry(4));
	accounts_flush(&accounts);
	assert_int_equal(accounts.ngids, 0);
}

/* Without a place, the answer goes that would be forgotten first. */
static void
test_places(void **state)
{
	uint32_t	 uid;
	size_t		 n;

	(void)state;
	begin();
	for (uid = 0; uid <= ACCOUNTS_MAX; uid++) {
		(void)groups(uid, &n);
		namesfake_answer(&fake, namesfake_expect(&fake,
		    NAMEASK_GROUPS, uid, ""), ENOENT, 0, 0);
		if (uid == 5)
			entry(uid)->until -= 100;
	}
	assert_null(entry(5));
	assert_non_null(entry(0));
	assert_non_null(entry(ACCOUNTS_MAX));
}

/* So much is asked at once, and a part of it is for names only. */
static void
test_busy(void **state)
{
	char		 name[16];
	uint32_t	 uid, id;
	size_t		 i, n;

	(void)state;
	begin();
	for (uid = 0; uid < ACCOUNTS_UIDS_ASKED; uid++)
		assert_int_equal(groups(uid, &n), ACCOUNTS_ASKED);
	assert_int_equal(groups(uid, &n), ACCOUNTS_BUSY);
	for (i = ACCOUNTS_UIDS_ASKED; i < NAMEASK_OUTSTANDING; i++) {
		(void)snprintf(name, sizeof(name), "u%zu", i);
		assert_int_equal(user(name, &uid), ACCOUNTS_ASKED);
	}
	assert_int_equal(user("one more", &uid), ACCOUNTS_BUSY);
	assert_int_equal(groups(0, &n), ACCOUNTS_ASKED);
	id = namesfake_expect(&fake, NAMEASK_GROUPS, 0, "");
	namesfake_answer(&fake, id, ENOENT, 0, 0);
	assert_int_equal(groups(4711, &n), ACCOUNTS_ASKED);
	assert_int_equal(user("one more", &uid), ACCOUNTS_BUSY);
}

/* Names that no question can hold are nobody's. */
static void
test_names(void **state)
{
	char		 name[NAMEASK_NAME_MAX + 1];
	uint32_t	 uid;

	(void)state;
	begin();
	memset(name, 'a', NAMEASK_NAME_MAX);
	name[NAMEASK_NAME_MAX] = '\0';
	assert_int_equal(user(name, &uid), ACCOUNTS_FAILED);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(user("", &uid), ACCOUNTS_FAILED);
	assert_int_equal(errno, ENOENT);
	name[NAMEASK_NAME_MAX - 1] = '\0';
	assert_int_equal(user(name, &uid), ACCOUNTS_ASKED);
	(void)namesfake_expect(&fake, NAMEASK_USER, 0, name);
}

/* A names process that is stuck: its question fails, and it may come back. */
static void
test_stuck(void **state)
{
	uint32_t	 id;
	size_t		 n;

	(void)state;
	begin();
	(void)groups(7, &n);
	id = namesfake_expect(&fake, NAMEASK_GROUPS, 7, "");
	entry(7)->until = clock_ms();
	event_active(accounts.timer, EV_TIMEOUT, 1);
	namesfake_turn(&fake);
	assert_int_equal(fake.changed, 1);
	assert_string_equal(util_logged(), "the names process does not "
	    "answer");
	assert_int_equal(groups(7, &n), ACCOUNTS_FAILED);
	assert_int_equal(errno, ETIMEDOUT);
	/* The answer comes too late. */
	namesfake_answer_groups(&fake, id, (uint32_t[]){ 5 }, 1);
	assert_int_equal(groups(7, &n), ACCOUNTS_FAILED);
	assert_int_equal(fake.gone, 0);
	entry(7)->until = clock_ms();
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	id = namesfake_expect(&fake, NAMEASK_GROUPS, 7, "");
	namesfake_answer_groups(&fake, id, (uint32_t[]){ 5 }, 1);
	assert_int_equal(groups(7, &n), ACCOUNTS_KNOWN);
}

/* What is asked fails at once if the names process is gone; the rest stays. */
static void
test_gone(void **state)
{
	uint32_t	 uid;
	size_t		 n;

	(void)state;
	begin();
	(void)groups(1, &n);
	namesfake_answer_groups(&fake, namesfake_expect(&fake,
	    NAMEASK_GROUPS, 1, ""), (uint32_t[]){ 5 }, 1);
	(void)groups(2, &n);
	accounts_reaped(&accounts, 9);
	assert_int_equal(accounts.pid, -1);
	assert_int_equal(fake.gone, 1);
	assert_int_equal(fake.changed, 2);
	assert_int_equal(groups(1, &n), ACCOUNTS_KNOWN);
	assert_int_equal(groups(2, &n), ACCOUNTS_FAILED);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(groups(3, &n), ACCOUNTS_FAILED);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(user("ann", &uid), ACCOUNTS_FAILED);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(fake.gone, 1);
}

static void
send_junk(uint16_t type, const void *body, size_t len)
{
	struct util_header	 uh = { .type = type, .items = 1 };
	uint8_t			 buf[PROTO_HEADER + 64];

	assert_return_code(fdmsg_send(fake.channel, buf, util_message(buf,
	    sizeof(buf), &uh, body, len), NULL, 0), errno);
	namesfake_turn(&fake);
}

/* What a names process may not send makes it one that is gone. */
static void
test_refuses(void **state)
{
	static const uint8_t	 body[32];
	static const uint16_t	 types[] = { IPC_ADMIT, IPC_STARTED, IPC_AUDIT,
				    IPC_CONTROL_ASK, IPC_NAME_ASK,
				    IPC_NAME_ANSWER, PROTO_HELLO };
	size_t			 i, n;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		begin();
		(void)groups(2, &n);
		send_junk(types[i], body, sizeof(body));
		assert_int_equal(fake.gone, 1);
		assert_int_equal(groups(2, &n), ACCOUNTS_FAILED);
		assert_int_equal(errno, ESRCH);
		namesfake_end(&fake);
		event_base_free(base);
		base = NULL;
	}
	/* Groups for a name. */
	begin();
	(void)accounts_group(&accounts, "staff", (uint32_t[]){ 0 });
	namesfake_answer_groups(&fake, namesfake_expect(&fake, NAMEASK_GROUP,
	    0, "staff"), (uint32_t[]){ 5 }, 1);
	assert_int_equal(fake.gone, 1);
}

/* Nothing is believed before it is confined. */
static void
test_starting(void **state)
{
	size_t	 n;

	(void)state;
	assert_non_null(base = event_base_new());
	namesfake_begin_early(&fake, &accounts, base);
	assert_int_equal(groups(7, &n), ACCOUNTS_ASKED);
	namesfake_answer_groups(&fake, namesfake_expect(&fake,
	    NAMEASK_GROUPS, 7, ""), (uint32_t[]){ 5 }, 1);
	assert_int_equal(fake.ready, 0);
	assert_int_equal(fake.gone, 1);
	assert_int_equal(groups(7, &n), ACCOUNTS_FAILED);
}

#define ACCOUNTS_TEST(f) \
	cmocka_unit_test_setup_teardown(f, util_setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		ACCOUNTS_TEST(test_remembers),
		ACCOUNTS_TEST(test_person),
		ACCOUNTS_TEST(test_negative),
		ACCOUNTS_TEST(test_numbers),
		ACCOUNTS_TEST(test_expires),
		ACCOUNTS_TEST(test_flush),
		ACCOUNTS_TEST(test_many_groups),
		ACCOUNTS_TEST(test_memory),
		ACCOUNTS_TEST(test_places),
		ACCOUNTS_TEST(test_busy),
		ACCOUNTS_TEST(test_names),
		ACCOUNTS_TEST(test_stuck),
		ACCOUNTS_TEST(test_gone),
		ACCOUNTS_TEST(test_refuses),
		ACCOUNTS_TEST(test_starting)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
