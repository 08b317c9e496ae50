/*
 * memfile_shm.c: make a file in memory on a system without seals; see
 * memfile.h.
 *
 * Runs in the supervisor, and in the controller of a private opener.  The
 * descriptor that is handed on was opened for reading only and its name is
 * removed, so nobody can open it for writing.  This file uses only POSIX; the
 * tests run it on Linux.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/memfile.h"

/* Open an object without a name twice: to fill it, and to hand it on. */
static int
anonymous_open(int *rw, int *ro)
{
	char		 name[sizeof("/fdb.") + 2 * 16];
	uint32_t	 r[4];

	arc4random_buf(r, sizeof(r));
	(void)snprintf(name, sizeof(name), "/fdb.%08x%08x%08x%08x", r[0], r[1],
	    r[2], r[3]);
	if ((*rw = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)) == -1)
		return -1;
	*ro = shm_open(name, O_RDONLY, 0);
	if (shm_unlink(name) == 0 && *ro != -1)
		return 0;
	fd_close(ro);
	fd_close(rw);
	return -1;
}

static int
fill(int fd, const void *buf, size_t len)
{
	void	*p;

	if (len > INT32_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (ftruncate(fd, (off_t)len) == -1)
		return -1;
	if (len == 0)
		return 0;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	memcpy(p, buf, len);
	return munmap(p, len);
}

/* No tool would show the name: the object has none by then. */
int
memfile_create(const char *name, const void *buf, size_t len)
{
	int	 rw, ro;

	(void)name;
	if (anonymous_open(&rw, &ro) == -1)
		return -1;
	if (fill(rw, buf, len) == -1)
		fd_close(&ro);
	fd_close(&rw);
	return ro;
}
