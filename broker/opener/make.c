/*
 * make.c: make directories, symbolic links, FIFOs, devices, sockets, and other
 * names of files; see make.h.
 *
 * Runs in the opener.  These objects have their names from the beginning, so
 * each is held and looked at before it is given to anybody: somebody who may
 * write to its directory could have put another one there.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/make.h"
#include "opener/makeat.h"
#include "opener/meta.h"
#include "opener/naming.h"
#include "opener/parent.h"
#include "opener/resolve.h"
#include "opener/resolve_type.h"
#include "opener/sweep.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"

#define EXCHANGED	"another object took its place"

/* Whom a directory is given to has all of it; it gets a mode at the end. */
#define MAKE_DIR_MODE	0700

/*
 * What was just made belongs to this process, and has one name.  0, or -1 with
 * the status set.
 */
static int
check_made(struct job *j, uint32_t type, const struct fdb_stat *st)
{
	if ((st->mode & S_IFMT) == type && st->uid == j->s->own_uid &&
	    (S_ISDIR(type) || st->nlink == 1))
		return 0;
	status_set(&j->st, ESTALE, FDB_REASON_KERNEL, EXCHANGED);
	return -1;
}

/*
 * Make a directory, or find what is there.  An O_PATH descriptor, or -1 with
 * errno.
 */
static int
dir_make(struct job *j, const struct parent *p)
{
	if (mkdirat(p->at.dirfd, p->name, MAKE_DIR_MODE) == 0)
		j->res.made = true;
	else if (errno != EEXIST)
		return -1;
	return resolve_place(&p->at, p->name);
}

/* The same, after removing what is there and no directory. */
static int
dir_open(struct job *j, const struct parent *p)
{
	int	 fd;

	fd = dir_make(j, p);
	if (fd != -1 || j->res.made || (errno != ENOTDIR && errno != ELOOP)) {
		if (fd == -1)
			target_failed(&j->t, j->s, POLICY_OP_MKDIR, false,
			    &j->st);
		return fd;
	}
	if (naming_may_replace(j, p) == -1)
		return -1;
	if (naming_remove(p->at.dirfd, p->name, 0) == -1 ||
	    (fd = dir_make(j, p)) == -1)
		target_failed(&j->t, j->s, POLICY_OP_MKDIR, false, &j->st);
	return fd;
}

/*
 * Did an opener of the daemon make it that was killed before it gave it away?
 * Nobody else makes anything for the user of these openers, and in an empty
 * directory, which its owner alone can enter, is nothing that a client could
 * get.
 */
static bool
dir_is_left(const struct job *j, int place, const struct meta_owner *o,
    const struct fdb_stat *st)
{
	struct resolve_at	 at = j->t.at;
	bool			 empty;
	int			 fd;

	/* It may have inherited the set-group-ID bit. */
	if (j->s->private || !o->known || o->uid == st->uid ||
	    st->uid != j->s->own_uid ||
	    (st->mode & ~(uint32_t)S_ISGID) != (S_IFDIR | MAKE_DIR_MODE))
		return false;
	at.dirfd = place;
	if ((fd = resolve_dir(&at, "")) == -1)
		return false;
	empty = sweep_is_empty(fd);
	fd_close(&fd);
	return empty;
}

/*
 * A directory that is new, or was there.  0, or -1 with the status set.
 * beneath: it is not the root itself, nor the token's directory.
 */
static int
dir_settle(struct job *j, int fd, const struct rule *rule, bool beneath)
{
	struct meta_owner	 o;
	struct fdb_stat		 st;

	if (resolve_fstat(fd, &st) == -1) {
		status_errno(&j->st, false);
		return -1;
	}
	meta_rule_owner(j->s, rule, &o);
	/* Another session may have taken it for one that was left. */
	if (j->res.made && o.known && o.uid != j->s->own_uid &&
	    st.uid == o.uid)
		j->res.made = false;
	if (!j->res.made) {
		if (target_ask(&j->t, j->s, POLICY_OP_MKDIR, &st,
		    &j->st) == -1)
			return -1;
		j->res.made = beneath && dir_is_left(j, fd, &o, &st);
	}
	if (!j->res.made)
		return 0;
	return check_made(j, S_IFDIR, &st) == -1 ? -1 :
	    meta_set(j, fd, &o, &st);
}

