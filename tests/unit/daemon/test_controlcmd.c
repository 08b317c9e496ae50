/*
 * test_controlcmd.c: the supervisor's answers to fdbrokerctl, with the test as
 * the listener.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
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
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/accounts.h"
#include "daemon/controlcmd.h"
#include "daemon/rundir.h"
#include "ipc/auditline.h"
#include "ipc/control.h"
#include "ipc/memfile.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

#define CLIENT	0xfeedbeef

static struct controlcmd	 control;
static struct admission		 admission;
static struct accounts		 accounts;
static struct audit		 audit;
static struct rundir		 rundir;
static struct conf		 conf;
static struct role		*role;
static int			 channel[2];	/* the supervisor's is 0 */
static struct dgram		 listening;	/* the control socket */
static char			 group[] = "group";
static int			 reload_error, reloads;
static bool			 reload_waits, was_dry;
static const char		*reload_report;

static void
reload(void *arg, bool dry)
{
	assert_ptr_equal(arg, &control);
	reloads++;
	was_dry = dry;
	if (!reload_waits)
		controlcmd_reloaded(&control, reload_error, "what happened",
		    reload_report);
}

static void
begin(void)
{
	char	 path[DGRAM_PATH_MAX];

	memset(&control, 0, sizeof(control));
	memset(&admission, 0, sizeof(admission));
	memset(&conf, 0, sizeof(conf));
	memset(&rundir, 0, sizeof(rundir));
	assert_non_null(role = role_new("nightly", "fdbroker.conf", 7));
	conf.roles = &role;
	conf.nroles = 1;
	(void)strlcpy(rundir.path, "/run/x", sizeof(rundir.path));
	LIST_INIT(&admission.sessions);
	admission.conf = &conf;
	admission.env.rundir = &rundir;
	accounts_init(&accounts);
	accounts.pid = 77;
	accounts.confined = 0x5;
	accounts.asked = 6;
	accounts.remembered = 7;
	accounts.failed = 8;
	admission.env.accounts = &accounts;
	admission.generation = 3;
	audit_init(&audit);
	assert_return_code(dgram_pair_seq(channel), errno);
	control.admission = &admission;
	control.audit = &audit;
	control.conf_file = "fdbroker.conf";
	control.channel = channel[0];
	control.reload = reload;
	control.arg = &control;
	/* This process may control it, whoever runs it. */
	conf.control_group = group;
	conf.control_gid = getegid();
	admission.idmap.nobody_uid = admission.idmap.nobody_gid = UINT32_MAX;
	dgram_init(&listening);
	(void)strlcpy(path, util_path("control.sock"), sizeof(path));
	assert_return_code(dgram_open_seq(&listening), errno);
	assert_return_code(dgram_bind(&listening, path, 0666), errno);
	assert_return_code(listen(listening.fd, 8), errno);
	control.path = listening.path;
}

static void
end(void)
{
	role_free(role);
	fd_close_all(channel, 2);
	dgram_close(&listening);
}

/* A connection of the control socket, the daemon's end; the client is gone. */
static int
connection(void)
{
	int	 client, fd;

	assert_return_code(client = dgram_connect_seq(listening.path, 10000),
	    errno);
	assert_return_code(fd = accept(listening.fd, NULL, NULL), errno);
	close(client);
	return fd;
}

/* Give it a request of who is at the other end of a connection. */
static int
ask_on(int conn, uint32_t client, uint8_t command, uint32_t number,
    const char *name, size_t missing)
{
	struct control_request	 q = { .command = command,
				    .number = number };
	uint8_t			 buf[256];
	struct wire_out		 w;
	struct wire_in		 in;

	(void)strlcpy(q.role, name, sizeof(q.role));
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, client);
	control_put_request(&w, &q);
	assert_int_equal(wire_put_end(&w), 0);
	wire_in_init(&in, buf, w.len - missing);
	return controlcmd_answer(&control, &in, conn);
}

/* Give it a request, of which the last bytes may be missing. */
static int
ask(uint32_t client, uint8_t command, uint32_t number, const char *name,
    size_t missing)
{
	return ask_on(connection(), client, command, number, name, missing);
}

/* Receive a message; its type, or 0 if there is none. */
static unsigned int
hear(struct wire_in *in, struct fdmsg *m)
{
	static uint8_t		 buf[AUDITLINE_MESSAGE];
	struct proto_header	 h;
	const char		*why;
	ssize_t			 n;

	n = fdmsg_recv(channel[1], buf, sizeof(buf), 1, m);
	if (n == -1) {
		assert_int_equal(errno, EAGAIN);
		return 0;
	}
	assert_int_equal(ipc_check(buf, (size_t)n, m->nfds, &h, in, &why), 0);
	return h.type;
}

