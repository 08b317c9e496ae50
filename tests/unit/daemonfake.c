/*
 * daemonfake.c: what the supervisor's side of a session needs; see
 * daemonfake.h.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/proto.h"
#include "daemonfake.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "util.h"

/* What was begun and has not ended, or NULL. */
static struct daemonfake	*begun;

static char			 logged[65536];

static void
keep_lines(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)strlcat(logged, text, sizeof(logged));
	(void)strlcat(logged, "\n", sizeof(logged));
}

static void
count_line(void *arg, const char *line)
{
	struct daemonfake	*df = arg;

	/* Of requests only. */
	if (strstr(line, "\"event\":") == NULL)
		df->lines++;
}

void
daemonfake_begin(struct daemonfake *df)
{
	const char	*what;
	size_t		 i;

	util_need_root();
	memset(df, 0, sizeof(*df));
	assert_return_code(mkdir(util_path("run"), 0755), errno);
	assert_int_equal(rundir_open(&df->rundir, util_path("run")), 0);
	LIST_INIT(&df->sessions);
	audit_init(&df->audit);
	accounts_init(&df->accounts);
	dgram_init(&df->rendezvous);
	begun = df;
	assert_non_null(df->role = role_new("r", "test.conf", 1));
	assert_int_equal(role_add_peer(df->role, PEER_USER, 0, "root"), 0);
	assert_int_equal(role_add_rule(df->role, POLICY_PERMIT, POLICY_OP_READ,
	    util_dir(), NULL, "test.conf", 2, &what), 0);
	df->conf.uid = df->conf.gid = UTIL_NOBODY;
	df->identity.uid = df->identity.gid = UTIL_NOBODY;
	for (i = 0; i < POLICY_LIMITS; i++)
		df->conf.limits[i] = policy_limit_row(i)->of_daemon;
	df->conf.roles = &df->role;
	df->conf.nroles = 1;
	assert_int_equal(audit_configure(&df->audit, AUDITMODE_ALL,
	    util_path("audit")), 0);
	df->env.rundir = &df->rundir;
	/* Without one that waits: the tests count processes. */
	spare_init(&df->spare, "/proc/self/exe", df->rundir.session);
	spare_end(&df->spare);
	df->env.spare = &df->spare;
	df->env.nofile = 1024;
	df->env.audit = &df->audit;
	df->env.accounts = &df->accounts;
	df->env.monitor = count_line;
	df->env.monitor_arg = df;
	assert_non_null(df->env.base = event_base_new());
	assert_return_code(dgram_open_seq(&df->rendezvous), errno);
	assert_return_code(dgram_bind(&df->rendezvous,
	    util_path("run/fdbroker.sock"), 0666), errno);
	assert_return_code(listen(df->rendezvous.fd, 8), errno);
	df->env.rendezvous = df->rendezvous.path;
	logged[0] = '\0';
	log_set_sink(keep_lines, NULL);
}

int
daemonfake_teardown(void **state)
{
	struct daemonfake	*df = begun;
	struct session		*s;
	siginfo_t		 info;

	begun = NULL;
	if (df == NULL)
		return util_teardown(state);
	while ((s = LIST_FIRST(&df->sessions)) != NULL) {
		LIST_REMOVE(s, entry);
		/* The assertion that failed may be one after its end. */
		if (s->opener > 0 && waitid(P_PID, (id_t)s->opener, &info,
		    WEXITED | WNOHANG | WNOWAIT) == 0)
			(void)daemonfake_kill(s);
		session_free(s);
	}
	if (df->env.base != NULL)
		event_base_free(df->env.base);
	dgram_close(&df->rendezvous);
	fd_close_all(df->clients, df->nclients);
	audit_close(&df->audit);
	rundir_close(&df->rundir);
	role_free(df->role);
	log_set_sink(NULL, NULL);
	return util_teardown(state);
}

int
daemonfake_connect_in(struct daemonfake *df, uint32_t uid, uint32_t gid,
    const gid_t *gids, size_t ngids)
{
	int	 client, fd;

	assert_true(df->nclients < sizeof(df->clients) /
	    sizeof(df->clients[0]));
	assert_return_code(setgroups(ngids, gids), errno);
	assert_return_code(setegid(gid), errno);
	assert_return_code(seteuid(uid), errno);
	client = dgram_connect_seq(df->rendezvous.path, 10000);
	assert_return_code(seteuid(0), errno);
	assert_return_code(setegid(0), errno);
	assert_return_code(setgroups(0, NULL), errno);
	assert_return_code(client, errno);
	df->clients[df->nclients++] = client;
	fd = accept4(df->rendezvous.fd, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_return_code(fd, errno);
	return fd;
}

int
daemonfake_connect(struct daemonfake *df, uint32_t uid)
{
	return daemonfake_connect_in(df, uid, uid, NULL, 0);
}

void
daemonfake_candidate(struct daemonfake *df, struct candidate *c, uint32_t uid)
{
	const char	*why;

	candidate_init(c);
	c->conn = daemonfake_connect(df, uid);
	(void)strlcpy(c->role, "r", sizeof(c->role));
	assert_return_code(peerid_get(&c->id, c->conn, df->rendezvous.path,
	    NULL, &why), errno);
	assert_int_equal(c->id.uid, uid);
}

void
daemonfake_expect_refused(const struct daemonfake *df, int error,
    const char *text)
{
	uint8_t			 buf[PROTO_MAX];
	char			 why[PROTO_TEXT_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*fault;
	ssize_t			 n;

	n = fdmsg_recv(df->clients[df->nclients - 1], buf, sizeof(buf), 0,
	    &m);
	assert_return_code(n, errno);
	assert_int_equal(proto_parse(buf, (size_t)n, 0, &h, &in, &fault), 0);
	assert_int_equal(h.type, PROTO_REFUSED);
	assert_int_equal(wire_get_u32(&in), error);
	wire_get_str(&in, why, sizeof(why));
	assert_int_equal(wire_get_end(&in), 0);
	if (strstr(why, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, text);
}

size_t
daemonfake_logged(const char *text)
{
	const char	*at = logged;
	size_t		 n = 0;

	while ((at = strstr(at, text)) != NULL) {
		n++;
		at += strcspn(at, "\n");
	}
	return n;
}

void
daemonfake_wait_stopped(struct daemonfake *df, const struct session *s)
{
	int	 status;

	assert_int_equal(waitpid(s->opener, &status, WUNTRACED), s->opener);
	assert_true(WIFSTOPPED(status));
	daemonfake_run(df);
}

void
daemonfake_run(struct daemonfake *df)
{
	(void)event_base_loop(df->env.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

int
daemonfake_kill(const struct session *s)
{
	(void)kill(s->opener, SIGKILL);
	return util_wait(s->opener);
}

int
daemonfake_be_opener(struct setup *su)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return -1;
	return setup_recv(SETUP_CHANNEL_FD, su);
}
