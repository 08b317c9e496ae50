/*
 * siphash.h: a hash under a random key: nobody who does not know the key can
 * choose two names that have the same hash.
 */

#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t	 words[2];
};

/* Choose a key.  Before confinement, since it needs random numbers. */
void		 siphash_choose(struct siphash_key *);

/* The hash of len bytes. */
uint64_t	 siphash(const struct siphash_key *, const char *, size_t len);

/*
 * The hashes of a name's beginnings, each at least as long as the one before:
 * all together take as long as one hash of the whole name.
 */
struct siphash_state {
	const char	*name;
	size_t		 done;		/* bytes */
	uint64_t	 v[4];
};
void		 siphash_begin(struct siphash_state *,
		    const struct siphash_key *, const char *name);
/* What siphash() says of the first len bytes. */
uint64_t	 siphash_next(struct siphash_state *, size_t len);

#endif /* SIPHASH_H */
