/*
 * test_session.c: which messages an opener may send, and when; how a session
 * starts and ends.
 *
 * This program is also the opener: started under that name it says what the
 * number of tokens of its setup stands for, and stops.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "ipc/event.h"
#include "ipc/msg.h"
#include "ipc/types.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/daemonfake.h"
#include "tests/unit/util.h"

/* What the opener says. */
enum speech {
	SAY_NOTHING = 1,
	SAY_ALL,		/* LOG, STARTED, AUDIT twice, LOG */
	SAY_STARTED_TWICE,
	SAY_AUDIT_EARLY,	/* before STARTED */
	SAY_STRANGE,		/* a message that no opener sends */
	SAY_SHORT,		/* STARTED without its number */
	SAY_SHORT_AND_END	/* the same, and exit */
};

static struct daemonfake	 fake;

static int
say(uint16_t type, const struct event_record *e, const uint32_t *number)
{
	uint8_t		 buf[IPC_MSG_MAX];
	struct message	 m;

	message_begin(&m, type, buf, sizeof(buf));
	if (e != NULL)
		event_put(&m.w, e);
	if (number != NULL)
		wire_put_u32(&m.w, *number);
	return message_send(SETUP_CHANNEL_FD, &m, NULL, 0);
}

static int
say_audit(uint8_t reason)
{
	struct event_record	 e;

	memset(&e, 0, sizeof(e));
	e.op = POLICY_OP_READ;
	e.reason = reason;
	if (reason == FDB_REASON_POLICY)
		e.policy = POLICY_DENIED;
	e.error = reason == FDB_REASON_NONE ? 0 : EACCES;
	event_set_path(&e, "/file");
	return say(IPC_AUDIT, &e, NULL);
}

static int
say_all(void)
{
	int	 channel = SETUP_CHANNEL_FD;

	ipc_sink(&channel, LOG_WARNING, "first line");
	if (ipc_send_started(channel, 0x5) == -1 ||
	    say_audit(FDB_REASON_POLICY) == -1 ||
	    say_audit(FDB_REASON_NONE) == -1)
		return -1;
	ipc_sink(&channel, LOG_WARNING, "last line");
	return 0;
}

static int
opener_main(void)
{
	static struct setup	 su;
	int			 ret = 0;

	if (daemonfake_be_opener(&su) == -1)
		return 1;
	switch ((enum speech)su.info.tokens) {
	case SAY_NOTHING:
		break;
	case SAY_ALL:
		ret = say_all();
		break;
	case SAY_STARTED_TWICE:
		if (ipc_send_started(SETUP_CHANNEL_FD, 0x5) == -1 ||
		    ipc_send_started(SETUP_CHANNEL_FD, 0x7) == -1)
			ret = -1;
		break;
	case SAY_AUDIT_EARLY:
		ret = say_audit(FDB_REASON_POLICY);
		break;
	case SAY_STRANGE:
		ret = say(IPC_CONTROL, NULL, NULL);
		break;
	case SAY_SHORT:
		ret = say(IPC_STARTED, NULL, NULL);
		break;
	case SAY_SHORT_AND_END:
		return say(IPC_STARTED, NULL, NULL) == -1 ? 2 : 7;
	}
	if (ret == -1)
		return 2;
	(void)raise(SIGSTOP);
	return 0;
}

/* Start a session whose opener says something. */
static struct session *
start(enum speech speech)
{
	struct candidate	 c;
	struct session_spec	 spec;
	struct session		*s;
	char			 why[PROTO_TEXT_MAX];

	daemonfake_candidate(&fake, &c, 0);
	memset(&spec, 0, sizeof(spec));
	spec.id = 5;
	spec.candidate = &c;
	spec.conf = &fake.conf;
	spec.generation = 1;
	spec.role = fake.role;
	spec.identity = &fake.identity;
	spec.grant.bytes = 65536;
	spec.grant.tokens = (uint32_t)speech;
	s = session_start(&fake.env, &spec, why);
	candidate_clear(&c);
	if (s == NULL)
		fail_msg("%s", why);
	LIST_INSERT_HEAD(&fake.sessions, s, entry);
	return s;
}

static void
kill_and_reap(struct session *s)
{
	int	 status = daemonfake_kill(s);

	session_reaped(s, status);
}

/* An opener that says what it may, in order. */
static void
test_proper(void **state)
{
	struct session	*s;

	(void)state;
	daemonfake_begin(&fake);
	s = start(SAY_ALL);
	/* Its sockets have no names. */
	assert_int_equal(rmdir(util_path("run/session")), 0);
	assert_false(s->started);
	daemonfake_wait_stopped(&fake, s);
	assert_true(s->started);
	assert_int_equal(s->confined, 0x5);
	assert_true(s->refused == 1);
	assert_true(fake.audit.written == 2);
	assert_int_equal(fake.lines, 2);
	assert_int_equal(daemonfake_logged("first line"), 1);
	assert_int_equal(daemonfake_logged("last line"), 1);
	assert_int_equal(daemonfake_logged("session 5: started"), 1);
	assert_non_null(s->event);
	kill_and_reap(s);
	assert_int_equal(daemonfake_logged("opener killed by signal 9"), 1);
	assert_int_equal(daemonfake_logged("session 5: ended"), 1);
}

/* The session kills the opener because of its message, and stops listening. */
static struct session *
expect_killed(enum speech speech, const char *text)
{
	struct session	*s = start(speech);
	int		 status;

	daemonfake_wait_stopped(&fake, s);
	if (daemonfake_logged(text) != 1)
		fail_msg("not logged: %s", text);
	assert_int_equal(daemonfake_logged("session 5: killing its opener"),
	    1);
	assert_null(s->event);
	status = util_wait(s->opener);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	session_reaped(s, status);
	return s;
}

