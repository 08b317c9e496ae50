/*
 * reply.c: receive replies, and check each whole before an item is used.
 *
 * Runs in the worker.  A broker that breaks the protocol ends the session; a
 * descriptor that was received is handed out or closed.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "base/pathname.h"
#include "client/reply.h"
#include "client/walk.h"
#include "client/watch.h"

static const struct reply_kind	 kinds[] = {
	{ .request = PROTO_OPEN, .reply = PROTO_OPEN_REPLY,
	  .result = FDB_RESULT_OPEN, .st = true, .fd = true },
	{ .request = PROTO_STAT, .reply = PROTO_STAT_REPLY,
	  .result = FDB_RESULT_STAT, .st = true, .link = true },
	{ .request = PROTO_LIST, .reply = PROTO_LIST_REPLY,
	  .result = FDB_RESULT_LIST, .st = true, .link = true },
	{ .request = PROTO_LIMIT, .reply = PROTO_LIMITED,
	  .result = FDB_RESULT_LIMIT },
	/* What a change carries, and its result, depends on its kind. */
	{ .request = PROTO_CHANGE, .reply = PROTO_CHANGED,
	  .result = FDB_RESULT_CREATE, .fd = true }
};

/* The kind of a request whose reply has this header; NULL if it is another. */
static const struct reply_kind *
reply_kind(const struct request *r, const struct proto_header *h)
{
	size_t	 i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].request == r->type)
			return h->id == r->id && h->type == kinds[i].reply ?
			    &kinds[i] : NULL;
	return NULL;
}

bool
reply_item_has_fd(const struct reply_kind *kind, const struct reply_item *it)
{
	return kind->fd && it->status.error == 0 &&
	    (kind->reply != PROTO_CHANGED ||
	    it->change.kind == CHANGEWIRE_CREATE);
}

/* Decode one item of a reply of this kind. */
static void
reply_get_item(struct wire_in *in, const struct reply_kind *kind,
    struct reply_item *it)
{
	bool	 entry = kind->reply == PROTO_LIST_REPLY;

	memset(&it->st, 0, sizeof(it->st));
	it->name[0] = it->link[0] = '\0';
	if (kind->reply == PROTO_CHANGED) {
		changewire_get_result(in, &it->change);
		it->status = it->change.status;
		it->st = it->change.st;
		return;
	}
	/* An entry begins with its name, and is whole even after an error. */
	if (entry) {
		wire_get_str(in, it->name, sizeof(it->name));
		if (strchr(it->name, '/') != NULL ||
		    !pathname_is_clean(it->name))
			wire_get_fail(in);
	}
	proto_get_status(in, &it->status);
	if (it->status.error != 0 && !entry)
		return;
	if (kind->st)
		proto_get_stat(in, &it->st);
	if (kind->link)
		wire_get_str(in, it->link, sizeof(it->link));
}

/* Decode what a LIST reply says about the directory, before its entries. */
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

/*
 * Decode a whole reply; with lost, its descriptors were lost.  What is wrong
 * with it, or NULL.
 */
static const char *
reply_fault(struct fdb_session *s, const struct proto_header *h,
    struct wire_in in, size_t nfds, bool lost)
{
	struct request	*r = ring_oldest(&s->ring);
	size_t		 good = 0;
	uint16_t	 i;

	if (r == NULL || r->more_token != 0)
		return "a reply that was not asked for";
	if ((s->kind = reply_kind(r, h)) == NULL)
		return "a reply to another request";
	if (h->type == PROTO_LIST_REPLY)
		reply_get_list(s, &in);
	else if (h->items > r->items - r->answered ||
	    (!(h->flags & PROTO_MORE) && h->items != r->items - r->answered) ||
	    ((h->flags & PROTO_MORE) && h->items == r->items - r->answered))
		return "a reply with the wrong number of items";
	for (i = 0; i < h->items && !in.failed; i++) {
		reply_get_item(&in, s->kind, &s->item);
		if (reply_item_has_fd(s->kind, &s->item))
			good++;
		if (h->type == PROTO_CHANGED && !in.failed &&
		    s->item.change.kind != r->kinds[r->answered + i])
			return "a reply to another change";
	}
	if (wire_get_end(&in) == -1)
		return "a reply that cannot be decoded";
	if (!lost && nfds != good)
		return "a reply with the wrong number of descriptors";
	return NULL;
}

