/*
 * landlock.h: Landlock: which paths, ports and processes can be reached.
 *
 * Linux only.
 */

#ifndef LANDLOCK_H
#define LANDLOCK_H

#include "confine/confine.h"

/*
 * Restrict the process to its roots, and to what may be done beneath each.
 * 0, or -1 with errno: ENOSYS or EOPNOTSUPP if the kernel has no Landlock.
 */
int	 landlock_enter(const struct confine *);

/*
 * Try to open "/", or to bind a TCP port where "/" may be opened.  0 if that
 * fails as it must, or -1 with errno EPERM.
 */
int	 landlock_verify(const struct confine *);

#endif /* LANDLOCK_H */
