/*
 * fdio.c: read and write descriptors; see sandbox/fdio.h.
 *
 * Runs in the worker.  Touches the descriptors that it is given.
 */

#include "config.h"

#include <sys/uio.h>

#include <errno.h>
#include <limits.h>
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

int
fdio_writev(int fd, struct iovec *v, size_t n)
{
	ssize_t	 done;

	while (n > 0) {
		done = writev(fd, v, n < IOV_MAX ? (int)n : IOV_MAX);
		if (done == -1) {
			if (fdio_wait(fd, POLLOUT) == -1)
				return -1;
			continue;
		}
		for (; n > 0 && (size_t)done >= v->iov_len; v++, n--)
			done -= (ssize_t)v->iov_len;
		if (n > 0) {
			v->iov_base = (char *)v->iov_base + done;
			v->iov_len -= (size_t)done;
		}
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

ssize_t
fdio_pread(int fd, void *buf, size_t size, uint64_t offset)
{
	ssize_t	 n;

	while ((n = pread(fd, buf, size, (off_t)offset)) == -1) {
		if (fdio_wait(fd, POLLIN) == -1)
			break;
	}
	return n;
}
