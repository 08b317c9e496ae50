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

#include "base/fd.h"
#include "base/pathname.h"
#include "base/procfs.h"
#include "opener/follow.h"
#include "opener/target.h"
#include "policy/decide.h"
#include "policy/folded.h"
#include "policy/role.h"
#include "policy/tables.h"

#define TARGET_NO_PROC	"/proc is gone; " PROCFS_MEND

_Static_assert(PROTO_LONG_MAX <= POLICY_PATH_MAX,
    "the policy can judge every path");

static int
name_target(struct target *t, struct state *s, uint32_t base,
    const char *name, size_t max, struct status *st)
{
	struct token	*tk;

	t->token = NULL;
	t->held = -1;
	t->found = NULL;
	t->passed = NULL;
	if (name[0] != '\0' && !pathname_is_clean(name)) {
		status_set(st, EINVAL, FDB_REASON_NAME, "");
		return -1;
	}
	if (base == FDB_TOKEN_ROOT) {
		if (pathname_join(t->path, max, "/", name) == 0)
			return 0;
	} else if ((tk = tokens_find(&s->tokens, base)) == NULL) {
		status_set(st, EBADF, FDB_REASON_NAME, "");
		return -1;
	} else {
		t->token = tk;
		t->rel = name;
		if (pathname_join(t->path, max, tk->path, name) == 0)
			return 0;
	}
	status_set(st, ENAMETOOLONG, FDB_REASON_NAME, "");
	return -1;
}

int
target_name(struct target *t, struct state *s, uint32_t base,
    const char *name, struct status *st)
{
	return name_target(t, s, base, name, PROTO_PATH_MAX, st);
}

int
target_name_long(struct target *t, struct state *s, uint32_t base,
    const char *name, struct status *st)
{
	return name_target(t, s, base, name, sizeof(t->path), st);
}

void
target_end(struct target *t)
{
	fd_close(&t->held);
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

/* The part of a path that is beneath a directory on it. */
static const char *
beneath(const char *path, const char *dir)
{
	path += dir[1] == '\0' ? 0 : strlen(dir);
	return path[0] == '/' ? path + 1 : path;
}

/* Resolve the path from a root. */
static void
place_at_root(struct target *t, const struct state *s, const struct root *r)
{
	t->at.spelling = s->spells && !r->alike ? s->spelling : NULL;
	t->at.kind = r->kind;
	t->top = r->path;
	t->at.dirfd = r->fd;
	/* Only a private opener has a /proc to open anything by. */
	t->at.clone = r->clone || !s->private || s->rooted;
	t->at.nodev = r->clone && !(r->rights & POLICY_OP_SPECIAL);
	t->rel = beneath(t->path, r->path);
}

/* Resolve the name from the directory of its token. */
static void
place_at_token(struct target *t, const struct state *s)
{
	struct token	*tk = t->token;

	t->top = tk->path;
	t->at.dirfd = tk->fd;
	t->at.clone = tk->clone;
	t->at.nodev = tk->nodev;
	t->at.spelling = s->spells ? s->spelling : NULL;
	t->at.kind = tk->kind;
	if (s->spells)
		t->at.kind = tk->kind = resolve_kind(&t->at);
	t->rel = beneath(t->path, t->token->path);
}

/* The directory of the token is not where it was listed. */
static int
place_is_stale(struct status *st)
{
	status_set(st, ESTALE, FDB_REASON_KERNEL,
	    "the directory is no longer at its path");
	return -1;
}

/*
 * From `at', open the directory of this name, in as many parts as the kernel
 * wants: each is opened strictly beneath the one before.  A descriptor, or -1
 * with errno.
 */
static int
place_parts(const struct resolve_at *at, const char *name)
{
	struct resolve_at	 here = *at;
	char			 part[PROTO_PATH_MAX];
	size_t			 len;
	int			 fd = -1, held = -1;

	while (strlen(name) >= sizeof(part)) {
		/* A component is shorter: there is a slash. */
		for (len = sizeof(part) - 1; name[len] != '/'; len--)
			;
		memcpy(part, name, len);
		part[len] = '\0';
		fd = resolve_place(&here, part);
		fd_close(&held);
		if (fd == -1)
			return -1;
		here.dirfd = held = fd;
		here.kind = FSKIND_UNASKED;
		name += len + 1;
	}
	fd = resolve_place(&here, name);
	fd_close(&held);
	return fd;
}

/*
 * From `at', open the directory of this name, and compare it with `same'.  A
 * descriptor, or -1 with the status set.
 */
static int
place_again(const struct resolve_at *at, const char *name, int same,
    struct status *st)
{
	int	 fd;

	if ((fd = place_parts(at, name)) == -1) {
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP &&
		    errno != EXDEV) {
			status_errno(st, false);
			return -1;
		}
		return place_is_stale(st);
	}
	if (resolve_is_same(fd, same))
		return fd;
	fd_close(&fd);
	return place_is_stale(st);
}

/*
 * The base is a token, and the operation needs root r, which is another than
 * the one in which the directory of the token was found.  If r is above that
 * directory, find the directory in it; if r is beneath, check that r is what
 * the token leads to.  0, or -1 with the status set.
 */
