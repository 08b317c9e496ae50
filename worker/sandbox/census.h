/*
 * census.h: count what would be stored: create --dry-run.
 */

#ifndef CENSUS_H
#define CENSUS_H

#include <stdint.h>

#include "common/entry.h"
#include "sandbox/reporter.h"

/* Members and bytes of contents. */
struct census_count {
	uint64_t	 members, bytes;
};

struct census {
	struct reporter		*rep;
	struct census_count	 path;	/* of the path, so far */
	struct census_count	 mark;	/* when its top directory began */
};

void	 census_init(struct census *, struct reporter *);

/*
 * Count a member that would be stored with this many bytes of contents, and
 * with -v report it.  0, or -1: the controller is gone.
 */
int	 census_member(struct census *, const struct entry *, uint64_t bytes);

/* A directory begins that is a first component beneath the path. */
void	 census_mark(struct census *);

/*
 * Report the counts since census_mark(), or with census_total() those of the
 * path, which begin anew.  0, or -1: the controller is gone.
 */
int	 census_subtotal(struct census *, const char *name);
int	 census_total(struct census *, const char *name);

#endif /* CENSUS_H */
