/*
 * fdio.c: read and write descriptors; see sandbox/fdio.h.
 *
 * Runs in the worker.  Touches the descriptors that it is given.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "sandbox/fdio.h"

/* After EINTR or EAGAIN: wait for the descriptor.  0, or -1. */
static int
fdio_wait(int fd, short events)
{
	struct pollfd	 pfd = { .fd = fd, .events = events };

	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN)
		return -1;
	return poll(&pfd, 1, -1) == -1 && errno != EINTR ? -1 : 0;
}

int
fdio_write(int fd, const void *buf, size_t len)
{
	const char	*p = buf;
	ssize_t		 n;

	while (len > 0) {
		if ((n = write(fd, p, len)) == -1) {
			if (fdio_wait(fd, POLLOUT) == -1)
				return -1;
			continue;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t
fdio_read(int fd, void *buf, size_t size)
{
	ssize_t	 n;

	while ((n = read(fd, buf, size)) == -1) {
		if (fdio_wait(fd, POLLIN) == -1)
			break;
	}
	return n;
}
