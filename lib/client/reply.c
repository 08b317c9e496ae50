/*
 * reply.c: receive replies, check each whole, hand out its items one by one.
 *
 * Runs in the worker.  A broker that breaks the protocol ends the session; a
 * descriptor that was received is handed out or closed.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/pathname.h"
#include "client/session.h"

struct request *
session_oldest(struct fdb_session *s)
{
	return s->sent > 0 ? &s->ring[s->first] : NULL;
}

struct request *
session_push(struct fdb_session *s)
{
	return &s->ring[(s->first + s->sent++) % s->info.window];
}

static void
ring_pop(struct fdb_session *s)
{
	s->first = (s->first + 1) % s->info.window;
	s->sent--;
}

static uint16_t
reply_type(uint16_t request_type)
{
	switch (request_type) {
	case PROTO_OPEN:
		return PROTO_OPEN_REPLY;
	case PROTO_STAT:
		return PROTO_STAT_REPLY;
	default:
		return PROTO_LIST_REPLY;
	}
}

/* Decode one item of a reply of the given type. */
static void
reply_get_item(struct wire_in *in, uint16_t type, struct reply_item *it)
{
	memset(&it->st, 0, sizeof(it->st));
	it->name[0] = it->link[0] = '\0';
	if (type == PROTO_LIST_REPLY) {
		wire_get_str(in, it->name, sizeof(it->name));
		if (strchr(it->name, '/') != NULL ||
		    !pathname_is_clean(it->name))
			wire_get_fail(in);
	}
	proto_get_status(in, &it->status);
	if (it->status.error != 0 && type != PROTO_LIST_REPLY)
		return;
	proto_get_stat(in, &it->st);
	if (type != PROTO_OPEN_REPLY)
		wire_get_str(in, it->link, sizeof(it->link));
}

/* What a LIST reply says of the directory, before its entries. */
static void
reply_get_list(struct fdb_session *s, struct wire_in *in)
{
	uint8_t	 eof;

	proto_get_status(in, &s->list_status);
	s->list_token = wire_get_u32(in);
	eof = wire_get_u8(in);
	if (eof > 1 || (s->list_status.error != 0) != (s->list_token == 0) ||
	    (s->list_status.error != 0 && !eof))
		wire_get_fail(in);
	s->list_eof = eof == 1;
}

/* Decode the whole reply once, before anything of it is believed. */
static const char *
reply_fault(struct fdb_session *s, const struct proto_header *h,
    struct wire_in in, size_t nfds)
{
	struct request	*r = session_oldest(s);
	size_t		 opened = 0;
	uint16_t	 i;

	if (r == NULL || r->more_token != 0)
		return "a reply that was not asked for";
	if (h->id != r->id || h->type != reply_type(r->type))
		return "a reply to another request";
	if (h->type == PROTO_LIST_REPLY)
		reply_get_list(s, &in);
	else if (h->items > r->items - r->answered ||
	    (!(h->flags & PROTO_MORE) && h->items != r->items - r->answered) ||
	    ((h->flags & PROTO_MORE) && h->items == r->items - r->answered))
		return "a reply with the wrong number of items";
	for (i = 0; i < h->items && !in.failed; i++) {
		reply_get_item(&in, h->type, &s->item);
		if (s->item.status.error == 0)
			opened++;
	}
	if (wire_get_end(&in) == -1)
		return "a reply that cannot be decoded";
	if (h->type == PROTO_OPEN_REPLY && opened != nfds)
		return "a reply with the wrong number of descriptors";
	return NULL;
}

/* The broker says that and why it ended the session. */
static void
reply_ended(struct fdb_session *s, struct wire_in *in)
{
	char		 text[PROTO_TEXT_MAX];
	uint32_t	 error;

	error = wire_get_u32(in);
	wire_get_str(in, text, sizeof(text));
	if (wire_get_end(in) == -1)
		session_end(s, EPROTO, "the broker ended the session");
	else
		session_end(s, error > 0 && error <= INT_MAX ? (int)error :
		    EPIPE, "the broker ended the session: %s", text);
}

/* A message has arrived in inbuf and msg: take it as the current reply. */
static int
reply_accept(struct fdb_session *s, size_t len)
{
	const char	*what;

	if (proto_parse(s->inbuf, len, s->msg.nfds, &s->head, &s->in,
	    &what) == -1)
		goto bad;
	if (s->head.type == PROTO_ENDED) {
		reply_ended(s, &s->in);
		errno = EPIPE;
		return -1;
	}
	if (s->skip_lost && s->head.id == s->lost_id) {
		if (!(s->head.flags & PROTO_MORE))
			s->skip_lost = false;
		fdmsg_close(&s->msg);
		return 0;
	}
	if ((what = reply_fault(s, &s->head, s->in, s->msg.nfds)) != NULL)
		goto bad;
	if (s->head.type == PROTO_LIST_REPLY)
		reply_get_list(s, &s->in);
	s->info.generation = s->head.generation;
	s->have_reply = true;
	s->items_left = s->head.items;
	s->fds_taken = 0;
	return 0;

bad:
	session_end(s, EPROTO, "the broker broke the protocol: %s", what);
	errno = EPROTO;
	return -1;
}

/*
 * Descriptors were lost on the way in.  Of their message, which is in inbuf,
 * only the header is believed; all items of its request that were not
 * answered before fail.
 */
static int
reply_lost(struct fdb_session *s)
{
	struct request		*r = session_oldest(s);
	struct proto_header	 h;

	proto_peek(s->inbuf, &h);
	if (!s->skip_lost || h.id != s->lost_id) {
		if (r == NULL || r->more_token != 0 || h.id != r->id ||
		    h.type != reply_type(r->type)) {
			session_end(s, EPROTO, "the broker broke the "
			    "protocol: descriptors that were not asked for");
			errno = EPROTO;
			return -1;
		}
		s->lost = true;
		s->lost_id = h.id;
	}
	/* The rest of it will come. */
	s->skip_lost = (h.flags & PROTO_MORE) != 0;
	return 0;
}

