/*
 * walk_state.c: the state of the walk, and how its parts report what goes
 * wrong; see sandbox/walk_state.h.
 *
 * Runs in the worker, confined.  Asks the session for nothing.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/walk_state.h"

int
walk_state_init(struct walk *w, struct create *create,
    struct fdb_session *session, const struct paths *paths)
{
	memset(w, 0, sizeof(*w));
	w->create = create;
	w->session = session;
	w->paths = paths;
	w->max_tokens = fdb_session_info(session)->tokens;
	STAILQ_INIT(&w->stack);
	STAILQ_INIT(&w->storing);
	TAILQ_INIT(&w->held);
	if ((w->tops = calloc(paths->n, sizeof(*w->tops))) == NULL)
		return walk_state_no_memory(w);
	return 0;
}

/* Release nodes and the nodes beneath them. */
static void
release_list(struct node_list *l)
{
	struct node	*n;

	while ((n = STAILQ_FIRST(l)) != NULL) {
		STAILQ_REMOVE_HEAD(l, next);
		STAILQ_CONCAT(l, &n->children);
		node_release(n);
	}
}

void
walk_state_clear(struct walk *w)
{
	release_list(&w->storing);
	release_list(&w->stack);
	if (w->tops != NULL) {
		for (; w->next_top < w->paths->n; w->next_top++)
			node_release(w->tops[w->next_top].node);
	}
	free(w->tops);
	free(w->forget);
	buf_free(&w->request);
	buf_free(&w->member);
	buf_free(&w->name);
	buf_free(&w->text);
}

int
walk_state_fatal(struct walk *w, const char *why)
{
	(void)create_report(w->create, REPORT_FATAL, "", why);
	return -1;
}

int
walk_state_no_memory(struct walk *w)
{
	return create_no_memory(w->create);
}

int
walk_state_session_fatal(struct walk *w)
{
	const char	*why = fdb_session_error(w->session);

	if (why[0] == '\0')
		why = strerror(errno);
	buf_cut(&w->text, 0);
	if (buf_printf(&w->text, "the session is over: %s", why) == -1)
		return walk_state_fatal(w, why);
	return walk_state_fatal(w, buf_str(&w->text));
}

static int
report_refusal(struct walk *w, const char *name, enum report_kind kind,
    const struct refusal *r)
{
	buf_cut(&w->text, 0);
	if (report_explain(&w->text, r) == -1)
		return walk_state_no_memory(w);
	return create_report(w->create, kind, name, buf_str(&w->text));
}

int
walk_state_refused(struct walk *w, const struct node *n, const char *name,
    const struct refusal *r)
{
	bool	 named = n->parent == NULL && name[0] == '\0';

	if (node_member(n, name, &w->name) == -1)
		return walk_state_no_memory(w);
	return report_refusal(w, buf_str(&w->name),
	    report_classify(r->error, r->reason, named, true), r);
}

int
walk_state_top_refused(struct walk *w, size_t i, const struct refusal *r)
{
	w->tops[i].ready = true;
	return report_refusal(w, w->paths->v[i].member,
	    report_classify(r->error, r->reason, true, false), r);
}

void
walk_state_listed(struct walk *w, struct node *n)
{
	n->state = NODE_LISTED;
	w->ahead += n->nentries;
	w->changed = true;
}

int
walk_state_unlistable(struct walk *w, struct node *n, const struct refusal *r)
{
	n->error = r->error;
	n->reason = r->reason;
	n->id = r->id;
	if ((n->where = strdup(r->where)) == NULL)
		return walk_state_no_memory(w);
	walk_state_listed(w, n);
	return 0;
}
