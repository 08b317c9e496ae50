/*
 * test_admission.c: who is admitted, who waits, and who may stay after a
 * reload.
 *
 * This program is also the opener: started under that name it fills its
 * channel and stops.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/admission.h"
#include "ipc/admit.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/daemonfake.h"
#include "tests/unit/namesfake.h"
#include "tests/unit/util.h"

/* Far more than are taken in a row. */
#define FLOOD	500

static struct daemonfake	 fake;
static struct admission		 admission;
static struct namesfake		 names;

static int
opener_main(void)
{
	static struct setup	 su;
	int			 channel = SETUP_CHANNEL_FD, size = 4 << 20, i;

	if (daemonfake_be_opener(&su) == -1 || setsockopt(channel, SOL_SOCKET,
	    SO_SNDBUFFORCE, &size, sizeof(size)) == -1)
		return 1;
	for (i = 0; i < FLOOD; i++)
		ipc_sink(&channel, LOG_WARNING, "flood");
	(void)raise(SIGSTOP);
	return 0;
}

static void
begin(void)
{
	memset(&admission, 0, sizeof(admission));
	daemonfake_begin(&fake);
	admission_init(&admission);
	fake.env.nofile = admission.env.nofile;
	admission.env = fake.env;
	admission.conf = &fake.conf;
	admission.generation = 1;
	assert_int_equal(admission_start(&admission), 0);
}

/* The same with peers that are groups, and a names process. */
static void
begin_with_names(void)
{
	begin();
	namesfake_begin(&names, &fake.accounts, fake.env.base);
	assert_int_equal(role_add_peer(fake.role, PEER_GROUP, 5000, "g"), 0);
}

static int
teardown(void **state)
{
	struct session	*s;

	namesfake_end(&names);
	if (admission.ev_waiting != NULL)
		admission_stop(&admission);
	while ((s = LIST_FIRST(&admission.sessions)) != NULL) {
		LIST_REMOVE(s, entry);
		LIST_INSERT_HEAD(&fake.sessions, s, entry);
	}
	return daemonfake_teardown(state);
}

static void
ask(uint32_t uid)
{
	static const struct admit	 a = { .role = "r" };

	assert_int_equal(admission_request(&admission, &a,
	    daemonfake_connect(&fake, uid)), 0);
}

/* Ask as root, and be admitted. */
static struct session *
admitted(void)
{
	struct session	*s;

	ask(0);
	assert_non_null(s = LIST_FIRST(&admission.sessions));
	return s;
}

static void
kill_and_reap(struct session *s)
{
	pid_t	 pid = s->opener;

	assert_true(admission_reap(&admission, pid, daemonfake_kill(s)));
}

/*
 * A flood from one opener is taken in portions, so that others get their turn;
 * the rest is taken when the opener is reaped.
 */
static void
test_flood(void **state)
{
	struct session	*s;

	(void)state;
	begin();
	s = admitted();
	daemonfake_wait_stopped(&fake, s);
	assert_in_range(daemonfake_logged("flood"), 1, FLOOD / 4);
	daemonfake_run(&fake);
	assert_in_range(daemonfake_logged("flood"), 2, FLOOD / 2);
	kill_and_reap(s);
	assert_int_equal(daemonfake_logged("flood"), FLOOD);
	assert_true(LIST_EMPTY(&admission.sessions));
}

/*
 * The deadline of a session that was told to end does not move when it is told
 * again, nor does the retry timer when another request arrives.
 */
static void
test_not_put_off(void **state)
{
	struct session	*s;
	struct timeval	 due, now;
	int64_t		 by;

	(void)state;
	begin();
	fake.role->limits[LIMIT_SESSIONS] = 1;
	s = admitted();
	assert_false(evtimer_pending(admission.ev_waiting, NULL));
	admission_end(&admission, s, ECANCELED, "test");
	assert_true(evtimer_pending(admission.ev_waiting, &due));
	s->end_by -= 1000;
	by = s->end_by;
	admission_end(&admission, s, ECANCELED, "test");
	assert_true(s->end_by == by);
	ask(0);
	assert_int_equal(admission.nwaiting, 1);
	assert_true(evtimer_pending(admission.ev_waiting, &now));
	assert_true(timercmp(&due, &now, ==));
}

