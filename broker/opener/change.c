/*
 * change.c: answer CHANGE: decode all items, then carry out one after the
 * other, except what threads do in the same order; see change.h.
 *
 * Runs in the opener.  Each change asks the policy itself; what it does is in
 * put.c, make.c and alter.c.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/changewire.h"
#include "opener/alter.h"
#include "opener/change.h"
#include "opener/job.h"
#include "opener/make.h"
#include "opener/parent.h"
#include "opener/put.h"
#include "opener/put_ahead.h"
#include "opener/reply.h"
#include "opener/status.h"
#include "opener/target.h"
#include "opener/throttle.h"
#include "policy/tables.h"

static const struct change_row {
	void		(*carry_out)(struct job *);
	uint32_t	 op;		/* that the audit names; 0: none */
	bool		 root;		/* name "" is the token's directory */
} rows[CHANGEWIRE_KINDS] = {
	[CHANGEWIRE_CREATE] = { put_create, POLICY_OP_CREATE, false },
	[CHANGEWIRE_COMMIT] = { put_commit, POLICY_OP_CREATE, false },
	[CHANGEWIRE_ABANDON] = { put_abandon, 0, false },
	[CHANGEWIRE_MKDIR] = { make_directory, POLICY_OP_MKDIR, false },
	[CHANGEWIRE_SYMLINK] = { make_symlink, POLICY_OP_SYMLINK, false },
	[CHANGEWIRE_LINK] = { make_link, POLICY_OP_LINK, false },
	[CHANGEWIRE_MKNOD] = { make_node, POLICY_OP_CREATE, false },
	[CHANGEWIRE_SETMETA] = { alter_setmeta, POLICY_OP_SETMETA, true },
	[CHANGEWIRE_REMOVE] = { alter_remove, POLICY_OP_REMOVE, false },
	[CHANGEWIRE_PRESET] = { put_preset, POLICY_OP_SETMETA, false }
};

/* A name that a change can be about.  0, or -1 with the status set. */
static int
check_name(struct job *j, bool root)
{
	if (j->it->name[0] == '\0' && !root) {
		status_set(&j->st, EINVAL, FDB_REASON_NAME, "");
		return -1;
	}
	if (target_name_long(&j->t, j->s, j->it->base, j->it->name,
	    &j->st) == -1)
		return -1;
	j->t.found = &j->cache->found;
	return 0;
}

/* Carry it out; *named becomes true if the target has its path. */
static void
carry_out(struct job *j, bool *named)
{
	const struct change_row	*row = &rows[j->it->kind];

	if (row->op == 0) {
		row->carry_out(j);
		return;
	}
	if (check_name(j, row->root) == 0) {
		*named = true;
		row->carry_out(j);
		target_end(&j->t);
	}
}

/* Carry out an item, unless threads have done that, and record it. */
static void
change_item(struct job *j, struct put_ahead *ahead, size_t i)
{
	const struct change_row	*row = &rows[j->it->kind];
	bool			 named = false;

	j->fd = -1;
	memset(&j->res, 0, sizeof(j->res));
	j->res.kind = j->it->kind;
	status_ok(&j->st);
	if (ahead == NULL || !put_ahead_take(ahead, j, i))
		carry_out(j, &named);
	else if (j->s->calls.report != NULL)
		named = check_name(j, row->root) == 0;
	/* A file that was made is recorded when it gets its name. */
	if (row->op != 0 && (j->st.wire.error != 0 ||
	    j->it->kind != CHANGEWIRE_CREATE))
		status_report(&j->st, j->s, row->op, named ? j->t.path :
		    j->it->name, NULL);
}

/* Decode all items of a request.  0, or -1 with errno EBADMSG. */
static int
get_items(struct changewire_item *items, const struct proto_header *h,
    struct wire_in *in, char *names)
{
	uint16_t	 i;

	for (i = 0; i < h->items && !in->failed; i++)
		changewire_get_item(in, &items[i], &names);
	if (wire_get_end(in) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}

int
change_request(struct state *s, const struct proto_header *h,
    struct wire_in *in)
{
	static struct changewire_item	 items[FDB_BATCH_MAX];
	static char			 names[CHANGEWIRE_NAMES];
	static struct reply		 r;
	static struct parent_cache	 cache;
	static struct put_ahead		 ahead;
	struct job			 j;
	uint16_t			 i;
	int				 ret = -1;
	bool				 plans;

	if (get_items(items, h, in, names) == -1 ||
	    throttle_opens(s, h->items) == -1)
		return -1;
	reply_begin(&r, s, PROTO_CHANGED, h->id);
	r.keep = true;
	s->requests++;
	parent_begin(&cache);
	plans = put_ahead_begin(&ahead, s, h->items);
	j.s = s;
	j.cache = &cache;
	for (i = 0; i < h->items; i++) {
		if (reply_room(&r, s, CHANGEWIRE_RESULT_MAX) == -1)
			goto out;
		if (plans)
			put_ahead_plan(&ahead, &cache, items, i, h->items);
		j.it = &items[i];
		change_item(&j, plans ? &ahead : NULL, i);
		j.res.status = j.st.wire;
		changewire_put_result(&r.m.w, &j.res);
		r.m.h.items++;
		if (j.fd != -1)
			r.fds[r.nfds++] = j.fd;
	}
	ret = reply_send(&r, s);
out:
	if (plans)
		put_ahead_end(&ahead, &cache);
	parent_forget(&cache);
	return ret;
}
