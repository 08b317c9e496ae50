/*
 * walk.c: answer WALK; see walk.h.
 *
 * Runs in the opener.  Walks are a queue, of which only the oldest runs.  A
 * worker names a walk by the id of its request; what it says about one that
 * has just ended is on its way, and is ignored.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "opener/walk.h"
#include "opener/walk_run.h"

/* After ETOOMANYREFS, wait this long before sending again. */
#define RETRY_MS	50

static struct walk *
walk_find(const struct state *s, uint32_t id)
{
	struct walk	*w;

	for (w = s->walks; w != NULL && w->out.id != id; w = w->next)
		;
	return w;
}

static int
protest(void)
{
	errno = EBADMSG;
	return -1;
}

/* The first message of a WALK: queue it.  NULL with errno. */
static struct walk *
walk_new(struct state *s, const struct proto_header *h, struct wire_in *in)
{
	struct walk	*w, **last = &s->walks;
	size_t		 n = 0;

	for (; *last != NULL; last = &(*last)->next, n++)
		if (!(*last)->complete)
			break;
	if (*last != NULL || n >= s->info.window) {
		errno = EBADMSG;
		return NULL;
	}
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return NULL;
	walkwire_get_start(in, &w->start);
	walk_out_init(&w->out, h->id, w->start.bytes, w->start.fds);
	w->xattr.of.fd = w->xattr.of.dirfd = -1;
	status_ok(&w->end);
	*last = w;
	return w;
}

/* A pattern that cannot be used ends the walk before it begins. */
static void
walk_fault(struct walk *w, enum walkwire_text kind, const char *why)
{
	char	 where[PROTO_TEXT_MAX];

	if (errno == ENOMEM || errno == E2BIG) {
		status_set(&w->end, errno, FDB_REASON_LIMIT, "patterns");
		return;
	}
	(void)strlcpy(where, kind == WALKWIRE_EXCLUDE ?
	    "exclude pattern: " : "exclude-if-present: ", sizeof(where));
	(void)strlcat(where, why, sizeof(where));
	status_set(&w->end, EINVAL, FDB_REASON_NAME, where);
}

/* All of it was received. */
static void
walk_complete(struct walk *w, struct state *s)
{
	w->complete = true;
	if (w->end.wire.error == 0 && walk_run_begin(w, s) == -1)
		status_set(&w->end, ENOMEM, FDB_REASON_LIMIT, "");
	if (w->end.wire.error != 0)
		w->phase = WALK_OVER;
}

int
walk_request(struct state *s, const struct proto_header *h,
    struct wire_in *in)
{
	char			 text[PROTO_PATH_MAX];
	struct walk		*w = walk_find(s, h->id);
	enum walkwire_text	 kind;
	const char		*why;
	uint16_t		 i = 0;

	if (w != NULL && w->complete)
		return protest();
	if (w == NULL) {
		if ((w = walk_new(s, h, in)) == NULL)
			return -1;
		i = 1;
	}
	for (; i < h->items && !in->failed; i++) {
		walkwire_get_text(in, &kind, text);
		if (in->failed || w->end.wire.error != 0)
			continue;
		if (walk_exclude_add(&w->exclude, kind, text, &why) == -1)
			walk_fault(w, kind, why);
	}
	if (wire_get_end(in) == -1)
		return protest();
	if (!(h->flags & PROTO_MORE))
		walk_complete(w, s);
	return 0;
}

int
walk_credit(struct state *s, const struct proto_header *h, struct wire_in *in)
{
	struct walk	*w = walk_find(s, h->id);
	uint32_t	 bytes = wire_get_u32(in), fds = wire_get_u32(in);

	if (wire_get_end(in) == -1 ||
	    (w != NULL && !walk_out_credit(&w->out, bytes, fds)))
		return protest();
	if (w != NULL && w->waits == WALK_OUT_NO_CREDIT)
		w->waits = WALK_OUT_READY;
	return 0;
}

int
walk_cancel(struct state *s, const struct proto_header *h, struct wire_in *in)
{
	struct walk	*w = walk_find(s, h->id);

	if (wire_get_end(in) == -1)
		return protest();
	if (w != NULL)
		w->cancelled = true;
	return 0;
}

int
walk_poll(const struct state *s, short *events)
{
	const struct walk	*w = s->walks;

	if (w == NULL || !w->complete)
		return -1;
	if (w->cancelled && w->phase != WALK_SEND)
		return 0;
	if (w->delay_ms > 0)
		return w->delay_ms;
	switch (w->waits) {
	case WALK_OUT_READY:
		return 0;
	case WALK_OUT_BUSY:
		*events |= POLLOUT;
		return -1;
	case WALK_OUT_CROWDED:
		return RETRY_MS;
	case WALK_OUT_NO_CREDIT:
	case WALK_OUT_FAILED:
		break;
	}
	return -1;
}

static void
walk_remove(struct state *s)
{
	struct walk	*w = s->walks;

	s->walks = w->next;
	walk_run_free(w, s);
	free(w);
}

int
walk_slice(struct state *s)
{
	struct walk	*w = s->walks;
	int		 ret;

	if (w == NULL || !w->complete)
		return 0;
	if ((ret = walk_run_slice(w, s)) == 1)
		walk_remove(s);
	return ret == -1 ? -1 : 0;
}

void
walk_free(struct state *s)
{
	while (s->walks != NULL)
		walk_remove(s);
}
