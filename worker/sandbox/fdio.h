/*
 * fdio.h: read and write descriptors, with the system calls that a confined
 * process may make.
 */

#ifndef FDIO_H
#define FDIO_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Write all bytes; wait if the descriptor is non-blocking.  0, or -1 with
 * errno.
 */
int	 fdio_write(int fd, const void *, size_t);

/*
 * The same for n pieces, which it changes.
 */
struct iovec;
int	 fdio_writev(int fd, struct iovec *, size_t n);

/* As read(2), but wait if the descriptor is non-blocking, and retry EINTR. */
ssize_t	 fdio_read(int fd, void *, size_t);
/* The same with pread(2), for a file that has offsets. */
ssize_t	 fdio_pread(int fd, void *, size_t, uint64_t offset);

#endif /* FDIO_H */
