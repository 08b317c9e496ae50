/*
 * procfs.c: see procfs.h.
 *
 * Runs in the supervisor.  Looks at /proc and opens nothing.
 */

#include "config.h"

#include <unistd.h>

#include "base/procfs.h"

bool
procfs_is_ours(void)
{
#ifdef __linux__
	return access("/proc/self/fd", X_OK) == 0 &&
	    access("/proc/self/exe", X_OK) == 0;
#else
	return true;
#endif
}
