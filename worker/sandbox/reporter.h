/*
 * reporter.h: the worker's reports: sent to the controller, counted, and
 * written to the log that was handed over.
 */

#ifndef REPORTER_H
#define REPORTER_H

#include <pthread.h>
#include <stdbool.h>

#include "common/channel.h"
#include "common/options.h"
#include "common/report.h"
#include "common/tally.h"

struct reporter {
	pthread_mutex_t	 lock;		/* threads report, too */
	struct channel	 channel;
	struct tally	 tally;
	bool		 failed;	/* a fatal report was made */
	bool		 verbose;
	const char	*archive;	/* as messages name it */
	bool		 denied_ok;	/* policy may hide something */
	uint64_t	 max_memory;	/* bytes, as on the command line */
	int		 log;		/* -1: none; the caller closes it */
	struct buf	 line;
	int64_t		 progress;	/* second of the last progress */
};

void	 reporter_init(struct reporter *, int channel, const struct options *);
void	 reporter_clear(struct reporter *);

/*
 * Count a report, log it and send it to the controller.  After a fatal report
 * only others that are fatal are.  0, or -1: the controller is gone.
 */
int	 reporter_report(struct reporter *, enum report_kind, const char *name,
	    const char *text);

/* Count and report n names in a directory that policy hides.  As above. */
int	 reporter_hidden(struct reporter *, const char *name, uint64_t n);

/* As reporter_report(), with a formatted text. */
int	 reporter_reportf(struct reporter *, enum report_kind, const char *name,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Send what waits to be sent.  0, or -1: the controller is gone. */
int	 reporter_flush(struct reporter *);

/*
 * Report that an allocation failed, with the limit and the option that raises
 * it.  Always -1.
 */
int	 reporter_no_memory(struct reporter *);

/*
 * True if an error of libarchive means that memory is lacking.  Not all of its
 * filters set ENOMEM.
 */
bool	 reporter_is_memory(int error, const char *why);

/*
 * Count a member, and send the counts about once a second.  0 or -1 as above.
 */
int	 reporter_count(struct reporter *, uint64_t bytes);

/*
 * A member was stored or read: count it, report its name if verbose, and send
 * the counts about once a second.  0 or -1 as above.
 */
int	 reporter_member(struct reporter *, const char *name, uint64_t bytes);

/* Send a member to be printed, or the counts of a directory.  0 or -1. */
int	 reporter_entry(struct reporter *, const struct entry *);
int	 reporter_subtotal(struct reporter *, const char *name,
	    uint64_t members, uint64_t bytes);

/*
 * Ask the controller for the name of a user or group, as channel_ask_owner().
 */
int	 reporter_ask_owner(struct reporter *, enum channel_owner, uint32_t id,
	    char *name);

/* True if nothing was left out but what the user excluded. */
bool	 reporter_is_empty_by_choice(struct reporter *);

#endif /* REPORTER_H */
