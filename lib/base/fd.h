/*
 * fd.h: descriptors: close them in runs, fill the standard ones, and name what
 * they refer to.
 */

#ifndef FD_H
#define FD_H

#include <stdbool.h>
#include <stddef.h>

/* Close *fd unless it is negative, and set it to -1.  Keeps errno. */
void	 fd_close(int *fd);

/*
 * Close all fds[0..n-1] that are not negative, and set them to -1.  Consecutive
 * numbers, in whatever order, are closed by one close_range(2), which costs a
 * fraction of a close(2) for each.  Keeps errno.
 */
void	 fd_close_all(int *fds, size_t n);

/*
 * Open /dev/null on each of descriptors 0 to 2 that is closed.  Otherwise the
 * next file or socket that the process opens takes that number, and whatever
 * is meant for the stream goes there.  To read this standard input, or write
 * this standard output, fails with EBADF: nothing is lost silently.  0, or -1
 * with errno.
 */
int	 fd_fill_standard(void);

/*
 * Format the path in Linux's /proc that leads to what a descriptor of ours
 * refers to, whatever its name is.  path has FD_PATH_MAX bytes.
 */
#define FD_PATH_MAX	32
void	 fd_path(char *path, int fd);

/*
 * Does that path lead there?  It does not if /proc is not mounted, or if it
 * shows other process IDs than ours.  Keeps errno.
 */
bool	 fd_path_works(int fd);

#endif /* FD_H */
