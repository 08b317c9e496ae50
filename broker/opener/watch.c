/*
 * watch.c: answer WATCH; see watch.h.
 *
 * Runs in the opener.  A watch has credit for one message: a worker that takes
 * none has one message of it in its queue, and all that happens meanwhile is
 * one change.  After a change in any directory on the way to any name, all
 * names are looked at, some time later, so that a file is in its place by then
 * that is renamed or made anew.  From time to time they are looked at anyhow:
 * not every file system tells of what happens in it.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/message.h"
#include "base/pathname.h"
#include "opener/status.h"
#include "opener/watch.h"
#include "opener/watch_look.h"

/* Milliseconds: from a change to the look, and between looks. */
#define SETTLE_MS	50
#define GAP_MS		250
/* Without a change; and where some changes are not told of. */
#define IDLE_MS		10000
#define BLIND_MS	1000
/* After ETOOMANYREFS, wait this long before sending again. */
#define RETRY_MS	50

static int
protest(void)
{
	errno = EBADMSG;
	return -1;
}

static struct watch *
watch_find(const struct state *s, uint32_t id)
{
	struct watch	*w = s->watches != NULL ? s->watches->list : NULL;

	while (w != NULL && w->id != id)
		w = w->next;
	return w;
}

bool
watch_is(const struct state *s, uint32_t id)
{
	return watch_find(s, id) != NULL;
}

/* Something changed: look soon, but not more often than the gap says. */
static void
watches_changed(struct watches *ws)
{
	int64_t	 now = clock_ms();

	if (ws->changed)
		return;
	ws->changed = true;
	ws->due = now + SETTLE_MS;
	if (ws->looked != 0 && ws->due < ws->looked + GAP_MS)
		ws->due = ws->looked + GAP_MS;
}

static struct watches *
watches_get(struct state *s)
{
	struct watches	*ws;

	if (s->watches == NULL && (ws = calloc(1, sizeof(*ws))) != NULL) {
		dirwatch_init(&ws->dirs);
		ws->version = s->version;
		s->watches = ws;
	}
	return s->watches;
}

/* There is nothing more to tell than this, and then it ends. */
static void
watch_end(struct watch *w, int error, enum fdb_reason reason)
{
	struct status	 st;

	status_set(&st, error, reason, "");
	fd_close(&w->fd);
	w->status = st.wire;
	w->ready = w->last = true;
}

/* Append a watch, which holds the place of a token until it ends. */
static struct watch *
watch_new(struct state *s, uint32_t id, const char *name)
{
	struct watches	*ws = watches_get(s);
	struct watch	*w, **last;
	size_t		 len = strlen(name) + 1;

	if (ws == NULL || (w = calloc(1, sizeof(*w) + len)) == NULL)
		return NULL;
	memcpy(w->name, name, len);
	w->id = id;
	w->credit = true;
	w->fd = -1;
	for (last = &ws->list; *last != NULL; last = &(*last)->next)
		;
	*last = w;
	ws->n++;
	return w;
}

int
watch_request(struct state *s, const struct proto_header *h,
    struct wire_in *in)
{
	char		 name[PROTO_PATH_MAX];
	struct watch	*w;
	unsigned int	 access = wire_get_u8(in), flags = wire_get_u8(in);

	wire_get_str(in, name, sizeof(name));
	if (wire_get_end(in) == -1 || watch_is(s, h->id) ||
	    (s->watches != NULL && s->watches->n >= FDB_WATCH_MAX))
		return protest();
	if ((w = watch_new(s, h->id, name)) == NULL)
		return -1;
	w->access = (uint8_t)access;
	w->flags = (uint8_t)flags;
	/* The opener of a backup has no need of it, and not the rights. */
	if (s->private && !s->embedded)
		watch_end(w, EOPNOTSUPP, FDB_REASON_LIMIT);
	else if (!proto_access_is_valid(access) || (access & (FDB_CREATE |
	    FDB_EXCLUSIVE | FDB_TRUNCATE)) != 0 ||
	    (flags & ~(unsigned int)FDB_WATCH_ALL) != 0 ||
	    !pathname_is_clean(name))
		watch_end(w, EINVAL, FDB_REASON_NAME);
	else if (tokens_free_places(&s->tokens) == 0)
		watch_end(w, EMFILE, FDB_REASON_LIMIT);
	else {
		s->tokens.reserved++;
		w->holds_place = true;
		/* At once: nothing is known of it yet. */
		s->watches->changed = true;
		s->watches->due = clock_ms();
	}
	return 0;
}