bool
session_peer_is_gone(const struct fdb_session *s)
{
	struct pollfd	 pfd = { .fd = s->peer_alive };

	return poll(&pfd, 1, 0) == 1;
}

/*
 * Does this error only say that a private opener is gone, whose socket is one
 * of a pair?  What it sent before may still be behind that.
 */
static bool
session_is_hung_up(const struct fdb_session *s, int error)
{
	struct pollfd	 pfd = { .fd = s->sock };
	bool		 gone;

	if (error == ECONNRESET)
		return true;
	gone = error == EPIPE && poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & POLLHUP) != 0;
	errno = error;
	return gone;
}

/* Receive one reply.  1, 0 if none is there, -1 with errno. */
static int
reply_receive(struct fdb_session *s)
{
	bool	 gone = false, hung_up;
	ssize_t	 n;

	for (;;) {
		memset(s->inbuf, 0, PROTO_HEADER);
		n = fdmsg_recv(s->sock, s->inbuf, sizeof(s->inbuf),
		    FDMSG_MAXFD, &s->msg);
		if (n > 0)
			return reply_accept(s, (size_t)n) == 0 ? 1 : -1;
		if (errno == EMFILE)
			return reply_lost(s) == 0 ? 1 : -1;
		hung_up = session_is_hung_up(s, errno);
		if (errno != EAGAIN && !hung_up) {
			session_end(s, errno, "cannot receive from the "
			    "broker: %s", strerror(errno));
			errno = EPIPE;
			return -1;
		}
		if (gone) {
			session_end(s, EPIPE, "the broker ended the session "
			    "without a reason");
			errno = EPIPE;
			return -1;
		}
		/* What it sent before it went is still read. */
		if (!(gone = hung_up || session_peer_is_gone(s)))
			return 0;
	}
}

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

/* One more item of the oldest request is answered. */
static uint64_t
request_answer(struct fdb_session *s)
{
	struct request	*r = session_oldest(s);
	uint64_t	 cookie = r->cookies[r->answered++];

	if (r->answered == r->items)
		ring_pop(s);
	return cookie;
}

static void
result_lost(struct fdb_session *s, struct fdb_result *r)
{
	static const struct proto_status lost = {
		.error = EMFILE, .reason = FDB_REASON_LIMIT, .where = ""
	};
	struct request	*req = session_oldest(s);
	enum fdb_kind	 kind;

	kind = req->type == PROTO_OPEN ? FDB_RESULT_OPEN :
	    req->type == PROTO_STAT ? FDB_RESULT_STAT : FDB_RESULT_LIST;
	memset(&s->item, 0, sizeof(s->item));
	result_fill(s, r, kind, &lost);
	if (req->answered + 1 == req->items)
		s->lost = false;
	r->cookie = request_answer(s);
}

/* The next item of an OPEN or STAT reply. */
static void
result_item(struct fdb_session *s, struct fdb_result *r)
{
	bool	 open = s->head.type == PROTO_OPEN_REPLY;

	reply_get_item(&s->in, s->head.type, &s->item);
	result_fill(s, r, open ? FDB_RESULT_OPEN : FDB_RESULT_STAT,
	    &s->item.status);
	if (open && r->error == 0)
		r->fd = fdmsg_take(&s->msg, s->fds_taken++);
	r->cookie = request_answer(s);
	if (--s->items_left == 0)
		s->have_reply = false;
}

/* The next part of a directory is to be asked for, as a request of its own. */
static void
result_list_part(struct fdb_session *s, uint64_t cookie)
{
	struct request	*r = session_push(s);

	r->id = s->next_id++;
	r->type = PROTO_LIST;
	r->items = 1;
	r->answered = 0;
	r->more_token = s->list_token;
	r->cookies[0] = cookie;
	s->parts++;
}

/*
 * The next entry of a LIST reply, or its end.  False if there is neither: the
 * next part has to be asked for.
 */
static bool
result_list(struct fdb_session *s, struct fdb_result *r)
{
	if (s->items_left > 0) {
		reply_get_item(&s->in, s->head.type, &s->item);
		result_fill(s, r, FDB_RESULT_ENTRY, &s->item.status);
		r->cookie = session_oldest(s)->cookies[0];
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

int
fdb_next(struct fdb_session *s, struct fdb_result *r)
{
	int	 n;

	for (;;) {
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

void
fdb_session_pollfds(const struct fdb_session *s,
    struct pollfd fds[FDB_POLLFDS])
{
	memset(fds, 0, FDB_POLLFDS * sizeof(fds[0]));
	fds[0].fd = s->sock;
	fds[0].events = POLLIN;
	if (s->blocked)
		fds[0].events |= POLLOUT;
	/* Only its end is of interest, which poll(2) reports unasked. */
	fds[1].fd = s->peer_alive;
}

int
fdb_wait(struct fdb_session *s, struct fdb_result *r, int timeout_ms)
{
	struct pollfd	 fds[FDB_POLLFDS];
	int64_t		 end = clock_ms() + timeout_ms, left = -1;
	int		 n;

	for (;;) {
		if ((n = fdb_next(s, r)) != 0)
			return n;
		if (fdb_outstanding(s) == 0)
			return 0;
		if (timeout_ms >= 0 && (left = end - clock_ms()) <= 0)
			return 0;
		fdb_session_pollfds(s, fds);
		if (poll(fds, FDB_POLLFDS, (int)left) == -1 && errno != EINTR)
			return -1;
	}
}