/* A second STARTED is refused, and changes nothing. */
static void
test_started_twice(void **state)
{
	struct session	*s;

	(void)state;
	daemonfake_begin(&fake);
	s = expect_killed(SAY_STARTED_TWICE,
	    "session 5: the opener sent STARTED: out of order");
	assert_true(s->started);
	assert_int_equal(s->confined, 0x5);
	assert_int_equal(daemonfake_logged("session 5: started"), 1);
}

/* A record that comes before any request can have come is not written. */
static void
test_audit_early(void **state)
{
	struct session	*s;

	(void)state;
	daemonfake_begin(&fake);
	s = expect_killed(SAY_AUDIT_EARLY,
	    "session 5: the opener sent AUDIT: out of order");
	assert_false(s->started);
	assert_true(s->refused == 0);
	assert_true(fake.audit.written == 0);
	assert_true(fake.audit.denied == 0);
	assert_int_equal(fake.lines, 0);
}

static void
test_strange(void **state)
{
	(void)state;
	daemonfake_begin(&fake);
	(void)expect_killed(SAY_STRANGE,
	    "session 5: the opener sent CONTROL: unexpected type");
}

static void
test_short(void **state)
{
	(void)state;
	daemonfake_begin(&fake);
	(void)expect_killed(SAY_SHORT,
	    "session 5: the opener sent STARTED: cannot be decoded");
}

/*
 * An opener breaks the protocol with its last message, which is read after it
 * was reaped.  Its process ID is free then, so no signal is sent.
 */
static void
test_last_message(void **state)
{
	struct session	*s;
	int		 status;

	(void)state;
	daemonfake_begin(&fake);
	s = start(SAY_SHORT_AND_END);
	status = util_wait(s->opener);
	session_reaped(s, status);
	assert_int_equal(s->opener, 0);
	assert_int_equal(daemonfake_logged("the opener sent STARTED"), 1);
	assert_int_equal(daemonfake_logged("killing its opener"), 0);
	assert_int_equal(daemonfake_logged("opener failed with status 7"), 1);
	/* Process ID 0 would mean this process and its group. */
	session_kill(s);
}

/*
 * An opener that was told to end has until its deadline, and is not sent
 * another share.
 */
static void
test_dismissed(void **state)
{
	struct session	*s;
	int64_t		 by;
	int		 status;

	(void)state;
	daemonfake_begin(&fake);
	s = start(SAY_NOTHING);
	daemonfake_wait_stopped(&fake, s);
	assert_int_equal(session_set_opens(s, 7), 0);
	assert_int_equal(s->grant.opens, 7);
	assert_false(session_expire(s, INT64_MAX));
	assert_true(session_dismiss(s, ECANCELED, "test"));
	by = s->end_by;
	assert_true(by > clock_ms() - 60 * 1000);
	assert_true(session_expire(s, by - 1));
	assert_int_equal(session_set_opens(s, 8), 0);
	assert_int_equal(s->grant.opens, 7);
	assert_false(session_expire(s, by));
	status = util_wait(s->opener);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	session_reaped(s, status);
}

/* An opener that cannot be told to end is killed at once. */
static void
test_cannot_be_told(void **state)
{
	struct session	*s;
	int		 status;

	(void)state;
	daemonfake_begin(&fake);
	s = start(SAY_NOTHING);
	session_hang_up(s);
	assert_int_equal(s->channel, -1);
	assert_false(session_dismiss(s, ECANCELED, "test"));
	assert_true(s->end_by == 0);
	status = util_wait(s->opener);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	session_reaped(s, status);
}

/* A session that cannot start says why, and leaves nothing behind. */
static void
test_not_started(void **state)
{
	struct session_spec	 spec;
	struct candidate	 c;
	char			 why[PROTO_TEXT_MAX];
	size_t			 fds;

	(void)state;
	daemonfake_begin(&fake);
	daemonfake_candidate(&fake, &c, 0);
	memset(&spec, 0, sizeof(spec));
	spec.id = 5;
	spec.candidate = &c;
	spec.conf = &fake.conf;
	spec.role = fake.role;
	spec.identity = &fake.identity;
	spec.grant.bytes = 65536;
	fds = util_count_fds();

	fake.spare.path = "/nowhere/fdbroker-opener";
	assert_null(session_start(&fake.env, &spec, why));
	assert_int_equal(errno, EAGAIN);
	assert_string_equal(why,
	    "the opener cannot be started: No such file or directory");

	fake.spare.path = "/proc/self/exe";

	/* Each time nothing is left, and the candidate is as it was. */
	assert_int_equal(util_count_fds(), fds);
	assert_false(candidate_is_gone(&c));
	assert_int_equal(c.id.uid, 0);
	assert_int_equal(rmdir(util_path("run/session")), 0);
	assert_null(session_start(&fake.env, &spec, why));
	assert_string_equal(why, "the sockets of the session cannot be made: "
	    "No such file or directory");
	assert_int_equal(util_count_fds(), fds);
	candidate_clear(&c);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	 tests[] = {
		DAEMONFAKE_TEST(test_proper),
		DAEMONFAKE_TEST(test_started_twice),
		DAEMONFAKE_TEST(test_audit_early),
		DAEMONFAKE_TEST(test_strange),
		DAEMONFAKE_TEST(test_short),
		DAEMONFAKE_TEST(test_last_message),
		DAEMONFAKE_TEST(test_dismissed),
		DAEMONFAKE_TEST(test_cannot_be_told),
		DAEMONFAKE_TEST(test_not_started)
	};

	if (argc > 0 && strcmp(argv[0], "fdbroker-opener") == 0)
		return opener_main();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
