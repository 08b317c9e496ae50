/*
 * work.h: what a command works with in the worker.
 */

#ifndef WORK_H
#define WORK_H

#include "common/job.h"
#include "sandbox/reporter.h"

struct fdb_session;

struct work {
	const struct job	*job;
	struct reporter		 rep;
	struct fdb_session	*session;	/* NULL: not needed */
	int			 archive;
	void			*state;		/* the command's own */
};

#endif /* WORK_H */
