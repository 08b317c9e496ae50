/*
 * cpiolinks.c: files with several names in cpio archives; see
 * sandbox/cpiolinks.h.
 *
 * Runs in the worker.  Touches nothing but memory, of which an archive cannot
 * make it take more than CPIOLINKS_MAX.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/cpiolinks.h"

#define CPIOLINKS_MAX	(32 * 1024 * 1024)	/* bytes */

RB_HEAD(cpiofile_tree, cpiofile);

struct cpiolinks {
	struct cpiofile_tree	 tree;
	TAILQ_HEAD(, cpiofile)	 list;
	size_t			 size;
};

static int
cpiofile_compare(const struct cpiofile *a, const struct cpiofile *b)
{
	return strcmp(a->first, b->first);
}

RB_GENERATE_INTERNAL(cpiofile_tree, cpiofile, node, cpiofile_compare,
    __attribute__((unused)) static)

struct cpiolinks *
cpiolinks_new(void)
{
	struct cpiolinks	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	RB_INIT(&l->tree);
	TAILQ_INIT(&l->list);
	return l;
}

void
cpiolinks_free(struct cpiolinks *l)
{
	struct cpiofile	*f;

	if (l == NULL)
		return;
	while ((f = TAILQ_FIRST(&l->list)) != NULL) {
		TAILQ_REMOVE(&l->list, f, next);
		buf_free(&f->names);
		free(f->given);
		free(f);
	}
	free(l);
}

int
cpiolinks_find(struct cpiolinks *l, const struct entry *e,
    struct cpiofile **fp)
{
	const char	*first = e->hardlink[0] != '\0' ? e->hardlink : e->name;
	struct cpiofile	*f, *old;
	size_t		 len = strlen(first) + 1;

	*fp = NULL;
	if (len > CPIOLINKS_MAX - l->size)
		return 0;
	if ((f = calloc(1, sizeof(*f) + len)) == NULL)
		return -1;
	memcpy(f->first, first, len);
	if ((old = RB_INSERT(cpiofile_tree, &l->tree, f)) != NULL) {
		free(f);
		*fp = old;
		return 0;
	}
	f->e = *e;
	f->e.name = f->e.link = f->e.hardlink = f->e.uname = f->e.gname = "";
	f->e.attributes = NULL;
	f->e.attributes_len = 0;
	TAILQ_INSERT_TAIL(&l->list, f, next);
	l->size += sizeof(*f) + len <= CPIOLINKS_MAX - l->size ?
	    sizeof(*f) + len : CPIOLINKS_MAX - l->size;
	*fp = f;
	return 0;
}

int
cpiolinks_wait(struct cpiolinks *l, struct cpiofile *f, const char *name)
{
	size_t	 len = strlen(name) + 1;

	if (len > CPIOLINKS_MAX - l->size)
		return 0;
	l->size += len;
	return buf_add(&f->names, name, len) == -1 ? -1 : 1;
}

int
cpiolinks_give(struct cpiofile *f, const char *name)
{
	free(f->given);
	f->given = NULL;
	if (name == NULL)
		return 0;
	return (f->given = strdup(name)) != NULL ? 0 : -1;
}

struct cpiofile *
cpiolinks_next(struct cpiolinks *l, struct cpiofile *f)
{
	return f == NULL ? TAILQ_FIRST(&l->list) : TAILQ_NEXT(f, next);
}
