/*
 * reporter.h: what the worker has to tell goes to the controller, is counted,
 * and is written to the log that was handed over.
 */

#ifndef REPORTER_H
#define REPORTER_H

#include <stdbool.h>

#include "common/channel.h"
#include "common/report.h"
#include "common/tally.h"

struct reporter {
	struct channel	 channel;
	struct tally	 tally;
	bool		 verbose;
	int		 log;		/* -1: none; the caller's */
	struct buf	 line;
	int64_t		 progress;	/* when it was told last, in seconds */
};

void	 reporter_init(struct reporter *, int channel, bool verbose);
void	 reporter_clear(struct reporter *);

/*
 * Tell and count.  0, or -1 when the controller cannot be told: there is
 * nobody to tell that to.
 */
int	 reporter_report(struct reporter *, enum report_kind, const char *name,
	    const char *text);

/* As reporter_report(), with a text that is put together. */
int	 reporter_reportf(struct reporter *, enum report_kind, const char *name,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * A member was stored or verified: count it; name it, if verbose; tell the
 * counts from time to time.
 */
int	 reporter_member(struct reporter *, const char *name, uint64_t bytes);

#endif /* REPORTER_H */
