/*
 * nearest.h: the name that somebody probably meant who misspelled one.
 */

#ifndef NEAREST_H
#define NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* What has been found so far; begin with all zeros. */
struct nearest {
	const char	*name;		/* NULL: nothing is near enough */
	size_t		 distance;
};

/*
 * Compare a misspelled word with a name.  It is kept if it differs in no more
 * than a third of its letters, and in fewer than those before it.
 */
void	 nearest_try(struct nearest *, const char *word, const char *name);

#endif /* NEAREST_H */
