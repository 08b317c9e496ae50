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

/*
 * Append the line of a member that would be stored, or of a directory with what
 * is beneath it.  0, or -1: ENOMEM.
 */
int	 listing_format_size(struct buf *, const struct entry *);
int	 listing_format_subtotal(struct buf *, const char *name,
	    uint64_t members, uint64_t bytes);

#endif /* LISTING_H */
