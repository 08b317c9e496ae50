/*
 * fd.h: descriptors: close them in runs, and fill the standard ones.
 */

#ifndef FD_H
#define FD_H

#include <stddef.h>

/* Close *fd unless it is negative, and set it to -1.  Keeps errno. */
void	 fd_close(int *fd);

/*
 * Close all fds[0..n-1] that are not negative, and set them to -1.  Neighbours
 * in the array with consecutive numbers are closed by one close_range(2), which
 * costs a fraction of a close(2) for each.  Keeps errno.
 */
void	 fd_close_all(int *fds, size_t n);

/*
 * Open /dev/null on each of descriptors 0 to 2 that is closed.  Otherwise the
 * next file or socket that the process opens takes that number, and whatever
 * is meant for the stream goes there.  0, or -1 with errno.
 */
int	 fd_fill_standard(void);

#endif /* FD_H */
