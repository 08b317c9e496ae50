/*
 * sparsedigest.h: the digest of contents that may have holes.
 *
 * Without holes it is the SHA-256 of the contents.  With holes that would take
 * hours to compute, so it is the SHA-256 of two digests: of all data without
 * the holes, and of the map.  The map has, for each run of data, its offset and
 * its length, and then the size of the file; each number takes eight bytes, the
 * highest first.
 */

#ifndef SPARSEDIGEST_H
#define SPARSEDIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/entry.h"

struct sparsedigest;

/* NULL: no memory, or libcrypto has no SHA-256. */
struct sparsedigest *sparsedigest_new(void);
void	 sparsedigest_free(struct sparsedigest *);

/*
 * Begin, add data at an offset, and end with the size of the file.  *sparse:
 * it has holes.  0, or -1: libcrypto failed.
 */
int	 sparsedigest_begin(struct sparsedigest *);
int	 sparsedigest_add(struct sparsedigest *, uint64_t offset,
	    const void *, size_t);
int	 sparsedigest_end(struct sparsedigest *, uint64_t size, bool *sparse,
	    uint8_t out[ENTRY_DIGEST_LEN]);

#endif /* SPARSEDIGEST_H */