int
watch_credit(struct state *s, const struct proto_header *h, struct wire_in *in)
{
	struct watch	*w = watch_find(s, h->id);
	uint32_t	 bytes = wire_get_u32(in), fds = wire_get_u32(in);

	if (wire_get_end(in) == -1 || bytes != 0 || fds != 1 || w->credit)
		return protest();
	w->credit = true;
	if (w->stale)
		watches_changed(s->watches);
	return 0;
}

int
watch_cancel(struct state *s, const struct proto_header *h, struct wire_in *in)
{
	struct watch	*w = watch_find(s, h->id);

	if (wire_get_end(in) == -1)
		return protest();
	if (!w->last)
		watch_end(w, ECANCELED, FDB_REASON_KERNEL);
	return 0;
}

static bool
is_ready(const struct watches *ws)
{
	const struct watch	*w;

	for (w = ws->list; w != NULL; w = w->next)
		if (w->ready)
			return true;
	return false;
}

/* When to look next; ms. */
static int64_t
next_look(const struct state *s)
{
	const struct watches	*ws = s->watches;

	if (ws->version != s->version)
		return ws->looked;
	if (ws->changed)
		return ws->due;
	return ws->looked + (ws->blind ? BLIND_MS : IDLE_MS);
}

int
watch_poll(const struct state *s, short *events, int *fd)
{
	const struct watches	*ws = s->watches;
	int64_t			 now = clock_ms(), until;

	*fd = -1;
	if (ws == NULL || ws->n == 0)
		return -1;
	until = next_look(s);
	if (is_ready(ws)) {
		if (ws->busy)
			*events |= POLLOUT;
		else if (ws->retry < until)
			until = ws->retry;
	}
	/* Until the next look, more changes change nothing. */
	if (!ws->changed)
		*fd = ws->dirs.fd;
	return until <= now ? 0 : (int)(until - now);
}

/* Look at all names that the worker wants to hear of. */
static void
look_at_all(struct state *s)
{
	struct watches	*ws = s->watches;
	struct watch	*w;

	(void)dirwatch_read(&ws->dirs);
	ws->changed = ws->blind = false;
	ws->looked = clock_ms();
	dirwatch_begin(&ws->dirs);
	for (w = ws->list; w != NULL; w = w->next) {
		w->stale = !w->credit || w->ready;
		if (!w->stale)
			watch_look(s, ws, w);
	}
	dirwatch_end(&ws->dirs);
	ws->version = s->version;
}

/* Send the message of a watch.  As message_send(). */
static int
send_one(struct state *s, struct watch *w)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, PROTO_WATCHED, buf, sizeof(buf));
	m.h.id = w->id;
	m.h.flags = w->last ? 0 : PROTO_MORE;
	m.h.generation = (uint32_t)s->info.generation;
	proto_put_status(&m.w, &w->status);
	if (w->status.error == 0)
		proto_put_stat(&m.w, &w->st);
	return message_send(s->sock, &m, &w->fd, w->fd != -1 ? 1 : 0);
}

/* Remove the watch to which *w points. */
static void
watch_remove(struct state *s, struct watch **w)
{
	struct watch	*gone = *w;

	*w = gone->next;
	fd_close(&gone->fd);
	if (gone->holds_place)
		s->tokens.reserved--;
	free(gone);
	s->watches->n--;
}

/* Send what is ready, as far as the socket takes it. */
static int
send_ready(struct state *s)
{
	struct watches	*ws = s->watches;
	struct watch	**w = &ws->list;

	ws->busy = false;
	while (*w != NULL) {
		if (!(*w)->ready) {
			w = &(*w)->next;
			continue;
		}
		if (send_one(s, *w) == -1) {
			ws->busy = errno == EAGAIN;
			ws->retry = clock_ms() + RETRY_MS;
			return errno == EAGAIN || errno == ENOBUFS ||
			    errno == ETOOMANYREFS ? 0 : -1;
		}
		fd_close(&(*w)->fd);
		(*w)->ready = (*w)->credit = false;
		if ((*w)->last)
			watch_remove(s, w);
	}
	return 0;
}

int
watch_slice(struct state *s)
{
	struct watches	*ws = s->watches;

	if (ws == NULL || ws->n == 0)
		return 0;
	if (!ws->changed && dirwatch_read(&ws->dirs))
		watches_changed(ws);
	if (clock_ms() >= next_look(s))
		look_at_all(s);
	if (is_ready(ws) && send_ready(s) == -1)
		return -1;
	/* Watches that are gone need no directories. */
	if (ws->n == 0)
		watch_free(s);
	return 0;
}

void
watch_free(struct state *s)
{
	if (s->watches == NULL)
		return;
	while (s->watches->list != NULL)
		watch_remove(s, &s->watches->list);
	dirwatch_free(&s->watches->dirs);
	free(s->watches);
	s->watches = NULL;
}
