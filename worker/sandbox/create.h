/*
 * create.h: write an archive.
 */

#ifndef CREATE_H
#define CREATE_H

#include "base/fdbroker_types.h"
#include "common/job.h"
#include "sandbox/reporter.h"

struct create;

/*
 * Begin, before the process is confined: libraries may still open what they
 * need.  The archive, the spool and the job stay the caller's.  NULL if it
 * failed, which was reported.
 */
struct create	*create_new(const struct job *, int archive,
		    struct reporter *);
void		 create_free(struct create *);

/*
 * Store a member.  The name is that in the archive.  0, or -1 when the archive
 * cannot be completed, which was reported; what is wrong with the one file is
 * reported and no failure.
 */
int	 create_directory(struct create *, const char *name,
	    const struct fdb_stat *);
int	 create_special(struct create *, const char *name,
	    const struct fdb_stat *, const char *target);
/* Takes the descriptor over. */
int	 create_file(struct create *, const char *name,
	    const struct fdb_stat *, int fd);

/* Tell why something is not in the archive.  0, or -1 as above. */
int	 create_report(struct create *, enum report_kind, const char *name,
	    const char *why);

/* Write the manifest and the end of the archive.  0, or -1 as above. */
int	 create_finish(struct create *);

#endif /* CREATE_H */
