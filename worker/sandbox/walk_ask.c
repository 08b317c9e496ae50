/*
 * walk_ask.c: decide what to request next, within which limits; see
 * sandbox/walk_ask.h.
 *
 * Runs in the worker, confined.  Lists directories a little ahead, opens files
 * in the order in which they are stored, and gives back the token of a
 * directory when nothing beneath it needs it.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/walk_ask.h"
#include "sandbox/walk_state.h"

#define AHEAD_NODES	16	/* directories listed in advance, at most */
#define AHEAD_ENTRIES	65536	/* entries kept of them, roughly */

/* Give back the token of a node, if it has one.  0, or -1. */
static int
token_forget(struct walk *w, struct node *n)
{
	uint32_t	*p;
	size_t		 size;

	if (n->token == 0)
		return 0;
	if (w->nforget == w->forget_size) {
		size = w->forget_size + 64;
		p = reallocarray(w->forget, size, sizeof(*p));
		if (p == NULL)
			return walk_state_no_memory(w);
		w->forget = p;
		w->forget_size = size;
	}
	w->forget[w->nforget++] = n->token;
	n->token = 0;
	TAILQ_REMOVE(&w->held, n, held);
	w->tokens--;
	return 0;
}

/* Send FORGET for returned tokens, as far as the window allows.  0, or -1. */
static int
tokens_flush(struct walk *w)
{
	while (w->nforget > 0) {
		uint32_t	 token = w->forget[w->nforget - 1];

		if (fdb_forget(w->session, token) == -1 &&
		    (errno != EAGAIN || fdb_flush(w->session) == -1 ||
		    fdb_forget(w->session, token) == -1)) {
			if (errno == EAGAIN)
				return 0;
			return walk_state_session_fatal(w);
		}
		w->nforget--;
		w->forgot = true;
	}
	return 0;
}

/* Give back a node's token once every request that needs it was sent. */
static int
token_done(struct walk *w, struct node *n)
{
	if (n->state != NODE_LISTED || n->unasked > 0 ||
	    n->ask < n->files.len)
		return 0;
	return token_forget(w, n);
}

/*
 * The limit on tokens is reached: give back the oldest.  Names beneath that
 * directory are then sent relative to a directory above it.
 */
static int
token_spare(struct walk *w)
{
	struct node	*n = TAILQ_FIRST(&w->held);

	return n != NULL ? token_forget(w, n) : 0;
}

/*
 * The functions below return 1; 0: the window is full; -1: the run cannot go
 * on, which was reported.
 */

/* The result of queueing a request. */
static int
ask_outcome(struct walk *w, int ret)
{
	if (ret == 0)
		return 1;
	if (errno == EAGAIN)
		return 0;
	return walk_state_session_fatal(w);
}

static bool
is_bad_name(int error)
{
	return error == EINVAL || error == ENAMETOOLONG;
}

/* The library refused to send a name. */
static struct refusal
bad_name_refusal(int error)
{
	return (struct refusal){ error, FDB_REASON_NAME, 0, "" };
}

/* Request STAT for the paths of the command line. */
static int
ask_stats(struct walk *w)
{
	struct refusal	 refusal;
	size_t		 i;
	int		 ret;

	for (; (i = w->next_stat) < w->paths->n; w->next_stat++) {
		ret = fdb_stat_at(w->session, FDB_TOKEN_ROOT,
		    w->paths->v[i].request, (uintptr_t)&w->tops[i]);
		if (ret == -1 && is_bad_name(errno)) {
			refusal = bad_name_refusal(errno);
			if (walk_state_top_refused(w, i, &refusal) == -1)
				return -1;
		} else if ((ret = ask_outcome(w, ret)) != 1)
			return ret;
	}
	return 1;
}

/*
 * Make room for one more token: the broker must receive FORGET before the LIST
 * that would exceed its limit.
 */
static int
ask_token(struct walk *w)
{
	while (w->tokens >= w->max_tokens && !TAILQ_EMPTY(&w->held)) {
		if (token_spare(w) == -1)
			return -1;
	}
	if (tokens_flush(w) == -1)
		return -1;
	if (w->tokens >= w->max_tokens || w->nforget > 0)
		return 0;
	if (w->forgot && fdb_flush(w->session) == -1)
		return walk_state_session_fatal(w);
	w->forgot = false;
	return 1;
}

