/*
 * archiver.h: the last stage of create: write members as an archive, and their
 * manifest.
 */

#ifndef ARCHIVER_H
#define ARCHIVER_H

#include "common/job.h"
#include "sandbox/manifest.h"
#include "sandbox/pipeline.h"
#include "sandbox/reporter.h"

struct archiver;

/*
 * Prepare, before the process is confined, while libraries can still open
 * files.  The caller keeps the descriptors of archive and spool, and the job,
 * until archiver_free().  threads compress.  NULL: it failed, which was
 * reported.
 */
struct archiver	*archiver_new(const struct job *, int archive,
		    unsigned int threads, struct reporter *);
void		 archiver_free(struct archiver *);

/*
 * Begin the manifest, before anything is stored.  0, or -1, which was reported.
 */
int		 archiver_begin(struct archiver *,
		    const struct manifest_head *);

/* Start the threads that compress.  0, or -1 with errno. */
int		 archiver_start(struct archiver *);

/* A pipeline_stage; arg is the archiver. */
int		 archiver_stage(void *arg, struct slab *);

#endif /* ARCHIVER_H */
