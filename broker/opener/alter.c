/*
 * alter.c: set the metadata of a directory; remove a name; see alter.h.
 *
 * Runs in the opener.
 */

#include "config.h"

#include <fcntl.h>

#include "base/fd.h"
#include "opener/alter.h"
#include "opener/meta.h"
#include "opener/naming.h"
#include "opener/parent.h"
#include "opener/resolve.h"
#include "policy/decide.h"
#include "policy/tables.h"

/* The directory is held open, as it was judged.  The status is set. */
static void
setmeta_of(struct job *j, int fd, struct verdict v)
{
	struct meta_owner	 owner;
	struct fdb_stat		 st;

	if (resolve_fstat(fd, &st) == -1) {
		status_errno(&j->st, false);
		return;
	}
	if (target_ask(&j->t, j->s, POLICY_OP_SETMETA, &st, &j->st) == -1)
		return;
	if (!meta_may_touch(j->s, POLICY_OP_SETMETA, j->t.path, v.rule,
	    &st)) {
		v.permit = false;
		v.reason = POLICY_WRONG_OWNER;
		status_denied(&j->st, j->s->role, v);
		return;
	}
	if (meta_judge(j, FDB_META_ALL, NULL, &owner) == 0 &&
	    meta_set(j, fd, &owner, &st) == 0)
		status_ok(&j->st);
}

void
alter_setmeta(struct job *j)
{
	struct verdict	 v;
	int		 fd;

	v = policy_decide(j->s->role, POLICY_OP_SETMETA, j->t.path);
	if (!v.permit) {
		status_denied(&j->st, j->s->role, v);
		return;
	}
	if (target_place(&j->t, j->s, POLICY_OP_SETMETA, &j->st) == -1)
		return;
	/* Attributes cannot be set through an O_PATH descriptor. */
	if ((fd = resolve_dir(&j->t.at, j->t.rel)) == -1) {
		target_failed(&j->t, j->s, POLICY_OP_SETMETA, false, &j->st);
		return;
	}
	setmeta_of(j, fd, v);
	fd_close(&fd);
}

void
alter_remove(struct job *j)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 st;
	struct parent	 p;
	int		 flags;

	if (target_ask(&j->t, j->s, POLICY_OP_REMOVE, NULL, &j->st) == -1 ||
	    parent_open(&p, j, POLICY_OP_REMOVE) == -1)
		return;
	if (resolve_entry(p.at.dirfd, p.name, &st, link, sizeof(link)) == -1) {
		target_failed(&j->t, j->s, POLICY_OP_REMOVE, false, &j->st);
		return;
	}
	if (target_ask(&j->t, j->s, POLICY_OP_REMOVE, &st, &j->st) == -1)
		return;
	flags = j->it->flags & FDB_REMOVE_DIR ? AT_REMOVEDIR : 0;
	if (naming_remove(p.at.dirfd, p.name, flags) == -1)
		target_failed(&j->t, j->s, POLICY_OP_REMOVE, false, &j->st);
	else
		status_ok(&j->st);
	/* It may have been the directory that was found last. */
	parent_forget(j->cache);
}
