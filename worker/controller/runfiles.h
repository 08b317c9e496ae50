/*
 * runfiles.h: which files a run opens, for its command and options, and that no
 * two of them are one; output.h has how each is opened.
 */

#ifndef RUNFILES_H
#define RUNFILES_H

#include <stdbool.h>

#include "common/job.h"
#include "controller/output.h"

#define RUNFILES_WHY_MAX	1024	/* bytes of a reason, with its NUL */

struct runfiles {
	const struct options	*options;
	struct output		 output;	/* create */
	struct output		 manifest;	/* of --manifest */
	int			 archive;	/* to hand to the worker */
	/* What the worker inherits; -1: none. */
	int			 archives[OPTIONS_ARCHIVES_MAX]; /* others */
	int			 since;
	int			 spools[COMMAND_SPOOLS_MAX];
};

void	 runfiles_init(struct runfiles *, const struct options *);

/*
 * Open the log and the archives.  This waits if one is a FIFO without a peer.
 * The log is changed only when all are open and known to be different files.
 * 0, or -1 with the reason in why, of RUNFILES_WHY_MAX bytes; *log is a
 * descriptor or -1, and may be open in either case: it is the caller's.
 */
int	 runfiles_open(struct runfiles *, int *log, char *why);

/* Make the files that are removed if the run fails.  0, or -1 as above. */
int	 runfiles_make(struct runfiles *, char *why);

/* Is this file an archive of the run, or its manifest? */
bool	 runfiles_have(const struct runfiles *, int fd);

/* Put what the worker inherits into its job. */
void	 runfiles_inherit(const struct runfiles *, struct job *);

/* The worker has inherited its files: close what only it needs. */
void	 runfiles_inherited(struct runfiles *);

/* Close all; a file that was not committed is removed. */
void	 runfiles_close(struct runfiles *);

#endif /* RUNFILES_H */
