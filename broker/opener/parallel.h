/*
 * parallel.h: look up several names at a time, in a few threads, for a main
 * thread that would wait for each in turn: on a cold disk, or a file system
 * that asks a server.
 *
 * The threads do as they are told, and decide nothing: the main thread asks the
 * policy about each name before, and about each object after.
 */

#ifndef PARALLEL_H
#define PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "opener/resolve.h"

/*
 * Besides the main thread, which does jobs while it waits for one.  Each makes
 * a session begin 20 microseconds later, whether it is needed or not.
 */
#define PARALLEL_THREADS	3

struct parallel;

enum parallel_kind {
	PARALLEL_OPEN,		/* resolve_open() for reading, not special */
	PARALLEL_LOOK,		/* resolve_entry(); a link is an error */
	PARALLEL_DIR		/* begin to read it, so that it is in memory */
};

/* A job, of who gives it until parallel_wait() has returned. */
struct parallel_job {
	enum parallel_kind	 kind;
	/* In one directory; without spelling.  They stay until it is done. */
	const struct resolve_at	*at;
	const char		*name;
	bool			 ahead;	/* open: read ahead, too */

	/* What comes of it. */
	int			 fd;	/* open: the caller's, or -1 */
	int			 error;	/* errno; 0: it succeeded */
	bool			 type;	/* open: as of resolve_open() */
	bool			 bare;	/* open: it has no attributes */
	bool			 slept;	/* the thread had to wait */
	struct fdb_stat		 st;

	bool			 done;
	struct parallel_job	*next;
};

/* Without threads; NULL with errno. */
struct parallel *parallel_new(void);
/* End the threads, for tests.  No job may be under way.  Accepts NULL. */
void	 parallel_free(struct parallel *);

/*
 * Start the threads, before a filter that permits no new ones: when this
 * returns, all of them wait for a job.  0, or -1 with errno.
 */
int	 parallel_start(struct parallel *);

/* Give a job. */
void	 parallel_give(struct parallel *, struct parallel_job *);

/* Wait until a job is done, and do others meanwhile. */
void	 parallel_wait(struct parallel *, struct parallel_job *);

/*
 * How often this thread has given up its processor to wait for something; 0 if
 * the system does not tell.
 */
uint64_t parallel_sleeps(void);

#endif /* PARALLEL_H */
