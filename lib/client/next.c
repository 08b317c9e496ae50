/*
 * next.c: hand out results one by one, in the order of the requests.
 *
 * Runs in the worker.  A result comes from the reply at hand; if there is none,
 * queued requests are sent and the next reply is received.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "client/next.h"
#include "client/reply.h"
#include "client/session.h"
#include "client/walk.h"
#include "client/watch.h"

static void
result_fill(struct fdb_session *s, struct fdb_result *r, enum fdb_kind kind,
    const struct proto_status *status)
{
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->fd = -1;
	r->error = (int)status->error;
	r->reason = (enum fdb_reason)status->reason;
	r->where = status->where;
	r->id = status->id;
	r->st = s->item.st;
	r->name = s->item.name;
	r->link = s->item.link;
}

/* One more item of the oldest request is answered: its cookie. */
static uint64_t
request_answer(struct fdb_session *s)
{
	struct request	*r = ring_oldest(&s->ring);
	uint64_t	 cookie = r->cookies[r->answered++];

	if (r->answered == r->items)
		ring_pop(&s->ring);
	return cookie;
}

/* The next item of a request whose descriptors were lost. */
static void
result_lost(struct fdb_session *s, struct fdb_result *r)
{
	static const struct proto_status lost = {
		.error = EMFILE, .reason = FDB_REASON_LIMIT, .where = ""
	};
	struct request	*req = ring_oldest(&s->ring);

	memset(&s->item, 0, sizeof(s->item));
	result_fill(s, r, s->lost_kind, &lost);
	if (req->answered + 1 == req->items)
		s->lost = false;
	r->cookie = request_answer(s);
}

/* What else the result of a change says. */
static void
result_change(struct fdb_session *s, struct fdb_result *r)
{
	const struct changewire_result	*c = &s->item.change;

	r->kind = (enum fdb_kind)(FDB_RESULT_CREATE + c->kind -
	    CHANGEWIRE_CREATE);
	r->refused = c->refused;
	r->made = c->made;
	if (c->kind == CHANGEWIRE_CREATE)
		r->pending = c->number;
	else
		r->token = c->number;
	if (s->fds_lost && reply_item_has_fd(s->kind, &s->item)) {
		r->error = EMFILE;
		r->reason = FDB_REASON_LIMIT;
	}
}

/* The next item of a reply, other than to a LIST. */
static void
result_item(struct fdb_session *s, struct fdb_result *r)
{
	reply_next_item(s);
	result_fill(s, r, s->kind->result, &s->item.status);
	if (s->head.type == PROTO_CHANGED)
		result_change(s, r);
	if (!s->fds_lost && reply_item_has_fd(s->kind, &s->item))
		r->fd = fdmsg_take(&s->msg, s->fds_taken++);
	r->cookie = request_answer(s);
	if (--s->items_left == 0)
		s->have_reply = false;
}

/* Queue the request for the next part of a directory. */
static void
result_list_part(struct fdb_session *s, uint64_t cookie)
{
	struct request	*r = ring_push(&s->ring);

	r->id = s->next_id++;
	r->type = PROTO_LIST;
	r->items = 1;
	r->answered = 0;
	r->more_token = s->list_token;
	r->cookies[0] = cookie;
	s->ring.unsent++;
}

/*
 * The next entry of a LIST reply, or the end of the directory.  False if there
 * is neither, because the next part must be asked for.
 */
static bool
result_list(struct fdb_session *s, struct fdb_result *r)
{
	if (s->items_left > 0) {
		reply_next_item(s);
		result_fill(s, r, FDB_RESULT_ENTRY, &s->item.status);
		r->cookie = ring_oldest(&s->ring)->cookies[0];
		s->items_left--;
		return true;
	}
	s->have_reply = false;
	memset(&s->item, 0, sizeof(s->item));
	result_fill(s, r, FDB_RESULT_LIST, &s->list_status);
	r->token = s->list_token;
	r->cookie = request_answer(s);
	if (s->list_eof)
		return true;
	result_list_part(s, r->cookie);
	return false;
}

/* The next result; with watches, also what comes of a watch meanwhile. */
static int
next_result(struct fdb_session *s, struct fdb_result *r, bool watches)
{
	int	 n;

	for (;;) {
		if (watches && watch_next(s, r))
			return 1;
		if (s->have_reply && s->head.type == PROTO_WALK_REPLY) {
			if ((n = walk_next(s, r)) != 0)
				return n;
			continue;
		}
		if (s->have_reply) {
			if (s->head.type != PROTO_LIST_REPLY)
				result_item(s, r);
			else if (!result_list(s, r))
				continue;
			return 1;
		}
		if (s->lost) {
			result_lost(s, r);
			return 1;
		}
		if (fdb_flush(s) == -1)
			return -1;
		if ((n = reply_receive(s)) <= 0)
			return n;
	}
}

int
fdb_next(struct fdb_session *s, struct fdb_result *r)
{
	return next_result(s, r, true);
}

static int
wait_result(struct fdb_session *s, struct fdb_result *r, int timeout_ms,
    bool watches)
{
	struct pollfd	 fds[FDB_POLLFDS];
	int64_t		 end = clock_ms() + timeout_ms, left = -1;
	int		 n;

	for (;;) {
		if ((n = next_result(s, r, watches)) != 0)
			return n;
		if (fdb_outstanding(s) == 0 &&
		    !(watches && s->watches != NULL))
			return 0;
		if (timeout_ms >= 0 && (left = end - clock_ms()) <= 0)
			return 0;
		fdb_session_pollfds(s, fds);
		/* Results of watches wait for another caller. */
		if (!s->blocked)
			fds[0].events = POLLIN;
		if (poll(fds, FDB_POLLFDS, (int)left) == -1 && errno != EINTR)
			return session_fail(s, errno, "cannot wait for the "
			    "broker");
	}
}

int
fdb_wait(struct fdb_session *s, struct fdb_result *r, int timeout_ms)
{
	return wait_result(s, r, timeout_ms, true);
}

int
next_wait_reply(struct fdb_session *s, struct fdb_result *r)
{
	return wait_result(s, r, -1, false);
}
