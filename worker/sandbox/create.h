/*
 * create.h: write an archive.
 */

#ifndef CREATE_H
#define CREATE_H

#include <stdbool.h>

#include "base/fdbroker_types.h"
#include "common/buf.h"
#include "common/job.h"
#include "sandbox/reporter.h"

struct contents_small;
struct create;
struct readers;
struct readers_file;

/*
 * Prepare, before the process is confined, while libraries can still open
 * files.  The caller keeps the descriptors of archive and spool, and the job,
 * until create_free().  threads compress.  NULL: it failed, which was reported.
 */
struct create	*create_new(const struct job *, int archive,
		    unsigned int threads, struct reporter *);
void		 create_free(struct create *);

/*
 * Keep no more than this many files open that are to be closed; 0: any.
 * Otherwise no files are read ahead, either.  Before anything is stored.
 */
void		 create_limit(struct create *, unsigned int closing);

/*
 * Read what --since names, which narrows the choice, and begin the manifest.
 * Confined, before anything is stored.  0, or -1, which was reported.
 */
int	 create_open(struct create *, struct choice *);

/* Start the threads: 0, or -1 with errno.  No thread is started later. */
int		 create_start(struct create *);

/*
 * Store a member under this name.  A problem with this file alone is reported,
 * and the result is 0.  -1: the archive cannot be completed, which was
 * reported.
 */
int	 create_directory(struct create *, const char *name,
	    const struct fdb_stat *);
int	 create_special(struct create *, const char *name,
	    const struct fdb_stat *, const char *target);
/* Takes over the descriptor. */
int	 create_file(struct create *, const char *name,
	    const struct fdb_stat *, int fd);

/* Threads that read files ahead, see queue.h; NULL: there are none. */
struct readers	*create_readers(struct create *);

/* May such a thread read this regular file, as far as is known now?  *how. */
bool	 create_may_read(struct create *, const struct fdb_stat *, int fd,
	    struct contents_small *how);

/*
 * The file that is stored next was read: settled, and small.  NULL: it was not.
 */
void	 create_was_read(struct create *, const struct readers_file *);

/*
 * For the command diff, which stores nothing and compares: the archive is of
 * another program.
 */
void	 create_foreign(struct create *, bool foreign);
/* True if that is what it does. */
bool	 create_is_diff(const struct create *);

/* What the run knows of an earlier archive; NULL: nothing. */
struct since	*create_since(struct create *);

/*
 * A member is not stored: it has not changed, and line is what the manifest
 * says of it.  A file with several names may be stored as a hard link all the
 * same.  0 or -1 as above.
 */
int	 create_kept(struct create *, const char *name,
	    const struct fdb_stat *, const char *target, const char *line);

/* The members that come now are in directories that came before others. */
void	 create_late(struct create *);

/* A directory had this name: let programs that extract empty it.  As above. */
int	 create_purge(struct create *, const char *name);

/*
 * The members that are stored from now on have these attributes, a sorted set
 * that the caller keeps; NULL: none.
 */
void	 create_attributes(struct create *, const struct buf *);

/*
 * Report why something is not in the archive.  0, or -1 as above: with
 * --denied=fail also because policy denied it.
 */
int	 create_report(struct create *, enum report_kind, const char *name,
	    const char *why);

/* Report that policy hides n names of a directory.  0, or -1 as above. */
int	 create_hidden(struct create *, const char *name, uint64_t n);
/*
 * For a dry run, which stores nothing and counts: a directory begins that is a
 * first component beneath a path; it ends; the path ends.  Otherwise these do
 * nothing.  0 or -1 as above.
 */
void	 create_mark(struct create *);
int	 create_subtotal(struct create *, const char *name);
int	 create_total(struct create *, const char *name);

/* Report that an allocation failed.  Always -1. */
int	 create_no_memory(struct create *);

/*
 * Write the manifest and the end of the archive.  0, or -1 as above; also if
 * nothing was stored.
 */
int	 create_finish(struct create *);

#endif /* CREATE_H */
