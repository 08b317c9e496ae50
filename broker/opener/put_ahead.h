/*
 * put_ahead.h: make the files of a large request, and name others, in several
 * threads.
 *
 * The main thread goes through a run of CREATE and COMMIT twice: first it asks
 * the policy about each, finds the directories, and gives the rest to the
 * threads; then it takes what was done, item by item.
 *
 * A thread tries only what nearly always succeeds.  What did not is carried out
 * by the main thread from its beginning, in its turn, as if nobody had tried.
 * Files are named in the order of the items, by one thread at a time, and after
 * one that was not, none is.  So the order of names, and who replaces whom, is
 * the same with and without threads.  What no thread has begun when the policy
 * changes, or when the session ends, no thread begins.
 */

#ifndef PUT_AHEAD_H
#define PUT_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/proto.h"
#include "opener/job.h"
#include "opener/meta.h"
#include "opener/parallel.h"
#include "opener/pendfile.h"
#include "opener/resolve.h"

struct put_ahead_part;

struct put_ahead_item {
	const struct changewire_item *it;
	struct resolve_at	 at;	/* the directory */
	const char		*name;	/* one component */
	struct put_ahead_part	*part;
	struct put_ahead_item	*next;	/* of the part */
	bool			 done;

	struct pendfile		*file;	/* COMMIT: this one */
	struct meta_owner	 owner;
	/* CREATE: what was made.  COMMIT: file->fd, closed once it is done. */
	int			 fd;
	struct fdb_stat		 st;
};

#define PUT_AHEAD_PIECE	8	/* files that a job makes */
#define PUT_AHEAD_PARTS	(FDB_BATCH_MAX / PUT_AHEAD_PIECE + 2)

struct put_ahead_part {
	struct parallel_job	 job;
	struct put_ahead	*ahead;
	struct put_ahead_item	*first, **last;
	size_t			 n;	/* 0: nobody has it, or will */
};

struct put_ahead {
	struct state		*s;
	struct put_ahead_item	 items[FDB_BATCH_MAX];	/* of the request */
	size_t			 taken, planned;	/* the run: from, to */
	uint64_t		 version;	/* of the policy then */
	struct put_ahead_part	 parts[PUT_AHEAD_PARTS];
	size_t			 nparts;	/* parts[0] names files */
	struct job		 scratch;	/* to plan, and for parts[0] */
};

/* The request has n items.  False: it is carried out without threads. */
bool	 put_ahead_begin(struct put_ahead *, struct state *, size_t n);

/*
 * Item i is next; the cache is that of the request.  If it is in no run, begin
 * one with it and the items after it.  Nothing of them was carried out.
 */
void	 put_ahead_plan(struct put_ahead *, struct parent_cache *,
	    const struct changewire_item *items, size_t i, size_t n);

/*
 * Take item i, for the job of this item.  True: the job has its status and its
 * result.  False: carry it out.
 */
bool	 put_ahead_take(struct put_ahead *, struct job *, size_t i);

/* Wait for what is under way, and give up what was not begun or taken. */
void	 put_ahead_end(struct put_ahead *, struct parent_cache *);

#endif /* PUT_AHEAD_H */
