/*
 * roots.c: open a role's roots; see roots.h.
 *
 * Runs in the supervisor, as root, and in the controller of a private opener,
 * with the user's rights.  The paths are the administrator's; every component
 * may still be another user's directory, so none of them may be a link.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fdmsg.h"
#include "pathname.h"
#include "resolve.h"
#include "roots.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW	0x00200000	/* Linux 5.14 */
#endif

/* A detached clone of what fd refers to, and of all mounted beneath it. */
static int
root_clone(int fd)
{
	struct mount_attr	 attr;
	int			 tree;

	tree = open_tree(fd, "", AT_EMPTY_PATH | AT_RECURSIVE |
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree == -1)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
	    MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW;
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
	    sizeof(attr)) == -1)
		fdmsg_close_fds(&tree, 1);
	return tree;
}

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

	if ((fd = resolve_path(path)) == -1)
		return -1;
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
	fdmsg_close_fds(&fd, 1);
	return -1;
}

static int
root_open(struct root *r, char *path, bool clone)
{
	int	 fd, tree;

	if ((fd = root_open_dir(path)) == -1)
		return -1;
	if (clone) {
		tree = root_clone(fd);
		fdmsg_close_fds(&fd, 1);
		if ((fd = tree) == -1)
			return -1;
	}
	if ((r->path = strdup(path)) == NULL) {
		fdmsg_close_fds(&fd, 1);
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

int
roots_open(struct setup *su, const struct role *role, bool clone, char *path)
{
	struct policy_root	*roots = NULL;
	size_t			 i, n = 0;
	int			 ret = -1, saved;

	path[0] = '\0';
	if (policy_roots(role, POLICY_OPS_READING, &roots, &n) == -1)
		return -1;
	if (n > SETUP_ROOTS_MAX) {
		errno = E2BIG;
		goto out;
	}
	if ((su->roots = calloc(n + 1, sizeof(*su->roots))) == NULL)
		goto out;
	for (i = 0; i < n; i++) {
		su->roots[su->nroots].fd = -1;
		if (strlcpy(path, roots[i].path, PROTO_PATH_MAX) >=
		    PROTO_PATH_MAX) {
			errno = ENAMETOOLONG;
			goto out;
		}
		if (root_open(&su->roots[su->nroots], path, clone) == 0) {
			su->nroots++;
			continue;
		}
		/* Without it, the one above still is for what is there. */
		if (errno != ENOENT || !is_nested(roots, i))
			goto out;
	}
	ret = 0;
out:
	saved = errno;
	policy_roots_free(roots, n);
	errno = saved;
	return ret;
}
