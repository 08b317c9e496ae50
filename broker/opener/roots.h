/*
 * roots.h: the directories beneath which a role may do something, where the
 * process may as detached mount clones.
 */

#ifndef ROOTS_H
#define ROOTS_H

#include <stddef.h>

#include "base/rights.h"
#include "ipc/setup.h"

/*
 * Open the roots of a role's rules into su, those for reading before those for
 * writing.  A rule for a single file has the file's directory as its root, so
 * that the file may be made or replaced.  With clone, each is a detached
 * recursive clone of the mounts there: nosuid, noexec, nosymfollow, read-only
 * unless it is for writing, nodev unless devices are permitted.  0, or -1
 * with errno, and *path (PROTO_PATH_MAX bytes) the root that failed.
 */
int	 roots_open(struct setup *su, const struct role *, bool clone,
	    char *path);

/* What the kernel is to allow beneath one of them: RIGHTS_*. */
unsigned int	 roots_may(const struct setup *, const struct root *);

/* Close and forget them. */
void	 roots_close(struct setup *);

#endif /* ROOTS_H */