/* One user gets half of the places to wait. */
static void
test_waiting(void **state)
{
	size_t	 i;

	(void)state;
	begin();
	fake.role->limits[LIMIT_SESSIONS] = 1;
	assert_int_equal(role_add_peer(fake.role, PEER_USER, UTIL_NOBODY, "n"),
	    0);
	(void)admitted();
	for (i = 0; i < ADMISSION_WAITING; i++)
		ask(0);
	assert_int_equal(admission.nwaiting, ADMISSION_WAITING / 2);
	assert_true(admission.refused == ADMISSION_WAITING / 2);
	for (i = 0; i < ADMISSION_WAITING; i++)
		ask(UTIL_NOBODY);
	assert_int_equal(admission.nwaiting, ADMISSION_WAITING);
}

static unsigned int	 minute;	/* of the day, for the test below */

static unsigned int
minute_now(void)
{
	return minute;
}

/*
 * Outside of its hours a role admits nobody, and says when; it does not let
 * anybody wait, and strangers are told what they are.
 */
static void
test_hours(void **state)
{
	(void)state;
	begin();
	admission.minute = minute_now;
	assert_int_equal(policy_limit_parse(LIMIT_HOURS, "22:00-06:00",
	    &fake.role->limits[LIMIT_HOURS]), 0);
	fake.role->limits[LIMIT_SESSIONS] = 1;
	minute = 6 * 60 + 5;
	ask(0);
	daemonfake_expect_refused(&fake, EAGAIN, "role \"r\" admits sessions "
	    "at 22:00-06:00 only (limit hours), and it is 06:05");
	ask(UTIL_NOBODY);
	daemonfake_expect_refused(&fake, EACCES, "not a peer");
	minute = 5 * 60 + 59;
	(void)admitted();
	/* The session goes on; a new one is not admitted. */
	minute = 6 * 60;
	ask(0);
	daemonfake_expect_refused(&fake, EAGAIN, "and it is 06:00");
	assert_int_equal(admission.nwaiting, 0);
	assert_non_null(LIST_FIRST(&admission.sessions));
	assert_true(admission.admitted == 1 && admission.refused == 3);
}

/* A request that waits is admitted when a session ends. */
static void
test_waited(void **state)
{
	struct session	*s;
	uint32_t	 id;

	(void)state;
	begin();
	fake.role->limits[LIMIT_SESSIONS] = 1;
	s = admitted();
	id = s->id;
	ask(0);
	assert_int_equal(admission.nwaiting, 1);
	kill_and_reap(s);
	assert_int_equal(admission.nwaiting, 0);
	assert_non_null(s = LIST_FIRST(&admission.sessions));
	assert_null(LIST_NEXT(s, entry));
	assert_int_equal(s->id, id + 1);
	assert_true(admission.admitted == 2);
	assert_true(admission.refused == 0);
}

/*
 * Start a session under some options of its role, and reload with others.
 * True if the session goes on.
 */
static bool
survives(uint32_t options, uint32_t then)
{
	struct session	*s;
	struct conf	 old = fake.conf;
	struct role	*was = fake.role;
	const char	*what;
	bool		 result;

	was->options = options;
	s = admitted();
	assert_non_null(fake.role = role_new("r", "test.conf", 1));
	assert_int_equal(role_add_peer(fake.role, PEER_USER, 0, "root"), 0);
	assert_int_equal(role_add_rule(fake.role, POLICY_PERMIT, POLICY_OP_READ,
	    util_dir(), NULL, "test.conf", 2, &what), 0);
	fake.role->options = then;
	old.roles = &was;
	admission_reload(&admission, &old);
	result = s->end_by == 0;
	kill_and_reap(s);
	role_free(was);
	return result;
}

