/*
 * readers.h: threads that read small files ahead of the archive, several at a
 * time, where reading waits for a disk or a server.
 *
 * In memory, a file is read sooner than a thread is woken.  So the caller's
 * thread reads, and looks at a few of its reads: did the kernel let the thread
 * sleep?  Only when most of them slept, the other threads read.
 *
 * Files come out in the order in which they were added.
 */

#ifndef READERS_H
#define READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/contents.h"

#define READERS_THREADS	4
#define READERS_FILES	32		/* on their way at once */
#define READERS_SIZE	(64 * 1024)	/* a file has less */

/* A file, and what has become of it. */
struct readers_file {
	struct contents_small	 small;
	bool			 holes;		/* it may have some */
	struct version		 version;	/* before, then read */
	/*
	 * False: it has holes, or more than READERS_SIZE; the caller reads it
	 * as if nothing had been read.
	 */
	bool			 settled;
	struct contents		 contents;
	uint8_t			*data;		/* contents.size bytes */
	bool			 slept;
};

struct readers;

/* NULL: ENOMEM. */
struct readers	*readers_new(void);

/*
 * Start the threads, with all signals blocked.  0, or -1 with errno: not all of
 * them were started, and nothing but readers_free() may follow.
 */
int		 readers_start(struct readers *);

/* Wait for reads under way, end the threads, and free it.  NULL is allowed. */
void		 readers_free(struct readers *);

/* Read a file in the caller's thread, as contents_small() does. */
void		 readers_read(struct readers *, const struct contents_small *,
		    uint8_t *buf, size_t max, struct version *,
		    struct contents *);

/* True if reading waits, so that files should be added. */
bool		 readers_wanted(struct readers *);

/*
 * Add a file of less than READERS_SIZE bytes, after readers_wanted() was true:
 * small, holes and version of *f.  The caller keeps the descriptor open until
 * the file is removed.  At most READERS_FILES are added and not removed.
 */
void		 readers_add(struct readers *, const struct readers_file *f);

/*
 * The first file that was added and not removed; there is one.  NULL: it is not
 * read yet, and wait is false.
 */
const struct readers_file *readers_first(struct readers *, bool wait);

/* It was read: remove it. */
void		 readers_remove(struct readers *);

/* Remove all files, when those that are being read have been read. */
void		 readers_drop(struct readers *);

#endif /* READERS_H */
