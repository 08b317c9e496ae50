/*
 * fd.c: close descriptors, fill the standard ones, name them; see fd.h.
 *
 * Runs in every process.  Touches the descriptors that it is given.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

/*
 * Threads open and receive descriptors in turn, so numbers that follow each
 * other are seldom in order: they are put in a set, which knows the runs.
 */
#define WORDS		8
#define WORD_BITS	64
#define SPAN		(WORDS * WORD_BITS)

/* Close the descriptors from `from' to `to', which are all ours. */
static void
close_run(int from, int to)
{
#ifdef HAVE_CLOSE_RANGE
	/* A kernel may be older than the headers. */
	if (from < to && close_range((unsigned int)from, (unsigned int)to,
	    0) == 0)
		return;
#endif
	for (; from <= to; from++)
		close(from);
}

/* Close those of a set, in which bit i, below n, is descriptor base + i. */
static void
close_set(const uint64_t *set, int base, int n)
{
	int	 from = -1, i;

	for (i = 0; i < n; i++) {
		if (set[i / WORD_BITS] >> i % WORD_BITS & 1) {
			if (from == -1)
				from = base + i;
		} else if (from != -1) {
			close_run(from, base + i - 1);
			from = -1;
		}
	}
	if (from != -1)
		close_run(from, base + n - 1);
}

/* The lowest descriptor, or -1. */
static int
lowest(const int *fds, size_t n)
{
	int	 low = -1;
	size_t	 i;

	for (i = 0; i < n; i++)
		if (fds[i] >= 0 && (low == -1 || fds[i] < low))
			low = fds[i];
	return low;
}

void
fd_close_all(int *fds, size_t n)
{
	uint64_t	 set[WORDS];
	int		 saved = errno, base, bit, top;
	size_t		 i;

	while (n > 1 && (base = lowest(fds, n)) != -1) {
		memset(set, 0, sizeof(set));
		for (top = 0, i = 0; i < n; i++) {
			bit = fds[i] - base;
			if (fds[i] < 0 || bit >= SPAN)
				continue;
			set[bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
			if (bit >= top)
				top = bit + 1;
			fds[i] = -1;
		}
		close_set(set, base, top);
	}
	if (n == 1 && fds[0] >= 0)
		close(fds[0]);
	for (i = 0; i < n; i++)
		fds[i] = -1;
	errno = saved;
}

void
fd_close(int *fd)
{
	fd_close_all(fd, 1);
}

int
fd_fill_standard(void)
{
	static const int	 modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int			 fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		/* Those below it are open, so it is the lowest that is free. */
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", modes[fd]) != fd)
			return -1;
	return 0;
}

void
fd_path(char *path, int fd)
{
	(void)snprintf(path, FD_PATH_MAX, "/proc/self/fd/%d", fd);
}

bool
fd_path_works(int fd)
{
	char		 path[FD_PATH_MAX];
	struct stat	 st, there;
	int		 saved = errno;
	bool		 works;

	fd_path(path, fd);
	works = fstat(fd, &st) == 0 && stat(path, &there) == 0 &&
	    st.st_dev == there.st_dev && st.st_ino == there.st_ino;
	errno = saved;
	return works;
}
