/*
 * jsonline.h: what fdbackup reports as JSON, one object a line; fdbackup(1) and
 * etc/fdbackup.schema.json describe the objects.
 */

#ifndef JSONLINE_H
#define JSONLINE_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/channel.h"
#include "common/entry.h"
#include "common/report.h"
#include "common/tally.h"

/* How a run ended. */
struct jsonline_run {
	const char		*command;	/* its name */
	const char		*archive;	/* or NULL */
	const char		*host;		/* that ran it, or NULL */
	enum tally_what		 what;		/* decides which counts */
	const struct tally	*tally;
	double			 seconds;
	int			 status;	/* exit status */
	bool			 dry_run;
	const uint64_t		*seed;		/* of a drill, or NULL */
};

/* These append an object.  0, or -1 with errno ENOMEM. */
int	 jsonline_member(struct buf *, const struct entry *);
int	 jsonline_subtotal(struct buf *, const char *name, uint64_t members,
	    uint64_t bytes);
/* How far the run is; left: seconds, or -1. */
int	 jsonline_progress(struct buf *, const struct channel_where *,
	    const char *name, double seconds, int64_t left);
/* What became of a member or a name: "restored", "removed", "planned". */
int	 jsonline_change(struct buf *, const char *change, const char *name,
	    const char *text);
/* Nothing for members and notes. */
int	 jsonline_report(struct buf *, enum report_kind, const char *name,
	    const char *text);
int	 jsonline_summary(struct buf *, const struct jsonline_run *);

#endif /* JSONLINE_H */
