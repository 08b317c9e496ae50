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
	REPORT_CHANGED,		/* while it was read, or before that */
	REPORT_DENIED,		/* policy denied what the walk found */
	REPORT_DENIED_NAMED,	/* policy denied a path of the command line */
	REPORT_SKIPPED,		/* left out, as the manual says */
	REPORT_DIFFERENT,	/* verify: not as the manifest says */
	REPORT_MEMBER,		/* a member was stored or read; if verbose */
	REPORT_NOTE,		/* if verbose */
	REPORT_WARNING,		/* does not affect counts or exit status */
	REPORT_FATAL,		/* the run fails */
	REPORT_MISSING,		/* verify: in the manifest only */
	REPORT_UNEXPECTED,	/* verify: in the archive only */
	REPORT_MANIFEST,	/* verify: there is none, or it is damaged */
	REPORT_HIDDEN,		/* policy hides names in this directory */
	REPORT_VANISHED,	/* the walk found it, and then it was gone */
	REPORT_EXCLUDED,	/* left out, as the user says; if verbose */
	REPORT_EXCLUDED_NAMED,	/* a path that is itself excluded */
	REPORT_UNCHANGED,	/* since an earlier archive; if verbose */
	REPORT_REMOVED,		/* since an earlier archive; if verbose */
	REPORT_OPTION,		/* as DENIED, by an option of the role */
	REPORT_OPTION_NAMED,	/* as DENIED_NAMED, by an option */
	REPORT_LOG		/* the worker cannot write the log any more */
};
#define REPORT_KIND_MAX	REPORT_LOG

/* Why the broker refused a request. */
struct refusal {
	int		 error;		/* errno value */
	enum fdb_reason	 reason;
	uint32_t	 id;		/* of the audit record, or 0 */
	const char	*where;		/* the rule that denied, or "" */
};

/* Append the reason of a refusal in words.  0, or -1: ENOMEM. */
int	 report_explain(struct buf *, const struct refusal *);

/*
 * How a refusal is counted.  named: the path is on the command line; seen: the
 * walk has found the file before, so it existed then.
 */
enum report_kind report_classify(const struct refusal *, bool named,
	    bool seen);
/* True for what policy denies, by a rule or by an option. */
bool	 report_is_denial(enum report_kind);

/*
 * Append "name: text".  Both are encoded as by vis(3), so that they stay on
 * one line and cannot control a terminal; either may be "".  0, or -1: ENOMEM.
 */
int	 report_format(struct buf *, const char *name, const char *text);

/* Append the time, "2026-01-31T23:59:59Z ", for a log.  0, or -1: ENOMEM. */
int	 report_time(struct buf *);

/*
 * Append a string, encoded as by vis(3).  Of the characters that are printable
 * in the locale, those that are invisible or that reorder text are encoded,
 * too.  0, or -1: ENOMEM.
 */
int	 report_vis(struct buf *, const char *);

#endif /* REPORT_H */
