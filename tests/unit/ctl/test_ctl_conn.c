/*
 * test_ctl_conn.c: a connection to a daemon that answers, and to one that lies.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "ctl/conn.h"
#include "ctl/text.h"
#include "policy/role.h"
#include "tests/unit/ctlfake.h"
#include "tests/unit/util.h"

/* Connect to a daemon with a fault. */
static pid_t
begin(struct conn *c, enum ctlfake_fault fault)
{
	pid_t	 pid = ctlfake_start(util_path("control.sock"), fault);

	assert_int_equal(conn_open(c, util_path("control.sock")), 0);
	return pid;
}

static void
end(struct conn *c, pid_t pid)
{
	conn_close(c);
	assert_int_equal(c->fd, -1);
	assert_int_equal(util_wait(pid), 0);
	assert_int_equal(unlink(util_path("control.sock")), 0);
}

static void
test_state(void **state)
{
	struct control_state	 st;
	struct conn		 c;
	pid_t			 pid;

	(void)state;
	util_need(FEATURE_MEMFD);
	pid = begin(&c, FAKE_GOOD);
	assert_int_equal(conn_state(&c, &st), 0);
	assert_int_equal(st.generation, 3);
	assert_int_equal(st.nsessions, 2);
	assert_string_equal(st.sessions[1].role, "web");
	assert_int_equal(st.ndenials, 1);
	assert_string_equal(st.denials[0].event.path, "/etc/\\012");
	control_state_free(&st);
	/* Again on the same connection. */
	assert_int_equal(conn_state(&c, &st), 0);
	control_state_free(&st);
	end(&c, pid);
}

static void
test_role(void **state)
{
	struct control_reply	 reply;
	struct conn		 c;
	struct role		*role;
	pid_t			 pid;

	(void)state;
	util_need(FEATURE_MEMFD);
	pid = begin(&c, FAKE_GOOD);
	assert_non_null(role = conn_role(&c, "nightly", &reply));
	assert_int_equal(role->nrules, 2);
	role_free(role);
	assert_null(conn_role(&c, "no role", &reply));
	assert_int_equal(reply.error, 0);
	assert_string_equal(util_logged(), "\"no role\" is not a valid name "
	    "of a role");
	end(&c, pid);
	pid = begin(&c, FAKE_ERROR);
	assert_null(conn_role(&c, "nightly", &reply));
	assert_int_equal(reply.error, ESRCH);
	assert_string_equal(reply.text, "there is no such thing");
	end(&c, pid);
}

/* Every fault is logged, and leaves no descriptor open. */
static void
test_faults(void **state)
{
	struct control_state	 st;
	struct conn		 c;
	enum ctlfake_fault	 fault;
	pid_t			 pid;

	(void)state;
	util_need(FEATURE_MEMFD);
	for (fault = FAKE_GOOD + 1; fault < FAKE_FAULTS; fault++) {
		pid = begin(&c, fault);
		if (conn_state(&c, &st) != -1)
			fail_msg("fault %d was believed", fault);
		/* A refusal is no fault of the socket. */
		if (strstr(util_logged(), fault == FAKE_ERROR ?
		    "there is no such thing" :
		    util_path("control.sock")) == NULL)
			fail_msg("fault %d: \"%s\"", fault, util_logged());
		end(&c, pid);
	}
}

static void
test_nobody_there(void **state)
{
	struct conn	 c;
	struct dgram	 d;

	(void)state;
	assert_int_equal(conn_open(&c, util_path("none.sock")), -1);
	assert_non_null(strstr(util_logged(), util_path("none.sock")));
	assert_non_null(strstr(util_logged(), "no daemon is listening"));
	assert_non_null(strstr(util_logged(), strerror(ENOENT)));
	/* A socket of another kind. */
	dgram_init(&d);
	assert_int_equal(dgram_bind(&d, util_path("d.sock"), 0600), 0);
	assert_int_equal(conn_open(&c, util_path("d.sock")), -1);
	assert_non_null(strstr(util_logged(), util_path("d.sock")));
	dgram_close(&d);
}

static int
open_as_nobody(void *arg)
{
	struct conn	 c;

	(void)arg;
	assert_int_equal(util_become(UTIL_NOBODY), 0);
	assert_int_equal(conn_open(&c, util_path("control.sock")), -1);
	assert_non_null(strstr(util_logged(), "only root may connect"));
	return 0;
}

static void
test_who_may(void **state)
{
	struct conn	 c;
	pid_t		 pid;

	(void)state;
	util_need_root();
	pid = ctlfake_start(util_path("control.sock"), FAKE_GOOD);
	assert_int_equal(util_run(open_as_nobody, NULL), 0);
	assert_int_equal(conn_open(&c, util_path("control.sock")), 0);
	end(&c, pid);
}

static void
print_line(void *arg, const char *line)
{
	text_print_line(arg, line);
}

static void
test_monitor(void **state)
{
	struct control_reply	 reply;
	struct conn		 c;
	size_t			 len;
	char			*text;
	FILE			*f;
	pid_t			 pid = begin(&c, FAKE_GOOD);

	(void)state;
	assert_non_null(f = open_memstream(&text, &len));
	assert_int_equal(conn_monitor(&c, f, print_line, f,
	    &reply), 0);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, "session 7: started\n"
	    "bell \\007 and \\303\\251\n");
	free(text);
	end(&c, pid);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_state),
		UTIL_TEST(test_role),
		UTIL_TEST(test_faults),
		UTIL_TEST(test_nobody_there),
		UTIL_TEST(test_who_may),
		UTIL_TEST(test_monitor)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
