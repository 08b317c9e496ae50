/*
 * feed.h: feed create.c with files that are fakes, and keep the members that
 * it passes on.
 *
 * A program with feed.c has its own fdio_pread() and fdstat(), see Makefile.am,
 * and its own archiver, hashing, owners and reporter.
 */

#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/job.h"
#include "sandbox/create.h"
#include "sandbox/pipeline.h"

#define SMALL	(SLAB_SIZE / 2)		/* the largest small file */
#define ROOM	(SLAB_SIZE / 4 * 3)	/* what is read of it, if it lies */
#define OWNERS	(2 * CHANNEL_OWNER_MAX)	/* bytes kept for their names */
#define NEVER	UINT64_MAX
#define STEPS	4

/*
 * With READING_WAITS, threads read files ahead.  A file that turns out to be
 * too large for them was then read before create.c reads it: this many times.
 */
#ifdef READING_WAITS
#define READ_AHEAD	1
#else
#define READ_AHEAD	0
#endif

/* A version of a file: what it says, and what it holds. */
struct fake_version {
	uint64_t	 size;
	uint64_t	 holds;
	int64_t		 mtime, ctime;
};

/* The file that is read. */
struct fake_file {
	struct fake_version	 versions[STEPS];
	size_t		 nversions;
	size_t		 now;		/* the version that is there */
	bool		 changes_late;	/* when it was read to its end */
	uint64_t	 error_at;	/* byte that cannot be read */
	int		 stat_errno;
	size_t		 opened;	/* times that it was read from byte 0 */
	bool		 short_reads;
	bool		 no_disk;	/* has the file system */
	size_t		 chunk;		/* that read(2) gives, or 0 */
};

/* A member as the last stage gets it. */
struct kept {
	struct buf	 name, link, hardlink;
	struct buf	 contents;
	struct entry	 e;
	bool		 complete;
	bool		 superseded;
};

struct fake_run {
	struct fake_file	 file;
	struct options	 options;
	struct job	 job;
	struct create	*create;
	struct kept	*kept;
	size_t		 nkept;
	bool		 end;		/* the last slab has come */
	bool		 stage_fails;
};
extern struct fake_run	 fake;

/* Begin a run; all is stored, and this was reported; forget the run. */
void	 feed_begin(void);
void	 feed_finish(const char *reported);
void	 feed_forget(void);

/* Add a version of the file: the first one is what the walk has found. */
void	 feed_version(uint64_t size, uint64_t holds);
struct fdb_stat feed_found(void);

/* Store the file under a name, and with a stat if one is given. */
void	 feed_store(const char *name);
int	 feed_store_stat(const char *name, const struct fdb_stat *);

/* Fill the slab up to this many bytes of room, with a file. */
void	 feed_leave_room(size_t room);

/* A member: these bytes of a version, and zeros from there on. */
void	 feed_member(const struct kept *, uint64_t size, size_t seed,
	    uint64_t zeros);
/* The last one. */
void	 feed_contents(uint64_t size, size_t seed, uint64_t zeros);

#endif /* FEED_H */
