/*
 * memfile.c: map a file in memory that another process made; see memfile.h.
 *
 * Runs in the opener and fdbrokerctl.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>

#include "base/fdstat.h"
#include "ipc/memfile.h"

/* Touching a map beyond the end of its file would raise SIGBUS. */
static bool
is_as_long(int fd, size_t len)
{
	struct stat	 st;

	if (fdstat(fd, &st) == -1)
		return false;
	if (S_ISREG(st.st_mode) && st.st_size >= 0 &&
	    (size_t)st.st_size == len)
		return true;
	errno = EPROTO;
	return false;
}

void *
memfile_map(int fd, size_t len)
{
	void	*p;

	if (!is_as_long(fd, len))
		return NULL;
	p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}
