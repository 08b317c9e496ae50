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

/*
 * The last directory that was found, for the next change of the same message
 * with a name in it or beneath it; and the last token's directory.
 */
struct parent_cache {
	bool			 valid;
	uint32_t		 base;
	const struct root	*root;
	char			 path[PROTO_LONG_MAX];	/* of the directory */
	struct resolve_at	 at;
	struct spelling		*spelling;	/* at.spelling, before */
	int			 held;		/* at.dirfd, to close it */
	int			 lock;		/* of naming_hold(), or -1 */
	struct target_base	 found;
};

struct parent {
	struct resolve_at	 at;	/* the directory, to resolve names in */
	const char		*name;	/* one component */
	const struct root	*root;
};

void	 parent_begin(struct parent_cache *);
/* Close what it holds: also when a directory was removed or replaced. */
void	 parent_forget(struct parent_cache *);

/*
 * Find the directory of the job's target, in the root for an operation that the
 * policy has permitted: strictly, through no link.  Its descriptor lives as
 * long as the cache.  0, or -1 with the status set: EISDIR if the name is that
 * of the root or of the token's directory.
 */
int	 parent_open(struct parent *, struct job *, uint32_t op);

#endif /* PARENT_H */
