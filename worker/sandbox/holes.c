/*
 * holes.c: where a file has data; see sandbox/holes.h.
 *
 * Runs in the worker, confined.  Moves the offset of the descriptor that it is
 * given; contents are read with pread(2).
 */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/holes.h"

/* Join regions until half of the room is free, the smallest holes first. */
static void
holes_join(struct holes *h, uint64_t *min)
{
	struct region	*last, *r;

	while (h->n > HOLES_MAX / 2) {
		*min *= 2;
		last = h->v;
		for (r = h->v + 1; r < h->v + h->n; r++) {
			if (r->offset - (last->offset + last->len) < *min)
				last->len = r->offset + r->len - last->offset;
			else
				*++last = *r;
		}
		h->n = (size_t)(last + 1 - h->v);
	}
}

int
holes_add(struct holes *h, uint64_t offset, uint64_t len, uint64_t *min)
{
	struct region	*last, *p;

	if (h->n > 0) {
		last = &h->v[h->n - 1];
		if (offset - (last->offset + last->len) < *min) {
			last->len = offset + len - last->offset;
			return 0;
		}
	}
	if (h->n == HOLES_MAX)
		holes_join(h, min);
	/* A power of 2: there may be no room for another one. */
	if ((h->n & (h->n - 1)) == 0) {
		p = reallocarray(h->v, h->n * 2 + 1, sizeof(*p));
		if (p == NULL)
			return -1;
		h->v = p;
	}
	h->v[h->n++] = (struct region){ offset, len };
	return 0;
}

#ifdef SEEK_HOLE
/*
 * The region with data that begins at pos or after it.  1; 0: none follows;
 * -1: the file system cannot tell, or answers nonsense.
 */
static int
next_region(int fd, uint64_t pos, uint64_t size, struct region *r)
{
	off_t	 data, hole;

	if ((data = lseek(fd, (off_t)pos, SEEK_DATA)) == -1)
		return errno == ENXIO ? 0 : -1;
	if ((uint64_t)data >= size)
		return 0;
	if ((hole = lseek(fd, data, SEEK_HOLE)) == -1 ||
	    (uint64_t)data < pos || hole <= data)
		return -1;
	r->offset = (uint64_t)data;
	r->len = ((uint64_t)hole < size ? (uint64_t)hole : size) - r->offset;
	return 1;
}
#else
static int
next_region(int fd, uint64_t pos, uint64_t size, struct region *r)
{
	(void)fd;
	(void)pos;
	(void)size;
	(void)r;
	return -1;
}
#endif

static bool
is_whole(const struct holes *h, uint64_t size)
{
	return h->n == 1 && h->v[0].offset == 0 && h->v[0].len == size;
}

int
holes_read(int fd, uint64_t size, struct holes *h)
{
	struct region	 r;
	uint64_t	 pos, min = HOLES_MIN;
	int		 n = 1;

	h->v = NULL;
	h->n = 0;
	for (pos = 0; pos < size && n == 1; pos = r.offset + r.len) {
		n = next_region(fd, pos, size, &r);
		if (n == -1)
			r = (struct region){ pos, size - pos };
		if (n != 0 && holes_add(h, r.offset, r.len, &min) == -1) {
			free(h->v);
			h->v = NULL;
			errno = ENOMEM;
			return -1;
		}
		if (n != 1)
			break;
	}
	if (size > 0 && !is_whole(h, size))
		return 1;
	free(h->v);
	h->v = NULL;
	h->n = 0;
	return 0;
}
