/*
 * worker.h: the process of fdbackup that reads files and archives, and may do
 * nothing else.
 */

#ifndef WORKER_H
#define WORKER_H

#include "common/job.h"

/* In the child: do the job and exit. */
void	 worker_main(const struct job *) __attribute__((noreturn));

#endif /* WORKER_H */
