/*
 * walk.c: walk the paths of the command line and store what is found; see
 * sandbox/walk.h.
 *
 * Runs in the worker, confined.  Everything it knows comes from the session.
 *
 * Three cursors move through the tree in the order of the archive, each ahead
 * of the next: the first lists directories, the second opens the files of
 * listed directories, the third stores what has arrived.  So requests are
 * always outstanding.  Results of OPEN arrive in the order of the requests, so
 * they are stored at once.  Only the directories on the way down, and a few
 * that are listed ahead, stay in memory: the names of their files, and what
 * LIST says of links and other special files, up to WALK_SPECIALS bytes.
 * Beyond that, special files are looked at again by STAT when their turn comes.
 */

#include "config.h"

#include <sys/stat.h>

#include <stdint.h>
#include <string.h>

#include "sandbox/walk.h"
#include "sandbox/walk_ask.h"
#include "sandbox/walk_state.h"

#define WALK_SPECIALS	(4 * 1024 * 1024)

static struct refusal
result_refusal(const struct fdb_result *r)
{
	return (struct refusal){ r->error, r->reason, r->id, r->where };
}

/*
 * Storing.  0 or -1.
 */

/* Make w->member the name of an entry of the node that is being stored. */
static int
store_name(struct walk *w, const struct node *n, const char *name)
{
	struct buf	*b = &w->member;

	buf_cut(b, n->path_len);
	if (name[0] == '\0')
		return b->len > 0 ? 0 : buf_putc(b, '.');
	if (b->len > 0 && buf_putc(b, '/') == -1)
		return -1;
	return buf_puts(b, name);
}

/* Store the node itself, then its entries that are not opened. */
static int
store_begin(struct walk *w, struct node *n)
{
	struct special	*s;
	struct refusal	 r;

	if (node_member(n, "", &w->member) == -1)
		return walk_state_no_memory(w);
	n->path_len = strcmp(buf_str(&w->member), ".") == 0 ? 0 :
	    w->member.len;
	n->begun = true;
	r.error = n->error;
	r.reason = n->reason;
	r.id = n->id;
	r.where = n->where;
	if (n->error != 0 && walk_state_refused(w, n, "", &r) == -1)
		return -1;
	/* A directory that is gone is not stored; an unreadable one is. */
	if (!n->leaf && (n->error == 0 || report_classify(n->error, n->reason,
	    false, true) != REPORT_CHANGED) &&
	    create_directory(w->create, buf_str(&w->member), &n->st) == -1)
		return -1;
	STAILQ_FOREACH(s, &n->specials, link) {
		if (store_name(w, n, s->name) == -1)
			return walk_state_no_memory(w);
		if (create_special(w->create, buf_str(&w->member), &s->st,
		    s->target) == -1)
			return -1;
	}
	w->special_bytes -= n->special_bytes;
	node_drop_specials(n);
	return 0;
}

/* Store nodes until an answer is missing. */
static int
walk_store(struct walk *w)
{
	struct node	*n;

	while ((n = STAILQ_FIRST(&w->storing)) != NULL) {
		if (!n->begun && store_begin(w, n) == -1)
			return -1;
		while (n->take < n->files.len &&
		    n->files.data[n->take] == '/')
			n->take += strlen(n->files.data + n->take) + 1;
		if (n->take < n->files.len || n == w->asking)
			return 0;
		STAILQ_REMOVE_HEAD(&w->storing, next);
		node_drop_entries(n);
		node_release(n);
	}
	return 0;
}

/*
 * Results.  0 or -1.
 */

/* Keep a file that is not opened.  0, or -1: ENOMEM. */
static int
add_special(struct walk *w, struct node *n, const char *name,
    const struct fdb_result *r)
{
	size_t	 before = n->special_bytes;

	if (w->special_bytes >= WALK_SPECIALS)
		return node_add_later(n, name);
	if (node_add_special(n, name, &r->st, r->link) == -1)
		return -1;
	w->special_bytes += n->special_bytes - before;
	return 0;
}

/* STAT of a path of the command line. */
static int
take_stat(struct walk *w, const struct fdb_result *r)
{
	struct top	*top = (struct top *)(uintptr_t)r->cookie;
	struct node	*n;
	struct refusal	 refusal;
	size_t		 i = (size_t)(top - w->tops);

	if (r->error != 0) {
		refusal = result_refusal(r);
		return walk_state_top_refused(w, i, &refusal);
	}
	n = node_new_path(&w->paths->v[i], &r->st);
	if (n == NULL)
		return walk_state_no_memory(w);
	top->node = n;
	top->ready = true;
	if (S_ISDIR(r->st.mode)) {
		n->above = true;
		return 0;
	}
	n->leaf = true;
	if ((S_ISREG(r->st.mode) ? node_add_file(n, "") :
	    add_special(w, n, "", r)) == -1)
		return walk_state_no_memory(w);
	walk_state_listed(w, n);
	return 0;
}

/*
 * *asked: the entry is itself a path of the command line, and is stored as
 * such.  *above: such a path is the entry or beneath it.  0 or -1.
 */
