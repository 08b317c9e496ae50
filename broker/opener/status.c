/*
 * status.c: how one item of a request went; see status.h.
 *
 * Runs in the opener.  Touches nothing but memory; records go out by the
 * report call of the state.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "ipc/event.h"
#include "opener/status.h"
#include "policy/decide.h"
#include "policy/where.h"

void
status_ok(struct status *st)
{
	st->wire.error = 0;
	st->wire.reason = FDB_REASON_NONE;
	st->wire.id = 0;
	st->wire.where[0] = '\0';
	st->policy = POLICY_PERMITTED;
}

void
status_set(struct status *st, int error, enum fdb_reason reason,
    const char *where)
{
	st->wire.error = (uint32_t)error;
	st->wire.reason = (uint8_t)reason;
	st->wire.id = 0;
	(void)strlcpy(st->wire.where, where, sizeof(st->wire.where));
	st->policy = POLICY_PERMITTED;
}

void
status_errno(struct status *st, bool type)
{
	status_set(st, errno, type ? FDB_REASON_TYPE : FDB_REASON_KERNEL, "");
}

void
status_type(struct status *st, const char *what, bool special)
{
	status_set(st, errno, FDB_REASON_TYPE, what);
	if (special)
		st->policy = POLICY_NOT_SPECIAL;
}

void
status_misspelt(struct status *st)
{
	status_set(st, ENOENT, FDB_REASON_KERNEL, "");
	st->policy = POLICY_MISSPELT;
}

void
status_denied(struct status *st, const struct role *role, struct verdict v)
{
	char	 where[POLICY_WHERE_MAX];

	policy_where(role, v, where, sizeof(where));
	status_set(st, v.reason == POLICY_CROSSED ? EXDEV :
	    v.reason == POLICY_EXISTS ? EEXIST : EACCES, FDB_REASON_POLICY,
	    where);
	st->policy = v.reason;
}

void
status_no_account(struct status *st, const struct rule *r, bool group,
    uint32_t id)
{
	char	 where[POLICY_WHERE_MAX];

	policy_where_number(r, group, id, where, sizeof(where));
	status_set(st, EACCES, FDB_REASON_POLICY, where);
	st->policy = POLICY_NO_ACCOUNT;
}

void
status_no_root(struct status *st)
{
	status_set(st, EACCES, FDB_REASON_POLICY, "above the role's roots");
	st->policy = POLICY_NO_ROOT;
}

void
status_report(struct status *st, struct state *s, uint32_t op,
    const char *path, const struct fdb_stat *fst)
{
	struct event_record	 e;
	bool			 misspelt;

	s->names++;
	if (st->wire.reason == FDB_REASON_NONE &&
	    (op & (POLICY_OP_READ | POLICY_OP_WRITE | POLICY_OP_APPEND |
	    POLICY_OP_CREATE)))
		s->opened++;
	if (s->calls.report == NULL)
		return;
	/* Nearly all: nothing is put together that nobody wants. */
	if (st->wire.reason == FDB_REASON_NONE && s->audit < AUDITMODE_ALL)
		return;
	memset(&e, 0, sizeof(e));
	e.op = op;
	e.error = st->wire.error;
	e.reason = st->wire.reason;
	e.policy = (uint8_t)st->policy;
	event_set_where(&e, st->wire.where);
	misspelt = st->policy == POLICY_MISSPELT;
	if (misspelt) {
		e.reason = FDB_REASON_POLICY;
		event_set_where(&e, policy_reason_text(st->policy));
	}
	/* All refusals: fdbrokerctl(8) explains each by its number. */
	if (!event_is_wanted(&e, AUDITMODE_DENIED) &&
	    !event_is_wanted(&e, s->audit))
		return;
	/* The worker must not learn that something is there: no number. */
	if (e.error != 0 && !misspelt)
		st->wire.id = e.id = (s->info.id & 0xffff) << 12 |
		    (++s->refusals & 0xfff);
	e.lost = s->lost;
	e.generation = (uint32_t)s->info.generation;
	if (e.error == 0 && fst != NULL) {
		e.dev_major = fst->dev_major;
		e.dev_minor = fst->dev_minor;
		e.ino = fst->ino;
	}
	event_set_path(&e, path);
	if (s->calls.report(s->calls.arg, &e) == 0)
		s->lost = 0;
	else
		s->lost++;
}
