/*
 * revisit.h: look at the directories again when everything was stored: what
 * came into one after it was left is not in the archive.
 */

#ifndef REVISIT_H
#define REVISIT_H

#include "client/fdbroker.h"
#include "common/buf.h"
#include "common/paths.h"
#include "sandbox/create.h"

struct revisit {
	struct buf	 list;		/* records; see revisit.c */
	struct buf	 last;		/* name in the last one */
	uint64_t	 n;
};

void	 revisit_init(struct revisit *);
void	 revisit_free(struct revisit *);

/*
 * Remember a directory as it was when it was left.  path is the number of the
 * path that the walk began with.  One whose path is too long for a request is
 * forgotten.  0, or -1: ENOMEM.
 */
int	 revisit_add(struct revisit *, const struct paths *, size_t path,
	    const char *member, const struct fdb_stat *);

/*
 * Ask for all of them again, and report those that have changed.  The session
 * has no other requests.  0, or -1: the archive cannot be completed, which was
 * reported.
 */
int	 revisit_run(struct revisit *, struct create *, struct fdb_session *,
	    const struct paths *);

#endif /* REVISIT_H */
