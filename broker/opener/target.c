/*
 * target.c: what a request names: the path that the policy judges, the
 * root or directory that it is resolved from, and why that failed.
 *
 * Runs in the opener.  A name is a client's; it is checked here before it is
 * put together with anything.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/pathname.h"
#include "opener/follow.h"
#include "opener/serve_int.h"
#include "policy/decide.h"
#include "policy/role.h"

/*
 * The root for some operations that a path lies beneath: the longest, and of
 * several of one path, as single files of one directory have them, one with
 * all the rights.
 */
static const struct root *
root_of(const struct setup *su, const char *path, uint32_t ops)
{
	const struct root	*r, *best = NULL;
	bool			 writable = (ops & POLICY_OPS_WRITING) != 0;
	size_t			 i, len, best_len = 0;

	for (i = 0; i < su->nroots; i++) {
		r = &su->roots[i];
		len = strlen(r->path);
		if (r->writable != writable || len < best_len ||
		    !pathname_is_beneath(path, r->path))
			continue;
		if (len > best_len || (r->rights & ops) == ops) {
			best = r;
			best_len = len;
		}
	}
	return best;
}

int
target_name(struct serve *sv, struct target *t, uint32_t base,
    const char *name, struct proto_status *st)
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
	} else if ((tk = tokens_find(&sv->tokens, base)) == NULL) {
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

int
target_place(struct serve *sv, struct target *t, uint32_t ops,
    struct proto_status *st)
{
	const struct root	*r;

	t->at.one_filesystem =
	    (sv->setup->role->options & POLICY_ONE_FILESYSTEM) != 0;
	/*
	 * The directories of tokens are those of roots for reading.  Links are
	 * followed from the root.
	 */
	if (t->at.dirfd != -1 && !(ops & (POLICY_OPS_WRITING |
	    POLICY_OP_SPECIAL)) && !(sv->setup->role->options & POLICY_FOLLOW))
		return 0;
	if ((r = root_of(sv->setup, t->path, ops)) == NULL) {
		status_denied(sv, st, (struct verdict){ false,
		    POLICY_NO_ROOT, NULL });
		return -1;
	}
	t->top = r->path;
	t->at.dirfd = r->fd;
	t->at.clone = r->clone;
	t->at.nodev = r->clone && !(r->rights & POLICY_OP_SPECIAL);
	t->rel = t->path + (r->path[1] == '\0' ? 0 : strlen(r->path));
	if (t->rel[0] == '/')
		t->rel++;
	return 0;
}

/*
 * Tell why what the policy permitted failed, by errno.  What is on another
 * file system, the policy refuses: the option is asked of the kernel, which
 * says EXDEV; but a file system of its own, or a link that leads out of the
 * root, may give that, too.
 */
void
target_failed(struct serve *sv, const struct target *t, uint32_t op, bool type,
    struct proto_status *st)
{
	struct policy_facts	 facts;
	struct verdict		 v;

	if (errno != EXDEV) {
		status_errno(st, type);
		return;
	}
	memset(&facts, 0, sizeof(facts));
	facts.crossed = resolve_crosses(&t->at, t->rel);
	v = policy_check(sv->setup->role, op, t->path, &facts,
	    sv->setup->peer_uid);
	if (v.reason == POLICY_CROSSED)
		status_denied(sv, st, v);
	else
		status_set(st, EXDEV, FDB_REASON_KERNEL, "");
}

/*
 * The same, when v is what the policy says of listing the path.  Where that is
 * a denial, the path is but a way to something else: only that a directory is
 * there may be learnt, not what else is or is not.
 */
void
target_way_failed(struct serve *sv, const struct target *t, struct verdict v,
    struct proto_status *st)
{
	if (!v.permit && (errno == ENOENT || errno == ENOTDIR ||
	    errno == ELOOP))
		status_denied(sv, st, v);
	else
		target_failed(sv, t, v.permit ? POLICY_OP_LIST :
		    POLICY_OP_ENTER, false, st);
}

struct looking {
	const struct role	*role;
	const char		*top;
	struct verdict		 v;	/* of the last that was looked at */
	bool			 denied;
};

/* What is on the way must be permitted, or be a way to what is. */
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
target_follow(struct serve *sv, struct target *t, uint32_t op,
    struct proto_status *st)
{
	struct looking	 l = { sv->setup->role, t->top, { 0 }, false };
	char		 rel[PROTO_PATH_MAX];

	if (!(sv->setup->role->options & POLICY_FOLLOW))
		return 0;
	if (follow_links(&t->at, t->top, t->rel, may_look, &l, rel) == -1) {
		if (errno == EACCES && l.denied) {
			status_denied(sv, st, l.v);
			return -1;
		}
		t->rel = rel;	/* where it got to */
		if (op == POLICY_OP_ENTER)
			target_way_failed(sv, t, policy_decide(sv->setup->role,
			    POLICY_OP_LIST, t->path), st);
		else
			target_failed(sv, t, op, false, st);
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
