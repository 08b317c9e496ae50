/*
 * roots.c: open a role's roots; see roots.h.
 *
 * Runs in the opener, before it drops its rights and before it reads anything
 * from a client: a file system that hangs, hangs this session and not the
 * daemon.  The administrator wrote the paths, but a directory on the way may
 * belong to another user, so no component may be a symbolic link.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/pathname.h"
#include "base/proto.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "opener/resolve.h"
#include "opener/roots.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW	0x00200000	/* Linux 5.14 */
#endif

#ifdef __linux__
/* The attributes of a root's mounts: the strictest that its rights allow. */
static uint64_t
mount_flags(const struct root *r, uint32_t options)
{
	uint64_t	 flags = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

	if (!r->writable)
		flags |= MOUNT_ATTR_RDONLY;
	if (!(r->rights & POLICY_OP_SPECIAL))
		flags |= MOUNT_ATTR_NODEV;
	/* If links are followed, then by follow.c, never by the kernel. */
	flags |= MOUNT_ATTR_NOSYMFOLLOW;
	if (options & POLICY_NOATIME)
		flags |= MOUNT_ATTR_NOATIME;
	return flags;
}

/* Clone the mount at fd, and all mounts beneath it, detached. */
static int
root_clone(int fd, uint64_t flags)
{
	struct mount_attr	 attr;
	int			 tree;

	tree = open_tree(fd, "", AT_EMPTY_PATH | AT_RECURSIVE |
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree == -1)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.attr_set = flags;
	if (flags & MOUNT_ATTR_NOATIME)
		attr.attr_clr = MOUNT_ATTR__ATIME;
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
	    sizeof(attr)) == -1)
		fd_close(&tree);
	return tree;
}
#else
/* Other systems cannot clone a mount: no root is a clone. */
static uint64_t
mount_flags(const struct root *r, uint32_t options)
{
	(void)r;
	(void)options;
	return 0;
}

static int
root_clone(int fd, uint64_t flags)
{
	(void)fd;
	(void)flags;
	errno = ENOTSUP;
	return -1;
}
#endif

/* What a root's path is when it is opened. */
struct found {
	int	 fd;		/* O_PATH, or -1: it is missing */
	bool	 is_directory;
	uint64_t ino;
};

/*
 * Open the path of a root, whatever it is.  0, or -1 with errno.  It may be
 * missing: a file that is created later.
 */
static int
found_open(struct found *f, const char *path)
{
	struct stat	 st;

	memset(f, 0, sizeof(*f));
	if ((f->fd = resolve_path(path)) == -1)
		return errno == ENOENT ? 0 : -1;
	if (fstat(f->fd, &st) == -1)
		goto fail;
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		goto fail;
	}
	f->is_directory = S_ISDIR(st.st_mode);
	f->ino = st.st_ino;
	return 0;

fail:
	fd_close(&f->fd);
	return -1;
}

/* The root that is like r, or NULL.  The last ones are the likeliest. */
static const struct root *
root_like(const struct roots *rs, const struct root *r)
{
	const struct root	*have;
	size_t			 i;

	for (i = rs->n; i > 0; i--) {
		have = &rs->list[i - 1];
		if (have->writable == r->writable && have->whole == r->whole &&
		    have->rights == r->rights &&
		    strcmp(have->path, r->path) == 0)
			return have;
	}
	return NULL;
}

/*
 * Open the directory of a root, unless f has it, and clone it.  Takes f's
 * descriptor over.  0, or -1 with errno.
 */
static int
root_open(struct root *r, struct found *f, bool clone, uint32_t options)
{
	int	 tree;

	r->fd = f->is_directory ? f->fd : resolve_path(r->path);
	if (f->is_directory)
		f->fd = -1;
	r->clone = clone;
	if (r->fd == -1 || !clone)
		return r->fd == -1 ? -1 : 0;
	tree = root_clone(r->fd, mount_flags(r, options));
	fd_close(&r->fd);
	r->fd = tree;
	return tree == -1 ? -1 : 0;
}

/* Append a root, which is taken over.  Its place, or -1 with errno. */
static ssize_t
roots_append(struct roots *rs, const struct root *r)
{
	struct root	*list;

	if (rs->n == POLICY_ROOTS_MAX) {
		errno = E2BIG;
		return -1;
	}
	list = reallocarray(rs->list, rs->n + 1, sizeof(*list));
	if (list == NULL)
		return -1;
	rs->list = list;
	list[rs->n] = *r;
	return (ssize_t)rs->n++;
}

/* Note a path that its root is for alone.  0, or -1 with errno. */
static int
names_append(struct roots *rs, const char *path, size_t root,
    const struct found *f)
{
	struct root_name	*n;

	if (rs->nnames == POLICY_NAMES_MAX) {
		errno = E2BIG;
		return -1;
	}
	/* By powers of two: there may be thousands. */
	if ((rs->nnames & (rs->nnames - 1)) == 0) {
		n = reallocarray(rs->names, rs->nnames == 0 ? 1 :
		    2 * rs->nnames, sizeof(*n));
		if (n == NULL)
			return -1;
		rs->names = n;
	}
	n = &rs->names[rs->nnames];
	if ((n->path = strdup(path)) == NULL)
		return -1;
	n->root = root;
	n->ino = f->ino;
	rs->nnames++;
	return 0;
}

/*
 * Open one root, or share one that is open.  path is changed to the directory
 * that cannot be opened.  0, or -1 with errno.
 */
