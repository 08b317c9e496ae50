/*
 * since.h: what has changed since an earlier archive was made, and what is not
 * there any more.
 *
 * In doubt a file is stored: a file is unchanged only if its earlier line
 * proves that.
 */

#ifndef SINCE_H
#define SINCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "common/choice.h"
#include "common/job.h"
#include "common/paths.h"
#include "sandbox/reporter.h"

/*
 * Seconds before the earlier run began: what was changed later is stored again.
 * It could have been changed once more at the same time as the clock of its
 * file system tells it, after it was read.
 */
#define SINCE_MARGIN	10

struct earlier;
struct since;

/* Before confinement.  NULL: no memory, which was reported. */
struct since	*since_new(const struct job *, struct reporter *);
void		 since_free(struct since *);

/*
 * Read the earlier manifest, and let the walk open nothing that is older.  0,
 * or -1, which was reported.
 */
int		 since_load(struct since *, struct choice *);

/*
 * For the command diff: read lines about an archive instead; see
 * earlier_load().  Nothing is unchanged then.
 */
int		 since_load_lines(struct since *, int fd, bool foreign);
/* Add the members that no other one is above.  0, or -1 with the reason. */
int		 since_tops(struct since *, struct paths *, const char *dir,
		    char *why);
struct earlier	*since_earlier(struct since *);
/* A path does not exist.  1; 0: it has no line; -1. */
int		 since_absent(struct since *, const char *member);

/* When the earlier run began. */
void		 since_began(const struct since *, int64_t *, uint32_t *nsec);

enum since_verdict {
	SINCE_FAILED,		/* which was reported */
	SINCE_STORE,
	SINCE_REPLACE,		/* store it; it was a directory */
	SINCE_KEEP		/* it is unchanged, and *line is its line */
};

/*
 * What to do with a member that is no directory.  old: it was not changed since
 * the time of the walk.  The line is valid until the next call.
 */
enum since_verdict since_judge(struct since *, const char *member,
		    const struct fdb_stat *, const char *link, bool old,
		    const char **line);

/*
 * The same for a member whose line of now is known, with a digest: it need not
 * be the same file.
 */
enum since_verdict since_compare(struct since *, const char *member,
		    const char *now, const char **line);
/* Can a file of this size be unchanged?  1, 0, or -1, which was reported. */
int		 since_may_equal(struct since *, const char *member,
		    const struct fdb_stat *);

/*
 * Tell what the walk has found: a member; a directory that was read to its end;
 * something that is left out.  0, or -1, which was reported.
 */
int		 since_seen(struct since *, const char *member);
int		 since_listed(struct since *, const char *member);
int		 since_met(struct since *, const char *member);

/* Who is told of names that the walk has not found.  0, or -1 to give up. */
struct since_report {
	int	 (*removed)(void *, const char *name, const char *line);
	int	 (*unseen)(void *, const char *name, const char *line);
	bool	 excludes;	/* not of those that patterns leave out */
	void	*arg;
};

/*
 * The walk is over: tell what was removed, and what the walk could not see.  0,
 * or -1, which was reported.
 */
int		 since_finish(struct since *, const struct since_report *);

#endif /* SINCE_H */
