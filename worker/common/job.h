/*
 * job.h: what the worker inherits from the controller.
 */

#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/choice.h"
#include "common/command.h"
#include "common/options.h"
#include "common/paths.h"

/* The identity of a file that the run itself uses. */
struct job_file {
	bool		 known;
	uint32_t	 dev_major, dev_minor;
	uint64_t	 ino;
};

struct job {
	const struct options	*options;
	const struct paths	*paths;
	bool			 few;		/* and no directory */
	struct choice		*choice;	/* of what is at the paths */
	int			 channel;	/* to the controller */
	int			 logs;		/* the same, for new logs */
	int			 opener;	/* to a private one, or -1 */
	int			 spools[COMMAND_SPOOLS_MAX];	/* or -1 */
	int			 since;		/* of --since, or -1 */
	const int		*archives;	/* the first is handed over */
	int			 manifest;	/* to write, or -1 */
	struct job_file		 output;	/* the archive being written */
	struct job_file		 previous;	/* the archive it replaces */
	struct job_file		 log;
	bool			 has_log;	/* it will be handed over */
	const char		*address;	/* where that is done */
	const char		*dest;		/* of what is restored */
	uint32_t		 uid, gid;	/* the user's */
	uint32_t		 umask;
	unsigned int		 interval;	/* of progress in ms; 0: slow */
};

#endif /* JOB_H */
