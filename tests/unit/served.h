/*
 * served.h: what must hold of a request that "fdbackup serve" accepts, for a
 * unit test and a fuzzer.
 */

#ifndef SERVED_H
#define SERVED_H

#include <stddef.h>

#include "common/options.h"

#define SERVED_LINES	12

/* Two that fix everything: "r", "/s", "/d", 100M, "x" and "a". */
#define SERVED_CREATE	10
#define SERVED_EXTRACT	11

/* Parsed command lines of serve; the first one fixes nothing. */
void	 served_init(struct options lines[SERVED_LINES]);
void	 served_clear(struct options lines[SERVED_LINES]);

/*
 * Has the request something that the command line of serve does not leave
 * open?  What it is, or NULL.
 */
const char *served_check(const struct options *line,
	    const struct options *request);

#endif /* SERVED_H */
