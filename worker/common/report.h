/*
 * report.h: what fdbackup reports, and in which words.
 */

#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "common/buf.h"

enum report_kind {
	REPORT_UNREADABLE = 1,
	REPORT_CHANGED,		/* while it was read, or before */
	REPORT_DENIED,		/* by policy, met in the walk */
	REPORT_DENIED_NAMED,	/* by policy, asked for by name */
	REPORT_SKIPPED,		/* not stored, and that is right */
	REPORT_DIFFERENT,	/* found by verify */
	REPORT_MEMBER,		/* stored or verified: told if verbose */
	REPORT_NOTE,		/* told if verbose */
	REPORT_WARNING,		/* counts as nothing */
	REPORT_FATAL
};
#define REPORT_KIND_MAX	REPORT_FATAL

/* Why something that was asked for was not given. */
struct refusal {
	int		 error;		/* errno value */
	enum fdb_reason	 reason;
	uint32_t	 id;		/* of the denial, or 0 */
	const char	*where;		/* the rule, or "" */
};

/*
 * Why a file could not be opened, looked at or listed, in words.  0, or -1:
 * ENOMEM.
 */
int	 report_explain(struct buf *, const struct refusal *);

/*
 * What that counts as.  named: it was asked for by name; seen: the walk has
 * met it already, so that it must have been there.
 */
enum report_kind report_classify(int error, enum fdb_reason, bool named,
	    bool seen);

/*
 * "name: text" with both passed through vis(3), so that they are one line and
 * cannot command a terminal; either may be "".  0, or -1: ENOMEM.
 */
int	 report_format(struct buf *, const char *name, const char *text);

/* Add "2026-01-31T23:59:59Z ": now, for a log.  0, or -1: ENOMEM. */
int	 report_time(struct buf *);

/* Add a string passed through vis(3).  0, or -1: ENOMEM. */
int	 report_vis(struct buf *, const char *);

#endif /* REPORT_H */
