/*
 * outcome.h: what became of an object that was to be restored, in words.
 */

#ifndef OUTCOME_H
#define OUTCOME_H

#include "common/report.h"
#include "sandbox/changes.h"

enum outcome {
	OUTCOME_FAILED,		/* it was reported and counted */
	OUTCOME_KEPT,		/* what is there is as new: left as it is */
	OUTCOME_DEAD		/* the controller is gone */
};

/* Report that a change failed. */
enum outcome	 outcome_failed(struct reporter *, const struct change *,
		    const struct refusal *, const struct options *);

/*
 * Report what an object was restored without (OBJECT_LOST_*), and why, or NULL.
 * 0, or -1: the controller is gone.
 */
int		 outcome_lost(struct reporter *, const char *name,
		    unsigned int lost, const char *why, bool denied);

int		 outcome_report(struct reporter *, enum report_kind,
		    const char *name, const char *why);

/* A refusal in words, which the caller frees.  NULL: no memory. */
char		*outcome_explain(const struct refusal *,
		    const struct options *);

#endif /* OUTCOME_H */
