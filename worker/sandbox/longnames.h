/*
 * longnames.h: tokens of directories, for names that are too long for a
 * request.
 */

#ifndef LONGNAMES_H
#define LONGNAMES_H

#include <stddef.h>
#include <stdint.h>

#define LONGNAMES	8

/* All zeros is an empty one. */
struct longnames {
	struct longname {
		char		*name;	/* NULL: it was removed */
		uint32_t	 token;	/* or 0 */
		uint64_t	 used;
	} list[LONGNAMES];
	uint32_t	 pinned;	/* a token that must stay; or 0 */
	uint64_t	 clock;
};

void	 longnames_clear(struct longnames *);

/*
 * The token of the directory that is nearest above this name, and the length of
 * the directory's name; or 0, and the token is left as it is.
 */
size_t	 longnames_nearest(struct longnames *, const char *name,
	    uint32_t *token);

/*
 * Keep the token of the directory that is the first len bytes of the name.
 * *old is the token that it takes the place of, for the caller to forget, or 0.
 * 0, or -1: ENOMEM.
 */
int	 longnames_put(struct longnames *, const char *name, size_t len,
	    uint32_t token, uint32_t *old);

/* This directory was removed: no token of it, or beneath it, is used again. */
void	 longnames_drop(struct longnames *, const char *name);

#endif /* LONGNAMES_H */