/* Keep it, if a token was asked for; takes it over. */
static void
dir_keep(struct job *j, int fd)
{
	struct target	*t = &j->t;

	status_ok(&j->st);
	if (!(j->it->flags & FDB_MKDIR_TOKEN)) {
		fd_close(&fd);
		return;
	}
	/* Otherwise the policy could not judge every name in it. */
	if (strlen(t->path) + 1 + NAME_MAX >= sizeof(t->path)) {
		status_set(&j->st, ENAMETOOLONG, FDB_REASON_NAME, "");
		fd_close(&fd);
		return;
	}
	j->res.number = tokens_add_made(&j->s->tokens, fd, t->path,
	    t->at.clone, t->at.nodev);
	if (j->res.number == 0)
		status_set(&j->st, errno, FDB_REASON_LIMIT,
		    "directories held and files pending");
}

void
make_directory(struct job *j)
{
	struct verdict	 v;
	struct parent	 p;
	bool		 beneath;
	int		 fd;

	v = policy_decide(j->s->role, POLICY_OP_MKDIR, j->t.path);
	if (!v.permit) {
		status_denied(&j->st, j->s->role, v);
		return;
	}
	beneath = parent_open(&p, j, POLICY_OP_MKDIR) == 0;
	if (beneath)
		fd = dir_open(j, &p);
	else if (j->st.wire.error != EISDIR)
		return;
	/* The root itself, or the token's directory. */
	else if ((fd = resolve_place(&j->t.at, "")) == -1)
		target_failed(&j->t, j->s, POLICY_OP_MKDIR, false, &j->st);
	if (fd == -1)
		return;
	if (dir_settle(j, fd, v.rule, beneath) == -1) {
		fd_close(&fd);
		return;
	}
	if ((j->it->flags & FDB_MKDIR_SWEEP) && !j->res.made)
		sweep_directory(j, fd);
	dir_keep(j, fd);
}

static int
symlink_at(void *arg, int dirfd, const char *name)
{
	const struct changewire_item	*it = arg;

	return symlinkat(it->text, dirfd, name);
}

static int
node_at(void *arg, int dirfd, const char *name)
{
	const struct changewire_item	*it = arg;

	return makeat_node(dirfd, name, it->mode, it->major, it->minor);
}

/*
 * Make it, in place of what is there if it may; then hold it and give it its
 * metadata.
 */
static void
make_object(struct job *j, uint32_t op, uint32_t type, naming_make make)
{
	struct changewire_item	 it = *j->it;
	struct meta_owner	 owner;
	struct fdb_stat		 st;
	struct verdict		 v;
	struct parent		 p;
	int			 fd;

	v = policy_decide(j->s->role, op, j->t.path);
	if (!v.permit) {
		status_denied(&j->st, j->s->role, v);
		return;
	}
	if (meta_judge(j, FDB_META_OWNER | FDB_META_MTIME | FDB_META_ATIME,
	    v.rule, &owner) == -1 || parent_open(&p, j, op) == -1 ||
	    naming_put(j, &p, make, &it) == -1)
		return;
	j->res.made = true;
	status_ok(&j->st);
	if (!owner.known && it.meta.set == 0)
		return;
	if ((fd = resolve_hold(&p.at, p.name)) == -1) {
		target_failed(&j->t, j->s, op, false, &j->st);
		return;
	}
	if (resolve_fstat(fd, &st) == -1)
		status_errno(&j->st, false);
	else if (check_made(j, type, &st) == 0)
		(void)meta_set(j, fd, &owner, &st);
	fd_close(&fd);
}

void
make_symlink(struct job *j)
{
	make_object(j, POLICY_OP_SYMLINK, S_IFLNK, symlink_at);
}

void
make_node(struct job *j)
{
	uint32_t	 type = j->it->mode & S_IFMT;

	if (target_ask(&j->t, j->s, POLICY_OP_SETMETA, NULL, &j->st) == -1 ||
	    (!S_ISFIFO(type) && target_ask(&j->t, j->s, POLICY_OP_SPECIAL,
	    NULL, &j->st) == -1))
		return;
	make_object(j, POLICY_OP_CREATE, type, node_at);
}

