/*
 * changes.h: the objects that the broker is asked to make, many at once.
 *
 * A change is one object on its way: what it asks for is sent as the session
 * allows, and its results move it on to its end.  A file is created, filled and
 * committed; the rest takes one request.  What fails is reported and counted
 * here.
 */

#ifndef CHANGES_H
#define CHANGES_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "client/fdbroker.h"
#include "common/options.h"
#include "sandbox/change.h"
#include "sandbox/dirs.h"
#include "sandbox/reporter.h"
#include "sandbox/seen.h"

struct changes;

/* What the caller keeps until changes_free(). */
struct changes_env {
	struct fdb_session	*session;
	struct reporter		*rep;
	struct seen		*seen;
	struct dirs		*dirs;
	const struct options	*options;
	mode_t			 parent_mode;	/* of directories no members */
};

/* NULL: no memory. */
struct changes	*changes_new(const struct changes_env *);
void		 changes_free(struct changes *);

/* Begin in a directory.  0, or -1: it cannot be used, which was reported. */
int		 changes_begin(struct changes *, const char *dest);

/*
 * The functions below return -1 if the run fails, which was reported.
 *
 * Take over a change that has an object, and ask for it.  What it depends on
 * must have been added before it.
 */
int		 changes_add(struct changes *, struct change *);

/* The change on its way that has this name, or NULL. */
struct change	*changes_find(struct changes *, uint64_t hash);

/*
 * Let a hard link wait for its target, which is no link.  Takes it over.
 */
int		 changes_add_link(struct changes *, struct change *link,
		    struct change *target);

/*
 * Wait until all files with whole contents have been filled, or those that were
 * added before the last call of changes_next().
 */
int		 changes_fill(struct changes *);
int		 changes_next(struct changes *);
/* Wait until nothing is on its way, except for the current file. */
int		 changes_drain(struct changes *);

/*
 * The current file is one whose contents come in pieces.  Begin it: takes over
 * the change.
 */
int		 changes_file(struct changes *, struct change *);
/* Write to it, at an offset.  If it failed, nothing happens. */
int		 changes_write(struct changes *, uint64_t offset, const void *,
		    size_t);
/* It has this size: commit it. */
int		 changes_file_end(struct changes *, uint64_t size);
/* Its contents did not come to their end: drop it, and report why or NULL. */
int		 changes_file_drop(struct changes *, const char *why);
/* It is not wanted after all: drop it. */
int		 changes_file_forget(struct changes *);

/*
 * Find the token and the rest of a name for requests: names can be longer than
 * a request takes.
 */
int		 changes_base(struct changes *, const char *name,
		    uint32_t *base, const char **rest);
/* The same for both names of a hard link. */
int		 changes_bases(struct changes *, struct change *);

/* How much failed so far, and how many objects were up to date. */
uint64_t	 changes_failed(const struct changes *);
uint64_t	 changes_kept(const struct changes *);

#endif /* CHANGES_H */