/* ENDED: the broker says why it ended the session. */
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

/* The reply was checked: its items can be taken. */
static void
reply_begin_items(struct fdb_session *s, size_t len)
{
	s->info.generation = s->head.generation;
	s->have_reply = true;
	s->reply_len = (uint32_t)len;
	s->items_left = s->head.items;
	s->fds_taken = 0;
	s->fds_lost = false;
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
	if (s->head.type == PROTO_WALK_REPLY) {
		if ((what = walk_accept(s, false)) != NULL)
			goto bad;
		reply_begin_items(s, len);
		return 0;
	}
	if (s->head.type == PROTO_WATCHED) {
		what = watch_accept(s, false);
		fdmsg_close(&s->msg);
		if (what != NULL)
			goto bad;
		return 0;
	}
	if (s->skip_lost && s->head.id == s->lost_id) {
		if (!(s->head.flags & PROTO_MORE))
			s->skip_lost = false;
		fdmsg_close(&s->msg);
		return 0;
	}
	if ((what = reply_fault(s, &s->head, s->in, s->msg.nfds,
	    false)) != NULL)
		goto bad;
	if (s->head.type == PROTO_LIST_REPLY)
		reply_get_list(s, &s->in);
	reply_begin_items(s, len);
	return 0;

bad:
	session_end(s, EPROTO, "the broker broke the protocol: %s", what);
	errno = EPROTO;
	return -1;
}

/*
 * The descriptors of a message of a walk, or of changes, were lost.  Its
 * records are taken: the tree would not be whole without them, and the changes
 * were made.  The length is what the header says; inbuf has that much, whatever
 * it was.
 */
static int
reply_lost_records(struct fdb_session *s)
{
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;
	size_t			 len;

	proto_peek(s->inbuf, &h);
	wire_in_init(&in, s->inbuf + PROTO_LENGTH_AT, sizeof(uint32_t));
	len = wire_get_u32(&in);
	if (len > sizeof(s->inbuf) || proto_parse(s->inbuf, len, h.fds,
	    &s->head, &s->in, &what) == -1)
		what = "descriptors that were not asked for";
	else if (h.type == PROTO_WATCHED) {
		if ((what = watch_accept(s, true)) == NULL)
			return 0;
	} else if (h.type == PROTO_WALK_REPLY)
		what = walk_accept(s, true);
	else
		what = reply_fault(s, &s->head, s->in, 0, true);
	if (what == NULL) {
		reply_begin_items(s, len);
		s->fds_lost = true;
		return 0;
	}
	session_end(s, EPROTO, "the broker broke the protocol: %s", what);
	errno = EPROTO;
	return -1;
}

/*
 * The descriptors of the message in inbuf were lost.  Of this message only the
 * header is used; the items of its request that are not answered yet fail.
 */
static int
reply_lost(struct fdb_session *s)
{
	struct request		*r = ring_oldest(&s->ring);
	struct proto_header	 h;
	const struct reply_kind	*kind = NULL;

	proto_peek(s->inbuf, &h);
	if (h.type == PROTO_WALK_REPLY || h.type == PROTO_CHANGED ||
	    h.type == PROTO_WATCHED)
		return reply_lost_records(s);
	if (!s->skip_lost || h.id != s->lost_id) {
		if (r != NULL && r->more_token == 0)
			kind = reply_kind(r, &h);
		if (kind == NULL) {
			session_end(s, EPROTO, "the broker broke the "
			    "protocol: descriptors that were not asked for");
			errno = EPROTO;
			return -1;
		}
		s->lost = true;
		s->lost_id = h.id;
		s->lost_kind = kind->result;
	}
	/* More datagrams of this reply follow. */
	s->skip_lost = (h.flags & PROTO_MORE) != 0;
	return 0;
}

/*
 * Does this error only say that a private opener is gone?  Its socket is one of
 * a pair, which tells of the end before it gives what was sent earlier.
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

int
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
		/* Try again: it may have sent something before. */
		if (!(gone = hung_up || session_peer_is_gone(s)))
			return 0;
	}
}

void
reply_next_item(struct fdb_session *s)
{
	reply_get_item(&s->in, s->kind, &s->item);
}
