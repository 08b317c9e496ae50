/*
 * memfile.c: a sealed file in memory; see memfile.h.
 *
 * Runs in the supervisor, the opener and fdbrokerctl.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "fdmsg.h"
#include "fdstat.h"
#include "memfile.h"

int
memfile_create(const char *name, const void *buf, size_t len)
{
	const char	*p = buf;
	ssize_t		 n;
	int		 fd;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	while (len > 0) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		p += n;
		len -= (size_t)n;
	}
#ifdef F_ADD_SEALS
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_WRITE) == -1)
		goto fail;
#endif
	return fd;

fail:
	fdmsg_close_fds(&fd, 1);
	return -1;
}

/* A map beyond the end of a file is a trap. */
static bool
is_as_long(int fd, size_t len)
{
	struct stat	 st;

	if (fdstat(fd, &st) == -1)
		return false;
	if (S_ISREG(st.st_mode) && st.st_size >= 0 &&
	    (size_t)st.st_size == len)
		return true;
	errno = EPROTO;
	return false;
}

void *
memfile_map(int fd, size_t len)
{
	void	*p;

	if (!is_as_long(fd, len))
		return NULL;
	p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}
