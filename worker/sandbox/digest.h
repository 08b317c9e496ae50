/*
 * digest.h: SHA-256, for a process that can load nothing any more.
 */

#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "common/entry.h"

struct digest;

/* NULL: no memory. */
struct digest	*digest_new(void);
void		 digest_free(struct digest *);

/* Begin, add to and end one digest.  0, or -1: libcrypto failed. */
int		 digest_begin(struct digest *);
int		 digest_add(struct digest *, const void *, size_t);
int		 digest_end(struct digest *, uint8_t out[ENTRY_DIGEST_LEN]);

#endif /* DIGEST_H */