/*
 * A session ends if the reload sets or clears an option that its opener applied
 * to the mounts of its roots.  It goes on if another option changes.
 */
static void
test_reload_options(void **state)
{
	const char	*name;
	uint32_t	 bit;
	size_t		 i;
	bool		 expected;

	(void)state;
	begin();
	for (i = 0; (name = policy_option_name(i)) != NULL; i++) {
		bit = policy_option(name);
		expected = (policy_options_of_mounts() & bit) == 0;
		if (survives(0, bit) != expected ||
		    survives(bit, 0) != expected)
			fail_msg("option %s: expected that the session %s",
			    name, expected ? "goes on" : "ends");
		assert_true(survives(bit, bit));
	}
	assert_int_equal(daemonfake_logged("mount options have changed") > 0,
	    policy_options_of_mounts() != 0);
	assert_int_equal(daemonfake_logged("cannot send the new policy"), 0);
}

/* A question about the groups of a user has an answer, of one group or none. */
static void
tell_groups(uint32_t uid, uint32_t gid)
{
	namesfake_answer_groups(&names, namesfake_expect(&names,
	    NAMEASK_GROUPS, uid, ""), &gid, gid != 0 ? 1 : 0);
	admission_answered(&admission);
}

static bool
is_asked(void)
{
	struct nameask	 q;

	return namesfake_hear(&names, &q);
}

static void
end_sessions(void)
{
	struct session	*s;

	while ((s = LIST_FIRST(&admission.sessions)) != NULL)
		kill_and_reap(s);
}

/* Who is a peer by uid or gid needs no answer, and waits for nobody. */
static void
test_without_names(void **state)
{
	static const struct admit	 a = { .role = "r" };
	struct role			*roles[2];
	size_t				 i;

	(void)state;
	begin_with_names();
	for (i = 0; i < 8; i++)
		ask((uint32_t)(1000 + i));
	assert_int_equal(admission.nwaiting, 8);
	(void)admitted();
	fake.role->peers[0].id = 4711;
	assert_int_equal(admission_request(&admission, &a,
	    daemonfake_connect_in(&fake, 0, 5000, NULL, 0)), 0);
	assert_true(admission.admitted == 2);
	for (i = 0; i < 8; i++)
		(void)namesfake_expect(&names, NAMEASK_GROUPS,
		    (uint32_t)(1000 + i), "");
	assert_false(is_asked());
	/* Nor does who asks for a role without groups. */
	fake.role->npeers--;
	ask(2000);
	assert_int_equal(daemonfake_logged("uid 2000 is not a peer"), 1);
	assert_false(is_asked());
	/* Whom another role names is called by that name. */
	assert_non_null(roles[0] = role_new("s", "test.conf", 9));
	assert_int_equal(role_add_peer(roles[0], PEER_USER, 2000, "bob"), 0);
	roles[1] = fake.role;
	fake.conf.roles = roles;
	fake.conf.nroles = 2;
	ask(2000);
	assert_int_equal(daemonfake_logged("user \"bob\" (uid 2000) is not a "
	    "peer of role \"r\""), 1);
	fake.conf.roles = &fake.role;
	fake.conf.nroles = 1;
	role_free(roles[0]);
	assert_false(is_asked());
	fake.role->npeers++;
	end_sessions();
}

