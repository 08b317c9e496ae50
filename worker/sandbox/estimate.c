/*
 * estimate.c: count what create will store; see sandbox/estimate.h.
 *
 * Runs in the worker, confined.  Everything it knows comes from the session.
 *
 * It is a dry run whose reporter says nothing but how far it is.
 */

#include "config.h"

#include <stdlib.h>

#include "client/fdbroker.h"
#include "sandbox/create.h"
#include "sandbox/estimate.h"
#include "sandbox/revisit.h"
#include "sandbox/walk.h"
#include "sandbox/work.h"

/* What a walk needs that only counts. */
static int
estimate_walk(struct work *w, struct reporter *quiet)
{
	struct options	 options = *w->job->options;
	struct job	 job = *w->job;
	struct revisit	 again;
	struct create	*c;
	unsigned int	 flags = job.choice->walk;
	int		 ret;

	options.dry_run = true;
	options.denied = DENIED_WARN;
	job.options = &options;
	if ((c = create_new(&job, -1, 1, quiet)) == NULL)
		return -1;
	revisit_init(&again);
	job.choice->walk &= ~(FDB_WALK_XATTR | FDB_WALK_READAHEAD);
	job.choice->walk |= FDB_WALK_NO_OPEN;
	ret = walk_run(c, w->session, job.paths, job.choice, w->ahead,
	    &again);
	job.choice->walk = flags;
	revisit_free(&again);
	create_free(c);
	return ret;
}

int
estimate_run(struct work *w)
{
	struct options	 options = *w->job->options;
	struct reporter	*quiet;
	int		 ret;

	if ((quiet = malloc(sizeof(*quiet))) == NULL)
		return reporter_no_memory(&w->rep);
	options.verbose = false;
	reporter_init(quiet, w->rep.channel.fd, &options);
	reporter_watch(quiet, w->rep.interval);
	quiet->ahead_of = &w->rep;
	quiet->max_memory = w->rep.max_memory;
	quiet->more_memory = w->rep.more_memory;
	if ((ret = estimate_walk(w, quiet)) == 0)
		reporter_expect(&w->rep, quiet->tally.bytes);
	reporter_clear(quiet);
	free(quiet);
	return ret;
}
