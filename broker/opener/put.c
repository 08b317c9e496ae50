/*
 * put.c: make a regular file: first without a name, for the client to fill, and
 * then with its metadata and its name; see put.h.
 *
 * Runs in the opener.  Where the file system cannot hold a file without a name,
 * or the kernel cannot name it, the file has a temporary name, if the role may
 * remove names.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "opener/makeat.h"
#include "opener/meta.h"
#include "opener/naming.h"
#include "opener/parent.h"
#include "opener/put.h"
#include "opener/resolve.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"

#define NAMES_ONLY \
	"no file without a name can be made here; permit replace or remove, " \
	"so that a temporary name can be used"

#define PUT_TRIES	16

/* Make a file with a temporary name.  0, or -1 with errno. */
static int
file_with_name(struct job *j, const struct parent *p, struct pendfile *f)
{
	int	 i;

	/* A directory that cannot be read cannot be swept, either. */
	if ((f->dirfd = naming_hold(&p->at)) == -1 &&
	    (f->dirfd = resolve_place(&p->at, "")) == -1)
		return -1;
	for (i = 0; i < PUT_TRIES && f->fd == -1; i++) {
		naming_temporary(j->s, f->name, sizeof(f->name));
		f->fd = resolve_create(&p->at, f->name, O_WRONLY, j->it->mode,
		    &f->st);
		if (f->fd == -1 && errno != EEXIST)
			break;
	}
	if (f->fd != -1)
		return 0;
	fd_close(&f->dirfd);
	return -1;
}

/* Make a file that is to get its name later.  0, or -1 with the status set. */
static int
file_make(struct job *j, const struct parent *p, struct pendfile *f)
{
	struct state	*s = j->s;

	pendfile_begin(f, s->requests);
	errno = EOPNOTSUPP;
	if (s->way == MAKEAT_BY_FD || s->way == MAKEAT_BY_PROC)
		f->fd = resolve_unnamed(&p->at, j->it->mode, &f->st);
	if (f->fd != -1)
		return 0;
	if (errno == EOPNOTSUPP && !naming_may_remove(p->root)) {
		status_set(&j->st, EOPNOTSUPP, FDB_REASON_KERNEL, NAMES_ONLY);
		return -1;
	}
	if (errno == EOPNOTSUPP && file_with_name(j, p, f) == 0)
		return 0;
	target_failed(&j->t, s, POLICY_OP_CREATE, false, &j->st);
	return -1;
}

int
put_judge_create(struct job *j, struct parent *p)
{
	struct state	*s = j->s;

	if (target_ask(&j->t, s, POLICY_OP_CREATE, NULL, &j->st) == -1 ||
	    target_ask(&j->t, s, POLICY_OP_SETMETA, NULL, &j->st) == -1)
		return -1;
	if (tokens_free_places(&s->tokens) == 0) {
		status_set(&j->st, EMFILE, FDB_REASON_LIMIT,
		    "directories held and files pending");
		return -1;
	}
	if (parent_open(p, j, POLICY_OP_CREATE) == -1)
		return -1;
	naming_find_way(s, p);
	return 0;
}

void
put_created(struct job *j, const struct pendfile *f)
{
	if ((j->res.number = pendfile_add(&j->s->pending, f)) == 0) {
		status_errno(&j->st, false);
		return;
	}
	j->s->tokens.reserved++;
	j->fd = f->fd;
	j->res.st = f->st;
	status_ok(&j->st);
}

void
put_create(struct job *j)
{
	struct parent	 p;
	struct pendfile	 f;

	if (put_judge_create(j, &p) == 0 && file_make(j, &p, &f) == 0)
		put_created(j, &f);
}

struct put {
	const struct state	*s;
	int			 fd;
};

static int
put_link(void *arg, int dirfd, const char *name)
{
	struct put	*put = arg;

	return makeat_link(put->s->way, put->fd, dirfd, name);
}

/*
 * The file system cannot rename without replacing.  If nothing has the name
 * now, rename all the same, provided that the role may replace what comes there
 * meanwhile.
 */
static int
rename_carefully(struct job *j, const struct parent *p,
    const struct pendfile *f)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 there;

	if (resolve_entry(p->at.dirfd, p->name, &there, link,
	    sizeof(link)) == 0) {
		errno = EEXIST;
		return -1;
	}
	if (errno != ENOENT)
		return -1;
	if (!policy_decide(j->s->role, POLICY_OP_REPLACE, j->t.path).permit) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return makeat_rename(p->at.dirfd, f->name, p->name, false);
}

