/*
 * parent.c: find the directory that a change's name is in; see parent.h.
 *
 * Runs in the opener.  Rules tell names apart by their bytes.  So where it
 * matters which name an object has, nothing is made or removed in a directory
 * that may know it by several.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "opener/parent.h"
#include "policy/tables.h"

#define INEXACT \
	"this directory may know a name by several spellings, and rules of " \
	"the role tell them apart"

void
parent_begin(struct parent_cache *c)
{
	size_t	 i;

	for (i = 0; i < PARENT_DIRS; i++) {
		c->dirs[i].valid = false;
		c->dirs[i].held = c->dirs[i].lock = -1;
	}
	c->oldest = 0;
	c->kept = false;
	c->found.fd = -1;
}

static void
dir_drop(struct parent_dir *d)
{
	fd_close(&d->held);
	fd_close(&d->lock);
	d->valid = false;
}

void
parent_forget(struct parent_cache *c)
{
	size_t	 i;

	for (i = 0; i < PARENT_DIRS; i++)
		dir_drop(&c->dirs[i]);
	fd_close(&c->found.fd);
}

/* A place for a directory that is not used, or NULL. */
static struct parent_dir *
free_dir(struct parent_cache *c)
{
	size_t	 i;

	for (i = 0; i < PARENT_DIRS; i++)
		if (!c->dirs[i].valid)
			return &c->dirs[i];
	return NULL;
}

void
parent_make_room(struct parent_cache *c)
{
	if (free_dir(c) != NULL)
		return;
	dir_drop(&c->dirs[c->oldest]);
	c->oldest = (c->oldest + 1) % PARENT_DIRS;
}

/*
 * Is a directory that was found the one of this target, or above it?  How many
 * bytes of the target's path name it; 0: it is neither.
 */
static size_t
dir_covers(const struct parent_dir *d, const struct job *j,
    const struct root *root, size_t len)
{
	size_t	 n;

	if (!d->valid || j->t.path[len + 1] == '\0' ||
	    d->base != j->it->base || d->root != root)
		return 0;
	n = strlen(d->path);
	return n <= len && memcmp(d->path, j->t.path, n) == 0 &&
	    j->t.path[n] == '/' ? n : 0;
}

/* The nearest of those, or NULL; *n is as above. */
static struct parent_dir *
nearest_dir(struct parent_cache *c, const struct job *j,
    const struct root *root, size_t len, size_t *n)
{
	struct parent_dir	*found = NULL;
	size_t			 i, covered;

	*n = 0;
	for (i = 0; i < PARENT_DIRS && *n < len; i++)
		if ((covered = dir_covers(&c->dirs[i], j, root, len)) > *n) {
			*n = covered;
			found = &c->dirs[i];
		}
	return found;
}

/*
 * Place the target at a directory that was found, which n bytes of its path
 * name.  So a chain of directories is made without a descent from its beginning
 * for each.
 */
static void
dir_place(const struct parent_dir *d, struct target *t, size_t n)
{
	t->at = d->at;
	t->at.spelling = d->spelling;
	t->at.kind = FSKIND_UNASKED;
	t->rel = t->path + n + 1;
}

/*
 * Resolve the directory of the target, which was placed, and has n bytes before
 * its last component.  *fd is -1 if the place is that directory, and stays open
 * anyway.  0, or -1 with the status set.
 */
static int
dir_resolve(struct job *j, uint32_t op, size_t n, int *fd)
{
	struct target	*t = &j->t;
	char		 dir[PROTO_PATH_MAX];

	if (n == 0 && t->found->fd != t->at.dirfd) {
		*fd = t->held;
		t->held = -1;
		return 0;
	}
	/* Without the slash before the last component. */
	memcpy(dir, t->rel, n);
	dir[n > 0 ? n - 1 : 0] = '\0';
	/* It may be beneath one that is dropped later. */
	if ((*fd = resolve_place(&t->at, dir)) != -1)
		return 0;
	target_failed(t, j->s, op, false, &j->st);
	return -1;
}

/*
 * Resolve the directory of the target, which was placed, and keep it.  NULL
 * with the status set.
 */
static struct parent_dir *
cache_fill(struct parent_cache *c, struct job *j, uint32_t op,
    const struct root *root, size_t len)
{
	struct target		*t = &j->t;
	struct parent_dir	*d;
	size_t			 n = strlen(t->rel) - strlen(t->path + len + 1);
	int			 fd;

	if (dir_resolve(j, op, n, &fd) == -1)
		return NULL;
	if (!c->kept)
		parent_make_room(c);
	d = free_dir(c);
	d->at = t->at;
	if (fd != -1) {
		d->at.dirfd = d->held = fd;
		d->at.kind = n > 0 ? FSKIND_UNASKED : t->at.kind;
	}
	if (d->at.dirfd == -1) {
		status_set(&j->st, ENOENT, FDB_REASON_KERNEL, "");
		return NULL;
	}
	if (d->at.spelling != NULL && resolve_kind(&d->at) != FSKIND_EXACT) {
		dir_drop(d);
		status_set(&j->st, EOPNOTSUPP, FDB_REASON_KERNEL, INEXACT);
		return NULL;
	}
	d->spelling = d->at.spelling;
	d->at.spelling = NULL;
	d->base = j->it->base;
	d->root = root;
	memcpy(d->path, t->path, len);
	d->path[len] = '\0';
	d->valid = true;
	return d;
}

int
parent_open(struct parent *p, struct job *j, uint32_t op)
{
	struct parent_cache	*c = j->cache;
	struct target		*t = &j->t;
	const char		*last = strrchr(t->path, '/');
	size_t			 len = (size_t)(last - t->path), n;

	p->root = roots_find(&j->s->roots, t->path, op);
	if (p->root == NULL) {
		status_no_root(&j->st);
		return -1;
	}
	p->name = last + 1;
	p->dir = nearest_dir(c, j, p->root, len, &n);
	if (n == 0 || n < len) {
		if (c->kept && free_dir(c) == NULL) {
			status_set(&j->st, ENOSPC, FDB_REASON_LIMIT, "");
			return -1;
		}
		if (n > 0)
			dir_place(p->dir, t, n);
		else if (target_place(t, j->s, op, &j->st) == -1)
			return -1;
		if (t->rel[0] == '\0') {
			status_set(&j->st, EISDIR, FDB_REASON_KERNEL, "");
			return -1;
		}
		p->dir = cache_fill(c, j, op, p->root, len);
		if (p->dir == NULL)
			return -1;
	}
	p->at = p->dir->at;
	/* For target_failed(). */
	t->at = p->at;
	t->rel = p->name;
	return 0;
}
