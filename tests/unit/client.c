/*
 * client.c: a worker's end of a session; see client.h.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "client.h"
#include "ipc/setup.h"
#include "opener/parallel.h"
#include "opener/roots.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "util.h"

bool	 client_trusts_nothing;

struct role *
client_role(const char *const *rules)
{
	char			 pattern[PROTO_PATH_MAX];
	struct role		*role;
	const char		*what, *p;
	enum policy_action	 action;
	int			 n, line;

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	for (line = 1; (p = *rules) != NULL; rules++, line++) {
		action = *p == '+' ? POLICY_PERMIT : POLICY_DENY;
		p++;
		if (*p == '/' || strncmp(p, "**", 2) == 0)
			n = snprintf(pattern, sizeof(pattern), "%s", p);
		else
			n = snprintf(pattern, sizeof(pattern), "%s%s%s",
			    util_dir(), *p == '\0' ? "" : "/", p);
		assert_true(n > 0 && (size_t)n < sizeof(pattern));
		if (role_add_rule(role, action, action == POLICY_PERMIT ?
		    POLICY_OP_READ : POLICY_OP_ALL, pattern,
		    action == POLICY_DENY ? "label" : NULL, "/etc/test.conf",
		    line, &what) == -1)
			fail_msg("%s: %s", pattern, what);
	}
	return role;
}

/* The socket is full: let the worker read one message, or give up. */
static int
client_wait(void *arg)
{
	struct client	*c = arg;
	struct fdmsg	 m;

	if (++c->waits > 1000 || !c->reads_late)
		return -1;
	if (fdmsg_recv(c->sock, c->inbuf, sizeof(c->inbuf), FDMSG_MAXFD,
	    &m) == -1)
		return -1;
	fdmsg_close(&m);
	return 0;
}

static int
client_tell(void *arg, const struct event_record *e)
{
	struct client	*c = arg;

	if (c->deaf)
		return -1;
	c->told = *e;
	c->ntold++;
	return 0;
}

void
client_make(struct client *c, struct role *role, bool clone)
{
	struct state_calls	 calls = {
		.wait = client_wait, .report = client_tell, .arg = c
	};
	struct setup		 su;
	char			 path[PROTO_PATH_MAX];
	int			 p[2], conn[2];

	memset(c, 0, sizeof(*c));
	assert_return_code(dgram_pair_seq(conn), errno);
	c->conn = conn[0];
	c->conn_opener = conn[1];
	assert_return_code(dgram_pair(p), errno);
	c->sock = -1;
	c->sock_sent = p[0];
	setup_init(&su);
	su.sock = p[1];
	su.role = role;
	su.info.id = 1;
	su.info.window = 8;
	su.info.batch = FDB_BATCH_MAX;
	su.info.bytes = PROTO_MAX;
	su.info.tokens = 16;
	(void)strlcpy(su.info.role, role->name, sizeof(su.info.role));
	assert_int_equal(state_init(&c->state, &su, &calls), 0);
	setup_clear(&su);
	if (client_trusts_nothing)
		spelling_trust_nothing(c->state.spelling);
	if (state_open_roots(&c->state, clone, path) == -1)
		fail_msg("root %s: %s", path, strerror(errno));
}

void
client_attach(struct client *c)
{
	struct fdb_session_info	 info;
	const char		*what;
	ssize_t			 len;

	serve_init(&c->sv, &c->state, c->conn_opener);
	c->conn_opener = -1;
	assert_int_equal(serve_welcome(&c->sv, c->sock_sent), 0);
	fd_close(&c->sock_sent);
	len = fdmsg_recv(c->conn, c->inbuf, sizeof(c->inbuf), 1, &c->msg);
	assert_true(len > 0);
	assert_int_equal(proto_parse(c->inbuf, (size_t)len, c->msg.nfds,
	    &c->reply, &c->in, &what), 0);
	assert_int_equal(c->reply.type, PROTO_WELCOME);
	memset(&info, 0, sizeof(info));
	proto_get_info(&c->in, &info);
	assert_int_equal(wire_get_end(&c->in), 0);
	assert_memory_equal(&info, &c->state.info, sizeof(info));
	c->sock = fdmsg_take(&c->msg, 0);
	c->msg.nfds = 0;
	assert_int_equal(dgram_check(c->sock, SOCK_DGRAM), 0);
}

void
client_start(struct client *c, struct role *role, bool clone)
{
	client_make(c, role, clone);
	client_attach(c);
}

void
client_threads(struct client *c)
{
	static struct parallel	*threads;

	if (threads == NULL) {
		assert_non_null(threads = parallel_new());
		assert_return_code(parallel_start(threads), errno);
	}
	c->state.parallel = threads;
}

void
client_end(struct client *c)
{
	fdmsg_close(&c->msg);
	fd_close(&c->sock);
	fd_close(&c->sock_sent);
	fd_close(&c->conn);
	fd_close(&c->conn_opener);
	serve_free(&c->sv);
	state_free(&c->state);
}

void
client_begin(struct client *c, unsigned int type)
{
	memset(&c->h, 0, sizeof(c->h));
	c->h.type = (uint16_t)type;
	c->h.id = c->reply.id + 1;
	proto_begin(&c->out, c->outbuf, sizeof(c->outbuf));
}

void
client_item_for(struct client *c, uint32_t base, const char *name,
    uint8_t access)
{
	wire_put_u32(&c->out, base);
	if (c->h.type == PROTO_OPEN)
		wire_put_u8(&c->out, access);
	wire_put_str(&c->out, name);
	c->h.items++;
}

void
client_item(struct client *c, uint32_t base, const char *name)
{
	client_item_for(c, base, name, FDB_READ);
}

