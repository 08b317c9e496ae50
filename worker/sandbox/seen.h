/*
 * seen.h: what is known of names beneath the destination, in little memory.
 *
 * A table has a hash of each name, under a random key: nobody can make an
 * archive with two names that have the same hash.
 */

#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/siphash.h"

enum seen_state {
	SEEN_NOT = 0,
	SEEN_MADE,	/* this run made it, and it is no directory */
	SEEN_KEPT,	/* it was there and up to date */
	SEEN_DIR,	/* a directory that was there */
	SEEN_DIR_MADE,	/* a directory that this run made */
	SEEN_DIR_ASKED	/* a directory that is being made */
};

struct seen;

/* NULL: no memory. */
struct seen	*seen_new(void);
void		 seen_free(struct seen *);

/* The hash of a name, which need not be terminated; its low bits are 0. */
uint64_t	 seen_hash(const struct seen *, const char *, size_t len);

/* The same for a name's beginnings; see sandbox/siphash.h. */
void		 seen_hasher_init(struct siphash_state *, const struct seen *,
		    const char *name);
/* What seen_hash() says of the first len bytes. */
uint64_t	 seen_hasher_next(struct siphash_state *, size_t len);

enum seen_state	 seen_get(const struct seen *, uint64_t hash);

/*
 * Once there is no memory for more names, new ones are forgotten, and
 * seen_is_full() is true.
 */
void		 seen_put(struct seen *, uint64_t hash, enum seen_state);
bool		 seen_is_full(const struct seen *);

/* In the place of the hash of a directory: that it is not made was told. */
static inline uint64_t
seen_told(uint64_t hash)
{
	return hash ^ UINT64_C(1) << 63;
}

static inline bool
seen_is_dir(enum seen_state s)
{
	return s >= SEEN_DIR;
}

#endif /* SEEN_H */
