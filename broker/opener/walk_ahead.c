/*
 * walk_ahead.c: read ahead what is not in memory; see walk_ahead.h.
 *
 * Runs in the opener.  Reads a byte of some files.  To have a file read ahead
 * that is in memory takes a tenth of the time of its whole entry.  So one file
 * of several tells for those after it.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <fcntl.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h>
#endif

#include "opener/walk_ahead.h"

/* One of so many is asked about. */
#define EVERY	32

/*
 * How much of a file is read ahead; the kernel goes on when it is read.  Not
 * more, since a worker has many files before it that it did not read yet.
 */
#define BYTES	262144

/* Is its beginning in memory?  False also if that cannot be told. */
static bool
is_cached(int fd)
{
#if defined(__linux__) && defined(RWF_NOWAIT)
	char		 byte;
	struct iovec	 iov = { &byte, 1 };

	return syscall(SYS_preadv2, fd, &iov, 1UL, 0UL, 0UL,
	    (unsigned long)RWF_NOWAIT) != -1;
#else
	(void)fd;
	return false;
#endif
}

void
walk_ahead_begin(int fd)
{
	/* A hint: not every system takes it. */
#ifdef POSIX_FADV_WILLNEED
	(void)posix_fadvise(fd, 0, BYTES, POSIX_FADV_WILLNEED);
#else
	(void)fd;
#endif
}

void
walk_ahead(struct walk_ahead *a, int fd, const struct fdb_stat *st)
{
	if (st->size == 0)
		return;
	if (a->n++ % EVERY == 0)
		a->cached = is_cached(fd);
	if (!a->cached)
		walk_ahead_begin(fd);
}
