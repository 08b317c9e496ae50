/*
 * roots.c: open a role's roots; see roots.h.
 *
 * Runs in the opener, before it drops its rights and before it has heard of a
 * client: a file system that hangs hangs this one session and not the daemon.
 * The paths are the administrator's; every component may still be another
 * user's directory, so none of them may be a link.
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
#include "base/rights.h"
#include "confine/confine.h"
#include "opener/resolve.h"
#include "opener/roots.h"
#include "policy/role.h"
#include "policy/roots.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW	0x00200000	/* Linux 5.14 */
#endif

#ifdef __linux__
/* How a root's mounts are: as little as its rights and the options need. */
static uint64_t
mount_flags(const struct root *r, uint32_t options)
{
	uint64_t	 flags = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

	if (!r->writable)
		flags |= MOUNT_ATTR_RDONLY;
	if (!(r->rights & POLICY_OP_SPECIAL))
		flags |= MOUNT_ATTR_NODEV;
	/* Links are followed by us, if at all, and not by the kernel. */
	flags |= MOUNT_ATTR_NOSYMFOLLOW;
	if (options & POLICY_NOATIME)
		flags |= MOUNT_ATTR_NOATIME;
	return flags;
}

/* A detached clone of what fd refers to, and of all mounted beneath it. */
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
/* Other systems cannot clone a mount, and no root is taken for a clone. */
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

/* Cut the last component off. */
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
		/* A file that is not there now may be there later. */
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

/* Is a root beneath another?  Parents come first. */
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
roots_close(struct setup *su)
{
	size_t	 i;

	for (i = 0; i < su->nroots; i++) {
		fd_close(&su->roots[i].fd);
		free(su->roots[i].path);
	}
	free(su->roots);
	su->roots = NULL;
	su->nroots = 0;
}

/* Open those of one kind after what su has already. */
static int
roots_open_kind(struct setup *su, const struct role *role, uint32_t ops,
    bool clone, char *path)
{
	struct policy_root	*list = NULL;
	struct root		*roots, *r;
	size_t			 i, n = 0;
	int			 ret = -1, saved;

	if (policy_roots(role, ops, &list, &n) == -1)
		return -1;
	errno = E2BIG;
	if (n > SETUP_ROOTS_MAX - su->nroots)
		goto out;
	roots = reallocarray(su->roots, su->nroots + n + 1, sizeof(*roots));
	if (roots == NULL)
		goto out;
	su->roots = roots;
	for (i = 0; i < n; i++) {
		r = &su->roots[su->nroots];
		memset(r, 0, sizeof(*r));
		r->fd = -1;
		r->writable = ops == POLICY_OPS_WRITING;
		r->rights = list[i].rights;
		if (strlcpy(path, list[i].path, PROTO_PATH_MAX) >=
		    PROTO_PATH_MAX) {
			errno = ENAMETOOLONG;
			goto out;
		}
		if (root_open(r, path, clone, role->options) == 0) {
			su->nroots++;
			continue;
		}
		/* Without it, the one above still is for what is there. */
		if (errno != ENOENT || !is_nested(list, i))
			goto out;
	}
	ret = 0;
out:
	saved = errno;
	policy_roots_free(list, n);
	errno = saved;
	return ret;
}

int
roots_open(struct setup *su, const struct role *role, bool clone, char *path)
{
	path[0] = '\0';
	if (roots_open_kind(su, role, POLICY_OPS_READING, clone, path) == -1)
		return -1;
	return roots_open_kind(su, role, POLICY_OPS_WRITING, clone, path);
}

/* Is a root beneath one for reading? */
static bool
is_readable(const struct setup *su, const struct root *r)
{
	size_t	 i;

	for (i = 0; i < su->nroots; i++)
		if (!su->roots[i].writable &&
		    pathname_is_beneath(r->path, su->roots[i].path))
			return true;
	return false;
}

/*
 * Landlock looks no further up than the top of a clone, so a writable one says
 * itself that what is opened for both may be read.
 */
unsigned int
roots_may(const struct setup *su, const struct root *r)
{
	unsigned int	 may = 0;

	if (is_readable(su, r))
		may |= RIGHTS_READ;
	if (r->writable && (r->rights & (POLICY_OP_WRITE | POLICY_OP_APPEND)))
		may |= RIGHTS_WRITE;
	if (r->writable && (r->rights & POLICY_OP_CREATE))
		may |= RIGHTS_CREATE;
	if (r->rights & POLICY_OP_SPECIAL)
		may |= RIGHTS_IOCTL;
	return may;
}
