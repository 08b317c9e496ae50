/*
 * fdio.h: read and write descriptors, with the system calls that a confined
 * process has.
 */

#ifndef FDIO_H
#define FDIO_H

#include <sys/types.h>

#include <stddef.h>

/* Write all of it, waiting where the descriptor does not.  0, or -1. */
int	 fdio_write(int fd, const void *, size_t);

/* As read(2), waiting where the descriptor does not, after a signal again. */
ssize_t	 fdio_read(int fd, void *, size_t);

#endif /* FDIO_H */
