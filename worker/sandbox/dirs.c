/*
 * dirs.c: the directories whose metadata is set at the end; see sandbox/dirs.h.
 *
 * Runs in the worker.  Touches nothing but memory.  The directories are a tree,
 * as in the file system, and each has its own component of the name only: a
 * chain of directories takes memory for each, not for each one's whole name.
 * The place that was found last is where the next search begins.
 */

#include "config.h"

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "sandbox/dirs.h"

struct dir {
	RB_ENTRY(dir)	 node;		/* all, by place and component */
	TAILQ_ENTRY(dir) leaf;		/* those that have none beneath */
	struct dir	*up;		/* NULL: this is the destination */
	const char	*name;		/* its component, not terminated */
	size_t		 len;
	size_t		 end;		/* length of its whole name */
	size_t		 nsubs;
	bool		 has;		/* metadata */
	struct object	 o;		/* without its name */
	size_t		 bytes;		/* of the object */
};

RB_HEAD(dir_tree, dir);
TAILQ_HEAD(dir_leaves, dir);

struct dirs {
	struct dir_tree	   tree;
	struct dir_leaves  leaves;	/* each has metadata */
	struct dir	   top;
	struct dir	  *last;	/* found by the last search */
	struct buf	   path;	/* its name */
	size_t		   bytes, max;
};

static int
dir_compare(const struct dir *a, const struct dir *b)
{
	if (a->up != b->up)
		return (uintptr_t)a->up < (uintptr_t)b->up ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->name, b->name, a->len);
}

RB_GENERATE_INTERNAL(dir_tree, dir, node, dir_compare,
    __attribute__((unused)) static)

struct dirs *
dirs_new(size_t bytes)
{
	struct dirs	*ds;

	if ((ds = calloc(1, sizeof(*ds))) == NULL)
		return NULL;
	RB_INIT(&ds->tree);
	TAILQ_INIT(&ds->leaves);
	ds->last = &ds->top;
	ds->max = bytes;
	return ds;
}

static struct dir *
sub_find(struct dirs *ds, struct dir *up, const char *name, size_t len)
{
	struct dir	 key;

	key.up = up;
	key.name = name;
	key.len = len;
	return RB_FIND(dir_tree, &ds->tree, &key);
}

/* Add a directory without metadata.  NULL: no memory. */
static struct dir *
sub_new(struct dirs *ds, struct dir *up, const char *name, size_t len)
{
	struct dir	*d;
	char		*copy;

	if ((d = calloc(1, sizeof(*d) + len)) == NULL)
		return NULL;
	copy = (char *)(d + 1);
	memcpy(copy, name, len);
	d->name = copy;
	d->len = len;
	d->end = up->end + (up->end > 0) + len;
	d->up = up;
	if (up->nsubs++ == 0 && up->up != NULL)
		TAILQ_REMOVE(&ds->leaves, up, leaf);
	TAILQ_INSERT_TAIL(&ds->leaves, d, leaf);
	(void)RB_INSERT(dir_tree, &ds->tree, d);
	ds->bytes += sizeof(*d) + len;
	return d;
}

/* Remove a directory, and those above it, as far as nothing needs them. */
static void
dir_prune(struct dirs *ds, struct dir *d)
{
	struct dir	*up;

	for (; d->up != NULL && !d->has && d->nsubs == 0; d = up) {
		up = d->up;
		if (ds->last == d) {
			ds->last = up;
			buf_cut(&ds->path, up->end);
		}
		RB_REMOVE(dir_tree, &ds->tree, d);
		TAILQ_REMOVE(&ds->leaves, d, leaf);
		if (--up->nsubs == 0 && up->up != NULL)
			TAILQ_INSERT_TAIL(&ds->leaves, up, leaf);
		ds->bytes -= sizeof(*d) + d->len;
		free(d);
	}
}

/* The directory on the way to a name that the last search found, too. */
static struct dir *
dir_common(const struct dirs *ds, const char *name)
{
	const char	*path = buf_str(&ds->path);
	struct dir	*d = ds->last;
	size_t		 same = 0;

	while (path[same] != '\0' && path[same] == name[same])
		same++;
	while (d->up != NULL && (d->end > same ||
	    (name[d->end] != '/' && name[d->end] != '\0')))
		d = d->up;
	return d;
}

/*
 * The directory of this name, or, unless they are to be made, the last one on
 * the way to it.  NULL: no memory.
 */
