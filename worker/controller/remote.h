/*
 * remote.h: let "fdbackup serve" on another machine do the work of a command.
 */

#ifndef REMOTE_H
#define REMOTE_H

#include <sys/types.h>

#include <stdbool.h>

#include "common/options.h"
#include "controller/link.h"
#include "controller/workerlog.h"

#define REMOTE_LINE	1024	/* bytes of a line of ssh(1) that are shown */

struct remote {
	const struct options	*options;
	struct workerlog	*workerlog;
	pid_t			 rsh;		/* ssh(1) */
	int			 in, out, err;	/* its standard streams */
	bool			 greeted, ended, exited;
	int			 status;	/* exit status from there */
	char			 line[REMOTE_LINE];
	size_t			 line_len;
	struct link		 link;
};

void	 remote_init(struct remote *, const struct options *,
	    struct workerlog *);

/*
 * Start ssh(1) and ask for the command.  archive: to write or to read, or -1;
 * the caller's.  0, or -1, which was reported.
 */
int	 remote_start(struct remote *, int archive);

/*
 * Move the archive, and show what is reported, until the other machine says
 * how the command ended there; r->status is its exit status.  0, or -1: the
 * command failed, which was reported, or a signal ends the run.
 */
int	 remote_loop(struct remote *);

/* Close the connection, and wait for ssh(1). */
void	 remote_end(struct remote *);

#endif /* REMOTE_H */
