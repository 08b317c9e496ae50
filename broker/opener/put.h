/*
 * put.h: make regular files: CREATE, COMMIT, ABANDON.
 */

#ifndef PUT_H
#define PUT_H

#include "opener/job.h"
#include "opener/meta.h"
#include "opener/parent.h"
#include "opener/pendfile.h"

/* Each carries out one change and sets the job's status and result. */
void	 put_create(struct job *);
void	 put_commit(struct job *);
void	 put_preset(struct job *);
void	 put_abandon(struct job *);

/*
 * The parts of CREATE and COMMIT before and after what is done with the file,
 * for put_ahead.c.  Before: ask the policy, and find the directory.  0, or the
 * file, which gets the owner; else -1 or NULL with the status set.
 */
int	 put_judge_create(struct job *, struct parent *);
struct pendfile *put_judge_commit(struct job *, struct parent *,
	    struct meta_owner *);
/*
 * After: a file was made, which is taken over; it has its metadata and its
 * name.
 */
void	 put_created(struct job *, const struct pendfile *);
void	 put_committed(struct job *, struct pendfile *);

#endif /* PUT_H */
