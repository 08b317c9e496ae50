/*
 * cpiolinks.h: files with several names in cpio archives, where the contents
 * come with the last name, or with each.
 */

#ifndef CPIOLINKS_H
#define CPIOLINKS_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "common/buf.h"
#include "common/entry.h"

/* One such file. */
struct cpiofile {
	RB_ENTRY(cpiofile)	 node;
	TAILQ_ENTRY(cpiofile)	 next;
	struct entry		 e;	/* without strings */
	struct buf		 names;	/* that wait, each with its NUL */
	char			*given;	/* the name with contents, or NULL */
	char			 first[];
};

struct cpiolinks;

/* NULL: no memory. */
struct cpiolinks *cpiolinks_new(void);
void		 cpiolinks_free(struct cpiolinks *);

/*
 * The file of a member: that of the name it is a hard link to, or of its own
 * name.  Such a file is added if need be.  0, with NULL if there is no room for
 * it; -1: no memory.
 */
int		 cpiolinks_find(struct cpiolinks *, const struct entry *,
		    struct cpiofile **);

/* A name waits for contents.  1; 0: there is no room for it; -1: no memory. */
int		 cpiolinks_wait(struct cpiolinks *, struct cpiofile *,
		    const char *name);

/* This name gets the contents; NULL: none has.  0 or -1: no memory. */
int		 cpiolinks_give(struct cpiofile *, const char *name);

/* The files in their order.  NULL: there are no more. */
struct cpiofile	*cpiolinks_next(struct cpiolinks *, struct cpiofile *);

#endif /* CPIOLINKS_H */
