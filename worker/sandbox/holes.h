/*
 * holes.h: where a file has data, and where it has holes.
 */

#ifndef HOLES_H
#define HOLES_H

#include <stddef.h>
#include <stdint.h>

struct region {
	uint64_t	 offset, len;
};

/* The regions with data, from the first to the last, with holes between. */
struct holes {
	struct region	*v;
	size_t		 n;
};

/*
 * More regions than this are joined, and the smallest holes stored as zeros:
 * readers of the archive keep the regions in memory.
 */
#define HOLES_MAX	(256 * 1024)

/* Smaller holes are no gain. */
#define HOLES_MIN	4096

/*
 * Find the holes of a file of this size.  1: it has some, and the caller frees
 * v; 0: none, or the file system cannot tell; -1: ENOMEM.
 */
int	 holes_read(int fd, uint64_t size, struct holes *);

/*
 * Add a region after the others, and join it with the last one if the hole
 * between has less than *min bytes; *min grows as there are more regions.  0,
 * or -1: no memory.
 */
int	 holes_add(struct holes *, uint64_t offset, uint64_t len,
	    uint64_t *min);

#endif /* HOLES_H */
