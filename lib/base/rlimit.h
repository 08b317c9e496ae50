/*
 * rlimit.h: limits of resources that a process of ours sets for itself.
 */

#ifndef RLIMIT_H
#define RLIMIT_H

#include <stdint.h>

/*
 * Soft and hard limit for good, of a resource of setrlimit(2), and read back.
 * 0, or -1 with errno.
 */
int	 rlimit_set(int resource, uint64_t value);

/*
 * No core file, no file that grows, no further process: for a process that
 * will not execute anything any more, and whose uid is the last one.  A write
 * that would let a file grow fails with EFBIG.  0, or -1 with errno.
 */
int	 rlimit_close(void);

#endif /* RLIMIT_H */