static int
place_token_at_root(struct target *t, const struct state *s,
    const struct root *r, struct status *st)
{
	const char	*dir = t->token->path;
	int		 fd;

	if (!pathname_is_beneath(dir, r->path)) {
		place_at_token(t, s);
		fd = place_again(&t->at, beneath(r->path, dir), r->fd, st);
		place_at_root(t, s, r);
		if (fd == -1)
			return -1;
		fd_close(&fd);
		return 0;
	}
	place_at_root(t, s, r);
	if (t->found != NULL && t->found->fd != -1 &&
	    t->found->token == t->token && t->found->root == r)
		fd = t->found->fd;
	else if ((fd = place_again(&t->at, beneath(dir, r->path),
	    t->token->fd, st)) == -1)
		return -1;
	else if (t->found == NULL)
		t->held = fd;
	else {
		fd_close(&t->found->fd);
		*t->found = (struct target_base){ t->token, r, fd };
	}
	t->top = dir;
	t->at.dirfd = fd;
	t->at.kind = FSKIND_UNASKED;	/* it may be a mount beneath r */
	t->rel = beneath(t->path, dir);
	return 0;
}

/* May the directory of the token itself serve for these operations? */
static bool
token_serves(const struct token *tk, uint32_t ops)
{
	/* It was found in a root for reading, unless it was made. */
	return (ops & POLICY_OPS_WRITING) == 0 && !tk->made &&
	    ((ops & POLICY_OP_SPECIAL) == 0 || !tk->nodev);
}

/*
 * In a file system that folds the case of names in some of its directories: if
 * each spelling of the path is the same to the rules, resolve it as in an exact
 * one, as far as it stays in that file system.  Not where links are followed,
 * since these lead to other paths.
 */
static void
place_fold(struct target *t, const struct state *s)
{
	if (t->at.spelling != NULL && t->at.kind == FSKIND_MARKED &&
	    strlen(t->path) < PROTO_PATH_MAX &&
	    s->folded != NULL && !(s->role->options & POLICY_FOLLOW) &&
	    !policy_folded_matters(s->folded, t->path,
	    (t->ops & POLICY_OP_LIST) != 0))
		t->at.kind = FSKIND_EXACT;
}

int
target_place(struct target *t, const struct state *s, uint32_t ops,
    struct status *st)
{
	const struct root	*r;
	int			 ret = 0;

	t->ops = ops;
	t->at.one_filesystem =
	    (s->role->options & POLICY_ONE_FILESYSTEM) != 0;
	if (t->token != NULL && token_serves(t->token, ops))
		place_at_token(t, s);
	else if ((r = roots_find(&s->roots, t->path, ops)) == NULL) {
		status_no_root(st);
		return -1;
	} else if (t->token != NULL)
		ret = place_token_at_root(t, s, r, st);
	else
		place_at_root(t, s, r);
	place_fold(t, s);
	return ret;
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

	if (errno == ENOENT && t->at.spelling != NULL &&
	    spelling_was_missed(t->at.spelling)) {
		status_misspelt(st);
		return;
	}
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
		/* A new name may be on another file system than its object. */
		status_set(st, EXDEV, FDB_REASON_KERNEL,
		    op & (POLICY_OPS_RESTORING | POLICY_OP_CREATE) ? "" :
		    "leads out of the role's root");
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
	const struct target	*t;
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
	if (!l->denied && l->t->passed != NULL)
		l->t->passed(l->t->passed_arg, &l->t->at, rel);
	return !l->denied;
}

/* Set the status after links could not be followed; rel: how far it got. */
static void
follow_failed(struct target *t, const struct state *s, uint32_t op,
    const struct looking *l, const char *rel, struct status *st)
{
	if (errno == EACCES && l->denied) {
		status_denied(st, s->role, l->v);
		return;
	}
	t->rel = rel;
	if (op == POLICY_OP_ENTER)
		target_way_failed(t, s, policy_decide(s->role,
		    POLICY_OP_LIST, t->path), st);
	else
		target_failed(t, s, op, false, st);
	t->rel = "";
}

/*
 * Links led out of the directory of the token, so that only a path can say
 * where to: go on from the root, if the directory still is at its path.  0, or
 * -1 with the status set.
 */
static int
follow_from_root(struct target *t, const struct state *s, struct status *st)
{
	const struct root	*r;
	int			 fd;

	/* Not the root of the name, which may lie beneath the directory. */
	r = roots_find(&s->roots, t->token->path, t->ops);
	if (r == NULL) {
		status_no_root(st);
		return -1;
	}
	place_at_root(t, s, r);
	fd = place_again(&t->at, beneath(t->token->path, r->path),
	    t->token->fd, st);
	if (fd == -1)
		return -1;
	fd_close(&fd);
	return 0;
}

int
target_follow(struct target *t, const struct state *s, uint32_t op,
    bool last, struct status *st)
{
	struct looking	 l = { t, s->role, NULL, { 0 }, false };
	char		 rel[PROTO_PATH_MAX];
	bool		 at_token;
	int		 ret;

	if (!(s->role->options & POLICY_FOLLOW))
		return 0;
	for (;;) {
		at_token = t->token != NULL && t->top == t->token->path;
		l.top = t->top;
		ret = follow_links(&t->at, at_token ? NULL : t->top, t->rel,
		    last, may_look, &l, rel);
		if (ret == 0)
			break;
		if (errno != EXDEV || !at_token) {
			follow_failed(t, s, op, &l, rel, st);
			return -1;
		}
		if (follow_from_root(t, s, st) == -1)
			return -1;
	}
	if (pathname_join(t->path, sizeof(t->path), t->top, rel) == -1) {
		status_set(st, ENAMETOOLONG, FDB_REASON_NAME, "");
		return -1;
	}
	t->rel = t->path + strlen(t->path) - strlen(rel);
	return 0;
}
