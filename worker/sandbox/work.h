/*
 * work.h: what the worker passes to the functions of a command.
 */

#ifndef WORK_H
#define WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/job.h"
#include "sandbox/reporter.h"

struct fdb_session;

struct work {
	const struct job	*job;
	struct reporter		 rep;
	struct fdb_session	*session;	/* NULL: it needs none */
	int			 archive;	/* descriptor */
	int			 output;	/* the same; -1: none */
	bool			 received;	/* it has these, and the log */
	bool			 left;		/* for namespaces, if allowed */
	bool			 apart;		/* they were allowed */
	unsigned int		 threads;	/* to compress with */
	uint32_t		 ahead;		/* files opened for it */
	unsigned int		 closing;	/* files to close; 0: any */
	void			*state;		/* of the command */
};

#endif /* WORK_H */
