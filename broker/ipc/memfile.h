/*
 * memfile.h: a file in memory that nobody can change, to pass many bytes to
 * another process as one descriptor.
 *
 * memfile_linux.c makes it, or memfile_shm.c on systems without seals.
 */

#ifndef MEMFILE_H
#define MEMFILE_H

#include <stddef.h>

/*
 * Make a file that holds these bytes.  A descriptor, which the caller closes,
 * or -1 with errno.
 */
int	 memfile_create(const char *name, const void *buf, size_t len);

/*
 * Map a file of exactly len bytes for reading; unmap with munmap(2).  NULL with
 * errno EPROTO (another length, or not a regular file) or of mmap(2).
 */
void	*memfile_map(int fd, size_t len);

#endif /* MEMFILE_H */
