/*
 * serve.c: an opener's session: which message may come when, and what answers
 * it; see serve.h.
 *
 * Runs in the opener.  This is the code that a hostile worker talks to; what
 * it may do is what the process may do, and that is the role.  A message is
 * decoded whole before anything is done for it.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "ipc/dispatch.h"
#include "opener/change.h"
#include "opener/limit.h"
#include "opener/list.h"
#include "opener/open.h"
#include "opener/reply.h"
#include "opener/request.h"
#include "opener/serve.h"
#include "opener/spelling.h"
#include "opener/stat.h"
#include "opener/walk.h"
#include "opener/watch.h"

void
serve_init(struct serve *sv, struct state *state, int conn)
{
	memset(sv, 0, sizeof(*sv));
	sv->state = state;
	sv->conn = conn;
}

void
serve_free(struct serve *sv)
{
	walk_free(sv->state);
	watch_free(sv->state);
	fd_close(&sv->conn);
}

int
serve_welcome(struct serve *sv, int client)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, PROTO_WELCOME, buf, sizeof(buf));
	proto_put_info(&m.w, &sv->state->info);
	/* It is the first message there, so there is room for it. */
	return message_send(sv->conn, &m, &client, 1);
}

/* A worker that reads nothing is not waited for. */
static void
serve_farewell(int sock, uint16_t type, int error, const char *why)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, type, buf, sizeof(buf));
	wire_put_u32(&m.w, (uint32_t)error);
	wire_put_str(&m.w, why);
	(void)message_send(sock, &m, NULL, 0);
}

void
serve_end(struct serve *sv, int error, const char *why)
{
	serve_farewell(sv->state->sock, PROTO_ENDED, error, why);
	sv->ended = true;
}

void
serve_refuse(struct serve *sv, int error, const char *why)
{
	serve_farewell(sv->conn, PROTO_REFUSED, error, why);
}

/* Log what the worker did wrong, and tell it. */
static void
serve_protest(struct serve *sv, unsigned int type, const char *why)
{
	log_warnx("session %u, role \"%s\": %s: %s", sv->state->info.id,
	    sv->state->info.role, proto_name(type), why);
	serve_end(sv, EPROTO, why);
	errno = EPROTO;
}

void
serve_protest_conn(struct serve *sv)
{
	serve_protest(sv, 0, "a message on the connection");
}

static int
serve_open(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return open_request(sv->state, h, in);
}

static int
serve_stat(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return stat_request(sv->state, h, in);
}

static int
serve_list(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return list_request(sv->state, h, in);
}

static int
serve_walk(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return walk_request(sv->state, h, in);
}

static int
serve_credit(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return watch_is(sv->state, h->id) ? watch_credit(sv->state, h, in) :
	    walk_credit(sv->state, h, in);
}

static int
serve_cancel(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return watch_is(sv->state, h->id) ? watch_cancel(sv->state, h, in) :
	    walk_cancel(sv->state, h, in);
}

static int
serve_watch(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return watch_request(sv->state, h, in);
}

static int
serve_limit(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return limit_request(sv->state, h, in);
}

static int
serve_change(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)m;
	return change_request(sv->state, h, in);
}

/* A token that is not held, or is named twice, breaks the protocol. */
static int
serve_forget(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;
	uint32_t	 tokens[FDB_BATCH_MAX];
	uint16_t	 i;

	(void)m;
	if (request_get_tokens(tokens, h, in) == -1)
		return -1;
	for (i = 0; i < h->items; i++)
		if (!tokens_remove(&sv->state->tokens, tokens[i])) {
			errno = EBADMSG;
			return -1;
		}
	return 0;
}

/* The messages that a worker may send. */
static const struct dispatch_row rows[] = {
	{ PROTO_OPEN,	DISPATCH_ALWAYS,	serve_open },
	{ PROTO_STAT,	DISPATCH_ALWAYS,	serve_stat },
	{ PROTO_LIST,	DISPATCH_ALWAYS,	serve_list },
	{ PROTO_FORGET,	DISPATCH_ALWAYS,	serve_forget },
	{ PROTO_WALK,	DISPATCH_ALWAYS,	serve_walk },
	{ PROTO_CREDIT,	DISPATCH_ALWAYS,	serve_credit },
	{ PROTO_CANCEL,	DISPATCH_ALWAYS,	serve_cancel },
	{ PROTO_CHANGE,	DISPATCH_ALWAYS,	serve_change },
	{ PROTO_WATCH,	DISPATCH_ALWAYS,	serve_watch },
	{ PROTO_LIMIT,	DISPATCH_ALWAYS,	serve_limit }
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

/* 1, or -1 when the session is over. */
static int
serve_dispatch(struct serve *sv, const struct proto_header *h,
    struct wire_in *in, struct fdmsg *m)
{
	const char	*why;

	if (dispatch(rows, NROWS, DISPATCH_ALWAYS, sv, h, in, m, &why) == 0)
		return 1;
	if (why != NULL)
		serve_protest(sv, h->type, errno == ENOMSG ?
		    "not for an opener" : why);
	else if (errno == EBADMSG)
		serve_protest(sv, h->type, "cannot be decoded");
	return -1;
}

int
serve_one(struct serve *sv)
{
	static uint8_t		 buf[PROTO_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;
	int			 ret = -1;

	n = fdmsg_recv(sv->state->sock, buf, sizeof(buf), 0, &m);
	if (n == -1) {
		if (errno == EAGAIN)
			return 0;
		if (errno == EBADMSG || errno == EMFILE)
			serve_protest(sv, 0, "descriptors are not taken");
		else if (errno == EMSGSIZE)
			serve_protest(sv, 0, "a message too long");
		else if (errno == EPIPE && !sv->state->private)
			serve_protest(sv, 0, "an empty message");
		return -1;
	}
	spelling_begin(sv->state->spelling);
	if (proto_parse(buf, (size_t)n, m.nfds, &h, &in, &why) == 0)
		ret = serve_dispatch(sv, &h, &in, &m);
	else
		serve_protest(sv, 0, why);
	fdmsg_close(&m);
	return ret;
}