/* A peer by a group waits for the answer, and the next request does not. */
static void
test_group_peer(void **state)
{
	(void)state;
	begin_with_names();
	fake.role->peers[0].id = 4711;
	ask(0);
	ask(0);
	assert_int_equal(admission.nwaiting, 2);
	tell_groups(0, 5000);
	assert_int_equal(admission.nwaiting, 0);
	assert_true(admission.admitted == 2);
	ask(0);
	assert_true(admission.admitted == 3);
	assert_false(is_asked());
	/* A user who is in no such group, and one whom nobody knows. */
	ask(UTIL_NOBODY);
	tell_groups(UTIL_NOBODY, 5001);
	assert_int_equal(daemonfake_logged("is not a peer of role"), 1);
	ask(UTIL_NOBODY);
	assert_int_equal(daemonfake_logged("is not a peer of role"), 2);
	ask(7);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_GROUPS, 7,
	    ""), ENOENT, 0, 0);
	admission_answered(&admission);
	assert_int_equal(daemonfake_logged("is not a peer of role"), 3);
	/* A peer who comes outside of the role's hours. */
	admission.minute = minute_now;
	minute = 12 * 60;
	assert_int_equal(policy_limit_parse(LIMIT_HOURS, "22:00-06:00",
	    &fake.role->limits[LIMIT_HOURS]), 0);
	ask(9);
	tell_groups(9, 5000);
	daemonfake_expect_refused(&fake, EAGAIN, "(limit hours), and it is "
	    "12:00");
	ask(9);
	daemonfake_expect_refused(&fake, EAGAIN, "limit hours");
	assert_true(admission.admitted == 3);
	fake.role->limits[LIMIT_HOURS] = 0;
	/* One whose groups are not to be known. */
	ask(8);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_GROUPS, 8,
	    ""), ETIMEDOUT, 0, 0);
	admission_answered(&admission);
	assert_int_equal(daemonfake_logged("refused: the groups of uid 8 "
	    "cannot be looked up: Connection timed out"), 1);
	end_sessions();
}

/* Those that wait for an answer take no place of others; nor does one user. */
static void
test_places_of_asking(void **state)
{
	uint32_t	 uid;
	size_t		 i;

	(void)state;
	begin_with_names();
	for (i = 0; i < ADMISSION_ASKING; i++)
		ask(1000);
	assert_int_equal(admission.nwaiting, ADMISSION_ASKING / 8);
	assert_int_equal(admission.refused, ADMISSION_ASKING * 7 / 8);
	assert_true(daemonfake_logged("too many requests wait until") > 0);
	for (uid = 2000; uid < 2000 + ADMISSION_ASKING; uid++)
		ask(uid);
	assert_int_equal(admission.nwaiting, ADMISSION_ASKING);
	/* A peer by uid is admitted, and another one waits for its end. */
	fake.role->limits[LIMIT_SESSIONS] = 1;
	(void)admitted();
	for (i = 0; i < ADMISSION_WAITING; i++)
		ask(0);
	assert_int_equal(admission.nwaiting, ADMISSION_ASKING +
	    ADMISSION_WAITING / 2);
	end_sessions();
}

/* The opener of `as user' has the user's ids and groups, of any number. */
static void
test_as_user(void **state)
{
	static uint32_t	 gids[SETUP_GROUPS_MAX];
	struct identity	 id;
	size_t		 i;

	(void)state;
	begin_with_names();
	assert_non_null(fake.role->as_user = strdup("ann"));
	ask(0);
	assert_int_equal(admission.nwaiting, 1);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_USER, 0,
	    "ann"), 0, 1001, 1002);
	admission_answered(&admission);
	assert_int_equal(admission.nwaiting, 1);
	for (i = 0; i < 100; i++)
		gids[i] = (uint32_t)(3000 + i);
	namesfake_answer_groups(&names, namesfake_expect(&names,
	    NAMEASK_GROUPS, 1001, ""), gids, 100);
	admission_answered(&admission);
	assert_true(admission.admitted == 1);
	assert_int_equal(identity_of_opener(&fake.accounts, &fake.conf,
	    fake.role, &id), ACCOUNTS_KNOWN);
	assert_int_equal(id.uid, 1001);
	assert_int_equal(id.gid, 1002);
	assert_int_equal(id.ngids, 101);
	assert_int_equal(id.gids[0], 1002);
	assert_int_equal(id.gids[100], 3099);
	/* More than an opener can be told is no session, not a part of it. */
	accounts_flush(&fake.accounts);
	ask(0);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_USER, 0,
	    "ann"), 0, 1001, 1002);
	admission_answered(&admission);
	namesfake_answer_groups(&names, namesfake_expect(&names,
	    NAMEASK_GROUPS, 1001, ""), gids, SETUP_GROUPS_MAX);
	admission_answered(&admission);
	assert_int_equal(daemonfake_logged("user \"ann\" of role \"r\" cannot "
	    "be looked up: Argument list too long"), 1);
	end_sessions();
}

