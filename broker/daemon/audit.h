/*
 * audit.h: the record of who asked for what and what came of it: one JSON
 * object a line, in a file that is only appended to, or in syslog(3).
 */

#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"
#include "ipc/auditline.h"
#include "ipc/event.h"

/* Refusals that are remembered for fdbrokerctl(8). */
#define AUDIT_REMEMBERED	512

/*
 * Records a second of one session, of denials and of all else each; more are
 * counted and not written.
 */
#define AUDIT_PER_SECOND	100
#define AUDIT_BURST		1000

/*
 * The rate of one session.  Denials have a bucket of their own, so that
 * nothing else that the session does can keep them out of the audit.
 */
struct audit_rate {
	struct bucket		 denials, others;
	uint64_t		 dropped;	/* since the last one written */
};

struct audit {
	enum audit_mode		 mode;
	char			*path;		/* NULL: syslog(3) */
	int			 fd;		/* -1: not open */
	bool			 torn;		/* the last line has no end */
	uint64_t		 written, dropped, denied, failed;
	struct audit_entry	*ring;		/* the last refusals */
	size_t			 next, used;
};

/*
 * Begin, or change to what a new configuration says; an unchanged file stays
 * open.  path NULL is syslog(3).  0, or -1 (logged), and nothing is changed.
 */
int	 audit_configure(struct audit *, enum audit_mode, const char *path);
void	 audit_init(struct audit *);
void	 audit_close(struct audit *);

/* Open the file anew: it was rotated.  The old one stays if that fails. */
int	 audit_reopen(struct audit *);

/*
 * Write a record, as far as the session's rate allows, and remember it.  The
 * line that it made, which lives until the next call, or NULL.
 */
const char *audit_record(struct audit *, struct audit_rate *,
	    const struct audit_subject *, const struct event_record *);
/* The session is over: say what was not written. */
void	 audit_end(struct audit *, struct audit_rate *,
	    const struct audit_subject *);

#endif /* AUDIT_H */
