/*
 * open_ahead.h: open the files of a large request in several threads.
 *
 * The main thread goes through the items twice: first it asks the policy about
 * each name, and gives what is permitted to the threads, in pieces; then it
 * takes what was opened, item by item, and judges that.
 */

#ifndef OPEN_AHEAD_H
#define OPEN_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/proto.h"
#include "opener/asked.h"
#include "opener/parallel.h"
#include "opener/resolve.h"

struct state;

/* A file that is opened for reading, as by resolve_open(), not special. */
struct open_ahead_item {
	bool		 wanted;	/* it is; all that follows is set */
	struct resolve_at at;		/* without spelling */
	const char	*rel;		/* stays until open_ahead_end() */
	struct asked_verdicts asked;	/* about its path; for the caller */

	int		 fd;		/* or -1, with errno and type */
	int		 error;
	bool		 type;
	struct fdb_stat	 st;
};

#define OPEN_AHEAD_PIECE	16	/* items of a job */
#define OPEN_AHEAD_PIECES	(FDB_BATCH_MAX / OPEN_AHEAD_PIECE + 1)

struct open_ahead_piece {
	struct parallel_job	 job;
	struct open_ahead_item	*items;
	size_t			 n;
};

/*
 * Names of a request that follow each other, and are in one directory, are
 * opened from there: it is looked up once.
 */
#define OPEN_AHEAD_DIRS		4
#define OPEN_AHEAD_SHARE	8	/* names that are worth it */

struct open_ahead {
	struct open_ahead_item	 items[FDB_BATCH_MAX];
	struct open_ahead_piece	 pieces[OPEN_AHEAD_PIECES];
	size_t			 npieces;
	size_t			 ndone;	/* of them; known so far */
	int			 dirs[OPEN_AHEAD_DIRS];
	size_t			 ndirs;
};

/* Have the first n items opened, of which some are wanted. */
void	 open_ahead_begin(struct open_ahead *, struct parallel *, size_t n);

/*
 * Wait for item i.  NULL if it was not wanted, or must be opened again: it has
 * left the file system, or there were no descriptors; in this case all after it
 * are closed and must be opened again, too.  A descriptor is the caller's, who
 * sets it to -1.
 */
struct open_ahead_item *open_ahead_take(struct open_ahead *,
	    struct parallel *, size_t i);

/* Wait for those under way, and close what was not taken. */
void	 open_ahead_end(struct open_ahead *, struct parallel *);

#endif /* OPEN_AHEAD_H */
