/*
 * request.h: the command line as another machine gets it.
 */

#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>

#include "common/options.h"

#define REQUEST_LETTERS	128

/*
 * Note an option, with its letter, long name and argument, or NULL, in case a
 * --host turns up.  0, or -1: ENOMEM.
 */
int	 request_note(struct options *, int letter, const char *name,
	    const char *arg);

/*
 * With --host: can all options that were given be used with it?  given has
 * REQUEST_LETTERS elements; names tells an option's long name.  0, or -1 with
 * the reason in why, of CMDARG_WHY_MAX bytes.
 */
int	 request_check(struct options *, const bool *given,
	    const char *(*name)(int letter), char *why);

/* May another machine use this option of this one? */
bool	 request_permits(const struct command *, int letter);

#endif /* REQUEST_H */
