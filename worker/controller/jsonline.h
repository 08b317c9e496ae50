/*
 * jsonline.h: what fdbackup reports as JSON, one object a line; fdbackup(1) and
 * etc/fdbackup.schema.json describe the objects.
 */

#ifndef JSONLINE_H
#define JSONLINE_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/entry.h"
#include "common/report.h"
#include "common/tally.h"

/* How a run ended. */
struct jsonline_run {
	const char		*command;	/* its name */
	const char		*archive;
	enum tally_what		 what;		/* decides which counts */
	const struct tally	*tally;
	double			 seconds;
	int			 status;	/* exit status */
};

/* These append an object.  0, or -1 with errno ENOMEM. */
int	 jsonline_member(struct buf *, const struct entry *);
/* Nothing for kinds that are only told if verbose. */
int	 jsonline_report(struct buf *, enum report_kind, const char *name,
	    const char *text);
int	 jsonline_summary(struct buf *, const struct jsonline_run *);

#endif /* JSONLINE_H */