/* It is no user any more, or root; or that cannot be known. */
static void
test_as_nobody(void **state)
{
	(void)state;
	begin_with_names();
	assert_non_null(fake.role->as_user = strdup("ann"));
	ask(0);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_USER, 0,
	    "ann"), ENOENT, 0, 0);
	admission_answered(&admission);
	assert_int_equal(daemonfake_logged("refused: user \"ann\" of role "
	    "\"r\" does not exist or is root"), 1);
	accounts_flush(&fake.accounts);
	ask(0);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_USER, 0,
	    "ann"), 0, 0, 1002);
	admission_answered(&admission);
	assert_int_equal(daemonfake_logged("refused: user \"ann\" of role "
	    "\"r\" does not exist or is root"), 2);
	accounts_flush(&fake.accounts);
	ask(0);
	namesfake_answer(&names, namesfake_expect(&names, NAMEASK_USER, 0,
	    "ann"), EIO, 0, 0);
	admission_answered(&admission);
	assert_int_equal(daemonfake_logged("refused: user \"ann\" of role "
	    "\"r\" cannot be looked up: Input/output error"), 1);
	assert_true(admission.admitted == 0);
}

/*
 * After a reload, a session whose user is a peer by a group goes on until the
 * answer says that it is none, or does not come.
 */
static void
test_reload_groups(void **state)
{
	static const struct {
		int		 error;
		uint32_t	 gid;
		const char	*logged;
	} cases[] = {
		{ 0, 5000, NULL },
		{ 0, 5001, "the role no longer admits this user" },
		{ ENOENT, 0, "the role no longer admits this user" },
		{ ETIMEDOUT, 0, "it cannot be looked up whether" }
	};
	struct conf	 old;
	struct session	*s;
	uint32_t	 id;
	size_t		 i;

	(void)state;
	begin_with_names();
	old = fake.conf;
	fake.role->peers[0].id = 4711;
	ask(0);
	tell_groups(0, 5000);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (LIST_EMPTY(&admission.sessions)) {
			ask(0);
			tell_groups(0, 5000);
		}
		assert_non_null(s = LIST_FIRST(&admission.sessions));
		accounts_flush(&fake.accounts);
		admission_reload(&admission, &old);
		assert_true(s->unsure);
		assert_true(s->end_by == 0);
		id = namesfake_expect(&names, NAMEASK_GROUPS, 0, "");
		if (cases[i].error != 0)
			namesfake_answer(&names, id, cases[i].error, 0, 0);
		else
			namesfake_answer_groups(&names, id, &cases[i].gid, 1);
		admission_answered(&admission);
		assert_false(s->unsure);
		assert_int_equal(s->end_by != 0, cases[i].logged != NULL);
		if (cases[i].logged == NULL)
			continue;
		assert_true(daemonfake_logged(cases[i].logged) > 0);
		kill_and_reap(s);
		accounts_flush(&fake.accounts);
	}
	end_sessions();
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_flood, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_not_put_off, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_waiting, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_hours, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_waited, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_reload_options,
		    util_setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_names,
		    util_setup, teardown),
		cmocka_unit_test_setup_teardown(test_group_peer, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_places_of_asking,
		    util_setup, teardown),
		cmocka_unit_test_setup_teardown(test_as_user, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_as_nobody, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_reload_groups,
		    util_setup, teardown)
	};

	if (argc > 0 && strcmp(argv[0], "fdbroker-opener") == 0)
		return opener_main();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