/* Rename a file that has a temporary name.  0, or -1 with the status set. */
static int
put_rename(struct job *j, const struct parent *p, const struct pendfile *f)
{
	int	 ret;

	if (!resolve_is_same(f->dirfd, p->at.dirfd)) {
		status_set(&j->st, EXDEV, FDB_REASON_KERNEL, "");
		return -1;
	}
	ret = makeat_rename(p->at.dirfd, f->name, p->name, true);
	if (ret == -1 && errno == EINVAL)
		ret = rename_carefully(j, p, f);
	if (ret == -1 && errno == EEXIST) {
		if (naming_may_replace(j, p) == -1)
			return -1;
		ret = makeat_rename(p->at.dirfd, f->name, p->name, false);
	}
	if (ret == -1)
		target_failed(&j->t, j->s, POLICY_OP_CREATE, false, &j->st);
	return ret;
}

static int
put_name(struct job *j, const struct parent *p, const struct pendfile *f)
{
	struct put	 put = { j->s, f->fd };

	if (f->name[0] != '\0')
		return put_rename(j, p, f);
	return naming_put(j, p, put_link, &put);
}

/*
 * A file may be committed again, under another name, for which the policy must
 * permit what it has by then.  0, or -1 with the status set.
 */
static int
put_judge(struct job *j, const struct pendfile *f, unsigned int has,
    const struct rule *rule, struct meta_owner *owner)
{
	if (target_ask(&j->t, j->s, POLICY_OP_SETMETA, NULL, &j->st) == -1)
		return -1;
	if (f->special && target_ask(&j->t, j->s, POLICY_OP_SPECIAL, NULL,
	    &j->st) == -1) {
		j->res.refused = FDB_META_SETID;
		return -1;
	}
	return meta_judge(j, has, rule, owner);
}

struct pendfile *
put_judge_commit(struct job *j, struct parent *p, struct meta_owner *owner)
{
	struct pendfile	*f;
	struct verdict	 v;

	f = pendfile_find(&j->s->pending, j->it->pending, j->s->requests);
	if (f == NULL) {
		status_set(&j->st, EBADF, FDB_REASON_NAME, "");
		return NULL;
	}
	v = policy_decide(j->s->role, POLICY_OP_CREATE, j->t.path);
	if (!v.permit) {
		status_denied(&j->st, j->s->role, v);
		return NULL;
	}
	if (put_judge(j, f, FDB_META_ALL, v.rule, owner) == -1 ||
	    parent_open(p, j, POLICY_OP_CREATE) == -1)
		return NULL;
	f->special = f->special || meta_is_special(&j->it->meta);
	return f;
}

void
put_committed(struct job *j, struct pendfile *f)
{
	pendfile_done(&j->s->pending, f);
	j->s->tokens.reserved--;
	j->res.made = true;
	status_ok(&j->st);
}

void
put_commit(struct job *j)
{
	struct pendfile		*f;
	struct meta_owner	 owner;
	struct parent		 p;

	if ((f = put_judge_commit(j, &p, &owner)) == NULL)
		return;
	if (meta_set(j, f->fd, &owner, &f->st) == 0 &&
	    put_name(j, &p, f) == 0)
		put_committed(j, f);
	else
		/* It may be committed again, from what it is now. */
		(void)resolve_fstat(f->fd, &f->st);
}

void
put_preset(struct job *j)
{
	struct pendfile		*f;
	struct meta_owner	 owner;

	f = pendfile_find(&j->s->pending, j->it->pending, j->s->requests);
	if (f == NULL) {
		status_set(&j->st, EBADF, FDB_REASON_NAME, "");
		return;
	}
	if (target_ask(&j->t, j->s, POLICY_OP_CREATE, NULL, &j->st) == -1 ||
	    put_judge(j, f, FDB_META_XATTR, NULL, &owner) == -1)
		return;
	f->special = f->special || meta_is_special(&j->it->meta);
	if (meta_set(j, f->fd, &owner, &f->st) == 0)
		status_ok(&j->st);
	/* An access control list changes the mode. */
	(void)resolve_fstat(f->fd, &f->st);
}

void
put_abandon(struct job *j)
{
	struct pendfile	*f;

	f = pendfile_find(&j->s->pending, j->it->pending, j->s->requests);
	if (f == NULL) {
		status_set(&j->st, EBADF, FDB_REASON_NAME, "");
		return;
	}
	pendfile_drop(&j->s->pending, f);
	j->s->tokens.reserved--;
	status_ok(&j->st);
}
