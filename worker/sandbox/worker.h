/*
 * worker.h: the process of fdbackup that reads files and archives, and can do
 * nothing else.
 */

#ifndef WORKER_H
#define WORKER_H

#include "common/job.h"

/* Call this in a child process: does the job and exits. */
void	 worker_main(const struct job *) __attribute__((noreturn));

#endif /* WORKER_H */
