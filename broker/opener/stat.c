/*
 * stat.c: answer STAT: what a name refers to, without opening it.
 *
 * Runs in the opener.  Follows no link.
 */

#include "config.h"

#include <sys/stat.h>

#include "opener/reply.h"
#include "opener/request.h"
#include "opener/resolve.h"
#include "opener/stat.h"
#include "opener/status.h"
#include "opener/target.h"
#include "policy/decide.h"
#include "policy/tables.h"

/* One item whose name was put into t. */
static void
stat_target(struct state *s, struct target *t, struct status *st,
    struct fdb_stat *fst, char *link, size_t size)
{
	struct verdict	 v, enter;

	v = policy_decide(s->role, POLICY_OP_LIST, t->path);
	enter = v.permit ? v : policy_enter(s->role, t->path);
	if (!enter.permit) {
		status_denied(st, s->role, v);
		return;
	}
	if (target_place(t, s, POLICY_OP_LIST, st) == -1)
		return;
	if (resolve_stat(&t->at, t->rel, fst, link, size) == -1)
		target_way_failed(t, s, v, st);
	else if (!v.permit && !S_ISDIR(fst->mode))
		status_denied(st, s->role, v);	/* no way to anything */
	else
		status_ok(st);
}

static void
stat_item(struct state *s, const struct request_item *it, struct status *st,
    struct fdb_stat *fst, char *link, size_t size)
{
	struct target	 t;

	if (target_name(&t, s, it->base, it->name, st) == -1) {
		status_report(st, s, POLICY_OP_LIST, it->name, NULL);
		return;
	}
	stat_target(s, &t, st, fst, link, size);
	target_end(&t);
	status_report(st, s, POLICY_OP_LIST, t.path, fst);
}

int
stat_request(struct state *s, const struct proto_header *h,
    struct wire_in *in)
{
	static char		 names[REQUEST_NAMES];
	static struct reply	 r;
	char			 link[PROTO_PATH_MAX];
	struct request_item	 items[FDB_BATCH_MAX];
	struct status		 st;
	struct fdb_stat		 fst;
	uint16_t		 i;

	if (request_get_items(items, h, in, names) == -1)
		return -1;
	reply_begin(&r, s, PROTO_STAT_REPLY, h->id);
	for (i = 0; i < h->items; i++) {
		if (reply_room(&r, s, REPLY_STATUS_MAX + PROTO_STAT_LEN + 2 +
		    PROTO_PATH_MAX) == -1)
			return -1;
		stat_item(s, &items[i], &st, &fst, link, sizeof(link));
		proto_put_status(&r.m.w, &st.wire);
		r.m.h.items++;
		if (st.wire.error != 0)
			continue;
		proto_put_stat(&r.m.w, &fst);
		wire_put_str(&r.m.w, link);
	}
	return reply_send(&r, s);
}
