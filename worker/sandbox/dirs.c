/*
 * dirs.c: the directories whose metadata is set at the end; see sandbox/dirs.h.
 *
 * Runs in the worker.  Touches nothing but memory.  In the order of strcmp(3),
 * a directory comes before what is beneath it.
 */

#include "config.h"

#include <sys/tree.h>

#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "sandbox/dirs.h"

struct dir {
	RB_ENTRY(dir)	 node;
	struct object	 o;
	size_t		 bytes;
};

RB_HEAD(dir_tree, dir);

struct dirs {
	struct dir_tree	 tree;
	size_t		 bytes, max;
};

static int
dir_compare(const struct dir *a, const struct dir *b)
{
	return strcmp(a->o.name, b->o.name);
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
	ds->max = bytes;
	return ds;
}

/* Take a directory out of the tree. */
static void
dir_take(struct dirs *ds, struct dir *d, struct object *o)
{
	RB_REMOVE(dir_tree, &ds->tree, d);
	ds->bytes -= d->bytes;
	*o = d->o;
	free(d);
}

void
dirs_free(struct dirs *ds)
{
	struct object	 o;

	if (ds == NULL)
		return;
	while (dirs_next(ds, &o))
		object_clear(&o);
	free(ds);
}

static struct dir *
dir_find(struct dirs *ds, const char *name)
{
	struct dir	 key;

	key.o.name = name;
	return RB_FIND(dir_tree, &ds->tree, &key);
}

static size_t
object_bytes(const struct object *o)
{
	size_t	 i, n = strlen(o->name) + strlen(o->link) + 2;

	for (i = 0; i < o->nxattrs; i++)
		n += strlen(o->xattrs[i].name) + o->xattrs[i].length +
		    sizeof(o->xattrs[i]);
	return n;
}

void
dirs_drop(struct dirs *ds, const char *name)
{
	struct object	 old;
	struct dir	*d;

	if ((d = dir_find(ds, name)) == NULL)
		return;
	dir_take(ds, d, &old);
	object_clear(&old);
}

int
dirs_add(struct dirs *ds, struct object *o)
{
	struct dir	*d;

	dirs_drop(ds, o->name);
	if ((d = malloc(sizeof(*d))) == NULL) {
		object_clear(o);
		return -1;
	}
	d->o = *o;
	d->bytes = sizeof(*d) + object_bytes(o);
	ds->bytes += d->bytes;
	(void)RB_INSERT(dir_tree, &ds->tree, d);
	return 0;
}

bool
dirs_has(struct dirs *ds, const char *name)
{
	return dir_find(ds, name) != NULL;
}

bool
dirs_excess(struct dirs *ds, const char *name, struct object *o)
{
	struct dir	*d;

	if (ds->bytes <= ds->max)
		return false;
	RB_FOREACH_REVERSE(d, dir_tree, &ds->tree) {
		if (paths_covers(d->o.name, name))
			continue;
		dir_take(ds, d, o);
		return true;
	}
	return false;
}

bool
dirs_next(struct dirs *ds, struct object *o)
{
	struct dir	*d = RB_MAX(dir_tree, &ds->tree);

	if (d == NULL)
		return false;
	dir_take(ds, d, o);
	return true;
}