void
client_token(struct client *c, uint32_t token)
{
	wire_put_u32(&c->out, token);
	c->h.items++;
}

void
client_send_raw(struct client *c, const void *buf, size_t len, const int *fds,
    size_t nfds)
{
	assert_int_equal(fdmsg_send(c->sock, buf, len, fds, nfds), 0);
}

void
client_send(struct client *c)
{
	size_t	 len;

	assert_true((len = proto_finish(&c->out, &c->h)) > 0);
	client_send_raw(c, c->outbuf, len, NULL, 0);
	c->parts = 0;
	c->left = 0;
}

int
client_call(struct client *c)
{
	client_send(c);
	return serve_one(&c->sv);
}

/* Receive one part of the reply. */
static void
client_receive(struct client *c)
{
	const char	*what;
	ssize_t		 len;

	len = fdmsg_recv(c->sock, c->inbuf, sizeof(c->inbuf), FDMSG_MAXFD,
	    &c->msg);
	if (len == -1)
		fail_msg("no reply: %s", strerror(errno));
	assert_true((size_t)len <= c->state.info.bytes);
	if (proto_parse(c->inbuf, (size_t)len, c->msg.nfds, &c->reply, &c->in,
	    &what) == -1)
		fail_msg("the opener sent: %s", what);
	assert_int_equal(c->reply.type, c->h.type + 16);
	assert_int_equal(c->reply.id, c->h.id);
	assert_int_equal(c->reply.generation,
	    (uint32_t)c->state.info.generation);
	c->left = c->reply.items;
	c->fds_taken = 0;
	c->parts++;
	if (c->reply.type == PROTO_LIST_REPLY) {
		proto_get_status(&c->in, &c->list);
		c->token = wire_get_u32(&c->in);
		c->eof = wire_get_u8(&c->in) == 1;
		assert_int_equal(c->list.error == 0, c->token != 0);
	}
	assert_false(c->in.failed);
}

bool
client_next(struct client *c, struct answer *a)
{
	if (c->parts == 0)
		client_receive(c);
	while (c->left == 0) {
		assert_int_equal(wire_get_end(&c->in), 0);
		assert_int_equal(c->fds_taken, c->msg.nfds);
		fdmsg_close(&c->msg);
		if (!(c->reply.flags & PROTO_MORE))
			return false;
		client_receive(c);
	}
	c->left--;
	memset(a, 0, sizeof(*a));
	a->fd = -1;
	if (c->reply.type == PROTO_LIST_REPLY)
		wire_get_str(&c->in, a->name, sizeof(a->name));
	proto_get_status(&c->in, &a->status);
	if (a->status.error == 0 || c->reply.type == PROTO_LIST_REPLY) {
		proto_get_stat(&c->in, &a->st);
		if (c->reply.type != PROTO_OPEN_REPLY)
			wire_get_str(&c->in, a->link, sizeof(a->link));
		else
			a->fd = fdmsg_take(&c->msg, c->fds_taken++);
	}
	assert_false(c->in.failed);
	return true;
}

static int
client_one(struct client *c, unsigned int type, uint32_t base,
    const char *name, uint8_t access, struct answer *a)
{
	struct answer	 none;

	client_begin(c, type);
	client_item_for(c, base, name, access);
	assert_int_equal(client_call(c), 1);
	assert_true(client_next(c, a));
	assert_false(client_next(c, &none));
	return (int)a->status.error;
}

int
client_access(struct client *c, uint32_t base, const char *name,
    uint8_t access, struct answer *a)
{
	int	 error;

	error = client_one(c, PROTO_OPEN, base, name, access, a);
	assert_int_equal(error == 0, a->fd != -1);
	return error;
}

int
client_open(struct client *c, uint32_t base, const char *name,
    struct answer *a)
{
	return client_access(c, base, name, FDB_READ, a);
}

int
client_stat(struct client *c, uint32_t base, const char *name,
    struct answer *a)
{
	return client_one(c, PROTO_STAT, base, name, 0, a);
}

int
client_list(struct client *c, uint32_t base, const char *name)
{
	client_begin(c, PROTO_LIST);
	client_item(c, base, name);
	assert_int_equal(client_call(c), 1);
	client_receive(c);
	return (int)c->list.error;
}

const char *
client_path(const char *name)
{
	return util_path(name) + 1;
}

void
client_expect_ended(struct client *c, const char *text)
{
	char		 got[PROTO_TEXT_MAX];
	const char	*what;
	ssize_t		 len;

	len = fdmsg_recv(c->sock, c->inbuf, sizeof(c->inbuf), 0, &c->msg);
	if (len == -1)
		fail_msg("not told: %s", strerror(errno));
	assert_int_equal(proto_parse(c->inbuf, (size_t)len, 0, &c->reply,
	    &c->in, &what), 0);
	assert_int_equal(c->reply.type, PROTO_ENDED);
	assert_int_equal(wire_get_u32(&c->in), EPROTO);
	wire_get_str(&c->in, got, sizeof(got));
	assert_int_equal(wire_get_end(&c->in), 0);
	if (strstr(got, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", got, text);
	if (strstr(util_logged(), text) == NULL)
		fail_msg("\"%s\" was logged", util_logged());
}

struct role *
client_small_role(void)
{
	static const char *const rules[] = { "+tree", "-tree/secret", NULL };

	if (!util_exists(util_path("tree"))) {
		assert_int_equal(mkdir(util_path("tree"), 0755), 0);
		util_write_file(util_path("tree/file"), "text");
		util_write_file(util_path("tree/secret"), "secret");
	}
	return client_role(rules);
}
