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

/* Raise the soft limit of a resource to the hard one, if the kernel lets us. */
void	 rlimit_raise(int resource);

/*
 * Forbid core files and new processes: for a process that executes nothing any
 * more and keeps its uid.  A file that would become too large does not kill it.
 * 0, or -1 with errno.
 */
int	 rlimit_close(void);

/*
 * Forbid files that grow: that fails with EFBIG.  Not for a process that opens
 * files to write, unless nothing else keeps it from growing them: overlayfs
 * copies a file of a lower layer when it is opened so, and the limit is for the
 * copy, too.  0, or -1 with errno.
 */
int	 rlimit_no_growth(void);

#endif /* RLIMIT_H */
