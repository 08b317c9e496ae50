/*
 * alter.h: change what exists: SETMETA of directories, REMOVE.
 */

#ifndef ALTER_H
#define ALTER_H

#include "opener/job.h"

/* Each carries out one change and sets the job's status and result. */
void	 alter_setmeta(struct job *);
void	 alter_remove(struct job *);

#endif /* ALTER_H */
