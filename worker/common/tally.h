/*
 * tally.h: the counts of a run, and the exit status that follows from them.
 */

#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/report.h"
#include "common/status.h"

struct tally {
	uint64_t	 files;		/* members of every type */
	uint64_t	 bytes;		/* in their contents */
	uint64_t	 unreadable;
	uint64_t	 changed;
	uint64_t	 vanished;	/* found, and gone before it was read */
	uint64_t	 denied;	/* by a rule, or because none permits */
	uint64_t	 by_option;	/* denied by an option of the role */
	uint64_t	 denied_named;	/* of both: paths of the command line */
	uint64_t	 hidden;	/* names that policy does not list */
	uint64_t	 skipped;
	uint64_t	 excluded;	/* as an option says */
	uint64_t	 different;
	uint64_t	 unchanged;	/* since an earlier archive */
	uint64_t	 removed;	/* since then */
};

/* Count a report. */
void	 tally_count(struct tally *, enum report_kind);

/*
 * The exit status of a run that did not fail.  denied_ok: what policy denies
 * beneath a path of the command line does not count.
 */
int	 tally_status(const struct tally *, bool denied_ok);

/* What was done with the members; each has counts of its own. */
enum tally_what {
	TALLY_STORED,
	TALLY_COMPARED,		/* with a manifest */
	TALLY_LISTED,
	TALLY_RESTORED,
	TALLY_WALKED		/* compared with what was found */
};

/* Append "3 files, 10 bytes, ..., 0.10 seconds".  0, or -1: ENOMEM. */
int	 tally_describe(struct buf *, const struct tally *, enum tally_what,
	    double seconds);

#endif /* TALLY_H */
