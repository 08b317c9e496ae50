/*
 * narrow.h: what a client may ask "fdbackup serve" for.
 */

#ifndef NARROW_H
#define NARROW_H

#include "common/options.h"

/*
 * Apply what the command line of serve fixes to the request of a client, which
 * may ask for less, and for nothing else.  0, or -1 with the reason in why, of
 * CMDARG_WHY_MAX bytes.  The request uses strings of the other options.
 */
int	 narrow_request(const struct options *fixed, struct options *request,
	    char *why);

#endif /* NARROW_H */
