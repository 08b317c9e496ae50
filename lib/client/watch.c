/*
 * watch.c: ask for watches, and keep what the broker tells of them; see
 * watch.h.
 *
 * Runs in the worker.  The broker sends one message of a watch, and another one
 * when the caller has taken the result.  So one place for each watch holds
 * all that can come.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "client/send.h"
#include "client/watch.h"
#include "client/watched.h"

int
fdb_watch(struct fdb_session *s, const char *path, unsigned int access,
    unsigned int flags, uint64_t cookie)
{
	struct watched	*w, **last = &s->watches;
	const char	*name;
	size_t		 len, n = 0;

	if (send_check(s) == -1)
		return -1;
	if (!proto_access_is_valid(access) || (access & (FDB_CREATE |
	    FDB_EXCLUSIVE | FDB_TRUNCATE)) != 0 ||
	    (flags & ~(unsigned int)FDB_WATCH_ALL) != 0)
		return session_fail(s, EINVAL, "this access or these flags "
		    "cannot be used with a watch");
	if ((name = send_name(s, FDB_TOKEN_ROOT, path, false)) == NULL)
		return -1;
	if (path[0] != '/')
		return session_fail(s, EINVAL, "the path is not absolute");
	for (; *last != NULL; last = &(*last)->next)
		n++;
	if (n >= FDB_WATCH_MAX)
		return session_fail(s, EMFILE, "the session has as many "
		    "watches as it may have");
	len = strlen(name) + 1;
	if ((w = calloc(1, sizeof(*w) + len)) == NULL)
		return session_fail(s, ENOMEM, "out of memory");
	memcpy(w->name, name, len);
	w->id = s->next_id++;
	w->cookie = cookie;
	w->access = (uint8_t)access;
	w->flags = (uint8_t)flags;
	w->fd = -1;
	*last = w;
	return 0;
}

int
fdb_watch_cancel(struct fdb_session *s, uint64_t cookie)
{
	struct watched	*w;
	bool		 found = false;

	if (send_check(s) == -1)
		return -1;
	for (w = s->watches; w != NULL; w = w->next)
		if (w->cookie == cookie && !w->last)
			found = w->cancel = true;
	if (!found)
		return session_fail(s, ENOENT, "no watch has this cookie");
	return watch_send(s) == -1 && errno != EAGAIN ? -1 : 0;
}

static int
send_watch(struct fdb_session *s, struct watched *w)
{
	uint8_t		 buf[PROTO_HEADER + 4 + PROTO_PATH_MAX];
	struct message	 m;

	if (w->asked)
		return 0;
	message_begin(&m, PROTO_WATCH, buf, sizeof(buf));
	m.h.id = w->id;
	wire_put_u8(&m.w, w->access);
	wire_put_u8(&m.w, w->flags);
	wire_put_str(&m.w, w->name);
	if (send_message(s, &m) == -1)
		return -1;
	w->asked = true;
	return 0;
}

/* What is still to be said of a watch. */
static int
send_rest(struct fdb_session *s, struct watched *w)
{
	if (w->credit) {
		if (send_credit(s, w->id, 0, 1) == -1)
			return -1;
		w->credit = false;
	}
	if (w->cancel && !w->last) {
		if (send_cancel(s, w->id) == -1)
			return -1;
		w->cancel = false;
	}
	return 0;
}

int
watch_send(struct fdb_session *s)
{
	struct watched	*w;

	for (w = s->watches; w != NULL; w = w->next)
		if (send_watch(s, w) == -1 || send_rest(s, w) == -1)
			return -1;
	return 0;
}

const char *
watch_accept(struct fdb_session *s, bool lost)
{
	struct watched	*w = s->watches;
	bool		 more = (s->head.flags & PROTO_MORE) != 0;

	while (w != NULL && w->id != s->head.id)
		w = w->next;
	/* The end may come at any time; all else needs credit. */
	if (w == NULL || !w->asked || w->last || (more &&
	    (w->kept || w->credit)))
		return "a message of a watch that was not asked for";
	fd_close(&w->fd);
	memset(&w->st, 0, sizeof(w->st));
	proto_get_status(&s->in, &w->status);
	if (w->status.error == 0)
		proto_get_stat(&s->in, &w->st);
	if (wire_get_end(&s->in) == -1)
		return "a message that cannot be decoded";
	if ((w->status.error == 0) != (s->head.fds == 1) ||
	    (!more && w->status.error == 0))
		return "a message with the wrong number of descriptors";
	if (lost) {
		w->status.error = EMFILE;
		w->status.reason = FDB_REASON_LIMIT;
	} else if (s->head.fds == 1)
		w->fd = fdmsg_take(&s->msg, 0);
	w->kept = true;
	w->last = !more;
	s->info.generation = s->head.generation;
	return NULL;
}

/* The strings of a result live in the session: those of the last one go. */
static void
drop_taken(struct fdb_session *s)
{
	free(s->watch_taken);
	s->watch_taken = NULL;
}

bool
watch_next(struct fdb_session *s, struct fdb_result *r)
{
	struct watched	**p = &s->watches, *w;

	drop_taken(s);
	while (*p != NULL && !(*p)->kept)
		p = &(*p)->next;
	if ((w = *p) == NULL)
		return false;
	memset(r, 0, sizeof(*r));
	r->kind = w->last ? FDB_RESULT_WATCH : FDB_RESULT_WATCHED;
	r->cookie = w->cookie;
	r->error = (int)w->status.error;
	r->reason = (enum fdb_reason)w->status.reason;
	r->where = w->status.where;
	r->id = w->status.id;
	r->st = w->st;
	r->name = w->name;
	r->link = "";
	r->fd = w->fd;
	w->fd = -1;
	w->kept = false;
	w->credit = !w->last;
	*p = w->next;
	if (w->last) {
		s->watch_taken = w;
		return true;
	}
	/* To the end: the others have their turn first. */
	while (*p != NULL)
		p = &(*p)->next;
	w->next = NULL;
	*p = w;
	return true;
}