static struct dir *
dir_find(struct dirs *ds, const char *name, bool make)
{
	struct dir	*d = dir_common(ds, name), *sub;
	const char	*p = name + d->end;
	size_t		 len;

	buf_cut(&ds->path, d->end);
	ds->last = d;
	if (strcmp(name, ".") == 0)
		return d;
	for (p += *p == '/'; *p != '\0'; p += len + (p[len] == '/')) {
		len = strcspn(p, "/");
		sub = sub_find(ds, d, p, len);
		if (sub == NULL && make &&
		    (sub = sub_new(ds, d, p, len)) == NULL) {
			dir_prune(ds, d);
			return NULL;
		}
		if (sub == NULL)
			break;
		d = sub;
	}
	/* Without memory for its name, the next search begins above. */
	if (buf_add(&ds->path, name + ds->last->end,
	    d->end - ds->last->end) == 0)
		ds->last = d;
	return d;
}

/* True if it has exactly this name. */
static bool
dir_is(const struct dir *d, const char *name)
{
	return d->end == (strcmp(name, ".") == 0 ? 0 : strlen(name));
}

/* Put the whole name of a directory together.  NULL: no memory. */
static char *
dir_name(const struct dir *d)
{
	char	*name;

	if ((name = malloc(d->end + 1)) == NULL)
		return NULL;
	name[d->end] = '\0';
	for (; d->up != NULL; d = d->up) {
		memcpy(name + d->end - d->len, d->name, d->len);
		if (d->up->end > 0)
			name[d->up->end] = '/';
	}
	return name;
}

/* Hand out the metadata of a directory.  1, or -1: no memory. */
static int
dir_take(struct dirs *ds, struct dir *d, struct object *o)
{
	char	*name;
	int	 ret;

	/* The destination's object has its name. */
	if (d->up != NULL) {
		if ((name = dir_name(d)) == NULL)
			return -1;
		ret = object_rename(&d->o, name);
		free(name);
		if (ret == -1)
			return -1;
	}
	*o = d->o;
	d->has = false;
	ds->bytes -= d->bytes;
	dir_prune(ds, d);
	return 1;
}

static void
dir_clear(struct dirs *ds, struct dir *d)
{
	if (!d->has)
		return;
	object_clear(&d->o);
	d->has = false;
	ds->bytes -= d->bytes;
}

void
dirs_free(struct dirs *ds)
{
	struct dir	*d;

	if (ds == NULL)
		return;
	while ((d = TAILQ_LAST(&ds->leaves, dir_leaves)) != NULL) {
		dir_clear(ds, d);
		dir_prune(ds, d);
	}
	dir_clear(ds, &ds->top);
	buf_free(&ds->path);
	free(ds);
}

void
dirs_drop(struct dirs *ds, const char *name)
{
	struct dir	*d = dir_find(ds, name, false);

	if (!dir_is(d, name))
		return;
	dir_clear(ds, d);
	dir_prune(ds, d);
}

int
dirs_add(struct dirs *ds, struct object *o)
{
	struct dir	*d;

	if ((d = dir_find(ds, o->name, true)) == NULL) {
		object_clear(o);
		return -1;
	}
	dir_clear(ds, d);
	if (d->up != NULL && object_rename(o, "") == -1) {
		object_clear(o);
		dir_prune(ds, d);
		return -1;
	}
	d->o = *o;
	d->has = true;
	d->bytes = o->size;
	ds->bytes += d->bytes;
	return 0;
}

bool
dirs_has(struct dirs *ds, const char *name)
{
	struct dir	*d = dir_find(ds, name, false);

	return dir_is(d, name) && d->has;
}

/*
 * Only the directories on the way to a name are left: drop attributes of one.
 * False: they have none.
 */
static bool
chain_reduce(struct dirs *ds, struct dir *d)
{
	for (; d != NULL; d = d->up) {
		if (!d->has || d->o.nxattrs == 0)
			continue;
		while (object_reduce(&d->o, FDB_META_XATTR) &&
		    d->o.nxattrs > 0)
			;
		(void)object_rename(&d->o, d->up != NULL ? "" : ".");
		ds->bytes -= d->bytes;
		d->bytes = d->o.size;
		ds->bytes += d->bytes;
		return true;
	}
	return false;
}

bool
dirs_is_full(const struct dirs *ds)
{
	return ds->bytes > ds->max;
}

int
dirs_excess(struct dirs *ds, const char *name, struct object *o)
{
	struct dir	*d, *on_way;

	/* Before each time, the caller waits for all that is on its way. */
	while (ds->bytes > ds->max / 8 * 7) {
		on_way = dir_find(ds, name, false);
		/* A leaf is above the name only if it is the last one. */
		d = TAILQ_FIRST(&ds->leaves);
		if (d != NULL && d == on_way)
			d = TAILQ_NEXT(d, leaf);
		if (d != NULL)
			return dir_take(ds, d, o);
		if (!dirs_is_full(ds) || !chain_reduce(ds, on_way))
			break;
	}
	return 0;
}

int
dirs_next(struct dirs *ds, struct object *o)
{
	struct dir	*d = TAILQ_LAST(&ds->leaves, dir_leaves);

	if (d != NULL)
		return dir_take(ds, d, o);
	return ds->top.has ? dir_take(ds, &ds->top, o) : 0;
}
