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
#include "tests/unit/util.h"

/* Far more than are taken in a row. */
#define FLOOD	500

static struct daemonfake	 fake;
static struct admission		 admission;

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

static int
teardown(void **state)
{
	struct session	*s;

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
		cmocka_unit_test_setup_teardown(test_waited, util_setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_reload_options,
		    util_setup, teardown)
	};

	if (argc > 0 && strcmp(argv[0], "fdbroker-opener") == 0)
		return opener_main();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