static int
is_asked_for(struct walk *w, const struct node *n, const char *name,
    bool *asked, bool *above)
{
	enum paths_relation	 relation;

	*asked = *above = false;
	if (!n->above)
		return 0;
	if (node_member(n, name, &w->name) == -1)
		return walk_state_no_memory(w);
	relation = paths_relate(w->paths, buf_str(&w->name));
	*asked = relation == PATHS_IS;
	*above = relation != PATHS_NONE;
	return 0;
}

/* LIST found an entry. */
static int
take_entry(struct walk *w, const struct fdb_result *r)
{
	struct node	*child, *n = (struct node *)(uintptr_t)r->cookie;
	struct refusal	 refusal;
	bool		 asked, above;

	if (is_asked_for(w, n, r->name, &asked, &above) == -1)
		return -1;
	if (asked)
		return 0;
	if (r->error != 0) {
		refusal = result_refusal(r);
		return walk_state_refused(w, n, r->name, &refusal);
	}
	if (S_ISREG(r->st.mode)) {
		if (node_add_file(n, r->name) == -1)
			return walk_state_no_memory(w);
		return 0;
	}
	if (!S_ISDIR(r->st.mode)) {
		if (add_special(w, n, r->name, r) == -1)
			return walk_state_no_memory(w);
		return 0;
	}
	if ((child = node_new_child(n, r->name, &r->st)) == NULL)
		return walk_state_no_memory(w);
	child->above = above;
	STAILQ_INSERT_TAIL(&n->children, child, next);
	n->nentries++;
	n->unasked++;
	return 0;
}

/* LIST ended. */
static int
take_list(struct walk *w, const struct fdb_result *r)
{
	struct node	*n = (struct node *)(uintptr_t)r->cookie;
	struct refusal	 refusal;

	if (r->error != 0) {
		w->tokens--;
		refusal = result_refusal(r);
		return walk_state_unlistable(w, n, &refusal);
	}
	n->token = r->token;
	TAILQ_INSERT_TAIL(&w->held, n, held);
	walk_state_listed(w, n);
	return 0;
}

/* OPEN, or STAT, of the next file of the node that is being stored. */
static int
take_file(struct walk *w, const struct fdb_result *r)
{
	struct node	*n = (struct node *)(uintptr_t)r->cookie;
	struct refusal	 refusal;
	const char	*entry, *name;
	bool		 later;

	if (n != STAILQ_FIRST(&w->storing) || n->take >= n->files.len)
		return walk_state_fatal(w, "the broker answered out of order");
	entry = n->files.data + n->take;
	n->take += strlen(entry) + 1;
	later = node_is_later(entry, &name);
	if (later != (r->kind == FDB_RESULT_STAT))
		return walk_state_fatal(w, "the broker answered out of order");
	if (r->error != 0) {
		refusal = result_refusal(r);
		return walk_state_refused(w, n, name, &refusal);
	}
	if (store_name(w, n, name) == -1)
		return walk_state_no_memory(w);
	if (!later)
		return create_file(w->create, buf_str(&w->member), &r->st,
		    r->fd);
	if (S_ISREG(r->st.mode) || S_ISDIR(r->st.mode))
		return create_report(w->create, REPORT_CHANGED,
		    buf_str(&w->member), "it has become another type of file");
	return create_special(w->create, buf_str(&w->member), &r->st, r->link);
}

/* True if the request was about a path of the command line. */
static bool
is_about_top(const struct walk *w, const struct fdb_result *r)
{
	return r->cookie >= (uintptr_t)w->tops &&
	    r->cookie < (uintptr_t)(w->tops + w->paths->n);
}

static int
walk_take(struct walk *w, const struct fdb_result *r)
{
	switch (r->kind) {
	case FDB_RESULT_STAT:
		return is_about_top(w, r) ? take_stat(w, r) :
		    take_file(w, r);
	case FDB_RESULT_ENTRY:
		return take_entry(w, r);
	case FDB_RESULT_LIST:
		return take_list(w, r);
	case FDB_RESULT_OPEN:
		return take_file(w, r);
	default:
		/* The library has more results than a walk asks for. */
		return walk_state_fatal(w,
		    "the broker sent an unexpected result");
	}
}

/* Until everything is stored.  0 or -1. */
static int
walk_loop(struct walk *w)
{
	struct fdb_result	 r;
	int			 n;

	r.kind = FDB_RESULT_LIST;
	for (;;) {
		/* A single entry never makes another request possible. */
		if (r.kind != FDB_RESULT_ENTRY &&
		    (walk_ask(w) == -1 || walk_store(w) == -1))
			return -1;
		if ((n = fdb_wait(w->session, &r, -1)) == -1)
			return walk_state_session_fatal(w);
		if (n == 0)
			break;
		if (walk_take(w, &r) == -1)
			return -1;
	}
	if (!STAILQ_EMPTY(&w->stack) || !STAILQ_EMPTY(&w->storing) ||
	    w->next_top < w->paths->n)
		return walk_state_fatal(w, "the broker left requests "
		    "unanswered");
	return 0;
}

int
walk_run(struct create *create, struct fdb_session *session,
    const struct paths *paths)
{
	struct walk	 w;
	int		 ret;

	ret = walk_state_init(&w, create, session, paths);
	if (ret == 0)
		ret = walk_loop(&w);
	walk_state_clear(&w);
	return ret;
}