/* Ask and take the answer; the file that came with it, or -1. */
static int
answer(uint8_t command, uint32_t number, const char *name,
    struct control_reply *r)
{
	struct wire_in	 in;
	struct fdmsg	 m;

	assert_int_equal(ask(CLIENT, command, number, name, 0), 0);
	assert_int_equal(hear(&in, &m), IPC_CONTROL_ANSWER);
	assert_int_equal(wire_get_u32(&in), CLIENT);
	control_get_reply(&in, r);
	assert_int_equal(wire_get_end(&in), 0);
	return m.nfds > 0 ? fdmsg_take(&m, 0) : -1;
}

static void
expect_error(uint8_t command, uint32_t number, const char *name, int error,
    const char *text)
{
	struct control_reply	 r;

	assert_int_equal(answer(command, number, name, &r), -1);
	assert_int_equal(r.error, error);
	assert_int_equal(r.len, 0);
	assert_string_equal(r.text, text);
}

/*
 * What a listener that was taken over can send in place of a client's
 * connection is the end of it.
 */
static void
test_no_connection(void **state)
{
	int	 p[2];

	(void)state;
	begin();
	assert_int_equal(ask_on(-1, CLIENT, CONTROL_STATE, 0, "", 0), -1);
	assert_int_equal(errno, EBADMSG);
	assert_return_code(dgram_pair_seq(p), errno);
	assert_int_equal(ask_on(p[0], CLIENT, CONTROL_STATE, 0, "", 0), -1);
	assert_int_equal(errno, EBADMSG);
	close(p[1]);
	assert_int_equal(ask_on(dup(listening.fd), CLIENT, CONTROL_STATE, 0,
	    "", 0), -1);
	assert_int_equal(errno, EBADMSG);
	/* Without a client only the end of monitoring makes sense. */
	control.monitored = true;
	assert_int_equal(ask_on(-1, 0, CONTROL_MONITOR, 1, "", 0), -1);
	assert_int_equal(ask_on(-1, 0, CONTROL_RELOAD, 0, "", 0), -1);
	assert_true(control.monitored);
	assert_int_equal(ask_on(-1, 0, CONTROL_MONITOR, 0, "", 0), 0);
	assert_false(control.monitored);
	end();
}

/* Who may not is told so, whatever the listener says. */
static void
test_others(void **state)
{
	struct control_reply	 r;
	struct wire_in		 in;
	struct fdmsg		 m;
	int			 fd;

	(void)state;
	util_need_root();
	begin();
	assert_return_code(setegid(UTIL_NOBODY), errno);
	assert_return_code(seteuid(UTIL_NOBODY), errno);
	fd = connection();
	assert_return_code(seteuid(0), errno);
	assert_return_code(setegid(0), errno);
	assert_int_equal(ask_on(dup(fd), CLIENT, CONTROL_STATE, 0, "", 0), 0);
	assert_int_equal(hear(&in, &m), IPC_CONTROL_ANSWER);
	assert_int_equal(wire_get_u32(&in), CLIENT);
	control_get_reply(&in, &r);
	assert_int_equal(m.nfds, 0);
	assert_int_equal(r.error, EACCES);
	assert_string_equal(r.text, "uid 65534 may not control the daemon");
	/* A member of the group may, unless the group is nobody's. */
	conf.control_gid = UTIL_NOBODY;
	assert_int_equal(ask_on(dup(fd), CLIENT, CONTROL_MONITOR, 1, "", 0),
	    0);
	assert_true(control.monitored);
	assert_int_equal(hear(&in, &m), IPC_CONTROL_ANSWER);
	control.monitored = false;
	admission.idmap.nobody_gid = UTIL_NOBODY;
	assert_int_equal(ask_on(fd, CLIENT, CONTROL_MONITOR, 1, "", 0), 0);
	assert_false(control.monitored);
	end();
}

static void
test_state(void **state)
{
	struct control_reply	 r;
	struct control_state	 st;
	struct wire_in		 in;
	void			*p;
	int			 fd;

	(void)state;
	begin();
	fd = answer(CONTROL_STATE, 0, "", &r);
	assert_int_not_equal(fd, -1);
	assert_int_equal(r.error, 0);
	assert_string_equal(r.text, "");
	assert_non_null(p = memfile_map(fd, (size_t)r.len));
	wire_in_init(&in, p, (size_t)r.len);
	assert_int_equal(control_get_state(&in, &st), 0);
	assert_int_equal(st.generation, 3);
	assert_string_equal(st.rundir, "/run/x");
	assert_int_equal(st.names.pid, 77);
	assert_int_equal(st.names.confined, 0x5);
	assert_true(st.names_asked == 6 && st.names_remembered == 7);
	assert_true(st.names_failed == 8);
	assert_int_equal(st.nsessions, 0);
	assert_int_equal(st.ndenials, 0);
	assert_int_equal(st.nroles, 1);
	assert_string_equal(st.roles[0].name, "nightly");
	control_state_free(&st);
	munmap(p, (size_t)r.len);
	close(fd);
	end();
}

