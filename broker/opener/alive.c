/*
 * alive.c: the pipes that show who lives; see alive.h.
 *
 * Runs in the opener.  The session ends at the EOF of the client's pipe, so an
 * opener must never hold the write end of it: else the session would outlive
 * the client.  A client could send a descriptor that is open for both reading
 * and writing, or the read end of an opener's pipe: of this opener, or, with
 * two sessions, each other's.  A FIFO with a name shows no EOF if it never had
 * a writer.
 */

#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/alive.h"

#ifdef __linux__

/*
 * The mark is a mode without any bit.  A new pipe has the mode 0600, and only
 * its owner can change that.
 */
int
alive_pipe(int p[2])
{
	if (pipe2(p, O_CLOEXEC) == -1)
		return -1;
	if (fchmod(p[0], 0) == 0)
		return 0;
	fd_close_all(p, 2);
	return -1;
}

/* As fstat(2), but FUSE and NFS answer from what the kernel has. */
static int
alive_stat(int fd, struct statx *stx)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
	    STATX_TYPE | STATX_MODE | STATX_INO, stx);
}

bool
alive_is_client(int fd, int own)
{
	struct statx	 stx, ours;
	int		 flags;

	if ((flags = fcntl(fd, F_GETFL)) == -1 || (flags & O_PATH) ||
	    (flags & O_ACCMODE) != O_RDONLY ||
	    alive_stat(fd, &stx) == -1 || alive_stat(own, &ours) == -1 ||
	    !S_ISFIFO(stx.stx_mode))
		return false;
	/* All pipes are on one device; a FIFO is on that of its directory. */
	if (stx.stx_dev_major != ours.stx_dev_major ||
	    stx.stx_dev_minor != ours.stx_dev_minor)
		return false;
	return stx.stx_ino != ours.stx_ino && (stx.stx_mode & ~S_IFMT) != 0;
}

#else

/* Both ends of a pipe are open for both, and neither keeps the other open. */
int
alive_pipe(int p[2])
{
	return pipe2(p, O_CLOEXEC);
}

bool
alive_is_client(int fd, int own)
{
	struct stat	 st;

	(void)own;
	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

#endif
