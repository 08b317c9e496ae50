/*
 * listing.h: the line that lists a member of an archive.
 */

#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/entry.h"

/*
 * Append the line of a member: its name or, if verbose, its mode, owners, size,
 * local time, name and link, as tar(1) does.  Names are encoded as by vis(3).
 * 0, or -1: ENOMEM.
 */
int	 listing_format(struct buf *, const struct entry *, bool verbose);

#endif /* LISTING_H */
