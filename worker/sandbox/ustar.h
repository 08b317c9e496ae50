/*
 * ustar.h: the headers of members that need no more than the fields of ustar,
 * and the fraction of a time.
 */

#ifndef USTAR_H
#define USTAR_H

#include <stddef.h>
#include <stdint.h>

#include "common/entry.h"

#define USTAR_RECORD		512
#define USTAR_HEADERS_MAX	(3 * USTAR_RECORD)

/*
 * Write the headers of a member: a pax header if the time has a fraction,
 * and a ustar header.  The number of bytes, at most USTAR_HEADERS_MAX; 0: the
 * member needs more, and libarchive must write its headers.
 */
size_t	 ustar_headers(uint8_t *, const struct entry *);

/* The bytes of zeros that end contents of this size. */
size_t	 ustar_padding(uint64_t size);

#endif /* USTAR_H */
