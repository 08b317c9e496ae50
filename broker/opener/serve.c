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
#include "opener/alive.h"
#include "opener/list.h"
#include "opener/open.h"
#include "opener/reply.h"
#include "opener/request.h"
#include "opener/serve.h"
#include "opener/spelling.h"
#include "opener/stat.h"

void
serve_init(struct serve *sv, struct state *state, int own_pipe)
{
	memset(sv, 0, sizeof(*sv));
	sv->state = state;
	sv->own_pipe = own_pipe;
	sv->peer_alive = -1;
}

void
serve_free(struct serve *sv)
{
	fd_close(&sv->peer_alive);
}

int
serve_welcome(struct serve *sv, int self_alive)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, PROTO_WELCOME, buf, sizeof(buf));
	proto_put_info(&m.w, &sv->state->info);
	return reply_send_message(sv->state, &m, &self_alive, 1);
}

/* A worker that reads nothing is not waited for. */
static void
serve_farewell(struct serve *sv, uint16_t type, int error, const char *why)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, type, buf, sizeof(buf));
	wire_put_u32(&m.w, (uint32_t)error);
	wire_put_str(&m.w, why);
	(void)message_send(sv->state->sock, &m, NULL, 0);
}

void
serve_end(struct serve *sv, int error, const char *why)
{
	serve_farewell(sv, PROTO_ENDED, error, why);
	sv->ended = true;
}

void
serve_refuse(struct serve *sv, int error, const char *why)
{
	serve_farewell(sv, PROTO_REFUSED, error, why);
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

/* START has a pipe, whose other end the worker keeps open while it lives. */
static int
serve_start(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;

	(void)h;
	sv->peer_alive = fdmsg_take(m, 0);
	if (wire_get_end(in) == -1 ||
	    !alive_is_client(sv->peer_alive, sv->own_pipe)) {
		errno = EBADMSG;
		return -1;
	}
	sv->started = true;
	return 0;
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

#define BEFORE_START	0x1
#define AFTER_START	0x2

/* The messages that a worker may send, and when. */
static const struct dispatch_row rows[] = {
	{ PROTO_START,	BEFORE_START,	serve_start },
	{ PROTO_OPEN,	AFTER_START,	serve_open },
	{ PROTO_STAT,	AFTER_START,	serve_stat },
	{ PROTO_LIST,	AFTER_START,	serve_list },
	{ PROTO_FORGET,	AFTER_START,	serve_forget }
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

/* 1, or -1 when the session is over. */
static int
serve_dispatch(struct serve *sv, const struct proto_header *h,
    struct wire_in *in, struct fdmsg *m)
{
	const char	*why;

	if (dispatch(rows, NROWS, sv->started ? AFTER_START : BEFORE_START,
	    sv, h, in, m, &why) == 0)
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

	/* Only START has a descriptor. */
	n = fdmsg_recv(sv->state->sock, buf, sizeof(buf),
	    sv->started ? 0 : 1, &m);
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
