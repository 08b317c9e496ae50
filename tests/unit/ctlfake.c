/*
 * ctlfake.c: a control socket without a daemon; see ctlfake.h.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "ctlfake.h"
#include "ipc/memfile.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "util.h"

struct fake {
	int			 listening;
	int			 fd;
	enum ctlfake_fault	 fault;
};

void
ctlfake_state(struct control_state *st)
{
	static const struct control_session	 sessions[] = {
		{ .id = 7, .uid = 0, .pid = 4711, .opener = 4712,
		    .since = 1000000000 - 90, .started = 1, .confined = 0xbf,
		    .refused = 12, .role = "nightly" },
		{ .id = 12345, .uid = 4294967000U, .gid = 5, .pid = 99,
		    .opener = 100, .since = 1000000000 - 200000, .role = "web" }
	};
	static const struct control_role	 roles[] = {
		{ .name = "nightly", .file = "/etc/fdbroker.conf", .line = 6,
		    .rules = 3, .peers = 1, .sessions = 1, .max_sessions = 4 },
		{ .name = "web", .file = "/etc/fdbroker.d/web.conf",
		    .line = 1, .rules = 1, .peers = 2, .sessions = 1,
		    .as_user = "www-data" }
	};

	memset(st, 0, sizeof(*st));
	st->generation = 3;
	st->now = 1000000000;
	st->since = 1000000000 - 3600;
	st->nofile = 20000;
	st->fit = 13;
	st->max_sessions = 64;
	st->max_per_uid = 16;
	st->limits[LIMIT_SESSIONS_PER_UID] = 16;
	st->admitted = 40;
	st->refused = 2;
	st->reloads = 2;
	st->failed_reloads = 1;
	st->audit_written = 5;
	st->denied = 123456789012ULL;
	st->audit_mode = AUDITMODE_DENIED;
	st->confinement_required = 1;
	st->supervisor.pid = 80;
	st->supervisor.confined = 0x29;
	st->listener.pid = 81;
	st->listener.confined = 0xaf;
	st->names.pid = 82;
	st->names.confined = 0xaf;
	(void)strlcpy(st->rundir, "/run/fdbroker", sizeof(st->rundir));
	(void)strlcpy(st->conf_file, "/etc/fdbroker.conf",
	    sizeof(st->conf_file));
	assert_non_null(st->sessions = malloc(sizeof(sessions)));
	assert_non_null(st->roles = malloc(sizeof(roles)));
	memcpy(st->sessions, sessions, sizeof(sessions));
	memcpy(st->roles, roles, sizeof(roles));
	st->nsessions = st->nroles = 2;
	assert_non_null(st->refusals = calloc(1, sizeof(*st->refusals)));
	st->refusals[0].when = 999990000;
	st->refusals[0].count = 3;
	st->refusals[0].uid = 4294967000U;
	st->refusals[0].pid = 1234567;
	st->refusals[0].error = EACCES;
	(void)strlcpy(st->refusals[0].role, "nightly",
	    sizeof(st->refusals[0].role));
	(void)strlcpy(st->refusals[0].why, "uid 4294967000 is not a peer of "
	    "role \"nightly\"", sizeof(st->refusals[0].why));
	st->nrefusals = 1;
}

struct audit_entry *
ctlfake_deny(struct control_state *st, const char *role, uint32_t session,
    uint32_t op, const char *path, uint8_t reason, const char *where)
{
	struct audit_entry	*a;

	a = reallocarray(st->denials, st->ndenials + 1, sizeof(*a));
	assert_non_null(a);
	st->denials = a;
	a += st->ndenials++;
	memset(a, 0, sizeof(*a));
	a->when.tv_sec = 999990000 + st->ndenials;
	a->subject.session = session;
	a->subject.pid = 4711;
	(void)strlcpy(a->subject.role, role, sizeof(a->subject.role));
	a->event.op = op;
	a->event.error = EACCES;
	a->event.reason = reason;
	a->event.id = 0x7000 + st->ndenials;
	a->event.generation = 3;
	(void)strlcpy(a->event.where, where, sizeof(a->event.where));
	event_set_path(&a->event, path);
	return a;
}

struct audit_entry *
ctlfake_deny_policy(struct control_state *st, const char *role,
    uint32_t session, uint32_t op, const char *path,
    enum policy_reason policy, const char *where)
{
	struct audit_entry	*a = ctlfake_deny(st, role, session, op, path,
	    FDB_REASON_POLICY, where);

	a->event.policy = (uint8_t)policy;
	return a;
}

struct role *
ctlfake_role(void)
{
	struct role	*role;
	const char	*what;

	assert_non_null(role = role_new("nightly", "/etc/fdbroker.conf", 6));
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
	    "/etc", NULL, "/etc/fdbroker.conf", 8, &what), 0);
	assert_int_equal(role_add_rule(role, POLICY_DENY, POLICY_OP_ALL,
	    "/etc/ssh", "keys", "/etc/fdbroker.conf", 9, &what), 0);
	assert_int_equal(role_add_peer(role, PEER_USER, 0, "root"), 0);
	return role;
}

/* The state as a file, damaged as the fault says. */
static int
state_file(enum ctlfake_fault fault, size_t *len)
{
	struct control_state	 st;
	struct wire_out		 w;
	void			*buf;
	int			 fd;

	ctlfake_state(&st);
	(void)ctlfake_deny_policy(&st, "nightly", 7, POLICY_OP_READ,
	    "/etc/\n", POLICY_DENIED, "fdbroker.conf:9 \"keys\"");
	assert_non_null(buf = calloc(1, control_state_size(&st)));
	wire_out_init(&w, buf, control_state_size(&st));
	control_put_state(&w, &st);
	assert_int_equal(wire_put_end(&w), 0);
	*len = w.len;
	if (fault == FAKE_HALF_FILE)
		*len /= 2;
	else if (fault == FAKE_LONG_FILE)
		++*len;
	if (fault == FAKE_UNSEALED) {
		assert_true((fd = memfd_create("fake", MFD_CLOEXEC)) != -1);
		assert_int_equal(write(fd, buf, *len), (ssize_t)*len);
	} else
		assert_true((fd = memfile_create("fake", buf, *len)) != -1);
	free(buf);
	control_state_free(&st);
	return fd;
}