static void
test_role(void **state)
{
	struct control_reply	 r;
	struct role		*got;
	int			 fd;

	(void)state;
	begin();
	fd = answer(CONTROL_ROLE, 0, "nightly", &r);
	assert_int_not_equal(fd, -1);
	assert_int_equal(r.error, 0);
	assert_non_null(got = setup_role_from_file(fd, r.len, true));
	assert_string_equal(got->name, "nightly");
	assert_int_equal(got->line, 7);
	role_free(got);
	close(fd);
	expect_error(CONTROL_ROLE, 0, "daily", ENOENT,
	    "unknown role \"daily\"; there are: nightly");
	end();
}

/* The answer names all roles, or as many as it has room for. */
static void
test_unknown_role(void **state)
{
	struct control_reply	 r;
	struct role		*roles[16];
	char			 name[FDB_ROLE_MAX + 1];
	size_t			 i;

	(void)state;
	begin();
	conf.nroles = 0;
	expect_error(CONTROL_ROLE, 0, "daily", ENOENT,
	    "unknown role \"daily\"; there are: no roles");
	for (i = 0; i < 16; i++) {
		memset(name, 'a' + (int)i, sizeof(name) - 1);
		name[i == 2 ? 5 : FDB_ROLE_MAX] = '\0';
		assert_non_null(roles[i] = role_new(name, "conf", 1));
	}
	conf.roles = roles;
	conf.nroles = 16;
	assert_int_equal(answer(CONTROL_ROLE, 0, "daily", &r), -1);
	assert_int_equal(r.error, ENOENT);
	assert_non_null(strstr(r.text, "bbb, ccccc, ddd"));
	assert_string_equal(strstr(r.text, ", ..."), ", ...");
	conf.roles = roles + 1;
	conf.nroles = 2;
	assert_int_equal(answer(CONTROL_ROLE, 0, "daily", &r), -1);
	assert_string_equal(strstr(r.text, ", ccccc"), ", ccccc");
	for (i = 0; i < 16; i++)
		role_free(roles[i]);
	conf.roles = &role;
	conf.nroles = 1;
	end();
}

static void
test_kill(void **state)
{
	(void)state;
	begin();
	expect_error(CONTROL_KILL, 4000000000U, "", ESRCH,
	    "no session 4000000000 lives");
	end();
}

static void
test_reload(void **state)
{
	(void)state;
	begin();
	reloads = 0;
	reload_waits = false;
	reload_error = 0;
	expect_error(CONTROL_RELOAD, 0, "", 0, "what happened");
	reload_error = EINVAL;
	expect_error(CONTROL_RELOAD, 0, "", EINVAL, "what happened");
	assert_int_equal(reloads, 2);
	assert_false(was_dry);
	expect_error(CONTROL_RELOAD, CONTROL_RELOAD_DRY, "", EINVAL,
	    "what happened");
	assert_true(was_dry);
	end();
}

/* What a reload has to say in lines comes as a file. */
static void
test_reload_report(void **state)
{
	struct control_reply	 r;
	void			*p;
	int			 fd;

	(void)state;
	begin();
	reload_waits = false;
	reload_error = 0;
	reload_report = "one\ntwo\n";
	assert_int_not_equal(fd = answer(CONTROL_RELOAD, 0, "", &r), -1);
	assert_int_equal(r.len, 8);
	assert_non_null(p = memfile_map(fd, 8));
	assert_memory_equal(p, "one\ntwo\n", 8);
	munmap(p, 8);
	close(fd);
	reload_report = "";
	assert_int_equal(answer(CONTROL_RELOAD, 0, "", &r), -1);
	assert_int_equal(r.len, 0);
	reload_report = NULL;
	end();
}

/* The answer to one client. */
static void
expect_reloaded(uint32_t client, uint32_t error)
{
	struct control_reply	 r;
	struct wire_in		 in;
	struct fdmsg		 m;

	assert_int_equal(hear(&in, &m), IPC_CONTROL_ANSWER);
	assert_int_equal(wire_get_u32(&in), client);
	control_get_reply(&in, &r);
	assert_int_equal(wire_get_end(&in), 0);
	assert_int_equal(r.error, error);
	assert_string_equal(r.text, "what happened");
}

