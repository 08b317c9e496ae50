/*
 * namespaces_none.c: for a system without namespaces; see namespaces.h.
 */

#include "config.h"

#include <errno.h>

#include "confine/namespaces.h"

int
namespaces_enter(uint32_t uid, uint32_t gid,
    const struct namespaces_calls *calls, void *arg, int fds[NAMESPACES_FDS])
{
	(void)uid;
	(void)gid;
	(void)calls;
	(void)arg;
	(void)fds;
	errno = ENOSYS;
	return 0;
}
