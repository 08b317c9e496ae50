/*
 * namespaces_none.c: for a system without namespaces; see namespaces.h.
 */

#include "config.h"

#include <errno.h>

#include "confine/namespaces.h"

int
namespaces_enter(uint32_t uid, uint32_t gid,
    int (*announce)(void *arg, pid_t), void *arg)
{
	(void)uid;
	(void)gid;
	(void)announce;
	(void)arg;
	errno = ENOSYS;
	return 0;
}
