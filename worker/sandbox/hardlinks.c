/*
 * hardlinks.c: the files with several names that were already stored; see
 * sandbox/hardlinks.h.
 *
 * Runs in the worker.  Touches nothing but memory: a tree by device and inode,
 * with a file in it until all of its names were found.
 */

#include "config.h"

#include <sys/tree.h>

#include <stdlib.h>
#include <string.h>

#include "sandbox/hardlinks.h"

struct link {
	RB_ENTRY(link)	 node;
	uint32_t	 dev_major, dev_minor;
	uint64_t	 ino;
	uint32_t	 left;		/* names not found yet */
	char		*name;
};

RB_HEAD(link_tree, link);

struct hardlinks {
	struct link_tree	 tree;
	struct link		*last;	/* the next call frees it */
};

static int
link_compare(const struct link *a, const struct link *b)
{
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->dev_major != b->dev_major)
		return a->dev_major < b->dev_major ? -1 : 1;
	if (a->dev_minor != b->dev_minor)
		return a->dev_minor < b->dev_minor ? -1 : 1;
	return 0;
}

RB_GENERATE_INTERNAL(link_tree, link, node, link_compare,
    __attribute__((unused)) static)

static void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	free(l->name);
	free(l);
}

struct hardlinks *
hardlinks_new(void)
{
	struct hardlinks	*ls;

	if ((ls = calloc(1, sizeof(*ls))) == NULL)
		return NULL;
	RB_INIT(&ls->tree);
	return ls;
}

void
hardlinks_free(struct hardlinks *ls)
{
	struct link	*l;

	if (ls == NULL)
		return;
	while ((l = RB_ROOT(&ls->tree)) != NULL) {
		RB_REMOVE(link_tree, &ls->tree, l);
		link_free(l);
	}
	link_free(ls->last);
	free(ls);
}

static void
link_set_key(struct link *l, const struct fdb_stat *st)
{
	l->dev_major = st->dev_major;
	l->dev_minor = st->dev_minor;
	l->ino = st->ino;
}

const char *
hardlinks_find(struct hardlinks *ls, const struct fdb_stat *st)
{
	struct link	 key, *l;

	link_free(ls->last);
	ls->last = NULL;
	link_set_key(&key, st);
	if ((l = RB_FIND(link_tree, &ls->tree, &key)) == NULL)
		return NULL;
	if (--l->left == 0) {
		RB_REMOVE(link_tree, &ls->tree, l);
		ls->last = l;
	}
	return l->name;
}

int
hardlinks_add(struct hardlinks *ls, const struct fdb_stat *st, const char *name)
{
	struct link	*l;

	if (st->nlink < 2)
		return 0;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return -1;
	link_set_key(l, st);
	l->left = st->nlink - 1;
	if ((l->name = strdup(name)) == NULL) {
		link_free(l);
		return -1;
	}
	if (RB_INSERT(link_tree, &ls->tree, l) != NULL)
		link_free(l);
	return 0;
}