static int
role_file(size_t *len)
{
	struct role	*role = ctlfake_role();
	int		 fd = setup_role_file(role, true, len);

	assert_true(fd != -1);
	role_free(role);
	return fd;
}

static int
text_file(const char *text, size_t *len)
{
	int	 fd;

	*len = strlen(text);
	assert_true((fd = memfile_create("fake", text, *len)) != -1);
	return fd;
}

static void
send_reply(const struct fake *fk, uint32_t id, struct control_reply *reply,
    int fd)
{
	uint8_t			 buf[PROTO_HEADER + 1024];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;
	int			 fds[2] = { fd, fd };

	if (fd != -1 && fk->fault == FAKE_NO_FILE)
		close(fd);
	memset(&h, 0, sizeof(h));
	h.type = fk->fault == FAKE_OTHER_TYPE ? IPC_MONITOR :
	    IPC_CONTROL_REPLY;
	h.id = fk->fault == FAKE_OTHER_ID ? id + 1 : id;
	h.items = 1;
	h.fds = fd == -1 || fk->fault == FAKE_NO_FILE ? 0 : 1;
	proto_begin(&w, buf, sizeof(buf));
	control_put_reply(&w, reply);
	if (fk->fault == FAKE_TRAILING)
		wire_put_u8(&w, 0);
	else if (fk->fault == FAKE_SHORT)
		w.len = PROTO_HEADER + 8;
	assert_true((len = proto_finish(&w, &h)) > 0);
	assert_int_equal(fdmsg_send(fk->fd, buf, len, fds, (size_t)h.fds +
	    (fk->fault == FAKE_TWO_FILES)), 0);
	if (fd != -1 && fk->fault != FAKE_NO_FILE)
		close(fd);
}

