/*
 * drill.c: the command drill; see sandbox/drill.h.
 *
 * Runs in the worker, confined after drill_prepare().  Touches what extract and
 * diff touch, of which it is made: the first restores, and keeps a line for
 * each object that it made; the second walks the directory, and compares.
 *
 * If the controller asks for the end, each of them ends as it would without a
 * controller, so that the directory can be removed.
 */

#include "config.h"

#include <stdlib.h>

#include "sandbox/create.h"
#include "sandbox/drill.h"
#include "sandbox/extract.h"
#include "sandbox/revisit.h"
#include "sandbox/scratch.h"
#include "sandbox/since.h"
#include "sandbox/spool.h"
#include "sandbox/walk.h"

/* Milliseconds until the worker notices that it is asked for the end. */
#define STOP_MS		200

struct drill {
	void		*extract;	/* the state of extract */
	struct create	*create;	/* that of diff */
};

int
drill_prepare(struct work *w)
{
	struct drill	*d;

	/* What is prepared here is released as the state of extract. */
	if (extract_prepare(w) == -1) {
		extract_release(w);
		return -1;
	}
	if ((d = calloc(1, sizeof(*d))) == NULL) {
		extract_release(w);
		return reporter_no_memory(&w->rep);
	}
	d->extract = w->state;
	w->state = d;
	d->create = create_new(w->job, -1, 0, &w->rep);
	if (d->create == NULL)
		return -1;
	w->rep.stops = true;
	reporter_watch(&w->rep, w->rep.interval < STOP_MS ? w->rep.interval :
	    STOP_MS);
	return 0;
}

/* Call a function of extract, with its own state. */
static int
with_extract(struct work *w, int (*run)(struct work *))
{
	struct drill	*d = w->state;
	int		 ret;

	w->state = d->extract;
	ret = run(w);
	d->extract = w->state;
	w->state = d;
	return ret;
}

/* Its threads end, too. */
static int
end_extract(struct work *w)
{
	extract_release(w);
	return 0;
}

int
drill_start(struct work *w)
{
	return with_extract(w, extract_start);
}

void
drill_release(struct work *w)
{
	struct drill	*d = w->state;

	if (d == NULL)
		return;
	(void)with_extract(w, end_extract);
	create_free(d->create);
	free(d);
	w->state = NULL;
}

static int
drill_walk(struct work *w, struct create *c)
{
	struct since	*s = create_since(c);
	struct paths	 tops = { NULL, 0, 0, NULL };
	struct choice	 all = *w->job->choice;
	struct revisit	 again;
	char		 why[PATHS_WHY_MAX];
	int		 ret = -1;

	/* The command line of a drill chooses no paths. */
	all.walk = FDB_WALK_XATTR | FDB_WALK_READAHEAD;
	create_limit(c, w->closing);
	create_foreign(c, true);
	revisit_init(&again);
	if (since_load_lines(s, w->job->spools[2], true) == -1)
		goto out;
	if (since_tops(s, &tops, w->job->dest, why) == -1 ||
	    (tops.n > 0 && paths_check(&tops, why) == -1))
		(void)reporter_report(&w->rep, REPORT_FATAL, "", why);
	else if (tops.n == 0)
		(void)reporter_report(&w->rep, REPORT_FATAL, w->rep.archive,
		    "nothing of it is in the sample; raise --sample");
	else if (walk_run(c, w->session, &tops, &all, w->ahead, &again) == 0)
		ret = create_finish(c);
out:
	revisit_free(&again);
	paths_free(&tops);
	return ret;
}

/* Compare what is there with the lines, without counting it again. */
static int
drill_compare(struct work *w, struct create *c)
{
	uint64_t	 files = w->rep.tally.files;
	uint64_t	 bytes = w->rep.tally.bytes;
	bool		 verbose = w->rep.verbose;
	int		 ret;

	w->rep.verbose = false;
	ret = drill_walk(w, c);
	w->rep.verbose = verbose;
	w->rep.tally.files = files;
	w->rep.tally.bytes = bytes;
	return ret;
}

int
drill_run(struct work *w)
{
	struct drill	*d = w->state;
	int		 ret;

	if (scratch_probe(w) == -1 || scratch_leftovers(w) == -1)
		return -1;
	ret = with_extract(w, extract_run);
	/* It must not use the session any more. */
	(void)with_extract(w, end_extract);
	if (ret == 0)
		ret = drill_compare(w, d->create);
	w->rep.stops = false;
	(void)channel_is_stopped(&w->rep.channel);
	if (w->job->options->keep)
		return reporter_report(&w->rep, REPORT_WARNING, w->job->dest,
		    "was kept") == -1 ? -1 : ret;
	return scratch_remove(w) == -1 ? -1 : ret;
}
