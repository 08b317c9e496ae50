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

/* Remove the last component. */
static void
parent_of(char *path)
{
	char	*slash = strrchr(path, '/');

	if (slash == path)
		slash++;
	*slash = '\0';
}

/*
 * Open path, or the directory that holds it if it is a file; path is then
 * changed to that directory.  O_PATH.
 */
static int
root_open_dir(char *path)
{
	struct stat	 st;
	int		 fd;

	if ((fd = resolve_path(path)) == -1) {
		/* The file may be created later. */
		if (errno != ENOENT || path[1] == '\0')
			return -1;
		parent_of(path);
		return resolve_path(path);
	}
	if (fstat(fd, &st) == -1)
		goto fail;
	if (S_ISDIR(st.st_mode))
		return fd;
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		goto fail;
	}
	close(fd);
	parent_of(path);
	return resolve_path(path);

fail:
	fd_close(&fd);
	return -1;
}

static int
root_open(struct root *r, char *path, bool clone, uint32_t options)
{
	int	 fd, tree;

	if ((fd = root_open_dir(path)) == -1)
		return -1;
	if (clone) {
		tree = root_clone(fd, mount_flags(r, options));
		fd_close(&fd);
		if ((fd = tree) == -1)
			return -1;
	}
	if ((r->path = strdup(path)) == NULL) {
		fd_close(&fd);
		errno = ENOMEM;
		return -1;
	}
	r->fd = fd;
	r->clone = clone;
	return 0;
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

/*
 * After a root was opened, or not (with errno): was it a directory, and is
 * there none now?  path is what was opened.
 */
static bool
is_gone(const struct policy_root *wanted, const struct root *r,
    const char *path)
{
	if (!wanted->directory)
		return false;
	return r->fd != -1 ? strcmp(path, wanted->path) != 0 :
	    errno == ENOENT || errno == ENOTDIR;
}

/* Nothing is beneath this root.  0, or -1 with errno. */
static int
root_set_gone(struct root *r, const char *path)
{
	fd_close(&r->fd);
	free(r->path);
	r->clone = false;
	return (r->path = strdup(path)) != NULL ? 0 : -1;
}

void
roots_close(struct roots *rs)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++) {
		fd_close(&rs->list[i].fd);
		free(rs->list[i].path);
	}
	free(rs->list);
	rs->list = NULL;
	rs->n = 0;
}

/* Open the roots for some operations and append them. */
static int
roots_open_kind(struct roots *rs, const struct role *role, uint32_t ops,
    bool clone, char *path)
{
	struct policy_root	*wanted = NULL;
	struct root		*list, *r;
	size_t			 i, n = 0;
	bool			 ok, gone;
	int			 ret = -1, saved;

	if (policy_roots(role, ops, &wanted, &n) == -1)
		return -1;
	errno = E2BIG;
	if (n > POLICY_ROOTS_MAX - rs->n)
		goto out;
	list = reallocarray(rs->list, rs->n + n + 1, sizeof(*list));
	if (list == NULL)
		goto out;
	rs->list = list;
	for (i = 0; i < n; i++) {
		r = &rs->list[rs->n];
		memset(r, 0, sizeof(*r));
		r->fd = -1;
		r->writable = ops == POLICY_OPS_WRITING;
		r->rights = wanted[i].rights;
		if (strlcpy(path, wanted[i].path, PROTO_PATH_MAX) >=
		    PROTO_PATH_MAX) {
			errno = ENAMETOOLONG;
			goto out;
		}
		ok = root_open(r, path, clone, role->options) == 0;
		gone = is_gone(&wanted[i], r, path);
		/* Once the path exists, the root above it serves. */
		if ((gone || (!ok && errno == ENOENT)) &&
		    is_nested(wanted, i)) {
			fd_close(&r->fd);
			free(r->path);
			continue;
		}
		if (gone)
			ok = root_set_gone(r, wanted[i].path) == 0;
		if (!ok)
			goto out;
		rs->n++;
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
		if (!rs->list[i].clone && rs->list[i].fd != -1)
			return false;
	return rs->n > 0;
}

/* Is a root beneath one for reading? */
static bool
is_readable(const struct roots *rs, const struct root *r)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++)
		if (!rs->list[i].writable &&
		    pathname_is_beneath(r->path, rs->list[i].path))
			return true;
	return false;
}

bool
roots_judge(struct roots *rs, const struct role *role)
{
	bool	 matters = false;
	size_t	 i;

	for (i = 0; i < rs->n; i++) {
		rs->list[i].alike = policy_roots_alike(role,
		    rs->list[i].path);
		matters = matters || !rs->list[i].alike;
	}
	return matters;
}

/* Must the directories beneath it be read because of spelling? */
static bool
must_list(const struct root *r)
{
	return !r->alike && r->kind != FSKIND_EXACT && r->fd != -1;
}

void
roots_ask_kinds(struct roots *rs, const struct role *role,
    struct spelling *sp)
{
	struct resolve_at	 at = { .spelling = sp };
	struct root		*r;
	size_t			 i;

	(void)roots_judge(rs, role);
	for (i = 0; i < rs->n; i++) {
		r = &rs->list[i];
		/* Others can be asked when it matters. */
		if (r->alike && (!r->writable || is_readable(rs, r)))
			continue;
		at.dirfd = r->fd;
		r->kind = resolve_kind(&at);
		r->lists = must_list(r);
	}
}

bool
roots_are_blind(const struct roots *rs)
{
	const struct root	*r;
	size_t			 i;

	for (i = 0; i < rs->n; i++) {
		r = &rs->list[i];
		if (must_list(r) && !r->lists && !is_readable(rs, r))
			return true;
	}
	return false;
}

unsigned int
roots_may(const struct roots *rs, const struct root *r)
{
	unsigned int	 may = policy_rights(r->rights);

	/*
	 * A file that is read and written is opened beneath the writable root.
	 * Landlock looks no further up than the top of a clone, so that root
	 * must allow reading itself.
	 */
	if (is_readable(rs, r))
		may |= RIGHTS_READ;
	if (r->lists)
		may |= RIGHTS_LIST;
	return may;
}
