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

#define FEW_NAMES	32

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
	return 0;

fail:
	fd_close(&f->fd);
	return -1;
}

/* Is there a root like r?  The last ones are the likeliest. */
static bool
has_like(const struct roots *rs, const struct root *r)
{
	const struct root	*have;
	size_t			 i;

	for (i = rs->n; i > 0; i--) {
		have = &rs->list[i - 1];
		if (have->writable == r->writable &&
		    have->rights == r->rights &&
		    strcmp(have->path, r->path) == 0)
			return true;
	}
	return false;
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

/* Append a root, which is taken over.  0, or -1 with errno. */
static int
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
	list[rs->n++] = *r;
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
	struct found	 f;
	size_t		 len;
	int		 ret = -1, saved;

	if (found_open(&f, path) == -1)
		return -1;
	if (wanted->directory && !f.is_directory) {
		/* The directory above is no substitute. */
		errno = f.fd == -1 ? ENOENT : ENOTDIR;
		goto out;
	}
	len = policy_root_held(wanted, f.is_directory);
	if (path[len] != '\0' && rs->nnamed++ == POLICY_NAMES_MAX) {
		errno = E2BIG;
		goto out;
	}
	if (path[len] == '\0')
		rs->whole = true;
	path[len] = '\0';
	r->path = path;
	ret = 0;
	if (has_like(rs, r))
		goto out;
	if ((r->path = strdup(path)) == NULL ||
	    root_open(r, &f, clone, options) == -1 ||
	    roots_append(rs, r) == -1) {
		saved = errno;
		fd_close(&r->fd);
		free(r->path);
		errno = saved;
		ret = -1;
	}
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

/* After an error: was it a directory, and is there none now? */
static bool
is_gone(const struct policy_root *wanted)
{
	return wanted->directory && (errno == ENOENT || errno == ENOTDIR);
}

/* Nothing is beneath this root.  0, or -1 with errno. */
static int
roots_add_gone(struct roots *rs, struct root *r, const char *path)
{
	r->fd = -1;
	r->clone = false;
	if ((r->path = strdup(path)) == NULL)
		return -1;
	if (roots_append(rs, r) == 0)
		return 0;
	free(r->path);
	return -1;
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
	bool			 gone;
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
		if (roots_add(rs, &wanted[i], &r, clone, role->options,
		    path) == 0)
			continue;
		gone = is_gone(&wanted[i]);
		/* Once the path exists, the root above it serves. */
		if ((gone || errno == ENOENT) && is_nested(wanted, i))
			continue;
		if (!gone || roots_add_gone(rs, &r, wanted[i].path) == -1)
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
roots_are_many(const struct roots *rs)
{
	return rs->whole || rs->nnamed >= FEW_NAMES;
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

bool
roots_write(const struct roots *rs)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++)
		if (rs->list[i].writable)
			return true;
	return false;
}

bool
roots_restore(const struct roots *rs)
{
	size_t	 i;

	for (i = 0; i < rs->n; i++)
		if (rs->list[i].writable &&
		    (rs->list[i].rights & POLICY_OPS_RESTORING))
			return true;
	return false;
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
	const struct role	*one;
	struct root		*r;
	bool			 matters = false;
	size_t			 i;

	for (i = 0; i < rs->n; i++) {
		r = &rs->list[i];
		r->alike = true;
		for (one = role; one != NULL && r->alike; one = one->also)
			r->alike = policy_roots_alike(one, r->path);
		matters = matters || !r->alike;
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

/*
 * What the kernel must allow beneath a root.
 *
 * A file that is read and written is opened beneath the writable root.
 * Landlock looks no further up than the top of a clone, so that root must
 * allow reading itself.
 */
static unsigned int
root_may(const struct roots *rs, const struct root *r)
{
	unsigned int	 may = policy_rights(r->rights);

	if (is_readable(rs, r))
		may |= RIGHTS_READ;
	if (r->lists)
		may |= RIGHTS_LIST;
	return may;
}

struct confine_root *
roots_allowed(const struct roots *rs, size_t *n)
{
	struct confine_root	*list;
	size_t			 i;

	list = calloc(rs->n + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	for (*n = i = 0; i < rs->n; i++) {
		if (rs->list[i].fd == -1)
			continue;
		list[*n].fd = rs->list[i].fd;
		list[*n].path = rs->list[i].path;
		list[(*n)++].may = root_may(rs, &rs->list[i]);
	}
	return list;
}