/* Request LIST for a node. */
static int
ask_list(struct walk *w, struct node *n)
{
	struct refusal	 refusal;
	uint32_t	 base;
	int		 ret;

	if ((ret = ask_token(w)) != 1)
		return ret;
	if (node_request(n, "", &base, &w->request) == -1)
		return walk_state_no_memory(w);
	ret = fdb_list_at(w->session, base, buf_str(&w->request),
	    (uintptr_t)n);
	if (ret == -1 && is_bad_name(errno)) {
		refusal = bad_name_refusal(errno);
		if (walk_state_unlistable(w, n, &refusal) == -1)
			return -1;
	} else {
		if ((ret = ask_outcome(w, ret)) != 1)
			return ret;
		n->state = NODE_ASKED;
		w->tokens++;
	}
	if (n->parent != NULL) {
		n->parent->unasked--;
		return token_done(w, n->parent) == -1 ? -1 : 1;
	}
	return 1;
}

/* Request LIST for the directories that are stored next. */
static int
ask_lists(struct walk *w)
{
	struct node	*n;
	size_t		 i = 0;
	int		 ret;

	if (!w->changed)
		return 1;
	STAILQ_FOREACH(n, &w->stack, next) {
		if (i++ == AHEAD_NODES)
			break;
		if (n->state != NODE_WAITING)
			continue;
		/* The first one is always listed: storing waits for it. */
		if (i > 1 && (w->ahead > AHEAD_ENTRIES ||
		    w->tokens + 1 >= w->max_tokens))
			break;
		if ((ret = ask_list(w, n)) != 1)
			return ret;
	}
	w->changed = false;
	return 1;
}

/* Request OPEN, or STAT, for the files of the node whose turn it is. */
static int
ask_files(struct walk *w)
{
	struct node	*n = w->asking;
	const char	*name;
	struct refusal	 refusal;
	uint32_t	 base;
	char		*entry;
	bool		 later;
	int		 ret;

	while (n->ask < n->files.len) {
		entry = n->files.data + n->ask;
		later = node_is_later(entry, &name);
		if (node_request(n, name, &base, &w->request) == -1)
			return walk_state_no_memory(w);
		ret = later ? fdb_stat_at(w->session, base,
		    buf_str(&w->request), (uintptr_t)n) :
		    fdb_open_at(w->session, base, buf_str(&w->request),
		    FDB_READ, (uintptr_t)n);
		n->ask += strlen(entry) + 1;
		if (ret == -1 && is_bad_name(errno)) {
			refusal = bad_name_refusal(errno);
			if (walk_state_refused(w, n, name, &refusal) == -1)
				return -1;
			/* Mark it: no answer will come.  No name begins so. */
			entry[0] = '/';
		} else if ((ret = ask_outcome(w, ret)) != 1) {
			n->ask -= strlen(entry) + 1;
			return ret;
		}
	}
	return 1;
}

/*
 * Take the next node from the stack: its files are opened next.  Its
 * subdirectories go on top of the stack.
 */
static void
ask_next_node(struct walk *w)
{
	struct node	*n = STAILQ_FIRST(&w->stack), *child, *last = NULL;

	STAILQ_REMOVE_HEAD(&w->stack, next);
	if (n->parent == NULL)
		w->stacked--;
	w->ahead -= n->nentries;
	STAILQ_INSERT_TAIL(&w->storing, n, next);
	while ((child = STAILQ_FIRST(&n->children)) != NULL) {
		STAILQ_REMOVE_HEAD(&n->children, next);
		if (last == NULL)
			STAILQ_INSERT_HEAD(&w->stack, child, next);
		else
			STAILQ_INSERT_AFTER(&w->stack, last, child, next);
		last = child;
	}
	w->asking = n;
	w->changed = true;
}

/* Put the next paths of the command line at the bottom of the stack. */
static void
stack_tops(struct walk *w)
{
	struct node	*n;

	while (w->stacked < AHEAD_NODES && w->next_top < w->paths->n &&
	    w->tops[w->next_top].ready) {
		if ((n = w->tops[w->next_top++].node) == NULL)
			continue;
		STAILQ_INSERT_TAIL(&w->stack, n, next);
		w->stacked++;
		w->changed = true;
	}
}

int
walk_ask(struct walk *w)
{
	struct node	*n;
	int		 ret;

	if (tokens_flush(w) == -1)
		return -1;
	if ((ret = ask_stats(w)) != 1)
		return ret;
	for (;;) {
		stack_tops(w);
		if ((ret = ask_lists(w)) != 1)
			return ret;
		if (w->asking != NULL) {
			if ((ret = ask_files(w)) != 1)
				return ret;
			if (token_done(w, w->asking) == -1)
				return -1;
			w->asking = NULL;
		}
		n = STAILQ_FIRST(&w->stack);
		if (n == NULL || n->state != NODE_LISTED)
			return 0;
		ask_next_node(w);
	}
}
