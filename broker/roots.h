/*
 * roots.h: the directories beneath which a role may read, where the process
 * may as detached read-only mount clones.
 */

#ifndef ROOTS_H
#define ROOTS_H

#include <stddef.h>

#include "policy.h"
#include "setup.h"

/*
 * Open the roots of a role's reading rules into su.  A rule for a single file
 * has the file's directory as its root, so that the file may be replaced.
 * With clone, each is a detached recursive clone of the mounts there,
 * read-only, nosuid, nodev, noexec and nosymfollow.  0, or -1 with errno, and
 * *path (a string of PROTO_PATH_MAX bytes) the root that failed.
 */
int	 roots_open(struct setup *su, const struct role *, bool clone,
	    char *path);

/* Close and forget them. */
void	 roots_close(struct setup *);

#endif /* ROOTS_H */
