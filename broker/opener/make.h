/*
 * make.h: make what is no regular file, and names: MKDIR, SYMLINK, MKNOD, LINK.
 */

#ifndef MAKE_H
#define MAKE_H

#include "opener/job.h"

/* Each carries out one change and sets the job's status and result. */
void	 make_directory(struct job *);
void	 make_symlink(struct job *);
void	 make_node(struct job *);
void	 make_link(struct job *);

#endif /* MAKE_H */
