/*
 * worker.h: the process of fdbackup that reads files and archives, and may do
 * nothing else.
 */

#ifndef WORKER_H
#define WORKER_H

#include "common/options.h"
#include "common/paths.h"
#include "sandbox/create.h"

#define WORKER_SPOOLS	2

/* What the worker inherits from the controller. */
struct job {
	const struct options	*options;
	const struct paths	*paths;
	int			 channel;		/* to the controller */
	int			 opener;	/* of a private one, or -1 */
	int			 spools[WORKER_SPOOLS];	/* or -1 */
	struct own_file		 output, previous, log;
	bool			 has_log;	/* that will be handed over */
};

/* In the child: do the job and exit. */
void	 worker_main(const struct job *) __attribute__((noreturn));

#endif /* WORKER_H */