struct link_to {
	const struct state	*s;
	int			 fd;
	struct fdb_stat		 st;
};

/* If it has that name already, that is as good. */
static int
link_at(void *arg, int dirfd, const char *name)
{
	struct link_to	*to = arg;
	struct fdb_stat	 there;
	char		 link[PROTO_PATH_MAX];

	if (makeat_link(to->s->way, to->fd, dirfd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	if (resolve_entry(dirfd, name, &there, link, sizeof(link)) == 0 &&
	    resolve_type_same(&there, &to->st))
		return 0;
	errno = EEXIST;
	return -1;
}

/*
 * What is no regular file gets another name only where the role may make an
 * object of its type: by `link' alone, a client would put devices where the
 * policy lets it make none.  So does a program that gives rights: its directory
 * may keep people from it whom another directory would not, and by another
 * name an old program outlives its replacement.  0, or -1 with the status set.
 */
static int
link_may_make(struct job *j, const struct target *t, uint32_t mode)
{
	static const uint32_t	 all[] = { POLICY_OP_SYMLINK, POLICY_OP_CREATE,
				    POLICY_OP_SETMETA, POLICY_OP_SPECIAL };
	uint32_t		 ops;
	size_t			 i;

	if (S_ISREG(mode))
		ops = mode & (S_ISUID | S_ISGID) ? POLICY_OP_SPECIAL : 0;
	else if (S_ISLNK(mode))
		ops = POLICY_OP_SYMLINK;
	else
		ops = POLICY_OP_CREATE | POLICY_OP_SETMETA |
		    (S_ISFIFO(mode) ? 0 : POLICY_OP_SPECIAL);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if ((ops & all[i]) && target_ask(t, j->s, all[i], NULL,
		    &j->st) == -1)
			return -1;
	return 0;
}

/*
 * Hold the object that gets another name, and ask the policy about it.  0, or
 * -1 with the status set.
 */
static int
link_hold(struct job *j, struct target *t, const struct rule *rule,
    struct link_to *to)
{
	struct verdict	 v;

	v = policy_decide(j->s->role, POLICY_OP_LINK, t->path);
	if (!v.permit) {
		status_denied(&j->st, j->s->role, v);
		return -1;
	}
	if (target_place(t, j->s, POLICY_OP_LINK, &j->st) == -1)
		return -1;
	to->fd = resolve_hold(&t->at, t->rel);
	if (to->fd == -1 || resolve_fstat(to->fd, &to->st) == -1) {
		target_failed(t, j->s, POLICY_OP_LINK, false, &j->st);
		return -1;
	}
	if (target_ask(t, j->s, POLICY_OP_LINK, &to->st, &j->st) == -1 ||
	    link_may_make(j, t, to->st.mode) == -1 ||
	    link_may_make(j, &j->t, to->st.mode) == -1)
		return -1;
	if (meta_may_touch(j->s, POLICY_OP_LINK, t->path, v.rule, &to->st) &&
	    meta_may_touch(j->s, POLICY_OP_LINK, j->t.path, rule, &to->st))
		return 0;
	v.permit = false;
	v.reason = POLICY_WRONG_OWNER;
	status_denied(&j->st, j->s->role, v);
	return -1;
}

void
make_link(struct job *j)
{
	struct state	*s = j->s;
	struct target	 t;
	struct link_to	 to = { .s = s, .fd = -1 };
	struct parent	 p;
	struct verdict	 v;

	v = policy_decide(s->role, POLICY_OP_LINK, j->t.path);
	if (!v.permit) {
		status_denied(&j->st, s->role, v);
		return;
	}
	if (target_name_long(&t, s, j->it->tobase, j->it->text,
	    &j->st) == -1)
		return;
	if (link_hold(j, &t, v.rule, &to) == 0 &&
	    parent_open(&p, j, POLICY_OP_LINK) == 0) {
		naming_find_way(s, &p);
		if (naming_put(j, &p, link_at, &to) == 0) {
			j->res.made = true;
			status_ok(&j->st);
		}
	}
	fd_close(&to.fd);
	target_end(&t);
}
