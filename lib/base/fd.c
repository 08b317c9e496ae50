/*
 * fd.c: close descriptors, fill the standard ones, name them; see fd.h.
 *
 * Runs in every process.  Touches the descriptors that it is given.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"

/* Close fds[0..n-1], which are consecutive numbers. */
static void
close_run(const int *fds, size_t n)
{
#ifdef HAVE_CLOSE_RANGE
	if (n > 1) {
		(void)close_range((unsigned int)fds[0],
		    (unsigned int)fds[n - 1], 0);
		return;
	}
#endif
	for (; n > 0; n--)
		close(*fds++);
}

void
fd_close_all(int *fds, size_t n)
{
	int	 saved = errno;
	size_t	 i, run;

	for (i = 0; i < n; i += run) {
		run = 1;
		if (fds[i] < 0)
			continue;
		while (i + run < n && fds[i + run] == fds[i] + (int)run)
			run++;
		close_run(&fds[i], run);
	}
	for (i = 0; i < n; i++)
		fds[i] = -1;
	errno = saved;
}

void
fd_close(int *fd)
{
	fd_close_all(fd, 1);
}

int
fd_fill_standard(void)
{
	static const int	 modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int			 fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		/* Those below it are open, so it is the lowest that is free. */
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", modes[fd]) != fd)
			return -1;
	return 0;
}

void
fd_path(char *path, int fd)
{
	(void)snprintf(path, FD_PATH_MAX, "/proc/self/fd/%d", fd);
}

bool
fd_path_works(int fd)
{
	char		 path[FD_PATH_MAX];
	struct stat	 st, there;
	int		 saved = errno;
	bool		 works;

	fd_path(path, fd);
	works = fstat(fd, &st) == 0 && stat(path, &there) == 0 &&
	    st.st_dev == there.st_dev && st.st_ino == there.st_ino;
	errno = saved;
	return works;
}
