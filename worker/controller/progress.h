/*
 * progress.h: how far a run is: when the user is told, and in which words.
 */

#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/channel.h"
#include "common/options.h"

/* How many bytes there were at a time. */
struct progress_sample {
	int64_t			 at;		/* milliseconds */
	uint64_t		 bytes;
};

struct progress {
	enum options_progress	 how;	/* AUTO: a line on the terminal */
	unsigned int		 interval;	/* of PROGRESS_LINES, in ms */
	bool			 elsewhere;	/* somebody there is told */
	bool			 shown;	/* the line is on the terminal */
	bool			 fresh;	/* it is not what it should be */
	int64_t			 last;		/* when it was written, in ms */
	bool			 known;		/* the worker has said: */
	struct channel_where	 where;
	struct buf		 name;
	int64_t			 start;		/* of this pass, in ms */
	struct progress_sample	 old, young;
};

/*
 * terminal: standard error is one.  now: a time of clock_ms(), here and below.
 */
void	 progress_init(struct progress *, const struct options *,
	    bool terminal, int64_t now);
void	 progress_clear(struct progress *);

/* How often the worker must say where it is, in ms; 0: it need not care. */
unsigned int progress_interval(const struct progress *);

/* The worker has said where it is.  0, or -1: ENOMEM. */
int	 progress_take(struct progress *, const struct channel_where *,
	    const char *name, int64_t now);

/* Milliseconds until something is to be written, or -1: never. */
int	 progress_timeout(const struct progress *, int64_t now);

/* Append the line for a terminal, of so many columns.  0, or -1: ENOMEM. */
int	 progress_line(const struct progress *, struct buf *,
	    unsigned int columns, int64_t now);

/*
 * Append what follows the counts in a line of a log, which is not encoded:
 * "; 43%, 2:31 left; at NAME".  0, or -1: ENOMEM.
 */
int	 progress_text(const struct progress *, struct buf *, int64_t now);

/* Seconds that are left, or -1: nobody knows. */
int64_t	 progress_left(const struct progress *, int64_t now);

#endif /* PROGRESS_H */
