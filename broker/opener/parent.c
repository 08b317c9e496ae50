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
	c->valid = false;
	c->held = c->lock = c->found.fd = -1;
}

static void
cache_drop(struct parent_cache *c)
{
	fd_close(&c->held);
	fd_close(&c->lock);
	c->valid = false;
}

void
parent_forget(struct parent_cache *c)
{
	cache_drop(c);
	fd_close(&c->found.fd);
}

/*
 * Is the directory that was found last the one of this target, or above it?
 * How many bytes of the target's path name it; 0: it is neither.
 */
static size_t
cache_covers(const struct parent_cache *c, const struct job *j,
    const struct root *root, size_t len)
{
	size_t	 n;

	if (!c->valid || j->t.path[len + 1] == '\0' ||
	    c->base != j->it->base || c->root != root)
		return 0;
	n = strlen(c->path);
	return n <= len && memcmp(c->path, j->t.path, n) == 0 &&
	    j->t.path[n] == '/' ? n : 0;
}

/*
 * Place the target at the directory that was found last, which n bytes of its
 * path name.  So a chain of directories is made without a descent from its
 * beginning for each.
 */
static void
cache_place(const struct parent_cache *c, struct target *t, size_t n)
{
	t->at = c->at;
	t->at.spelling = c->spelling;
	t->at.kind = FSKIND_UNASKED;
	t->rel = t->path + n + 1;
}

/*
 * Resolve the directory of the target, which was placed, and keep it.  0, or -1
 * with the status set.
 */
static int
cache_fill(struct parent_cache *c, struct job *j, uint32_t op,
    const struct root *root, size_t len)
{
	struct target	*t = &j->t;
	char		 dir[PROTO_PATH_MAX];
	size_t		 n = strlen(t->rel) - strlen(t->path + len + 1);
	int		 fd = -1;

	/* Without the slash before the last component. */
	memcpy(dir, t->rel, n);
	dir[n > 0 ? n - 1 : 0] = '\0';
	if (n > 0 || t->found->fd == t->at.dirfd) {
		/* It may be beneath the one that is dropped then. */
		if ((fd = resolve_place(&t->at, dir)) == -1) {
			target_failed(t, j->s, op, false, &j->st);
			return -1;
		}
	} else {
		fd = t->held;
		t->held = -1;
	}
	cache_drop(c);
	c->at = t->at;
	if (fd != -1) {
		c->at.dirfd = c->held = fd;
		c->at.kind = n > 0 ? FSKIND_UNASKED : t->at.kind;
	}
	if (c->at.dirfd == -1) {
		status_set(&j->st, ENOENT, FDB_REASON_KERNEL, "");
		return -1;
	}
	if (c->at.spelling != NULL && resolve_kind(&c->at) != FSKIND_EXACT) {
		parent_forget(c);
		status_set(&j->st, EOPNOTSUPP, FDB_REASON_KERNEL, INEXACT);
		return -1;
	}
	c->spelling = c->at.spelling;
	c->at.spelling = NULL;
	c->base = j->it->base;
	c->root = root;
	memcpy(c->path, t->path, len);
	c->path[len] = '\0';
	c->valid = true;
	return 0;
}

int
parent_open(struct parent *p, struct job *j, uint32_t op)
{
	struct target	*t = &j->t;
	const char	*last = strrchr(t->path, '/');
	size_t		 len = (size_t)(last - t->path), n;

	p->root = roots_find(&j->s->roots, t->path, op);
	if (p->root == NULL) {
		status_no_root(&j->st);
		return -1;
	}
	p->name = last + 1;
	n = cache_covers(j->cache, j, p->root, len);
	if (n == 0 || n < len) {
		if (n > 0)
			cache_place(j->cache, t, n);
		else if (target_place(t, j->s, op, &j->st) == -1)
			return -1;
		if (t->rel[0] == '\0') {
			status_set(&j->st, EISDIR, FDB_REASON_KERNEL, "");
			return -1;
		}
		if (cache_fill(j->cache, j, op, p->root, len) == -1)
			return -1;
	}
	p->at = j->cache->at;
	/* For target_failed(). */
	t->at = p->at;
	t->rel = p->name;
	return 0;
}
