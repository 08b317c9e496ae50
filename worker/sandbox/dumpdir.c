/*
 * dumpdir.c: lists of names in directories; see sandbox/dumpdir.h.
 *
 * Runs in the worker, in the thread that writes.  Touches nothing but memory.
 *
 * A list has for each name a "Y", or a "D" for a directory, the name and a NUL;
 * a NUL ends it.  The names are sorted.
 */

#include "config.h"

#include <sys/tree.h>

#include <stdlib.h>
#include <string.h>

#include "sandbox/dumpdir.h"

struct dumpdir {
	RB_ENTRY(dumpdir)	 node;
	struct buf		 list;
	bool			 names;		/* they are wanted */
	bool			 ended;
	size_t			 len;		/* of the name */
	const char		*name;
	char			 text[];
};

RB_HEAD(dumpdir_tree, dumpdir);

struct dumpdirs {
	struct dumpdir_tree	 tree;
};

static int
dumpdir_compare(const struct dumpdir *a, const struct dumpdir *b)
{
	size_t	 len = a->len < b->len ? a->len : b->len;
	int	 n;

	if ((n = memcmp(a->name, b->name, len)) != 0)
		return n;
	return a->len == b->len ? 0 : a->len < b->len ? -1 : 1;
}

RB_GENERATE_INTERNAL(dumpdir_tree, dumpdir, node, dumpdir_compare,
    __attribute__((unused)) static)

struct dumpdirs *
dumpdirs_new(void)
{
	struct dumpdirs	*d;

	if ((d = calloc(1, sizeof(*d))) != NULL)
		RB_INIT(&d->tree);
	return d;
}

void
dumpdirs_free(struct dumpdirs *d)
{
	struct dumpdir	*p;

	if (d == NULL)
		return;
	while ((p = RB_ROOT(&d->tree)) != NULL) {
		RB_REMOVE(dumpdir_tree, &d->tree, p);
		buf_free(&p->list);
		free(p);
	}
	free(d);
}

static struct dumpdir *
find(struct dumpdirs *d, const char *dir, size_t len)
{
	struct dumpdir	 key;

	memset(&key, 0, sizeof(key));
	key.name = dir;
	key.len = len;
	return RB_FIND(dumpdir_tree, &d->tree, &key);
}

bool
dumpdirs_any(const struct dumpdirs *d)
{
	return !RB_EMPTY(&d->tree);
}

int
dumpdirs_want(struct dumpdirs *d, const char *dir, size_t len, bool names)
{
	struct dumpdir	*p;

	if ((p = find(d, dir, len)) != NULL) {
		p->names = p->names || names;
		return 0;
	}
	if ((p = calloc(1, sizeof(*p) + len + 1)) == NULL)
		return -1;
	memcpy(p->text, dir, len);
	p->name = p->text;
	p->len = len;
	p->names = names;
	RB_INSERT(dumpdir_tree, &d->tree, p);
	return 0;
}

int
dumpdirs_add(struct dumpdirs *d, const char *member, bool directory)
{
	const char	*slash = strrchr(member, '/');
	struct dumpdir	*p;

	if (strcmp(member, ".") == 0)
		return 0;
	p = slash == NULL ? find(d, ".", 1) :
	    find(d, member, (size_t)(slash - member));
	if (p == NULL || !p->names || p->list.len > DUMPDIR_MAX)
		return 0;
	member = slash == NULL ? member : slash + 1;
	if (buf_putc(&p->list, directory ? 'D' : 'Y') == -1)
		return -1;
	return buf_add(&p->list, member, strlen(member) + 1);
}

/* Compare two names behind their letters. */
static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

/* tar looks names up by halves.  Sort them, and end the list.  0 or -1. */
static int
list_end(struct dumpdir *p)
{
	struct buf	 sorted = { NULL, 0, 0 };
	const char	**v, *s, *end = p->list.data + p->list.len;
	size_t		 i, n = 0;
	int		 ret = -1;

	/* An entry has at least three bytes. */
	if ((v = calloc(p->list.len / 3 + 1, sizeof(*v))) == NULL)
		return -1;
	for (s = p->list.data; s < end; s += strlen(s) + 1)
		v[n++] = s;
	/* qsort(3) of glibc asks for the size of memory, which is confined. */
	if (heapsort(v, n, sizeof(*v), name_compare) == -1 && n > 1)
		goto out;
	for (i = 0; i < n; i++)
		if (buf_add(&sorted, v[i], strlen(v[i]) + 1) == -1)
			goto out;
	if ((ret = buf_putc(&sorted, '\0')) == 0) {
		buf_free(&p->list);
		p->list = sorted;
		memset(&sorted, 0, sizeof(sorted));
	}
out:
	buf_free(&sorted);
	free(v);
	return ret;
}

int
dumpdirs_list(struct dumpdirs *d, const char *dir, const struct buf **list)
{
	struct dumpdir	*p = find(d, dir, strlen(dir));

	*list = NULL;
	if (p == NULL)
		return 0;
	if (!p->names || p->list.len > DUMPDIR_MAX)
		return 1;
	if (!p->ended && list_end(p) == -1)
		return -1;
	p->ended = true;
	*list = &p->list;
	return 1;
}
