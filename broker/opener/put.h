/*
 * put.h: make regular files: CREATE, COMMIT, ABANDON.
 */

#ifndef PUT_H
#define PUT_H

#include "opener/job.h"

/* Each carries out one change and sets the job's status and result. */
void	 put_create(struct job *);
void	 put_commit(struct job *);
void	 put_preset(struct job *);
void	 put_abandon(struct job *);

#endif /* PUT_H */
