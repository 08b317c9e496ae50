/*
 * audit.h: write who asked for what and how it was answered, one JSON object a
 * line, to the end of a file or to syslog(3).
 */

#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"
#include "ipc/auditline.h"
#include "ipc/event.h"

/*
 * Refusals that are remembered for fdbrokerctl(8); and, apart from them, names
 * that did not exist, so that these do not push out refusals.
 */
#define AUDIT_REMEMBERED	512
#define AUDIT_MISSES		64

/*
 * How many records one session may write, unless the configuration says else:
 * denials, and the same number again of all others, and at once those of ten
 * seconds.  Further ones are counted as dropped.
 */
#define AUDIT_PER_SECOND	100
#define AUDIT_BURST_SECONDS	10
#define AUDIT_BURST		(AUDIT_PER_SECOND * AUDIT_BURST_SECONDS)

/*
 * The rate of one session.  Denials have a bucket of their own, so that
 * nothing else that the session does can keep them out of the audit.
 */
struct audit_rate {
	struct bucket		 denials, others;
	uint64_t		 dropped;	/* since the last one written */
	uint64_t		 untold;	/* of these, to who monitors */
	struct audit_summary	 summary;
};

/* The last records of a kind. */
struct audit_ring {
	struct audit_entry	*entries;	/* `size' of them, or NULL */
	size_t			 size, next, used;
};

struct audit {
	enum audit_mode		 mode;
	uint32_t		 per_second;	/* records of a session */
	char			*path;		/* NULL: syslog(3) */
	int			 fd;		/* -1: not open */
	bool			 torn;		/* the last line is cut off */
	uint64_t		 written, dropped, denied, failed;
	struct audit_ring	 refusals, misses;
};

void	 audit_init(struct audit *);
void	 audit_close(struct audit *);

/*
 * Start, or apply a new configuration.  path NULL means syslog(3).  A file
 * whose path is unchanged stays open.  0, or -1: the reason is logged, and
 * nothing has changed.
 */
int	 audit_configure(struct audit *, enum audit_mode, const char *path);

/*
 * Open the file again after it was rotated.  0, or -1: the reason is logged,
 * and the old file stays in use.
 */
int	 audit_reopen(struct audit *);

/*
 * Count a record.  If the session's rate allows it, also write it, if the mode
 * includes it, and remember it, if it is a refusal.  Returns its line, valid
 * until the next call, or NULL if the rate does not allow it.
 */
const char *audit_record(struct audit *, struct audit_rate *,
	    const struct audit_subject *, const struct event_record *);
/* How many records are remembered. */
size_t	 audit_remembered(const struct audit *);
/* Copy as many entries, refusals and misses, sorted by time. */
void	 audit_recall(const struct audit *, struct audit_entry *);

/*
 * At the end of a session that had begun: write its summary, unless nothing is
 * recorded.
 */
void	 audit_summarize(struct audit *, const struct audit_rate *,
	    const struct audit_subject *);
/* At the end of a session: write how many of its records were dropped. */
void	 audit_end(struct audit *, struct audit_rate *,
	    const struct audit_subject *);

#endif /* AUDIT_H */
