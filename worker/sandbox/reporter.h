/*
 * reporter.h: what the worker has to tell goes to the controller, is counted,
 * and is written to the log that was handed over.
 */

#ifndef TELL_H
#define TELL_H

#include <stdbool.h>

#include "common/channel.h"
#include "common/report.h"

struct tell {
	struct pair	 pair;
	struct tally	 tally;
	bool		 verbose;
	int		 log;		/* -1: none; the caller's */
	struct buf	 line;
	int64_t		 progress;	/* when it was told last, in seconds */
};

void	 tell_init(struct tell *, int pair, bool verbose);
void	 tell_clear(struct tell *);

/*
 * Tell and count.  0, or -1 when the controller cannot be told: there is
 * nobody to tell that to.
 */
int	 tell_report(struct tell *, enum report_kind, const char *name,
	    const char *text);

/* As tell_report(), with a text that is put together. */
int	 tell_reportf(struct tell *, enum report_kind, const char *name,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * A member was stored or verified: count it; name it, if verbose; tell the
 * counts from time to time.
 */
int	 tell_member(struct tell *, const char *name, uint64_t bytes);

/* A line for the log only. */
void	 tell_log(struct tell *, const char *name, const char *text);

#endif /* TELL_H */
