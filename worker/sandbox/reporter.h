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
	struct tally	 tally;
	bool		 failed;	/* a fatal report was made */
	bool		 stops;		/* if asked; see below */
	bool		 verbose;
	bool		 json;		/* members are sent as entries */
	const char	*archive;	/* as messages name it */
	bool		 denied_ok;	/* policy may hide something */
	uint64_t	 max_memory;	/* bytes */
	const char	*more_memory;	/* what allows more */
	int		 log;		/* -1: none */
	bool		 log_broken;	/* nothing is written to it */
	struct buf	 line;
	unsigned int	 interval;	/* milliseconds between progress */
	int64_t		 progress;	/* when the next is sent */
	uint64_t	 total;		/* bytes to store or read, or 0 */
	bool		 reads;		/* an archive, so far: */
	uint64_t	 consumed;	/* bytes of it */
	/*
	 * Not NULL: this one only counts, ahead of the run.  The other one
	 * sends progress, and why counting fails.
	 */
	struct reporter	*ahead_of;
	struct channel	 channel;	/* large: last */
};

/*
 * The caller may set stops: once the controller asks for the end, the functions
 * that count members return -1, as if it was gone, and whoever calls them ends.
 */
void	 reporter_init(struct reporter *, int channel, const struct options *);
void	 reporter_clear(struct reporter *);

/* Before confinement: the caller may allow less memory than the options. */
void	 reporter_limit_memory(struct reporter *);

/*
 * Write the log to fd from now on, which becomes the reporter's, or nowhere;
 * the one before is closed.
 */
void	 reporter_set_log(struct reporter *, int fd);

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

/* Send progress once in so many milliseconds, instead of once a second. */
void	 reporter_watch(struct reporter *, unsigned int interval);

/* How many bytes of contents there will be. */
void	 reporter_expect(struct reporter *, uint64_t bytes);

/* So many bytes of the archive that is read were consumed, of total or 0. */
void	 reporter_consumed(struct reporter *, uint64_t bytes, uint64_t total);

/*
 * Count a member, and send progress when it is time.  0 or -1 as above.
 */
int	 reporter_count(struct reporter *, const char *name, uint64_t bytes);

/* The same, and report its name if verbose: it was stored or read. */
int	 reporter_member(struct reporter *, const char *name, uint64_t bytes);

/*
 * As reporter_member(), of a member of create: with --json, send all of the
 * entry.
 */
int	 reporter_stored(struct reporter *, const struct entry *);

/*
 * So many bytes of a large member are stored or read: send progress when it is
 * time.  0 or -1 as above.
 */
int	 reporter_under_way(struct reporter *, const char *name,
	    uint64_t bytes);

/* Send a member to be printed, or the counts of a directory.  0 or -1. */
int	 reporter_entry(struct reporter *, const struct entry *);
int	 reporter_subtotal(struct reporter *, const char *name,
	    uint64_t members, uint64_t bytes);

/*
 * Ask the controller for the name of a user or group, as channel_ask_owner().
 */
int	 reporter_ask_owner(struct reporter *, enum channel_owner, uint32_t id,
	    char *name);

/* The number of a name, as channel_ask_id(). */
int	 reporter_ask_id(struct reporter *, enum channel_owner,
	    const char *name, bool *known, uint32_t *id);

/* True if nothing was left out but what the user excluded. */
bool	 reporter_is_empty_by_choice(struct reporter *);

#endif /* REPORTER_H */
