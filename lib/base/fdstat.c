/*
 * fdstat.c: fstat(2) for confined processes; see fdstat.h.
 *
 * Runs in the opener, the worker and fdbrokerctl.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <unistd.h>

#include "base/fdstat.h"

int
fdstat(int fd, struct stat *st)
{
#if defined(__linux__) && defined(SYS_fstat) && defined(__LP64__)
	/* Elsewhere the kernel's struct is not the C library's. */
	return (int)syscall(SYS_fstat, fd, st);
#else
	return fstat(fd, st);
#endif
}
