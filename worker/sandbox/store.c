/*
 * store.c: the command create: walk the paths and write an archive; see
 * sandbox/store.h.
 *
 * Runs in the worker, confined after store_prepare().
 */

#include "config.h"

#include "sandbox/create.h"
#include "sandbox/estimate.h"
#include "sandbox/revisit.h"
#include "sandbox/store.h"
#include "sandbox/walk.h"
#include "sandbox/work.h"

int
store_prepare(struct work *w)
{
	w->state = create_new(w->job, w->archive, w->threads, &w->rep);
	return w->state != NULL ? 0 : -1;
}

int
store_start(struct work *w)
{
	return create_start(w->state);
}

int
store_run(struct work *w)
{
	struct revisit	 again;
	int		 ret;

	if (w->job->options->estimate && estimate_run(w) == -1)
		return -1;
	create_limit(w->state, w->closing);
	if (create_open(w->state, w->job->choice) == -1)
		return -1;
	revisit_init(&again);
	ret = walk_run(w->state, w->session, w->job->paths,
	    w->job->choice, w->ahead, &again);
	if (ret == 0)
		ret = revisit_run(&again, w->state, w->session,
		    w->job->paths);
	revisit_free(&again);
	return ret == 0 ? create_finish(w->state) : -1;
}

void
store_release(struct work *w)
{
	create_free(w->state);
}
