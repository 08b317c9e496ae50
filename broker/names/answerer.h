/*
 * answerer.h: a lookup process: it answers one question after the other.
 */

#ifndef ANSWERER_H
#define ANSWERER_H

#include <stdbool.h>

#include "confine/confine.h"
#include "names/lookup.h"

/* The descriptor of its channel; it has the standard ones besides. */
#define ANSWERER_CHANNEL_FD	3

/* The exit status of one that cannot confine itself. */
#define ANSWERER_UNCONFINED	3

/*
 * Put the layers of the names process, CONFINE_NAMES, or of a lookup process,
 * CONFINE_LOOKUP, in place: both may read whatever their user may read.  As
 * confine_enter().
 */
int	 answerer_confine(enum confine_who, bool optional,
	    unsigned int *done, const char **layer);

/*
 * Become a lookup process, in a child that the names process has forked, and
 * answer what comes over the channel until that ends.  optional: layers of
 * confinement may be missing.
 */
void	 answerer_run(int channel, const struct lookups *, bool optional)
	    __attribute__((noreturn));

#endif /* ANSWERER_H */