/*
 * A reload that takes its time: others are answered meanwhile, and each of the
 * clients that want one is answered at its end, once.
 */
static void
test_slow_reload(void **state)
{
	struct wire_in	 in;
	struct fdmsg	 m;
	uint32_t	 i;

	(void)state;
	begin();
	reloads = 0;
	reload_waits = true;
	assert_int_equal(ask(1, CONTROL_RELOAD, 0, "", 0), 0);
	assert_int_equal(ask(2, CONTROL_RELOAD, 0, "", 0), 0);
	assert_int_equal(hear(&in, &m), 0);
	expect_error(CONTROL_KILL, 1, "", ESRCH, "no session 1 lives");
	controlcmd_reloaded(&control, EINVAL, "what happened", NULL);
	expect_reloaded(1, EINVAL);
	expect_reloaded(2, EINVAL);
	controlcmd_reloaded(&control, 0, "what happened", NULL);
	assert_int_equal(hear(&in, &m), 0);
	assert_int_equal(reloads, 2);
	/* Clients that come and go do not fill the memory. */
	for (i = 1; i <= CONTROLCMD_WAITING; i++)
		assert_int_equal(ask(i, CONTROL_RELOAD, 0, "", 0), 0);
	assert_int_equal(hear(&in, &m), 0);
	expect_error(CONTROL_RELOAD, 0, "", EBUSY,
	    "too many clients wait for a reload");
	controlcmd_reloaded(&control, 0, "what happened", NULL);
	for (i = 1; i <= CONTROLCMD_WAITING; i++)
		expect_reloaded(i, 0);
	end();
}

static void
test_log(void **state)
{
	(void)state;
	begin();
	expect_error(CONTROL_LOG, 1, "", 0, "");
	assert_string_equal(util_logged(), "the log is verbose now");
	log_debug("a detail");
	assert_string_equal(util_logged(), "a detail");
	expect_error(CONTROL_LOG, 0, "", 0, "");
	assert_string_equal(util_logged(), "the log is brief now");
	log_debug("another detail");
	assert_string_equal(util_logged(), "the log is brief now");
	end();
}

/* Lines are sent only while a client monitors; the listener says when. */
static void
test_monitor(void **state)
{
	char		 line[AUDITLINE_MAX];
	struct wire_in	 in;
	struct fdmsg	 m;

	(void)state;
	begin();
	controlcmd_monitor(&control, "too early");
	assert_int_equal(hear(&in, &m), 0);
	expect_error(CONTROL_MONITOR, 1, "", 0, "");
	controlcmd_monitor(&control, "a line");
	assert_int_equal(hear(&in, &m), IPC_MONITOR);
	wire_get_str(&in, line, sizeof(line));
	assert_int_equal(wire_get_end(&in), 0);
	assert_string_equal(line, "a line");
	/* Client 0 gets no answer. */
	assert_int_equal(ask(0, CONTROL_MONITOR, 0, "", 0), 0);
	assert_int_equal(hear(&in, &m), 0);
	controlcmd_monitor(&control, "too late");
	assert_int_equal(hear(&in, &m), 0);
	end();
}

/* What is not a request is not answered. */
static void
test_refused(void **state)
{
	struct wire_in	 in;
	struct fdmsg	 m;
	size_t		 missing;
	unsigned int	 command;

	(void)state;
	begin();
	for (missing = 1; missing <= 11; missing++) {
		assert_int_equal(ask(CLIENT, CONTROL_LOG, 1, "", missing), -1);
		assert_int_equal(errno, EBADMSG);
	}
	for (command = 0; command <= UINT8_MAX; command++) {
		if (command >= CONTROL_STATE && command <= CONTROL_LAST)
			continue;
		assert_int_equal(ask(CLIENT, (uint8_t)command, 0, "", 0), -1);
	}
	assert_int_equal(ask(CLIENT, CONTROL_ROLE, 0, "", 0), -1);
	assert_int_equal(ask(CLIENT, CONTROL_KILL, 0, "nightly", 0), -1);
	assert_int_equal(hear(&in, &m), 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_no_connection),
		UTIL_TEST(test_others),
		UTIL_TEST(test_state),
		UTIL_TEST(test_role),
		UTIL_TEST(test_unknown_role),
		UTIL_TEST(test_kill),
		UTIL_TEST(test_reload),
		UTIL_TEST(test_reload_report),
		UTIL_TEST(test_slow_reload),
		UTIL_TEST(test_log),
		UTIL_TEST(test_monitor),
		UTIL_TEST(test_refused)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