static int
roots_add(struct roots *rs, const struct policy_root *wanted,
    struct root *r, bool clone, uint32_t options, char *path)
{
	const struct root	*like;
	struct found		 f;
	size_t			 len;
	ssize_t			 i;
	int			 ret = -1, saved;

	if (found_open(&f, path) == -1)
		return -1;
	r->whole = policy_root_held(wanted, f.is_directory, &len);
	path[len] = '\0';
	r->path = path;
	if ((like = root_like(rs, r)) != NULL)
		i = like - rs->list;
	else if ((r->path = strdup(path)) == NULL ||
	    root_open(r, &f, clone, options) == -1 ||
	    (i = roots_append(rs, r)) == -1) {
		saved = errno;
		fd_close(&r->fd);
		free(r->path);
		errno = saved;
		goto out;
	}
	ret = r->whole ? 0 : names_append(rs, wanted->path, (size_t)i, &f);
out:
	fd_close(&f.fd);
	return ret;
}

/* Is root i beneath another?  Parents come first. */
static bool
is_nested(const struct policy_root *roots, size_t i)
{
	size_t	 k;

	for (k = 0; k < i; k++) {
		if (pathname_is_beneath(roots[i].path, roots[k].path))
			return true;
	}
	return false;
}

void
roots_close(struct roots *rs)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++) {
		fd_close(&rs->list[i].fd);
		free(rs->list[i].path);
	}
	for (i = 0; i < rs->nnames; i++)
		free(rs->names[i].path);
	free(rs->list);
	free(rs->names);
	memset(rs, 0, sizeof(*rs));
}

/* Open the roots for some operations and append them. */
static int
roots_open_kind(struct roots *rs, const struct role *role, uint32_t ops,
    bool clone, char *path)
{
	struct policy_root	*wanted = NULL;
	struct root		 r;
	size_t			 i, n = 0;
	int			 ret = -1, saved;

	if (policy_roots(role, ops, &wanted, &n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		memset(&r, 0, sizeof(r));
		r.fd = -1;
		r.writable = ops == POLICY_OPS_WRITING;
		r.rights = wanted[i].rights;
		if (strlcpy(path, wanted[i].path, PROTO_PATH_MAX) >=
		    PROTO_PATH_MAX) {
			errno = ENAMETOOLONG;
			goto out;
		}
		/* Once the path exists, the root above it serves. */
		if (roots_add(rs, &wanted[i], &r, clone, role->options,
		    path) == -1 && (errno != ENOENT || !is_nested(wanted, i)))
			goto out;
	}
	ret = 0;
out:
	saved = errno;
	policy_roots_free(wanted, n);
	errno = saved;
	return ret;
}

int
roots_open(struct roots *rs, const struct role *role, bool clone, char *path)
{
	path[0] = '\0';
	if (roots_open_kind(rs, role, POLICY_OPS_READING, clone, path) == -1)
		return -1;
	return roots_open_kind(rs, role, POLICY_OPS_WRITING, clone, path);
}

const struct root *
roots_find(const struct roots *rs, const char *path, uint32_t ops)
{
	const struct root	*r, *best = NULL;
	bool			 writable = (ops & POLICY_OPS_WRITING) != 0;
	size_t			 i, len, best_len = 0;

	for (i = 0; i < rs->n; i++) {
		r = &rs->list[i];
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

bool
roots_are_clones(const struct roots *rs)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++)
		if (!rs->list[i].clone)
			return false;
	return rs->n > 0;
}

bool
roots_write(const struct roots *rs)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++)
		if (rs->list[i].writable)
			return true;
	return false;
}

/* May everything beneath the path be read? */
static bool
is_readable(const struct roots *rs, const char *path)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++)
		if (!rs->list[i].writable && rs->list[i].whole &&
		    pathname_is_beneath(path, rs->list[i].path))
			return true;
	return false;
}

/*
 * What the kernel must allow for a path, which may have all rights of a root.
 *
 * A file that is read and written is opened beneath the writable root.
 * Landlock looks no further up than the top of a clone, so that root must
 * allow reading itself.
 */
static unsigned int
may_of(const struct roots *rs, const struct root *r, const char *path)
{
	unsigned int	 may = policy_rights(r->rights);

	if (is_readable(rs, path))
		may |= RIGHTS_READ;
	return may;
}

struct confine_root *
roots_allowed(const struct roots *rs, bool by_directory, size_t *n)
{
	struct confine_root	*list, *c;
	const struct root	*r;
	size_t			 i;

	list = calloc(rs->n + rs->nnames + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	for (i = 0; i < rs->n; i++) {
		r = &rs->list[i];
		list[i].fd = r->fd;
		list[i].path = r->path;
		if (r->whole || by_directory)
			list[i].may = may_of(rs, r, r->path);
		else if (!r->writable)
			list[i].may = RIGHTS_LIST;
	}
	for (i = 0; i < rs->nnames && !by_directory; i++) {
		r = &rs->list[rs->names[i].root];
		c = &list[rs->n + i];
		c->fd = r->fd;
		c->path = r->path;
		c->name = strrchr(rs->names[i].path, '/') + 1;
		c->may = may_of(rs, r, rs->names[i].path);
	}
	*n = rs->n + i;
	return list;
}

bool
roots_are_older(const struct roots *rs, const char *path,
    const struct fdb_stat *st)
{
	const struct root_name	*n;
	size_t			 i;

	for (i = 0; i < rs->nnames; i++) {
		n = &rs->names[i];
		if (!pathname_is_beneath(path, n->path))
			continue;
		/* No file was above another: a directory has replaced one. */
		return strlen(path) != strlen(n->path) || n->ino != st->ino;
	}
	return false;
}
