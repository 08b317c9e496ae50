/*
 * hardlinks.c: the files with several names that were already stored; see
 * sandbox/hardlinks.h.
 *
 * Runs in the worker.  Touches nothing but memory: a tree by device and inode,
 * with a file in it until all of its names were found.
 */

#include "config.h"

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/hardlinks.h"

#ifdef CLOCK_REALTIME_COARSE
#define LINK_CLOCK	CLOCK_REALTIME_COARSE	/* that of file systems */
#else
#define LINK_CLOCK	CLOCK_REALTIME
#endif

struct link {
	RB_ENTRY(link)	 node;
	TAILQ_ENTRY(link) age;
	struct fdb_stat	 st;		/* when a name was last found */
	uint32_t	 seen;		/* names found */
	uint32_t	 number;
	size_t		 bytes;
	const char	*target;
	char		 name[];	/* followed by target */
};

RB_HEAD(link_tree, link);

struct hardlinks {
	struct link_tree	 tree;
	TAILQ_HEAD(, link)	 ages;	/* oldest first */
	size_t			 bytes, max;
	struct link		*last;	/* the next call frees it */
	uint32_t		 found;	/* number of the file found last */
	uint32_t		 numbers;	/* given so far; free ones: */
	uint32_t		 nfree;
	uint32_t		*free;	/* with room for all numbers */
};

static int
link_compare(const struct link *a, const struct link *b)
{
	if (a->st.ino != b->st.ino)
		return a->st.ino < b->st.ino ? -1 : 1;
	if (a->st.dev_major != b->st.dev_major)
		return a->st.dev_major < b->st.dev_major ? -1 : 1;
	if (a->st.dev_minor != b->st.dev_minor)
		return a->st.dev_minor < b->st.dev_minor ? -1 : 1;
	return 0;
}

RB_GENERATE_INTERNAL(link_tree, link, node, link_compare,
    __attribute__((unused)) static)

struct hardlinks *
hardlinks_new(size_t bytes)
{
	struct hardlinks	*ls;

	if ((ls = calloc(1, sizeof(*ls))) == NULL)
		return NULL;
	RB_INIT(&ls->tree);
	TAILQ_INIT(&ls->ages);
	ls->max = bytes;
	return ls;
}

/* Take a file out of the lists; its name stays valid until the next call. */
static void
link_forget(struct hardlinks *ls, struct link *l)
{
	RB_REMOVE(link_tree, &ls->tree, l);
	TAILQ_REMOVE(&ls->ages, l, age);
	ls->bytes -= l->bytes;
	ls->free[ls->nfree++] = l->number;
	free(ls->last);
	ls->last = l;
}

void
hardlinks_free(struct hardlinks *ls)
{
	if (ls == NULL)
		return;
	while (!TAILQ_EMPTY(&ls->ages))
		link_forget(ls, TAILQ_FIRST(&ls->ages));
	free(ls->last);
	free(ls->free);
	free(ls);
}

uint32_t
hardlinks_number(const struct hardlinks *ls)
{
	return ls->nfree > 0 ? ls->free[ls->nfree - 1] : ls->numbers + 1;
}

uint32_t
hardlinks_found(const struct hardlinks *ls)
{
	return ls->found;
}

/* Give a number to a file; it is hardlinks_number().  0 or -1. */
static int
link_number(struct hardlinks *ls, struct link *l)
{
	uint32_t	*p;

	l->number = hardlinks_number(ls);
	if (ls->nfree > 0) {
		ls->nfree--;
		return 0;
	}
	/* A power of 2: there is no room for another one. */
	if ((ls->numbers & (ls->numbers - 1)) == 0) {
		p = reallocarray(ls->free, (size_t)ls->numbers * 2 + 1,
		    sizeof(*p));
		if (p == NULL)
			return -1;
		ls->free = p;
	}
	ls->numbers++;
	return 0;
}

/*
 * True if b surely is the file that a was.  The kernel sets ctime and btime,
 * nobody can choose them, and an inode that is used again has new ones.
 * link(2) and unlink(2) change the ctime of a file that stays the same, and
 * also the number of its names; btime then proves that it is the same file.
 */
static bool
is_same_file(const struct fdb_stat *a, const struct fdb_stat *b)
{
	if (a->mode != b->mode || a->uid != b->uid || a->gid != b->gid ||
	    a->size != b->size || a->mtime != b->mtime ||
	    a->mtime_nsec != b->mtime_nsec ||
	    a->rdev_major != b->rdev_major ||
	    a->rdev_minor != b->rdev_minor ||
	    a->btime != b->btime || a->btime_nsec != b->btime_nsec)
		return false;
	if (a->ctime == b->ctime && a->ctime_nsec == b->ctime_nsec)
		return true;
	return a->nlink != b->nlink && a->btime_nsec != UINT32_MAX;
}

const char *
hardlinks_find(struct hardlinks *ls, const struct fdb_stat *st,
    const char *target)
{
	struct link	 key, *l;
	bool		 same;

	key.st = *st;
	if ((l = RB_FIND(link_tree, &ls->tree, &key)) == NULL)
		return NULL;
	same = is_same_file(&l->st, st) && strcmp(l->target, target) == 0;
	ls->found = l->number;
	if (same)
		l->st = *st;
	if (!same || ++l->seen >= st->nlink)
		link_forget(ls, l);
	return same ? l->name : NULL;
}

bool
hardlinks_has(struct hardlinks *ls, const struct fdb_stat *st)
{
	struct link	 key;

	key.st = *st;
	return RB_FIND(link_tree, &ls->tree, &key) != NULL;
}

/*
 * True if a file that is made after this one is gone could have the same times:
 * the clock that file systems use has not moved on since.  Some file systems
 * count in seconds.
 */
static bool
is_too_new(const struct fdb_stat *st)
{
	struct timespec	 now;

	if (clock_gettime(LINK_CLOCK, &now) == -1 || now.tv_sec < st->ctime)
		return true;
	return now.tv_sec == st->ctime && (st->ctime_nsec == 0 ||
	    (uint64_t)now.tv_nsec <= st->ctime_nsec);
}

int
hardlinks_add(struct hardlinks *ls, const struct fdb_stat *st, const char *name,
    const char *target)
{
	size_t		 len = strlen(name) + 1, tlen = strlen(target) + 1;
	struct link	*l;

	if (st->nlink < 2 || is_too_new(st))
		return 0;
	if ((l = malloc(sizeof(*l) + len + tlen)) == NULL)
		return -1;
	l->st = *st;
	l->seen = 1;
	l->bytes = sizeof(*l) + len + tlen;
	l->target = l->name + len;
	memcpy(l->name, name, len);
	memcpy(l->name + len, target, tlen);
	if (RB_FIND(link_tree, &ls->tree, l) != NULL) {
		free(l);
		return 0;
	}
	if (link_number(ls, l) == -1) {
		free(l);
		return -1;
	}
	RB_INSERT(link_tree, &ls->tree, l);
	TAILQ_INSERT_TAIL(&ls->ages, l, age);
	ls->bytes += l->bytes;
	while (ls->bytes > ls->max)
		link_forget(ls, TAILQ_FIRST(&ls->ages));
	return 0;
}
