/*
 * narrow.h: what a client may ask "fdbackup serve" for.
 */

#ifndef NARROW_H
#define NARROW_H

#include <stddef.h>

#include "common/options.h"

/*
 * Read a request of len bytes, as LINK_REQUEST carries it, and apply what the
 * command line of serve fixes: a client may ask for less, and for nothing else.
 * The options use the bytes, and the strings of fixed.  0, or -1 with the
 * reason in why, of CMDARG_WHY_MAX bytes.  In either case cmdline_free() frees
 * what was allocated.
 */
int	 narrow_parse(const struct options *fixed, struct options *,
	    char *bytes, size_t len, char *why);

#endif /* NARROW_H */
