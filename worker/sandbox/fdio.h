/*
 * fdio.h: read and write descriptors, with the system calls that a confined
 * process may make.
 */

#ifndef FDIO_H
#define FDIO_H

#include <sys/types.h>

#include <stddef.h>

/*
 * Write all bytes; wait if the descriptor is non-blocking.  0, or -1 with
 * errno.
 */
int	 fdio_write(int fd, const void *, size_t);

/* As read(2), but wait if the descriptor is non-blocking, and retry EINTR. */
ssize_t	 fdio_read(int fd, void *, size_t);

#endif /* FDIO_H */
