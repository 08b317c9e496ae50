/*
 * parent.h: the directory in which the last component of a change's name is,
 * held open.  The changes do all the rest with this directory and that one
 * component.
 */

#ifndef PARENT_H
#define PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/proto.h"
#include "opener/job.h"
#include "opener/resolve.h"
#include "opener/roots.h"

/* A directory that was found. */
struct parent_dir {
	bool			 valid;
	uint32_t		 base;
	const struct root	*root;
	char			 path[PROTO_LONG_MAX];	/* of the directory */
	struct resolve_at	 at;
	struct spelling		*spelling;	/* at.spelling, before */
	int			 held;		/* at.dirfd, to close it */
	int			 lock;		/* of naming_hold(), or -1 */
};

/*
 * The directories that were found last, for the next changes of the same
 * message with names in them or beneath them; and the last token's directory.
 */
#define PARENT_DIRS	4
struct parent_cache {
	struct parent_dir	 dirs[PARENT_DIRS];
	size_t			 oldest;	/* is dropped next */
	/* Changes are under way in the directories: none is dropped. */
	bool			 kept;
	struct target_base	 found;
};

struct parent {
	struct resolve_at	 at;	/* the directory, to resolve names in */
	const char		*name;	/* one component */
	const struct root	*root;
	struct parent_dir	*dir;
};

void	 parent_begin(struct parent_cache *);
/* Close what it holds: also when a directory was removed or replaced. */
void	 parent_forget(struct parent_cache *);
/* Have room for one more directory, so that one can be found while `kept'. */
void	 parent_make_room(struct parent_cache *);

/*
 * Find the directory of the job's target, in the root for an operation that the
 * policy has permitted: strictly, through no link.  Its descriptor lives until
 * the next one is found, or as long as the directories are kept.  0, or -1 with
 * the status set: EISDIR if the name is that of the root or of the token's
 * directory; ENOSPC if directories are kept and there is no room.
 */
int	 parent_open(struct parent *, struct job *, uint32_t op);

#endif /* PARENT_H */
