/*
 * target.c: what an item of a request names: its path, the root or directory
 * to resolve it from, and why the resolution failed; see target.h.
 *
 * Runs in the opener.  The client chose the name: it is checked here before it
 * becomes part of any path.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/pathname.h"
#include "base/procfs.h"
#include "opener/follow.h"
#include "opener/target.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"

#define TARGET_NO_PROC	"/proc is gone; " PROCFS_MEND

int
target_name(struct target *t, struct state *s, uint32_t base,
    const char *name, struct status *st)
{
	struct token	*tk;

	if (name[0] != '\0' && !pathname_is_clean(name)) {
		status_set(st, EINVAL, FDB_REASON_NAME, "");
		return -1;
	}
	if (base == FDB_TOKEN_ROOT) {
		t->at.dirfd = -1;
		if (pathname_join(t->path, sizeof(t->path), "/", name) == 0)
			return 0;
	} else if ((tk = tokens_find(&s->tokens, base)) == NULL) {
		status_set(st, EBADF, FDB_REASON_NAME, "");
		return -1;
	} else {
		t->at.dirfd = tk->fd;
		t->at.clone = tk->clone;
		t->at.nodev = tk->nodev;
		t->rel = name;
		if (pathname_join(t->path, sizeof(t->path), tk->path,
		    name) == 0)
			return 0;
	}
	status_set(st, ENAMETOOLONG, FDB_REASON_NAME, "");
	return -1;
}

void
target_facts(const struct fdb_stat *object, struct policy_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->mode = object->mode;
	facts->uid = object->uid;
	facts->gid = object->gid;
	facts->nlink = object->nlink;
	/* facts->crossed is false: the kernel has seen to that. */
}

int
target_ask(const struct target *t, const struct state *s, uint32_t op,
    const struct fdb_stat *object, struct status *st)
{
	struct policy_facts	 facts;
	struct verdict		 v;

	if (object != NULL)
		target_facts(object, &facts);
	v = policy_check(s->role, op, t->path, object != NULL ? &facts : NULL,
	    s->peer_uid);
	if (v.permit)
		return 0;
	status_denied(st, s->role, v);
	return -1;
}

int
target_place(struct target *t, const struct state *s, uint32_t ops,
    struct status *st)
{
	const struct root	*r;

	t->at.one_filesystem =
	    (s->role->options & POLICY_ONE_FILESYSTEM) != 0;
	/*
	 * The directory of a token lies in a root for reading, so it serves
	 * for reading only.  Links are followed from the root.
	 */
	if (t->at.dirfd != -1 && !(ops & (POLICY_OPS_WRITING |
	    POLICY_OP_SPECIAL)) && !(s->role->options & POLICY_FOLLOW))
		return 0;
	if ((r = roots_find(&s->roots, t->path, ops)) == NULL) {
		status_no_root(st);
		return -1;
	}
	t->top = r->path;
	t->at.dirfd = r->fd;
	/* An opener of the daemon has no /proc to open anything by. */
	t->at.clone = r->clone || !s->private;
	t->at.nodev = r->clone && !(r->rights & POLICY_OP_SPECIAL);
	t->rel = t->path + (r->path[1] == '\0' ? 0 : strlen(r->path));
	if (t->rel[0] == '/')
		t->rel++;
	return 0;
}

bool
target_crosses(const struct resolve_at *at, const char *name)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 st;

	return at->one_filesystem &&
	    resolve_stat(at, name, &st, link, sizeof(link)) == -1 &&
	    errno == EXDEV;
}

void
target_failed(const struct target *t, const struct state *s, uint32_t op,
    bool type, struct status *st)
{
	struct policy_facts	 facts;
	struct verdict		 v;

	if (errno == ENOENT && !t->at.clone && resolve_can_reopen() == -1) {
		status_set(st, EOPNOTSUPP, FDB_REASON_KERNEL, TARGET_NO_PROC);
		return;
	}
	if (errno != EXDEV) {
		status_errno(st, type);
		return;
	}
	memset(&facts, 0, sizeof(facts));
	facts.crossed = target_crosses(&t->at, t->rel);
	v = policy_check(s->role, op, t->path, &facts,
	    s->peer_uid);
	if (v.reason == POLICY_CROSSED)
		status_denied(st, s->role, v);
	else
		status_set(st, EXDEV, FDB_REASON_KERNEL, "");
}

void
target_way_failed(const struct target *t, const struct state *s,
    struct verdict v, struct status *st)
{
	if (!v.permit && (errno == ENOENT || errno == ENOTDIR ||
	    errno == ELOOP))
		status_denied(st, s->role, v);
	else
		target_failed(t, s, v.permit ? POLICY_OP_LIST :
		    POLICY_OP_ENTER, false, st);
}

struct looking {
	const struct role	*role;
	const char		*top;
	struct verdict		 v;	/* about the last name */
	bool			 denied;
};

/*
 * Every name on the way must be permitted, or be a directory on the way to
 * something permitted.
 */
static bool
may_look(void *arg, const char *rel)
{
	struct looking	*l = arg;
	char		 path[PROTO_PATH_MAX];

	if (pathname_join(path, sizeof(path), l->top, rel) == -1)
		return false;
	l->v = policy_decide(l->role, POLICY_OP_LIST, path);
	l->denied = !l->v.permit && !policy_enter(l->role, path).permit;
	return !l->denied;
}

int
target_follow(struct target *t, const struct state *s, uint32_t op,
    bool last, struct status *st)
{
	struct looking	 l = { s->role, t->top, { 0 }, false };
	char		 rel[PROTO_PATH_MAX];

	if (!(s->role->options & POLICY_FOLLOW))
		return 0;
	if (follow_links(&t->at, t->top, t->rel, last, may_look, &l,
	    rel) == -1) {
		if (errno == EACCES && l.denied) {
			status_denied(st, s->role, l.v);
			return -1;
		}
		t->rel = rel;	/* how far it got */
		if (op == POLICY_OP_ENTER)
			target_way_failed(t, s, policy_decide(s->role,
			    POLICY_OP_LIST, t->path), st);
		else
			target_failed(t, s, op, false, st);
		t->rel = "";
		return -1;
	}
	if (pathname_join(t->path, sizeof(t->path), t->top, rel) == -1) {
		status_set(st, ENAMETOOLONG, FDB_REASON_NAME, "");
		return -1;
	}
	t->rel = t->path + strlen(t->path) - strlen(rel);
	return 0;
}
