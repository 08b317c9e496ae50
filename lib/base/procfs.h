/*
 * procfs.h: is /proc there, and is it of this system's processes?
 */

#ifndef PROCFS_H
#define PROCFS_H

#include <stdbool.h>

/* What to do about it, after a message that names /proc. */
#define PROCFS_MEND	"mount it: mount -t proc proc /proc"

/*
 * True if this process finds itself in /proc, or if the system needs no /proc.
 * False where /proc is not mounted, hidden beneath another file system, or of
 * other processes than those of this namespace.
 */
bool	 procfs_is_ours(void);

#endif /* PROCFS_H */
