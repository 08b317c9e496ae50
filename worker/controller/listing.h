/*
 * listing.h: how a member of an archive is shown.
 */

#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/entry.h"

/*
 * Add the line of a member: its name, or, if verbose, its mode, owners, size,
 * local time, name and link, as tar(1) does.  Names are passed through
 * vis(3).  0, or -1: ENOMEM.
 */
int	 listing_format(struct buf *, const struct entry *, bool verbose);

#endif /* LISTING_H */
