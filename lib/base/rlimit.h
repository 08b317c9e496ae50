/*
 * rlimit.h: resource limits that a process of ours sets for itself.
 */

#ifndef RLIMIT_H
#define RLIMIT_H

#include <stdint.h>

/*
 * Set the soft and the hard limit of a resource of setrlimit(2) to value, and
 * read them back.  0, or -1 with errno.
 */
int	 rlimit_set(int resource, uint64_t value);

/*
 * Forbid core files, new processes, and files that grow: for a process that
 * executes nothing any more and keeps its uid.  A write that would make a file
 * grow fails with EFBIG.  0, or -1 with errno.
 */
int	 rlimit_close(void);

#endif /* RLIMIT_H */
