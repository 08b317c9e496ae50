/*
 * sample.h: which members a drill restores: a share of them that only depends
 * on their names and a seed, so that another run can take the same.
 */

#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>

#include "common/options.h"

/* True if the options take a sample. */
static inline bool
sample_wanted(const struct options *o)
{
	return o->sample > 0;
}

/*
 * True if the sample has a member.  It has all directories.  A hard link is in
 * it if the member is that it belongs to: hardlink, or "".
 */
bool	 sample_takes(const struct options *, const char *name,
	    const char *hardlink, bool dir);

#endif /* SAMPLE_H */
