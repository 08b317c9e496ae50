/*
 * mountns_none.c: for a system without namespaces; see mountns.h.
 */

#include "config.h"

#include <errno.h>

#include "confine/mountns.h"

int
mountns_call(int (*fn)(void *), void *arg)
{
	(void)fn;
	(void)arg;
	errno = ENOSYS;
	return -1;
}
