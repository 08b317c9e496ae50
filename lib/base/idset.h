/*
 * idset.h: a set of numbers of users or groups, as sorted ranges: a system has
 * many numbers that follow each other.
 */

#ifndef IDSET_H
#define IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"

/* Ranges in a set. */
#define IDSET_MAX	32768

/* The empty set is all zero. */
struct idset {
	uint32_t	*ends;		/* the first and last of each range */
	size_t		 n;		/* ranges */
};

/*
 * Make a set of n numbers, which are sorted in place.  0, or -1 with errno:
 * E2BIG (more than IDSET_MAX ranges), ENOMEM.
 */
int	 idset_make(struct idset *, uint32_t *ids, size_t n);

/*
 * Make a set of n ranges, of which each two numbers are the first and the last.
 * 0, or -1 with errno: EPROTO (they are not in order, or touch, or there are
 * too many), ENOMEM.
 */
int	 idset_take(struct idset *, const uint32_t *ends, size_t n);

void	 idset_free(struct idset *);

bool	 idset_has(const struct idset *, uint32_t id);
size_t	 idset_count(const struct idset *);
bool	 idset_equal(const struct idset *, const struct idset *);

/* Encode a set of idset_size() bytes. */
void	 idset_put(struct wire_out *, const struct idset *);
size_t	 idset_size(const struct idset *);
/* 0, or -1 with errno EPROTO or ENOMEM; the set is then empty. */
int	 idset_get(struct wire_in *, struct idset *);

#endif /* IDSET_H */
