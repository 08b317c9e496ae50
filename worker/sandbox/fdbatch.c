/*
 * fdbatch.c: close descriptors in batches; see sandbox/fdbatch.h.
 *
 * Runs in the worker.  Touches the descriptors that it is given.
 */

#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "sandbox/fdbatch.h"

void
fdbatch_init(struct fdbatch *c)
{
	c->n = 0;
	c->max = FDBATCH_MAX;
}

void
fdbatch_add(struct fdbatch *c, int fd)
{
	if (fd < 0)
		return;
	if (c->n >= c->max)
		fdbatch_flush(c);
	c->fds[c->n++] = fd;
}

static int
fd_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void
close_run(int first, int last)
{
#ifdef HAVE_CLOSE_RANGE
	if (close_range((unsigned int)first, (unsigned int)last, 0) == 0)
		return;
#endif
	for (; first <= last; first++)
		close(first);
}

void
fdbatch_flush(struct fdbatch *c)
{
	size_t	 i, first = 0;

	qsort(c->fds, c->n, sizeof(c->fds[0]), fd_compare);
	for (i = 1; i <= c->n; i++) {
		if (i < c->n && c->fds[i] == c->fds[i - 1] + 1)
			continue;
		close_run(c->fds[first], c->fds[i - 1]);
		first = i;
	}
	c->n = 0;
}