static void
send_line(const struct fake *fk, const char *line)
{
	uint8_t			 buf[PROTO_HEADER + 1024];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = IPC_MONITOR;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_str(&w, line);
	if (fk->fault == FAKE_TRAILING)
		wire_put_u8(&w, 0);
	assert_true((len = proto_finish(&w, &h)) > 0);
	assert_int_equal(fdmsg_send(fk->fd, buf, len, NULL, 0), 0);
}

static void
answer(const struct fake *fk, uint32_t id, const struct control_request *req)
{
	struct control_reply	 reply;
	size_t			 len = 0;
	int			 fd = -1;

	memset(&reply, 0, sizeof(reply));
	if (fk->fault == FAKE_ERROR) {
		reply.error = ESRCH;
		(void)strlcpy(reply.text, "there is no such thing",
		    sizeof(reply.text));
	} else if (req->command == CONTROL_STATE)
		fd = state_file(fk->fault, &len);
	else if (req->command == CONTROL_ROLE)
		fd = role_file(&len);
	else if (req->command == CONTROL_CONFIG)
		fd = text_file("# generation 3 of /etc/fdbroker.conf\n"
		    "rundir \"/run/fdbroker\"\n", &len);
	else if (req->command == CONTROL_RELOAD)
		fd = text_file("the configuration is unchanged\n", &len);
	reply.len = len + (fk->fault == FAKE_LEN_TOO_LONG);
	send_reply(fk, id, &reply, fd);
}

/* Answer until the other end closes the connection. */
static void
serve(struct fake *fk)
{
	static uint8_t		 buf[PROTO_MAX];
	struct control_request	 req;
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;
	struct fdmsg		 m;
	ssize_t			 n;

	while ((n = fdmsg_recv(fk->fd, buf, sizeof(buf), 0, &m)) > 0) {
		assert_int_equal(ipc_check(buf, (size_t)n, 0, &h, &in,
		    &what), 0);
		assert_int_equal(h.type, IPC_CONTROL);
		control_get_request(&in, &req);
		assert_int_equal(wire_get_end(&in), 0);
		if (fk->fault == FAKE_CLOSES)
			break;
		answer(fk, h.id, &req);
		if (req.command == CONTROL_MONITOR) {
			send_line(fk, "session 7: started");
			send_line(fk, "bell \a and \303\251");
			break;
		}
	}
	close(fk->fd);
}

/*
 * The socket gets its name once it listens: who waits for the name may
 * connect at once.
 */
static int
listen_at(const char *path)
{
	struct sockaddr_un	 addr;
	char			 early[PATH_MAX];
	int			 fd;

	(void)snprintf(early, sizeof(early), "%s.new", path);
	assert_int_equal(dgram_address(&addr, early), 0);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(fd != -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(rename(early, path), 0);
	return fd;
}

static int
fake_main(void *arg)
{
	struct fake	*fk = arg;

	assert_true((fk->fd = accept(fk->listening, NULL, NULL)) != -1);
	serve(fk);
	return 0;
}

pid_t
ctlfake_start(const char *path, enum ctlfake_fault fault)
{
	struct fake	 fk;
	pid_t		 pid;

	fk.fault = fault;
	fk.listening = listen_at(path);
	pid = util_start(fake_main, &fk);
	close(fk.listening);
	return pid;
}

void
ctlfake_serve(const char *path, enum ctlfake_fault fault)
{
	struct fake	 fk;

	fk.fault = fault;
	fk.listening = listen_at(path);
	while ((fk.fd = accept(fk.listening, NULL, NULL)) != -1)
		serve(&fk);
}
