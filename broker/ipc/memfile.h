/*
 * memfile.h: a sealed file in memory, to hand a lot of bytes to another
 * process as one descriptor.
 *
 * Made by memfile_linux.c, or, where nothing can be sealed, memfile_shm.c.
 */

#ifndef MEMFILE_H
#define MEMFILE_H

#include <stddef.h>

/*
 * A file with the bytes, which nobody can change any more.  A descriptor, to
 * be closed by the caller, or -1 with errno.
 */
int	 memfile_create(const char *name, const void *buf, size_t len);

/*
 * Map one of exactly len bytes for reading; unmap with munmap(2).  NULL with
 * errno: EPROTO (it is not that), or of mmap(2).
 */
void	*memfile_map(int fd, size_t len);

#endif /* MEMFILE_H */
