/*
 * walk_ahead.h: let the kernel read ahead what a walk opens, where that is not
 * in memory.
 */

#ifndef WALK_AHEAD_H
#define WALK_AHEAD_H

#include <stdbool.h>

#include "base/fdbroker_types.h"

/* All zeros: nothing was opened so far. */
struct walk_ahead {
	unsigned int	 n;		/* files since one was asked about */
	bool		 cached;	/* it was in memory */
};

/* Read a file ahead, whatever is in memory.  Any thread may call it. */
void	 walk_ahead_begin(int fd);

/* A regular file was opened. */
void	 walk_ahead(struct walk_ahead *, int fd, const struct fdb_stat *);

#endif /* WALK_AHEAD_H */
